import type { DeviceId, Digest } from '../../../crypto/keys.ts'
import type { DeviceAddress } from '../../../server/api.ts'
import type { SerialTable, Table } from './table.ts'

/* What goes out and what has come in. */

export interface OutboxRow extends DeviceAddress {
  readonly row: number
  /** its row in the history; null for what is not shown */
  readonly message: number | null
  readonly content: Uint8Array | null
  readonly sequence: number
  readonly epoch: number
  readonly envelope: Uint8Array
  readonly place: Uint8Array
  readonly abandoned: Uint8Array
}

/** Envelopes that wait, in the order in which they were added. */
export interface OutboxTable extends SerialTable<OutboxRow> {
  add(row: Omit<OutboxRow, 'row'>): void
  to(address: DeviceAddress): readonly OutboxRow[]
  first(address: DeviceAddress, limit: number): readonly Pick<OutboxRow, 'row' | 'message' | 'envelope'>[]
  count(address: DeviceAddress): number
  /** Those that something waits for, the one with the oldest first. */
  addresses(): readonly DeviceAddress[]
  /** Whether something of a message waits for another than this person. */
  holds(message: number, except: string): boolean
  /** The message that an envelope to a device is of; null where it is of none, or does not wait. */
  messageIn(address: DeviceAddress, envelope: Uint8Array): number | null
  setContent(row: number, content: Uint8Array): void
  /** @returns whether it was there */
  remove(row: number): boolean
}

export interface SentRow extends DeviceAddress {
  readonly counter: number
  readonly digest: Digest
}

/** How far the relay has taken what was sent to each device. */
export interface SentTable extends Table<SentRow> {
  get(address: DeviceAddress): SentRow | null
  set(row: SentRow): void
}

export interface CounterRow extends DeviceAddress {
  readonly next: number
}

/** The number that comes next, to or from each device. */
export interface CounterTable extends Table<CounterRow> {
  /** 1 at first */
  next(address: DeviceAddress): number
  set(row: CounterRow): void
  removeOf(user: string): void
}

export interface TakenRow {
  readonly digest: Uint8Array
  /** milliseconds, running time */
  readonly at: number
}

/** Digests of what has been taken in. */
export interface TakenTable extends Table<TakenRow> {
  has(digest: Uint8Array): boolean
  /** Nothing, where it is there already. */
  add(row: TakenRow): void
  removeBefore(at: number): void
}

export interface HeldRow {
  readonly row: number
  readonly user: string
  readonly device: DeviceId
  readonly time: number
  readonly envelope: Uint8Array
}

/** Mail that is held back, in the order in which it came. */
export interface HeldTable extends Table<HeldRow> {
  add(row: Omit<HeldRow, 'row'>): void
  of(user: string): readonly HeldRow[]
  /** @returns how many there were */
  removeOf(user: string): number
  /** of all people together, envelopes alone */
  size(): { readonly count: number; readonly bytes: number }
}
