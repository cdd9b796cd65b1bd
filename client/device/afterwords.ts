import { type Afterword, deletionMaximum, isEmoji } from '../../crypto/afterword.ts'
import { type BlobId, blobIdSizeBytes } from '../../crypto/attachment.ts'
import { concat, hex } from '../../crypto/bytes.ts'
import type { AfterwordContent } from '../../crypto/content.ts'
import { type DeviceId, wipe } from '../../crypto/keys.ts'
import type { MessageName } from '../../crypto/message-name.ts'
import type { Random } from '../../crypto/random.ts'
import { ClientError } from './errors.ts'
import { isGroup } from './groups/peers.ts'
import type { History } from './history.ts'
import type { HistoryAfterword, HistoryMessage } from './history-entries.ts'
import type { DeviceStore } from './store.ts'
import type { Spool } from './transfer.ts'

/** What has been said, and by whom. */
type Said = Pick<AfterwordContent, 'id' | 'said' | 'sequence' | 'sentAt'>

/** Reactions, and deletions for everybody: what others say of messages, and what this person does. */
export interface Afterwords {
  /** A message of the own history, as it stands there, deleted or not; null where it is not. */
  message(peer: string, name: MessageName): HistoryMessage | null
  /** What a message here is called by everybody. */
  nameOf(message: HistoryMessage): MessageName
  /**
   * Writes a reaction down, to be sent. @param emoji one, or empty to take it back
   * @throws ClientError `bad-text` for what is not one emoji | `no-such-message`
   */
  react(peer: string, of: MessageName, emoji: string): HistoryAfterword
  /**
   * Takes own messages away here, and writes down that others are to do the same. Their files go at the relay, too.
   * @throws ClientError `no-such-message` for what is not one of this person's messages there, or is deleted already
   */
  deleteForAll(peer: string, ids: readonly string[]): HistoryAfterword
  /** What another device of this account has said to somebody. @returns false when it is there already */
  recordCopy(device: DeviceId, content: Said & { readonly to: string }, epoch: number): boolean
  /** What somebody has said. @param author where the peer is a group @returns false when it is there already */
  record(peer: string, device: DeviceId, content: Said, epoch: number, author?: string): boolean
  /** Files at the relay that belong to nothing any more, in order. */
  unwanted(): readonly BlobId[]
  /** It is gone there, or never will be. */
  removed(blob: BlobId): void
}

interface AfterwordParts {
  readonly store: DeviceStore
  readonly history: History
  /** this account */
  readonly user: string
  readonly spool: Spool
  readonly random: Random
  readonly clock: () => number
}

/** So many files wait to be removed at the relay; those before go with their time. */
const unwantedMaximum = 256
const unwantedKey = 'unwanted blobs'

export function createAfterwords({ store, history, user, spool, random, clock }: AfterwordParts): Afterwords {
  const find = (peer: string, { author, id }: MessageName): HistoryMessage | null => {
    if (author === user) return history.ours(peer, id)
    if (isGroup(peer)) return history.theirs(peer, author, id)
    return author === peer ? history.theirs(peer, null, id) : null
  }

  /** What is said of a message goes as the message does. */
  const lifetimeOf = (peer: string, said: Afterword): { readonly lifetimeSeconds?: number } => {
    const lifetimeSeconds = said.kind === 'reaction' ? (find(peer, said.of)?.lifetimeSeconds ?? 0) : 0
    return lifetimeSeconds > 0 ? { lifetimeSeconds } : {}
  }

  const missing = () => new ClientError('no-such-message', 'there is no such message here, or it has been deleted')

  function unwanted(): BlobId[] {
    const bytes = store.meta(unwantedKey) ?? new Uint8Array()
    return Array.from(
      { length: bytes.length / blobIdSizeBytes },
      (_, i) => bytes.slice(i * blobIdSizeBytes, (i + 1) * blobIdSizeBytes) as BlobId,
    )
  }

  const setUnwanted = (blobs: readonly BlobId[]) =>
    blobs.length === 0
      ? store.dropMeta(unwantedKey)
      : store.setMeta(unwantedKey, concat(...blobs.slice(-unwantedMaximum)))

  function written(peer: string, said: Afterword): HistoryAfterword {
    const row = history.addAfterword(peer, { id: hex(random(16)), said, ...lifetimeOf(peer, said) })
    return history.sent(row) as HistoryAfterword
  }

  return {
    message: find,
    nameOf: ({ direction, author, peer, id }) => ({ author: direction === 'out' ? user : (author ?? peer), id }),

    react(peer, of, emoji) {
      if (emoji !== '' && !isEmoji(emoji)) throw new ClientError('bad-text', 'a reaction is exactly one emoji')
      const message = find(peer, of)
      if (message?.deletedAt !== null) throw missing()
      return written(peer, { kind: 'reaction', of, emoji })
    },

    deleteForAll(peer, ids) {
      const messages = ids.map((id) => history.ours(peer, id))
      if (ids.length === 0 || ids.length > deletionMaximum)
        throw new ClientError('bad-text', '1 to 64 messages at once')
      if (messages.some((message) => message?.deletedAt !== null)) throw missing()
      const gone = history.erase(peer, { direction: 'out' }, { ids, at: clock(), device: null })
      setUnwanted([...unwanted(), ...gone.map(({ blob }) => blob)])
      for (const { blob, key } of gone) {
        wipe(key)
        // where that fails, it is swept up with what belongs to no message
        void spool.remove(blob).catch(() => undefined)
      }
      return written(peer, { kind: 'deletion', ids })
    },

    recordCopy(device, content, epoch) {
      const { said, to, sentAt } = content
      if (!history.addAfterwordCopy(device, { ...content, ...lifetimeOf(to, said) }, epoch)) return false
      if (said.kind === 'deletion') history.erase(to, { direction: 'out' }, { ids: said.ids, at: sentAt, device })
      return true
    },

    record(peer, device, content, epoch, author) {
      const { said, sentAt } = content
      if (!history.addIncomingAfterword(peer, device, { ...content, ...lifetimeOf(peer, said) }, epoch, author))
        return false
      if (said.kind === 'deletion')
        history.erase(peer, { direction: 'in', author: author ?? null }, { ids: said.ids, at: sentAt, device })
      return true
    },

    unwanted,
    removed: (blob) => setUnwanted(unwanted().filter((one) => hex(one) !== hex(blob))),
  }
}
