import type { ReceiptStatus } from '../../../crypto/content.ts'
import type { AgreementKey, DeviceId } from '../../../crypto/keys.ts'
import type { Table } from './table.ts'

/* What a device knows of others, and what it owes them. Names of people are in order as their bytes are. */

export interface ContactRow {
  readonly user: string
  readonly list: Uint8Array
  readonly changedList: Uint8Array | null
  readonly verified: boolean
  readonly accepted: boolean
  readonly blocked: boolean
  readonly lifetimeSeconds: number
  /** up to which row of the history a person has been shown */
  readonly readRow: number
  readonly seal: Uint8Array
}

/** The little of a contact that is asked for at every turn. */
export interface ContactStanding {
  /** whether there is a changed list */
  readonly isChanged: boolean
  readonly accepted: boolean
  readonly blocked: boolean
}

export interface ContactTable extends Table<ContactRow> {
  get(user: string): ContactRow | null
  standing(user: string): ContactStanding | null
  /** In the place of what stood there. */
  put(row: ContactRow): void
  /** those with a changed list */
  changed(): readonly string[]
  /** All, and what stands under a key of `meta`, as both are at one moment: another process may be writing. */
  allBeside(key: string): { readonly value: Uint8Array | null; readonly contacts: readonly ContactRow[] }
}

/** What names a session. */
export interface SessionName {
  readonly user: string
  readonly device: DeviceId
  readonly ephemeral: AgreementKey
}

export interface SessionRow extends SessionName {
  readonly retired: boolean
  readonly bytes: Uint8Array
}

export interface SessionTable extends Table<SessionRow> {
  with(user: string, device: DeviceId): readonly SessionRow[]
  /** with any device of somebody */
  of(user: string): readonly SessionRow[]
  /** Whether one with somebody is not retired. */
  isActive(user: string): boolean
  /** Whether one was begun with this key, with whomever. */
  isKnown(ephemeral: AgreementKey): boolean
  /** @throws where it is there already */
  add(row: SessionRow): void
  setBytes(name: SessionName, bytes: Uint8Array): void
  retire(user: string, device: DeviceId): void
  retireAll(): void
  remove(name: SessionName): void
  removeOf(user: string): void
}

export interface LedgerRow {
  readonly ephemeral: AgreementKey
  /** milliseconds, running time */
  readonly expires: number
}

/** The keys that sessions have been answered with. */
export interface LedgerTable extends Table<LedgerRow> {
  has(ephemeral: AgreementKey): boolean
  /** @throws where it is there already */
  add(row: LedgerRow): void
  removeExpiredBefore(running: number): void
}

export interface ReceiptRow {
  readonly row: number
  readonly user: string
  readonly status: ReceiptStatus
  readonly id: string
}

/** What is owed, the oldest first. */
export interface ReceiptTable extends Table<ReceiptRow> {
  add(user: string, status: ReceiptStatus, id: string): void
  /** Whoever is owed something, the one with the oldest first. */
  people(): readonly string[]
  /** null where nothing is owed */
  oldest(user: string): ReceiptStatus | null
  /** Takes out the oldest of one status. @returns their ids */
  take(user: string, status: ReceiptStatus, limit: number): readonly string[]
  /** Whatever is owed of one message. */
  removeOf(user: string, id: string): void
}
