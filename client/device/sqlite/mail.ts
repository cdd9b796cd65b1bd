import type { DeviceId, Digest } from '../../../crypto/keys.ts'
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
  TakenRow,
  TakenTable,
} from '../tables/mail.ts'
import { bytes, bytesOf, bytesOrNull, number, numberOrNull, shapeOf, type Row, type Sql, text } from './shape.ts'

const address = { user: text('user'), device: bytes<DeviceId>('device') }
const addressOf = ({ user, device }: Row): DeviceAddress => ({ user: String(user), device: bytesOf(device) })

const outbox = shapeOf<OutboxRow>('outbox', 'row', {
  row: number('row'),
  message: numberOrNull('message'),
  content: bytesOrNull('content'),
  ...address,
  sequence: number('sequence'),
  epoch: number('epoch'),
  envelope: bytes('envelope'),
  place: bytes('place'),
  abandoned: bytes('abandoned'),
})

export const outboxTable = (sql: Sql): OutboxTable => ({
  ...outbox.serial(sql),
  add: ({ message, content, user, device, sequence, epoch, envelope, place, abandoned }) =>
    void sql.run(
      'INSERT INTO outbox (message, content, user, device, sequence, epoch, envelope, place, abandoned) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)',
      message,
      content,
      user,
      device,
      sequence,
      epoch,
      envelope,
      place,
      abandoned,
    ),
  to: ({ user, device }) =>
    sql.all(`${outbox.select} WHERE user = ? AND device = ? ORDER BY row`, user, device).map(outbox.read),
  first: ({ user, device }, limit) =>
    sql
      .all(
        'SELECT row, message, envelope FROM outbox WHERE user = ? AND device = ? ORDER BY row LIMIT ?',
        user,
        device,
        limit,
      )
      .map(({ row, message, envelope }) => ({
        row: Number(row),
        message: message === null ? null : Number(message),
        envelope: bytesOf(envelope),
      })),
  count: ({ user, device }) =>
    Number(sql.get('SELECT count(*) AS count FROM outbox WHERE user = ? AND device = ?', user, device)?.['count']),
  addresses: () => sql.all('SELECT user, device FROM outbox GROUP BY user, device ORDER BY min(row)').map(addressOf),
  holds: (message, except) => sql.get('SELECT 1 FROM outbox WHERE message = ? AND user <> ?', message, except) !== null,
  messageIn({ user, device }, envelope) {
    const row = sql.get(
      'SELECT message FROM outbox WHERE user = ? AND device = ? AND envelope = ? AND message IS NOT NULL',
      user,
      device,
      envelope,
    )
    return row && Number(row['message'])
  },
  setContent: (row, content) => void sql.run('UPDATE outbox SET content = ? WHERE row = ?', content, row),
  remove: (row) => sql.run('DELETE FROM outbox WHERE row = ?', row) > 0,
})

const sent = shapeOf<SentRow>('sent', 'user, device', {
  ...address,
  counter: number('counter'),
  digest: bytes<Digest>('digest'),
})

export const sentTable = (sql: Sql): SentTable => ({
  ...sent.table(sql),
  get({ user, device }) {
    const row = sql.get(`${sent.select} WHERE user = ? AND device = ?`, user, device)
    return row && sent.read(row)
  },
  set: (row) => void sql.run(sent.put, ...sent.values(row)),
})

export function counterTable(sql: Sql, table: 'numbered' | 'heard'): CounterTable {
  const counters = shapeOf<CounterRow>(table, 'user, device', { ...address, next: number('next') })
  return {
    ...counters.table(sql),
    next: ({ user, device }) =>
      Number(sql.get(`SELECT next FROM ${table} WHERE user = ? AND device = ?`, user, device)?.['next'] ?? 1),
    set: (row) => void sql.run(counters.put, ...counters.values(row)),
    removeOf: (user) => void sql.run(`DELETE FROM ${table} WHERE user = ?`, user),
  }
}

const taken = shapeOf<TakenRow>('taken', 'digest', { digest: bytes('digest'), at: number('at') })

export const takenTable = (sql: Sql): TakenTable => ({
  ...taken.table(sql),
  has: (digest) => sql.get('SELECT 1 FROM taken WHERE digest = ?', digest) !== null,
  add: ({ digest, at }) => void sql.run('INSERT OR IGNORE INTO taken (digest, at) VALUES (?, ?)', digest, at),
  removeBefore: (at) => void sql.run('DELETE FROM taken WHERE at < ?', at),
})

const held = shapeOf<HeldRow>('held', 'row', {
  row: number('row'),
  ...address,
  time: number('time'),
  envelope: bytes('envelope'),
})

export const heldTable = (sql: Sql): HeldTable => ({
  ...held.table(sql),
  add: ({ user, device, time, envelope }) =>
    void sql.run('INSERT INTO held (user, device, time, envelope) VALUES (?, ?, ?, ?)', user, device, time, envelope),
  of: (user) => sql.all(`${held.select} WHERE user = ? ORDER BY row`, user).map(held.read),
  removeOf: (user) => sql.run('DELETE FROM held WHERE user = ?', user),
  size() {
    const row = sql.get('SELECT count(*) AS count, coalesce(sum(length(envelope)), 0) AS bytes FROM held')
    return { count: Number(row?.['count']), bytes: Number(row?.['bytes']) }
  },
})
