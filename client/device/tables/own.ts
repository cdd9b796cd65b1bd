import type { PrekeyKind } from '../../../crypto/prekeys.ts'
import type { SerialTable, Table } from './table.ts'

/* What a device keeps for itself. */

export interface MetaRow {
  readonly key: string
  readonly value: Uint8Array
}

/** Single values under their names. */
export interface MetaTable extends Table<MetaRow> {
  get(key: string): Uint8Array | null
  set(key: string, value: Uint8Array): void
  drop(key: string): void
}

export interface PrekeyRow {
  /** chosen by the caller, above all that were chosen before */
  readonly id: number
  readonly kind: PrekeyKind
  /** seconds since 1970 */
  readonly expires: number
  /** milliseconds, running time */
  readonly made: number
  readonly bytes: Uint8Array
}

export interface PrekeyTable extends SerialTable<PrekeyRow> {
  /** @throws where the id is there already */
  add(row: PrekeyRow): void
  get(id: number): PrekeyRow | null
  /** by its id */
  newest(kind: PrekeyKind): PrekeyRow | null
  setBytes(id: number, bytes: Uint8Array): void
  remove(id: number): void
  /** All of the kind go but so many, the newest by their ids. */
  keepNewest(kind: PrekeyKind, count: number): void
  removeMadeBefore(made: number): void
}

export interface PolicyRow {
  readonly epoch: number
  readonly link: Uint8Array
}

export interface PolicyTable extends Table<PolicyRow> {
  /** @throws where the epoch is there already */
  add(row: PolicyRow): void
  /** The links of later epochs, in order. */
  after(epoch: number): readonly Uint8Array[]
}

export interface LeaseRow {
  readonly holder: number
  /** milliseconds since 1970 */
  readonly expires: number
}

/** Which process is connected: one row, or none. */
export interface LeaseTable extends Table<LeaseRow> {
  get(): LeaseRow | null
  set(row: LeaseRow): void
  /** Nothing, where another has it. */
  release(holder: number): void
}

export interface LookRow {
  readonly runningMs: number
  readonly clockMs: number
}

/** When the clock was last looked at: one row, or none. */
export interface LookTable extends Table<LookRow> {
  get(): LookRow | null
  set(row: LookRow): void
}
