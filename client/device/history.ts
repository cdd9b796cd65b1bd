import { writeNumbered } from '../../crypto/afterword.ts'
import { type BlobId, decodeAttachment, encodeAttachment } from '../../crypto/attachment.ts'
import { utf8 } from '../../crypto/bytes.ts'
import type { AfterwordContent, CopyContent, ReceiptStatus, TextContent } from '../../crypto/content.ts'
import { type DeviceId, wipe } from '../../crypto/keys.ts'
import { writeMessageName } from '../../crypto/message-name.ts'
import type { Time } from '../../server/running-time.ts'
import { confirmedByNobody, decodeConfirmed, encodeConfirmed, statusForAll, withReceipt } from './groups/confirmed.ts'
import {
  attachmentPlace,
  entryWith,
  type HistoryEntry,
  type HistoryMessage,
  type HistorySent,
  sealAbout,
  textPlace,
} from './history-entries.ts'
import { createErase, type Erase } from './history-erasing.ts'
import type { MessageState, NoticeKind } from './history-kinds.ts'
import type { DeviceStore } from './store.ts'
import type { HistoryRow } from './tables/history.ts'

/** What a message says, whoever has written it. */
type Said = Pick<TextContent, 'id' | 'text' | 'lifetimeSeconds' | 'attachment' | 'answers'>

/** What is said of messages. */
type SaidOf = Pick<AfterwordContent, 'id' | 'said'> & { readonly lifetimeSeconds?: number }

