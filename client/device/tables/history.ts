import type { DeviceId } from '../../../crypto/keys.ts'
import type { HistoryKind, MessageState } from '../history-kinds.ts'
import type { SerialTable } from './table.ts'

/** A message, or a notice, which has no direction, no device, no id and no state. */
export interface HistoryRow extends Standing {
  readonly row: number
  readonly kind: HistoryKind
  readonly peer: string | null
  readonly direction: 'in' | 'out' | null
  /** whose message it is, where `peer` is a group and it came in; null otherwise */
  readonly author: string | null
  readonly device: DeviceId | null
  readonly id: string | null
  readonly sequence: number | null
  readonly sentAt: number | null
  readonly recordedAt: number
  readonly lifetimeSeconds: number
  readonly text: Uint8Array
  /** what says where its file is, and its key; null for a message without one */
  readonly attachment: Uint8Array | null
  /** of what was sent to a group: how far it has come to whom; null otherwise */
  readonly confirmed: Uint8Array | null
  /** which message it answers, what an afterword says of others, or when a message was deleted; null for the rest */
  readonly about: Uint8Array | null
}

/** What changes of a row. */
export interface Standing {
  readonly state: MessageState | null
  readonly epoch: number | null
  /** milliseconds, running time; when it goes, or is forgotten for good */
  readonly goesAt: number | null
}

/** A message that was received, as far as it matters for having been shown. */
export interface ReceivedRow {
  readonly row: number
  /** whose it is, where it came in a group; null otherwise */
  readonly author: string | null
  readonly id: string
  readonly lifetimeSeconds: number
  /** null before it has been shown, and where it stays */
  readonly goesAt: number | null
}

/** Messages and notices, in the order in which they were written down. */
export interface HistoryTable extends SerialTable<HistoryRow> {
  /** @returns its row; null where that id is there already, to the same person or from the same author and device */
  add(row: Omit<HistoryRow, 'row'>): number | null
  get(row: number): HistoryRow | null
  /** of the last row there is; 0 without any */
  lastRow(): number
  /** What is not forgotten after a row; with a person only what is with them, and with nobody. */
  after(row: number, peer: string | null, limit: number): readonly HistoryRow[]
  /** The last before a row, of what is not forgotten, in order; with a person only what is with them, and with nobody. */
  before(row: number, peer: string | null, limit: number): readonly HistoryRow[]
  /** What was sent to somebody under an id, forgotten or not. */
  outgoing(peer: string, id: string): HistoryRow | null
  /** The first message that came from somebody under an id. */
  incoming(peer: string, id: string): HistoryRow | null
  /** What came under an id from one author, from any device and of any kind, forgotten or not. */
  named(peer: string, author: string | null, id: string): readonly HistoryRow[]
  /** Whether somebody has deleted their message under that id, come or not. */
  isErased(peer: string, author: string | null, id: string): boolean
  /** How many deleted messages of one author, or of this account's other devices, have not come. */
  awaited(peer: string, direction: 'in' | 'out', author: string | null): number
  /** Messages that have come from somebody, and not out of a backup, after a row and up to another. */
  received(peer: string, after: number, upTo: number): readonly ReceivedRow[]
  /** The last row with somebody, and what has come from them, and not out of a backup, after a row. */
  summary(
    peer: string,
    after: number,
  ): { readonly last: number | null; readonly count: number; readonly first: number | null }
  /** All messages whose ids begin so, deleted or not. */
  beginning(prefix: string): readonly Pick<HistoryRow, 'row' | 'direction' | 'id' | 'state'>[]
  /** The last rows that are with nobody, in order. */
  withNobody(limit: number): readonly number[]
  /** Whether anything was ever sent to somebody. */
  isWrittenTo(peer: string): boolean
  /** of the last message with somebody, forgotten or not; null where there is none */
  lastLifetime(peer: string): number | null

  /** The oldest messages and afterwords to somebody that wait. */
  waiting(peer: string, limit: number): readonly HistoryRow[]
  /** Of all that waits for somebody, forgotten or not. */
  waitingRows(peer: string): readonly number[]
  /** Whoever a message waits for, the one with the oldest first. */
  waitingPeople(): readonly string[]
  /** Messages whose files are on their way to the relay, in order. */
  uploading(): readonly HistoryRow[]
  /** Messages that have a file, in order. */
  attached(): readonly HistoryRow[]
  /** How many messages to somebody wait, for whatever reason, or are sealed. */
  unsent(peer: string): number
  /** Whoever messages wait for or are sealed for, and how many, the one with the oldest first. */
  unsentByPerson(): readonly (readonly [peer: string, count: number])[]

  standing(row: number): (Standing & Pick<HistoryRow, 'lifetimeSeconds'>) | null
  change(row: number, standing: Standing): void
  setGoesAt(row: number, goesAt: number): void
  setText(row: number, text: Uint8Array): void
  setAttachment(row: number, attachment: Uint8Array): void
  setConfirmed(row: number, confirmed: Uint8Array): void
  setAbout(row: number, about: Uint8Array): void
  /** A message is `deleted` from now on, with another text and without its file; one that has not gone out will not. */
  erase(row: number, text: Uint8Array, about: Uint8Array, goesAt: number | null): void
  /** What is sealed waits once more. */
  waitAgain(): void

  /** How many messages with somebody there are, or are under one id, with the marks of deleted ones. */
  countMessages(peer: string, id: string | null): number
  /** Nothing but the fact is left of all messages with somebody, and of what was said of them, or of what is under one id. @returns how many messages */
  forget(peer: string, id: string | null, goesAt: number): number
  /** Whether anything goes by then. */
  isDue(at: number): boolean
  /** The same for all messages that go by then. @returns how many */
  forgetDue(at: number, goesAt: number): number
  /** What is forgotten, and goes by then, is gone. */
  removeForgotten(at: number): void
}
