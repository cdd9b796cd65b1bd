import { equal } from '../../../crypto/bytes.ts'
import type { DeviceAddress } from '../../../server/api.ts'
import type {
  CounterRow,
  CounterTable,
  HeldRow,
  HeldTable,
  OutboxRow,
  OutboxTable,
  SentRow,
  SentTable,
  TakenTable,
} from '../tables/mail.ts'
import type { Journal } from './journal.ts'
import { bytesIn, copyOf, copyOrNull, createAging, createNamed, createSerial, keyOf, nameOf, tableOf } from './rows.ts'

const nameIn = ({ user, device }: DeviceAddress) => keyOf(user, nameOf(device))
const isFor = (one: DeviceAddress, other: DeviceAddress) => one.user === other.user && equal(one.device, other.device)

export function outboxTable(journal: Journal): OutboxTable {
  const outbox = createSerial<OutboxRow>(journal, ({ row }) => row)
  const copy = (row: OutboxRow): OutboxRow => ({
    row: row.row,
    message: row.message,
    content: copyOrNull(row.content),
    user: row.user,
    device: copyOf(row.device),
    sequence: row.sequence,
    epoch: row.epoch,
    envelope: copyOf(row.envelope),
    place: copyOf(row.place),
    abandoned: copyOf(row.abandoned),
  })
  const to = (address: DeviceAddress) => outbox.rows.filter((row) => isFor(row, address))
  return {
    all: () => outbox.rows.map(copy),
    fill: (rows) => rows.forEach((row) => outbox.add(copy(row))),
    clear: outbox.clear,
    last: outbox.last,
    skipTo: outbox.skipTo,
    add: (row) => outbox.add(copy({ ...row, row: outbox.last() + 1 })),
    to: (address) => to(address).map(copy),
    first: (address, limit) =>
      to(address)
        .slice(0, limit)
        .map(({ row, message, envelope }) => ({ row, message, envelope: copyOf(envelope) })),
    count: (address) => to(address).length,
    addresses() {
      const addresses = new Map(outbox.rows.toReversed().map((row) => [nameIn(row), row]))
      return [...addresses.values()]
        .sort((one, other) => one.row - other.row)
        .map(({ user, device }) => ({ user, device: copyOf(device) }))
    },
    holds: (message, except) => outbox.rows.some((row) => row.message === message && row.user !== except),
    messageIn: (address, envelope) =>
      to(address).find((row) => row.message !== null && equal(row.envelope, envelope))?.message ?? null,
    setContent(row, content) {
      const known = outbox.get(row)
      if (known) outbox.put({ ...known, content: copyOf(content) })
    },
    remove(row) {
      const known = outbox.get(row)
      if (known) outbox.remove(known)
      return known !== undefined
    },
  }
}

export function sentTable(journal: Journal): SentTable {
  const sent = createNamed<SentRow>(journal, nameIn)
  const copy = ({ user, device, counter, digest }: SentRow): SentRow => ({
    user,
    device: copyOf(device),
    counter,
    digest: copyOf(digest),
  })
  return {
    ...tableOf(sent, copy),
    get(address) {
      const row = sent.get(nameIn(address))
      return row ? copy(row) : null
    },
    set: (row) => sent.put(copy(row)),
  }
}

export function counterTable(journal: Journal): CounterTable {
  const counters = createNamed<CounterRow>(journal, nameIn)
  const copy = ({ user, device, next }: CounterRow): CounterRow => ({ user, device: copyOf(device), next })
  return {
    ...tableOf(counters, copy),
    next: (address) => counters.get(nameIn(address))?.next ?? 1,
    set: (row) => counters.put(copy(row)),
    removeOf(user) {
      for (const row of counters.all()) if (row.user === user) counters.remove(nameIn(row))
    },
  }
}

export function takenTable(journal: Journal): TakenTable {
  const taken = createAging(journal)
  const add: TakenTable['add'] = ({ digest, at }) => {
    if (!taken.has(nameOf(digest))) taken.add(nameOf(digest), at)
  }
  return {
    all: () => taken.all().map(([name, at]) => ({ digest: bytesIn(name), at })),
    fill: (rows) => rows.forEach(add),
    clear: taken.clear,
    has: (digest) => taken.has(nameOf(digest)),
    add,
    removeBefore: taken.removeBefore,
  }
}

export function heldTable(journal: Journal): HeldTable {
  const held = createSerial<HeldRow>(journal, ({ row }) => row)
  const copy = ({ row, user, device, time, envelope }: HeldRow): HeldRow => ({
    row,
    user,
    device: copyOf(device),
    time,
    envelope: copyOf(envelope),
  })
  const of = (user: string) => held.rows.filter((row) => row.user === user)
  return {
    all: () => held.rows.map(copy),
    fill: (rows) => rows.forEach((row) => held.add(copy(row))),
    clear: held.clear,
    add: (row) => held.add(copy({ ...row, row: (held.rows.at(-1)?.row ?? 0) + 1 })),
    of: (user) => of(user).map(copy),
    removeOf(user) {
      const gone = of(user)
      gone.forEach(held.remove)
      return gone.length
    },
    size: () => ({
      count: held.rows.length,
      bytes: held.rows.reduce((sum, { envelope }) => sum + envelope.length, 0),
    }),
  }
}