export interface History {
  notice(kind: NoticeKind, peer: string | null, details: { epoch?: number; count?: number; text: string }): void
  /** Everything after this row, in order; with one person only, their conversation and what concerns everybody. */
  after(row: number, peer: string | null, limit: number): readonly HistoryEntry[]
  /** The last entries before this row, oldest first; with one person only, their conversation and what concerns everybody. */
  before(row: number, peer: string | null, limit: number): readonly HistoryEntry[]
  /** The oldest messages and afterwords to this person that have no envelope yet. */
  waitingFor(peer: string, limit: number): readonly HistorySent[]
  /** Messages whose files are on their way to the relay, in order. */
  uploading(): readonly HistoryMessage[]
  /** Messages that have a file, in order. */
  attached(): readonly HistoryMessage[]
  /** How many messages to this person the relay does not have yet. */
  unsent(peer: string): number
  /** Whom messages wait for that the relay does not have yet, and how many: the person waited for longest first. */
  unsentByPerson(): ReadonlyMap<string, number>
  lastRow(): number
  /** One that is neither forgotten nor deleted. */
  message(row: number): HistoryMessage | null
  /** The same, or an afterword. */
  sent(row: number): HistorySent | null
  /** Whether it is in the outbox, and no word of it from the relay yet. */
  isSealed(row: number): boolean
  /** The message to that person under that id, if there is one: forgotten or not. */
  outgoing(peer: string, id: string): HistoryMessage | null
  /** The same, deleted or not, but not where it is forgotten. */
  ours(peer: string, id: string): HistoryMessage | null
  /** The first that came from somebody under an id, likewise. @param author where the peer is a group */
  theirs(peer: string, author: string | null, id: string): HistoryMessage | null
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
  /** A reaction of this person's, or a deletion. @returns its row */
  addAfterword(peer: string, said: SaidOf): number
  /** One by another device of this account. @returns false when it is there already */
  addAfterwordCopy(
    device: DeviceId,
    content: Pick<AfterwordContent, 'sentAt'> & SaidOf & { readonly to: string },
    epoch: number,
  ): boolean
  /** One that has come. @returns false when it is there already */
  addIncomingAfterword(
    peer: string,
    device: DeviceId,
    content: Pick<AfterwordContent, 'sequence' | 'sentAt'> & SaidOf,
    epoch: number,
    author?: string,
  ): boolean
  /**
   * Takes away what messages of one author say, and leaves a mark; one that has not come yet will not be shown.
   * @returns what they said of their files
   */
  readonly erase: Erase
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

/** The states in which it is news that a message has come, or that it was read. */
const newsAfter: Readonly<Record<ReceiptStatus, ReadonlySet<MessageState | null>>> = {
  delivered: new Set(['sealed', 'sent']),
  read: new Set(['sealed', 'sent', 'delivered']),
}

export function createHistory(store: DeviceStore, time: Time): History {
  const { vault, tables, transaction } = store
  const { clock, running } = time
  const { history } = tables
  const entryOf = (row: HistoryRow): HistoryEntry => entryWith(row, vault)
  const one = (row: HistoryRow | null) => row && (entryOf(row) as HistoryMessage)
  const firstMessage = (...rows: readonly (HistoryRow | null)[]) =>
    one(rows.find((row) => row?.kind === 'message' || row?.kind === 'deleted') ?? null)
  const goesIn = (lifetimeSeconds: number) => (lifetimeSeconds > 0 ? running() + lifetimeSeconds * 1000 : null)

  /** @returns its row; null where that id of that sender is there already */
  function addMessage(
    place: Pick<HistoryRow, 'direction' | 'author' | 'device' | 'state'> & { readonly peer: string },
    { id, text, lifetimeSeconds = 0, attachment, answers }: Said,
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
      about: answers ? sealAbout(vault, named, (to) => writeMessageName(to, answers)) : null,
    })
  }

  /** @returns its row; null where that id of that sender is there already */
  function addSaidOf(
    place: Pick<HistoryRow, 'direction' | 'author' | 'device' | 'state'> & { readonly peer: string },
    { id, said, lifetimeSeconds = 0 }: SaidOf,
    details: { sequence: number | null; sentAt: number; epoch: number | null },
  ): number | null {
    const { peer, direction, author, device, state } = place
    const { sequence, sentAt, epoch } = details
    const named = { kind: 'afterword', peer, direction, author, id } as const
    return history.add({
      ...named,
      device,
      sequence,
      sentAt,
      recordedAt: clock(),
      state,
      epoch,
      lifetimeSeconds,
      goesAt: state === 'waiting' ? null : goesIn(lifetimeSeconds),
      text: vault.seal(textPlace(named), new Uint8Array()),
      attachment: null,
      confirmed: null,
      about: sealAbout(vault, named, (to) => writeNumbered(to, said)),
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
        about: null,
      }),
    after: (row, peer, limit) => history.after(row, peer, limit).map(entryOf),
    before: (row, peer, limit) => history.before(row, peer, limit).map(entryOf),
    waitingFor: (peer, limit) => history.waiting(peer, limit).map((row) => entryOf(row) as HistorySent),
    uploading: () => history.uploading().map((row) => entryOf(row) as HistoryMessage),
    attached: () => history.attached().map((row) => entryOf(row) as HistoryMessage),
    unsent: (peer) => history.unsent(peer),
    unsentByPerson: () => new Map(history.unsentByPerson()),
    lastRow: () => history.lastRow(),
    message(row) {
      const known = history.get(row)
      return known?.kind === 'message' ? one(known) : null
    },
    sent(row) {
      const known = history.get(row)
      return known?.kind === 'message' || known?.kind === 'afterword' ? (entryOf(known) as HistorySent) : null
    },
    isSealed: (row) => history.standing(row)?.state === 'sealed',
    outgoing(peer, id) {
      const row = history.outgoing(peer, id)
      return row?.kind === 'afterword' ? null : one(row)
    },
    ours: (peer, id) => firstMessage(history.outgoing(peer, id)),
    theirs: (peer, author, id) => firstMessage(...history.named(peer, author, id)),
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
      !history.isErased(peer, author ?? null, content.id) &&
      addMessage({ peer, direction: 'in', author: author ?? null, device, state: 'received' }, content, {
        ...content,
        epoch,
      }) !== null,
    addAfterword(peer, said) {
      const place = { peer, direction: 'out', author: null, device: null, state: 'waiting' } as const
      const row = addSaidOf(place, said, { sequence: null, sentAt: clock(), epoch: null })
      if (row === null) throw new Error('an afterword is written twice')
      return row
    },
    addAfterwordCopy: (device, content, epoch) =>
      addSaidOf({ peer: content.to, direction: 'out', author: null, device, state: 'sent' }, content, {
        sequence: null,
        sentAt: content.sentAt,
        epoch,
      }) !== null,
    addIncomingAfterword: (peer, device, content, epoch, author) =>
      addSaidOf({ peer, direction: 'in', author: author ?? null, device, state: 'received' }, content, {
        sequence: content.sequence,
        sentAt: content.sentAt,
        epoch,
      }) !== null,
    erase: createErase(store, time),
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
