import type { ReceiptStatus } from '../../../crypto/content.ts'
import type { AgreementKey, DeviceId } from '../../../crypto/keys.ts'
import type {
  ContactRow,
  ContactTable,
  LedgerRow,
  LedgerTable,
  ReceiptRow,
  ReceiptTable,
  SessionRow,
  SessionTable,
} from '../tables/people.ts'
import { bytes, bytesOf, bytesOrNull, flag, number, shapeOf, type Sql, text } from './shape.ts'

const contacts = shapeOf<ContactRow>('contact', 'user', {
  user: text('user'),
  list: bytes('list'),
  changedList: bytesOrNull('changed_list'),
  verified: flag('verified'),
  accepted: flag('accepted'),
  blocked: flag('blocked'),
  lifetimeSeconds: number('lifetime'),
  readRow: number('read_row'),
  seal: bytes('seal'),
})

export const contactTable = (sql: Sql): ContactTable => ({
  ...contacts.table(sql),
  get(user) {
    const row = sql.get(`${contacts.select} WHERE user = ?`, user)
    return row && contacts.read(row)
  },
  standing(user) {
    const row = sql.get(
      'SELECT changed_list IS NOT NULL AS changed, accepted, blocked FROM contact WHERE user = ?',
      user,
    )
    return (
      row && {
        isChanged: Number(row['changed']) === 1,
        accepted: Number(row['accepted']) === 1,
        blocked: Number(row['blocked']) === 1,
      }
    )
  },
  put: (row) => void sql.run(contacts.put, ...contacts.values(row)),
  changed: () =>
    sql.all('SELECT user FROM contact WHERE changed_list IS NOT NULL ORDER BY user').map(({ user }) => String(user)),
  allBeside(key) {
    const rows = sql.all(
      `SELECT value, ${contacts.columns} FROM (SELECT 1)
       LEFT JOIN meta ON meta.key = ? LEFT JOIN contact ON true ORDER BY user`,
      key,
    )
    const value = rows[0]?.['value']
    return {
      value: value === null ? null : bytesOf(value),
      contacts: rows.filter((row) => row['user'] !== null).map(contacts.read),
    }
  },
})

const sessions = shapeOf<SessionRow>('session', 'user, device, ephemeral', {
  user: text('user'),
  device: bytes<DeviceId>('device'),
  ephemeral: bytes<AgreementKey>('ephemeral'),
  retired: flag('retired'),
  bytes: bytes('bytes'),
})
const named = 'WHERE user = ? AND device = ? AND ephemeral = ?'

export const sessionTable = (sql: Sql): SessionTable => ({
  ...sessions.table(sql),
  with: (user, device) =>
    sql.all(`${sessions.select} WHERE user = ? AND device = ? ORDER BY ephemeral`, user, device).map(sessions.read),
  of: (user) => sql.all(`${sessions.select} WHERE user = ? ORDER BY device, ephemeral`, user).map(sessions.read),
  isActive: (user) => sql.get('SELECT 1 FROM session WHERE user = ? AND retired = 0', user) !== null,
  isKnown: (ephemeral) => sql.get('SELECT 1 FROM session WHERE ephemeral = ?', ephemeral) !== null,
  add: (row) => void sql.run(sessions.insert, ...sessions.values(row)),
  setBytes: ({ user, device, ephemeral }, sealed) =>
    void sql.run(`UPDATE session SET bytes = ? ${named}`, sealed, user, device, ephemeral),
  retire: (user, device) => void sql.run('UPDATE session SET retired = 1 WHERE user = ? AND device = ?', user, device),
  retireAll: () => void sql.run('UPDATE session SET retired = 1'),
  remove: ({ user, device, ephemeral }) => void sql.run(`DELETE FROM session ${named}`, user, device, ephemeral),
  removeOf: (user) => void sql.run('DELETE FROM session WHERE user = ?', user),
})

const ledger = shapeOf<LedgerRow>('ledger', 'ephemeral', {
  ephemeral: bytes<AgreementKey>('ephemeral'),
  expires: number('expires'),
})

export const ledgerTable = (sql: Sql): LedgerTable => ({
  ...ledger.table(sql),
  has: (ephemeral) => sql.get('SELECT 1 FROM ledger WHERE ephemeral = ?', ephemeral) !== null,
  add: (row) => void sql.run(ledger.insert, ...ledger.values(row)),
  removeExpiredBefore: (running) => void sql.run('DELETE FROM ledger WHERE expires < ?', running),
})

const receipts = shapeOf<ReceiptRow>('receipt', 'row', {
  row: number('row'),
  user: text('user'),
  status: text<ReceiptStatus>('status'),
  id: text('id'),
})

/** Whoever is owed something, by the oldest: from one name to the next, however much each is owed. */
const everybodyOwed = `
  WITH RECURSIVE people (user) AS (
    SELECT min(user) FROM receipt
    UNION ALL
    SELECT (SELECT min(user) FROM receipt WHERE receipt.user > people.user) FROM people WHERE people.user IS NOT NULL)
  SELECT user FROM people WHERE user IS NOT NULL
  ORDER BY (SELECT row FROM receipt WHERE receipt.user = people.user ORDER BY row LIMIT 1)`

export const receiptTable = (sql: Sql): ReceiptTable => ({
  ...receipts.table(sql),
  add: (user, status, id) => void sql.run('INSERT INTO receipt (user, status, id) VALUES (?, ?, ?)', user, status, id),
  people() {
    // asked many times a second, and mostly for nothing
    if (!sql.get('SELECT 1 FROM receipt LIMIT 1')) return []
    return sql.all(everybodyOwed).map(({ user }) => String(user))
  },
  oldest(user) {
    const row = sql.get('SELECT status FROM receipt WHERE user = ? ORDER BY row LIMIT 1', user)
    return row && (String(row['status']) as ReceiptStatus)
  },
  take(user, status, limit) {
    const rows = sql.all(
      'SELECT row, id FROM receipt WHERE user = ? AND status = ? ORDER BY row LIMIT ?',
      user,
      status,
      limit,
    )
    for (const { row } of rows) sql.run('DELETE FROM receipt WHERE row = ?', Number(row))
    return rows.map(({ id }) => String(id))
  },
  removeOf: (user, id) => void sql.run('DELETE FROM receipt WHERE user = ? AND id = ?', user, id),
})
