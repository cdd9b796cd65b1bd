import { type Attachment, type BlobId, decodeAttachment, encodeAttachment } from '../../crypto/attachment.ts'
import { fromUtf8, utf8 } from '../../crypto/bytes.ts'
import type { CopyContent, ReceiptStatus, TextContent } from '../../crypto/content.ts'
import { type DeviceId, wipe } from '../../crypto/keys.ts'
import type { Time } from '../../server/running-time.ts'
import {
  type Confirmed,
  confirmedByNobody,
  decodeConfirmed,
  encodeConfirmed,
  statusForAll,
  withReceipt,
} from './groups/confirmed.ts'
import type { MessageState, NoticeKind } from './history-kinds.ts'
import type { DeviceStore } from './store.ts'
import type { HistoryRow } from './tables/history.ts'
import type { Vault } from './vault.ts'

export interface HistoryMessage {
  readonly row: number
  readonly kind: 'message'
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
  /** how long it stays once it was sent or read; 0: for good */
  readonly lifetimeSeconds: number
  /** as the sender wrote it: never to a terminal or a page as it is */
  readonly text: string
  readonly attachment: Attachment | null
  /** what members have said of a message of this account to their group; null in all else */
  readonly confirmed: Confirmed | null
}

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

export type HistoryEntry = HistoryMessage | HistoryNotice

/** What a message says, whoever has written it. */
type Said = Pick<TextContent, 'id' | 'text' | 'lifetimeSeconds' | 'attachment'>

export interface History {
  notice(kind: NoticeKind, peer: string | null, details: { epoch?: number; count?: number; text: string }): void
  /** Everything after this row, in order; with one person only, their conversation and what concerns everybody. */
  after(row: number, peer: string | null, limit: number): readonly HistoryEntry[]
  /** The last entries before this row, oldest first; with one person only, their conversation and what concerns everybody. */
  before(row: number, peer: string | null, limit: number): readonly HistoryEntry[]
  /** The oldest messages to this person that have no envelope yet. */
  waitingFor(peer: string, limit: number): readonly HistoryMessage[]
  /** Messages whose files are on their way to the relay, in order. */
  uploading(): readonly HistoryMessage[]
  /** Messages that have a file, in order. */
  attached(): readonly HistoryMessage[]
  /** How many messages to this person the relay does not have yet. */
  unsent(peer: string): number
  /** Whom messages wait for that the relay does not have yet, and how many: the person waited for longest first. */
  unsentByPerson(): ReadonlyMap<string, number>
  lastRow(): number
  message(row: number): HistoryMessage | null
  /** Whether it is in the outbox, and no word of it from the relay yet. */
  isSealed(row: number): boolean
  /** The message to that person under that id, if there is one. */
  outgoing(peer: string, id: string): HistoryMessage | null
  /** @returns its row */
  addOutgoing(peer: string, message: Said): number
  /** What another device of this account has sent. @returns false when it is there already */
  addCopy(device: DeviceId, content: Pick<CopyContent, 'to' | 'sentAt'> & Said, epoch: number): boolean
  /**
   * @param author where the peer is a group
   * @returns false when this id of that device is there already
   */
  addIncoming(
    peer: string,
    device: DeviceId,
    content: Pick<TextContent, 'sequence' | 'sentAt'> & Said,
    epoch: number,
    author?: string,
  ): boolean
  /** Sent: the lifetime of what has one begins. What the other side has confirmed stays so. */
  setState(row: number, state: MessageState, epoch: number | null): void
  /** The file of a message gets another id, as long as it is on its way to the relay. */
  renameBlob(row: number, blob: BlobId): void
  /** What the other side says of messages that have gone out. */
  confirm(peer: string, ids: readonly string[], status: ReceiptStatus): void
  /** Whom a message to a group is for. What they will say of it is noted from then on. */
  setRecipients(row: number, users: readonly string[]): void
  /** What one of them says. A message has come, or was read, once all of them have said so. */
  confirmInGroup(peer: string, user: string, ids: readonly string[], status: ReceiptStatus): void
}

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

/** The states in which it is news that a message has come, or that it was read. */
const newsAfter: Readonly<Record<ReceiptStatus, ReadonlySet<MessageState | null>>> = {
  delivered: new Set(['sealed', 'sent']),
  read: new Set(['sealed', 'sent', 'delivered']),
}

