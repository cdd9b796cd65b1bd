import type { PrekeyKind } from '../../crypto/prekeys.ts'
import type { Database } from '../sqlite.ts'
import { blob, prepared } from './sqlite-rows.ts'
import type { Lasting, Store } from './store.ts'

/** The part of a store that is about prekeys; each within a transaction. */
export interface SqlitePrekeys {
  publish(...values: Parameters<Store['publishPrekeys']>): boolean
  take(...values: Parameters<Store['takeBundle']>): Awaited<ReturnType<Store['takeBundle']>>
  count(...values: Parameters<Store['countPrekeys']>): Awaited<ReturnType<Store['countPrekeys']>>
  drop(device: number): void
}

interface Range {
  readonly afterSeconds: number
  readonly untilSeconds: number
}

const isLasting = (kind: PrekeyKind) => kind === 'signed' || kind === 'KEM last-resort'
const bounds = ({ afterSeconds, untilSeconds }: Range) => [afterSeconds, untilSeconds] as const

export function sqlitePrekeys(database: Database): SqlitePrekeys {
  const sql = (text: string) => prepared(database, text)
  const statements = {
    thin: sql(
      `DELETE FROM prekey WHERE device = ?1 AND id IN (
         SELECT id FROM prekey WHERE device = ?1 AND kind = ?2
           AND (kind IN ('signed', 'KEM last-resort') OR expires <= ?3 OR expires > ?4)
         ORDER BY id LIMIT max(0, (SELECT count(*) FROM prekey WHERE device = ?1 AND kind = ?2) - ?5))`,
    ),
    put: sql('INSERT OR REPLACE INTO prekey (device, id, kind, expires, bytes) VALUES (?, ?, ?, ?, ?)'),
    drop: sql('DELETE FROM prekey WHERE device = ?'),
    take: sql(
      'DELETE FROM prekey WHERE device = ? AND id = (SELECT min(id) FROM prekey WHERE device = ? AND kind = ? AND expires > ? AND expires <= ?) RETURNING bytes',
    ),
    last: sql(
      'SELECT bytes, expires FROM prekey WHERE device = ? AND kind = ? ORDER BY (expires > ? AND expires <= ?) DESC, id DESC LIMIT 1',
    ),
    countOfKind: sql('SELECT count(*) AS count FROM prekey WHERE device = ? AND kind = ?'),
    countGood: sql(
      'SELECT count(*) AS count FROM prekey WHERE device = ? AND kind = ? AND expires > ? AND expires <= ?',
    ),
  }

  function last(device: number, kind: PrekeyKind, good: Lasting) {
    const row = statements.last.one(device, kind, ...bounds(good))
    return row ? { bytes: blob(row['bytes']), expiresAtSeconds: Number(row['expires']) } : null
  }

  function usableOnce(device: number, good: Lasting): Range {
    const signed = last(device, 'signed', good)
    const latest = signed ? signed.expiresAtSeconds + good.onceAfterSignedSeconds : Number.MAX_SAFE_INTEGER
    return { afterSeconds: good.afterSeconds, untilSeconds: Math.min(latest, Number.MAX_SAFE_INTEGER) }
  }

  return {
    publish(device, prekeys, replace, good, most) {
      if (replace) statements.drop.run(device)
      for (const { id, kind, expiresAtSeconds, bytes } of prekeys)
        statements.put.run(device, id, kind, expiresAtSeconds, bytes)
      return [...new Set(prekeys.map(({ kind }) => kind))].every((kind) => {
        statements.thin.run(device, kind, ...bounds(isLasting(kind) ? good : usableOnce(device, good)), most)
        return Number(statements.countOfKind.one(device, kind)?.['count']) <= most
      })
    },

    take(device, good, isFresh) {
      const [signed, lastResort] = [last(device, 'signed', good), last(device, 'KEM last-resort', good)]
      if (!signed) return null
      const usable = bounds(usableOnce(device, good))
      const take = (kind: PrekeyKind) => {
        const row = isFresh ? statements.take.one(device, device, kind, ...usable) : undefined
        return row ? blob(row['bytes']) : null
      }
      const kem = take('KEM one-time') ?? lastResort?.bytes
      return kem ? { signed: signed.bytes, kem, oneTime: take('one-time') } : null
    },

    count(device, good) {
      const usable = bounds(usableOnce(device, good))
      const count = (kind: PrekeyKind) => Number(statements.countGood.one(device, kind, ...usable)?.['count'])
      return { oneTime: count('one-time'), kemOneTime: count('KEM one-time') }
    },

    drop: (device) => void statements.drop.run(device),
  }
}
