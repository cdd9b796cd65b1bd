import type { PrekeyKind } from '../../../crypto/prekeys.ts'
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
import { bytes, bytesOf, number, shapeOf, type Sql, text } from './shape.ts'

const metas = shapeOf<MetaRow>('meta', 'key', { key: text('key'), value: bytes('value') })

export const metaTable = (sql: Sql): MetaTable => ({
  ...metas.table(sql),
  get(key) {
    const row = sql.get('SELECT value FROM meta WHERE key = ?', key)
    return row && bytesOf(row['value'])
  },
  set: (key, value) => void sql.run(metas.put, key, value),
  drop: (key) => void sql.run('DELETE FROM meta WHERE key = ?', key),
})

const prekeys = shapeOf<PrekeyRow>('prekey', 'id', {
  id: number('id'),
  kind: text<PrekeyKind>('kind'),
  expires: number('expires'),
  made: number('made'),
  bytes: bytes('bytes'),
})

export const prekeyTable = (sql: Sql): PrekeyTable => ({
  ...prekeys.serial(sql),
  add: (row) => void sql.run(prekeys.insert, ...prekeys.values(row)),
  get(id) {
    const row = sql.get(`${prekeys.select} WHERE id = ?`, id)
    return row && prekeys.read(row)
  },
  newest(kind) {
    const row = sql.get(`${prekeys.select} WHERE kind = ? ORDER BY id DESC LIMIT 1`, kind)
    return row && prekeys.read(row)
  },
  setBytes: (id, sealed) => void sql.run('UPDATE prekey SET bytes = ? WHERE id = ?', sealed, id),
  remove: (id) => void sql.run('DELETE FROM prekey WHERE id = ?', id),
  keepNewest: (kind, count) =>
    void sql.run(
      'DELETE FROM prekey WHERE id IN (SELECT id FROM prekey WHERE kind = ? ORDER BY id DESC LIMIT -1 OFFSET ?)',
      kind,
      count,
    ),
  removeMadeBefore: (made) => void sql.run('DELETE FROM prekey WHERE made < ?', made),
})

const policies = shapeOf<PolicyRow>('policy', 'epoch', { epoch: number('epoch'), link: bytes('link') })

export const policyTable = (sql: Sql): PolicyTable => ({
  ...policies.table(sql),
  add: (row) => void sql.run(policies.insert, ...policies.values(row)),
  after: (epoch) =>
    sql.all('SELECT link FROM policy WHERE epoch > ? ORDER BY epoch', epoch).map(({ link }) => bytesOf(link)),
})

const leases = shapeOf<LeaseRow>('lease', 'only', { holder: number('pid'), expires: number('expires') })
const setLease = 'INSERT OR REPLACE INTO lease (only, pid, expires) VALUES (1, ?, ?)'

export const leaseTable = (sql: Sql): LeaseTable => ({
  ...leases.table(sql),
  fill: (rows) => rows.forEach(({ holder, expires }) => sql.run(setLease, holder, expires)),
  get() {
    const row = sql.get(leases.select)
    return row && leases.read(row)
  },
  set: ({ holder, expires }) => void sql.run(setLease, holder, expires),
  release: (holder) => void sql.run('DELETE FROM lease WHERE pid = ?', holder),
})

const looks = shapeOf<LookRow>('look', 'only', { runningMs: number('running'), clockMs: number('clock') })
const setLook = 'INSERT OR REPLACE INTO look (only, running, clock) VALUES (1, ?, ?)'

export const lookTable = (sql: Sql): LookTable => ({
  ...looks.table(sql),
  fill: (rows) => rows.forEach(({ runningMs, clockMs }) => sql.run(setLook, runningMs, clockMs)),
  get() {
    const row = sql.get(looks.select)
    return row && looks.read(row)
  },
  set: ({ runningMs, clockMs }) => void sql.run(setLook, runningMs, clockMs),
})
