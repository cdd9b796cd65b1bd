import { equal } from '../../../crypto/bytes.ts'
import type { AgreementKey } from '../../../crypto/keys.ts'
import type {
  ContactRow,
  ContactTable,
  LedgerTable,
  ReceiptRow,
  ReceiptTable,
  SessionName,
  SessionRow,
  SessionTable,
} from '../tables/people.ts'
import type { MetaTable } from '../tables/own.ts'
import type { Journal } from './journal.ts'
import {
  bytesIn,
  copyOf,
  copyOrNull,
  createAging,
  createNamed,
  createSerial,
  keyOf,
  nameOf,
  refuseTwice,
  tableOf,
} from './rows.ts'

export function contactTable(journal: Journal, meta: MetaTable): ContactTable {
  const contacts = createNamed<ContactRow>(journal, ({ user }) => user)
  const copy = (row: ContactRow): ContactRow => ({
    ...row,
    list: copyOf(row.list),
    changedList: copyOrNull(row.changedList),
    seal: copyOf(row.seal),
  })
  const table = tableOf(contacts, copy)
  return {
    ...table,
    get(user) {
      const row = contacts.get(user)
      return row ? copy(row) : null
    },
    standing(user) {
      const row = contacts.get(user)
      return row ? { isChanged: row.changedList !== null, accepted: row.accepted, blocked: row.blocked } : null
    },
    put: (row) => contacts.put(copy(row)),
    changed: () =>
      contacts
        .all()
        .filter(({ changedList }) => changedList !== null)
        .map(({ user }) => user),
    allBeside: (key) => ({ value: meta.get(key), contacts: table.all() }),
  }
}

export function sessionTable(journal: Journal): SessionTable {
  const nameIn = ({ user, device, ephemeral }: SessionName) => keyOf(user, nameOf(device), nameOf(ephemeral))
  const sessions = createNamed<SessionRow>(journal, nameIn, ({ user }) => user)
  const copy = ({ user, device, ephemeral, retired, bytes }: SessionRow): SessionRow => ({
    user,
    device: copyOf(device),
    ephemeral: copyOf(ephemeral),
    retired,
    bytes: copyOf(bytes),
  })
  const inOrder = (rows: readonly SessionRow[]) =>
    rows.toSorted((one, other) => (nameIn(one) < nameIn(other) ? -1 : 1)).map(copy)
  const those = (user: string, device: Uint8Array) => sessions.of(user).filter((row) => equal(row.device, device))
  return {
    ...tableOf(sessions, copy),
    with: (user, device) => inOrder(those(user, device)),
    of: (user) => inOrder(sessions.of(user)),
    isActive: (user) => sessions.of(user).some(({ retired }) => !retired),
    isKnown(ephemeral) {
      for (const row of sessions.values()) if (equal(row.ephemeral, ephemeral)) return true
      return false
    },
    add(row) {
      refuseTwice(sessions.get(nameIn(row)) !== undefined)
      sessions.put(copy(row))
    },
    setBytes(name, bytes) {
      const row = sessions.get(nameIn(name))
      if (row) sessions.put({ ...row, bytes: copyOf(bytes) })
    },
    retire(user, device) {
      for (const row of those(user, device)) sessions.put({ ...row, retired: true })
    },
    retireAll() {
      for (const row of sessions.all()) sessions.put({ ...row, retired: true })
    },
    remove: (name) => sessions.remove(nameIn(name)),
    removeOf(user) {
      for (const row of sessions.of(user)) sessions.remove(nameIn(row))
    },
  }
}

export function ledgerTable(journal: Journal): LedgerTable {
  const ledger = createAging(journal)
  return {
    all: () => ledger.all().map(([name, expires]) => ({ ephemeral: bytesIn<AgreementKey>(name), expires })),
    fill: (rows) => rows.forEach(({ ephemeral, expires }) => ledger.add(nameOf(ephemeral), expires)),
    clear: ledger.clear,
    has: (ephemeral) => ledger.has(nameOf(ephemeral)),
    add({ ephemeral, expires }) {
      refuseTwice(ledger.has(nameOf(ephemeral)))
      ledger.add(nameOf(ephemeral), expires)
    },
    removeExpiredBefore: ledger.removeBefore,
  }
}

export function receiptTable(journal: Journal): ReceiptTable {
  const receipts = createSerial<ReceiptRow>(journal, ({ row }) => row)
  const of = (user: string) => receipts.rows.filter((receipt) => receipt.user === user)
  return {
    all: () => [...receipts.rows],
    fill: (rows) => rows.forEach(receipts.add),
    clear: receipts.clear,
    add: (user, status, id) => receipts.add({ row: (receipts.rows.at(-1)?.row ?? 0) + 1, user, status, id }),
    people: () => [...new Set(receipts.rows.map(({ user }) => user))],
    oldest: (user) => of(user)[0]?.status ?? null,
    take(user, status, limit) {
      const taken = of(user)
        .filter((receipt) => receipt.status === status)
        .slice(0, limit)
      taken.forEach(receipts.remove)
      return taken.map(({ id }) => id)
    },
    removeOf(user, id) {
      for (const receipt of of(user).filter((receipt) => receipt.id === id)) receipts.remove(receipt)
    },
  }
}