export function createHistory({ vault, tables, transaction }: DeviceStore, { clock, running }: Time): History {
  const { history } = tables
  const entryOf = (row: HistoryRow): HistoryEntry => entryWith(row, vault)
  const one = (row: HistoryRow | null) => row && (entryOf(row) as HistoryMessage)
  const goesIn = (lifetimeSeconds: number) => (lifetimeSeconds > 0 ? running() + lifetimeSeconds * 1000 : null)

  /** @returns its row; null where that id of that sender is there already */
  function addMessage(
    place: Pick<HistoryRow, 'direction' | 'author' | 'device' | 'state'> & { readonly peer: string },
    { id, text, lifetimeSeconds = 0, attachment }: Said,
    details: { sequence: number | null; sentAt: number; epoch: number | null },
  ): number | null {
    const { peer, direction, author, device, state } = place
    const { sequence, sentAt, epoch } = details
    const named = { kind: 'message', peer, direction, author, id } as const
    return history.add({
      kind: 'message',
      peer,
      direction,
      author,
      device,
      id,
      sequence,
      sentAt,
      recordedAt: clock(),
      state,
      epoch,
      lifetimeSeconds,
      goesAt: direction === 'out' && state === 'sent' ? goesIn(lifetimeSeconds) : null,
      text: vault.seal(textPlace(named), utf8(text)),
      attachment: attachment ? vault.seal(attachmentPlace(named), encodeAttachment(attachment)) : null,
      confirmed: null,
    })
  }

  function come(known: HistoryRow | null, status: ReceiptStatus): void {
    if (!known || !newsAfter[status].has(known.state)) return
    const goesAt = known.goesAt ?? goesIn(known.lifetimeSeconds)
    history.change(known.row, { state: status, epoch: known.epoch, goesAt })
  }

  return {
    notice: (kind, peer, { epoch, count, text }) =>
      void history.add({
        kind,
        peer,
        direction: null,
        author: null,
        device: null,
        id: null,
        sequence: count ?? null,
        sentAt: null,
        recordedAt: clock(),
        state: null,
        epoch: epoch ?? null,
        lifetimeSeconds: 0,
        goesAt: null,
        text: vault.seal(textPlace({ kind, peer, direction: null, author: null, id: null }), utf8(text)),
        attachment: null,
        confirmed: null,
      }),
    after: (row, peer, limit) => history.after(row, peer, limit).map(entryOf),
    before: (row, peer, limit) => history.before(row, peer, limit).map(entryOf),
    waitingFor: (peer, limit) => history.waiting(peer, limit).map((row) => entryOf(row) as HistoryMessage),
    uploading: () => history.uploading().map((row) => entryOf(row) as HistoryMessage),
    attached: () => history.attached().map((row) => entryOf(row) as HistoryMessage),
    unsent: (peer) => history.unsent(peer),
    unsentByPerson: () => new Map(history.unsentByPerson()),
    lastRow: () => history.lastRow(),
    message(row) {
      const known = history.get(row)
      return known?.kind === 'message' ? one(known) : null
    },
    isSealed: (row) => history.standing(row)?.state === 'sealed',
    outgoing: (peer, id) => one(history.outgoing(peer, id)),
    addOutgoing(peer, message) {
      const place = {
        peer,
        direction: 'out',
        author: null,
        device: null,
        state: message.attachment ? 'uploading' : 'waiting',
      } as const
      const row = addMessage(place, message, { sequence: null, sentAt: clock(), epoch: null })
      if (row === null) throw new Error('a message is written twice')
      return row
    },
    addCopy: (device, content, epoch) =>
      addMessage({ peer: content.to, direction: 'out', author: null, device, state: 'sent' }, content, {
        sequence: null,
        sentAt: content.sentAt,
        epoch,
      }) !== null,
    addIncoming: (peer, device, content, epoch, author) =>
      addMessage({ peer, direction: 'in', author: author ?? null, device, state: 'received' }, content, {
        ...content,
        epoch,
      }) !== null,
    setState: (row, state, epoch) =>
      transaction(() => {
        const known = history.standing(row)
        if (!known) return
        // one of their devices may have it, and have said so, while another still waits for it
        const isConfirmed = known.state === 'delivered' || known.state === 'read'
        history.change(row, {
          state: isConfirmed ? known.state : state,
          epoch: epoch ?? known.epoch,
          goesAt: state === 'sent' ? (known.goesAt ?? goesIn(known.lifetimeSeconds)) : known.goesAt,
        })
      }),
    renameBlob: (row, blob) =>
      transaction(() => {
        const known = history.get(row)
        if (known?.state !== 'uploading' || known.attachment === null) return
        const place = attachmentPlace(known)
        const attachment = decodeAttachment(vault.open(place, known.attachment))
        history.setAttachment(row, vault.seal(place, encodeAttachment({ ...attachment, blob })))
        wipe(attachment.key)
      }),
    confirm: (peer, ids, status) =>
      transaction(() => {
        for (const id of ids) come(history.outgoing(peer, id), status)
      }),
    setRecipients: (row, users) => history.setConfirmed(row, encodeConfirmed(confirmedByNobody(users))),
    confirmInGroup: (peer, user, ids, status) =>
      transaction(() => {
        for (const id of ids) {
          const known = history.outgoing(peer, id)
          const next = known?.confirmed && withReceipt(decodeConfirmed(known.confirmed), user, status)
          if (!known || !next) continue
          history.setConfirmed(known.row, encodeConfirmed(next))
          const forAll = statusForAll(next)
          if (forAll) come(known, forAll)
        }
      }),
  }
}

function entryWith(row: HistoryRow, vault: Vault): HistoryEntry {
  const shared = {
    row: row.row,
    recordedAt: row.recordedAt,
    epoch: row.epoch,
    text: row.kind === 'forgotten' ? '' : fromUtf8(vault.open(textPlace(row), row.text)),
  }
  if (row.direction === null) return { ...shared, kind: row.kind as NoticeKind, peer: row.peer, sequence: row.sequence }
  return {
    ...shared,
    kind: 'message',
    peer: String(row.peer),
    direction: row.direction,
    author: row.author,
    id: String(row.id),
    sequence: row.sequence,
    sentAt: Number(row.sentAt),
    state: row.state as MessageState,
    lifetimeSeconds: row.lifetimeSeconds,
    attachment: row.attachment && decodeAttachment(vault.open(attachmentPlace(row), row.attachment)),
    confirmed: row.confirmed && decodeConfirmed(row.confirmed),
  }
}
