import type {
  LeaseRow,
  LeaseTable,
  LookRow,
  LookTable,
  MetaRow,
  MetaTable,
  PolicyRow,
  PolicyTable,
  PrekeyRow,
  PrekeyTable,
} from '../tables/own.ts'
import type { Table } from '../tables/table.ts'
import type { Journal } from './journal.ts'
import { copyOf, createNamed, createSerial, refuseTwice, tableOf } from './rows.ts'

export function metaTable(journal: Journal): MetaTable {
  const rows = createNamed<MetaRow>(journal, ({ key }) => key)
  return {
    ...tableOf(rows, ({ key, value }) => ({ key, value: copyOf(value) })),
    get(key) {
      const row = rows.get(key)
      return row ? copyOf(row.value) : null
    },
    set: (key, value) => rows.put({ key, value: copyOf(value) }),
    drop: rows.remove,
  }
}

export function prekeyTable(journal: Journal): PrekeyTable {
  const prekeys = createSerial<PrekeyRow>(journal, ({ id }) => id)
  const copy = (row: PrekeyRow): PrekeyRow => ({ ...row, bytes: copyOf(row.bytes) })
  const ofKind = (kind: string) => prekeys.rows.filter((row) => row.kind === kind)

  function remove(id: number): void {
    const row = prekeys.get(id)
    if (row) prekeys.remove(row)
  }

  return {
    all: () => prekeys.rows.map(copy),
    fill: (rows) => rows.forEach((row) => prekeys.add(copy(row))),
    clear: prekeys.clear,
    last: prekeys.last,
    skipTo: prekeys.skipTo,
    add(row) {
      refuseTwice(prekeys.get(row.id) !== undefined)
      prekeys.add(copy(row))
    },
    get(id) {
      const row = prekeys.get(id)
      return row ? copy(row) : null
    },
    newest(kind) {
      const row = prekeys.rows.findLast((row) => row.kind === kind)
      return row ? copy(row) : null
    },
    setBytes(id, bytes) {
      const row = prekeys.get(id)
      if (row) prekeys.put({ ...row, bytes: copyOf(bytes) })
    },
    remove,
    keepNewest(kind, count) {
      for (const { id } of ofKind(kind).toReversed().slice(count)) remove(id)
    },
    removeMadeBefore(made) {
      for (const row of prekeys.rows.filter((row) => row.made < made)) prekeys.remove(row)
    },
  }
}

export function policyTable(journal: Journal): PolicyTable {
  const policies = createSerial<PolicyRow>(journal, ({ epoch }) => epoch)
  const copy = ({ epoch, link }: PolicyRow): PolicyRow => ({ epoch, link: copyOf(link) })
  return {
    all: () => policies.rows.map(copy),
    fill: (rows) => rows.forEach((row) => policies.add(copy(row))),
    clear: policies.clear,
    add(row) {
      refuseTwice(policies.get(row.epoch) !== undefined)
      policies.add(copy(row))
    },
    after: (epoch) => policies.rows.filter((row) => row.epoch > epoch).map(({ link }) => copyOf(link)),
  }
}

/** A table of one row, or none; it has no bytes. */
function single<Row>(journal: Journal): Table<Row> & { get(): Row | null; set(row: Row | null): void } {
  let row: Row | null = null
  function set(next: Row | null): void {
    const before = row
    row = next
    journal.note(() => void (row = before))
  }
  return {
    all: () => (row === null ? [] : [row]),
    fill: (rows) => rows.forEach(set),
    clear: () => set(null),
    get: () => row,
    set,
  }
}

export function leaseTable(journal: Journal): LeaseTable {
  const lease = single<LeaseRow>(journal)
  return {
    ...lease,
    release(holder) {
      if (lease.get()?.holder === holder) lease.set(null)
    },
  }
}

export const lookTable = (journal: Journal): LookTable => single<LookRow>(journal)
