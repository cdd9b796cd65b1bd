import type { HistoryTable } from './history.ts'
import type { CounterTable, HeldTable, OutboxTable, SentTable, TakenTable } from './mail.ts'
import type { LeaseTable, LookTable, MetaTable, PolicyTable, PrekeyTable } from './own.ts'
import type { ContactTable, LedgerTable, ReceiptTable, SessionTable } from './people.ts'
import type { Table } from './table.ts'

/**
 * What one device remembers, as rows of numbers, texts and bytes. A table knows its columns, their order and which of its rows are there
 * once only. What a row means, and how secrets stand in it, is said above the tables (sessions.ts, history.ts …), once for all their makers.
 */
export interface TableSet {
  readonly meta: MetaTable
  readonly prekeys: PrekeyTable
  readonly policies: PolicyTable
  readonly lease: LeaseTable
  readonly look: LookTable
  readonly contacts: ContactTable
  readonly sessions: SessionTable
  readonly ledger: LedgerTable
  readonly receipts: ReceiptTable
  readonly history: HistoryTable
  readonly outbox: OutboxTable
  readonly sent: SentTable
  /** of messages to each device */
  readonly numbered: CounterTable
  /** of messages from each device */
  readonly heard: CounterTable
  readonly taken: TakenTable
  readonly held: HeldTable
}

/** The tables, and what makes several changes of them one. */
export interface Tables extends TableSet {
  /** All or nothing, and as lasting as the tables are when it returns; nested calls join the outermost. */
  readonly transaction: <T>(work: () => T) => T
  /** Changes whenever another process has committed. */
  version(): number
  /** Nothing that was overwritten stands anywhere but in the tables' own file. */
  readonly tidy: () => void
  /** Nothing that was overwritten or deleted stands anywhere. Not within a transaction. */
  readonly scrub: () => void
  readonly close: () => void
}

type RowOf<T> = T extends Table<infer Row> ? Row : never

/** All rows of all tables, and the highest numbers given: what a copy of a device's file holds. */
export type Dump = { readonly [Name in keyof TableSet]: readonly RowOf<TableSet[Name]>[] } & {
  readonly last: { readonly [Name in (typeof serials)[number]]: number }
}

const names = [
  'meta',
  'prekeys',
  'policies',
  'lease',
  'look',
  'contacts',
  'sessions',
  'ledger',
  'receipts',
  'history',
  'outbox',
  'sent',
  'numbered',
  'heard',
  'taken',
  'held',
] as const satisfies readonly (keyof TableSet)[]
const serials = ['prekeys', 'history', 'outbox'] as const

/** As everything stands. Where others may write, in a transaction. */
export const dumpOf = (tables: TableSet): Dump => ({
  ...(Object.fromEntries(names.map((name) => [name, tables[name].all()])) as Omit<Dump, 'last'>),
  last: Object.fromEntries(serials.map((name) => [name, tables[name].last()])) as Dump['last'],
})

/** @param tables in which nothing stands yet */
export function fillWith(tables: Tables, dump: Dump): void {
  tables.transaction(() => {
    for (const name of names) (tables[name] as Table<unknown>).fill(dump[name])
    for (const name of serials) tables[name].skipTo(dump.last[name])
  })
}
