import { type Afterword, readNumbered } from '../../crypto/afterword.ts'
import { written } from '../../crypto/arena.ts'
import { type Attachment, decodeAttachment } from '../../crypto/attachment.ts'
import { decode, fromUtf8, hex, type Writer } from '../../crypto/bytes.ts'
import { type MessageName, readMessageName } from '../../crypto/message-name.ts'
import { type Confirmed, decodeConfirmed } from './groups/confirmed.ts'
import type { MessageState, NoticeKind } from './history-kinds.ts'
import type { HistoryRow } from './tables/history.ts'
import type { Vault } from './vault.ts'

/* What stands in the history, as everybody above the tables reads it. */

/** What somebody has sent to somebody. */
interface Sent {
  readonly row: number
  /** a person, or a group (see groups/groups.ts) */
  readonly peer: string
  readonly direction: 'in' | 'out'
  /** who has written it, where it came in a group; null otherwise */
  readonly author: string | null
  readonly id: string
  /** 1, 2, 3 … from this sender's device to ours; null in what we send, where it differs by device */
  readonly sequence: number | null
  readonly sentAt: number
  readonly recordedAt: number
  readonly state: MessageState
  /** the policy epoch of its envelope; null while it waits */
  readonly epoch: number | null
  /** how long it stays once it was sent or read; 0: for good. What is said of a message goes as it does. */
  readonly lifetimeSeconds: number
}

export interface HistoryMessage extends Sent {
  readonly kind: 'message'
  /** as the sender wrote it: never to a terminal or a page as it is */
  readonly text: string
  readonly attachment: Attachment | null
  /** what members have said of a message of this account to their group; null in all else */
  readonly confirmed: Confirmed | null
  /** the message that this one answers */
  readonly answers: MessageName | null
  /** when its author has deleted it for everybody, by their clock: then text and file are gone */
  readonly deletedAt: number | null
}

/** A reaction, or a deletion for everybody. */
export interface HistoryAfterword extends Sent {
  readonly kind: 'afterword'
  readonly said: Afterword
  /** which device has said it, its id in hex; null for this one */
  readonly device: string | null
  /** empty */
  readonly text: string
}

/** What goes out. */
export type HistorySent = HistoryMessage | HistoryAfterword

export interface HistoryNotice {
  readonly row: number
  readonly kind: NoticeKind
  readonly peer: string | null
  readonly recordedAt: number
  readonly epoch: number | null
  /** how many, for a gap */
  readonly sequence: number | null
  readonly text: string
}

export type HistoryEntry = HistorySent | HistoryNotice

/** Where a text stands in its store, so that no other opens in its place. */
export const textPlace = ({
  kind,
  peer,
  direction,
  author,
  id,
}: Pick<HistoryRow, 'kind' | 'peer' | 'direction' | 'author' | 'id'>): string =>
  `history ${kind} ${peer} ${direction} ${author === null ? '' : `${author} `}${id}`

/** The same for what says where its file is. */
export const attachmentPlace = (row: Parameters<typeof textPlace>[0]): string => `attachment ${textPlace(row)}`

/** The same for what it says of another message. */
export const aboutPlace = (row: Parameters<typeof textPlace>[0]): string => `about ${textPlace(row)}`

const aboutMaximumBytes = 8 * 1024

export const sealAbout = (
  vault: Vault,
  place: Parameters<typeof textPlace>[0],
  write: (to: Writer) => void,
): Uint8Array => vault.seal(aboutPlace(place), written(aboutMaximumBytes, write))

/** @throws CryptoError `not-authentic` where the row was changed on disk */
export function entryWith(row: HistoryRow, vault: Vault): HistoryEntry {
  const shared = { row: row.row, recordedAt: row.recordedAt, epoch: row.epoch }
  const text = row.kind === 'forgotten' ? '' : fromUtf8(vault.open(textPlace(row), row.text))
  if (row.direction === null)
    return { ...shared, text, kind: row.kind as NoticeKind, peer: row.peer, sequence: row.sequence }
  const about = row.about && vault.open(aboutPlace(row), row.about)
  const sent = {
    ...shared,
    peer: String(row.peer),
    direction: row.direction,
    author: row.author,
    id: String(row.id),
    sequence: row.sequence,
    sentAt: Number(row.sentAt),
    state: row.state as MessageState,
    lifetimeSeconds: row.lifetimeSeconds,
  }
  if (row.kind === 'afterword' && about)
    return { ...sent, kind: 'afterword', text, said: readNumbered(about), device: row.device && hex(row.device) }
  return {
    ...sent,
    kind: 'message',
    text,
    attachment: row.attachment && decodeAttachment(vault.open(attachmentPlace(row), row.attachment)),
    confirmed: row.confirmed && decodeConfirmed(row.confirmed),
    answers: row.kind === 'message' && about ? decode(about, readMessageName) : null,
    deletedAt: row.kind === 'deleted' && about ? decode(about, (reader) => reader.u64()) : null,
  }
}
