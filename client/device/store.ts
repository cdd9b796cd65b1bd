import { equal } from '../../crypto/bytes.ts'
import type { LastLook } from '../../server/running-time.ts'
import { type Database, inTransaction, type SqlValue, type Statement } from './database.ts'
import { ClientError } from './errors.ts'
import { plainVault, type Vault } from './vault.ts'

export type Row = Readonly<Record<string, unknown>>

/** Who works on a store, among several processes that may share it. */
export interface Holder {
  /** a whole number, of this one alone as long as it lives */
  readonly id: number
  /** Whether another is still there. */
  readonly isAlive: (id: number) => boolean
}

/** What a store needs of where it stands. */
export interface StoreHost {
  readonly holder: Holder
  /** Whether what failed with this error may work later, without anybody asking for anything else. */
  readonly mayPass: (error: unknown) => boolean
  /** @throws where what was opened is not in its place any more */
  readonly checkPresence: () => void
  /** Whether other processes may write to it. */
  readonly isShared: boolean
}

/** Of a store that one process has to itself. */
export const alone: StoreHost = {
  holder: { id: 1, isAlive: () => false },
  mayPass: () => false,
  checkPresence: () => undefined,
  isShared: false,
}

/**
 * What one device remembers, in one SQLite file: 0600, in a folder in which nobody else can write. Nothing is cached outside it, so several
 * processes may share it: each step reads and writes within one transaction.
 */
export interface DeviceStore {
  /** how secrets and texts stand in it */
  readonly vault: Vault
  readonly holder: Holder
  readonly mayPass: StoreHost['mayPass']
  readonly isShared: boolean
  /** All or nothing, and on disk when it returns; nested calls join the outermost. */
  transaction<T>(work: () => T): T
  run(sql: string, ...values: SqlValue[]): number
  get(sql: string, ...values: SqlValue[]): Row | null
  all(sql: string, ...values: SqlValue[]): readonly Row[]
  meta(key: string): Uint8Array | null
  setMeta(key: string, value: Uint8Array): void
  /** When this store's clock was last looked at, by any process. */
  readonly lastLook: LastLook
  /** Changes whenever another process has committed. @throws where its file is gone from its place */
  version(): number
  /** Empties the write-ahead log, in which overwritten keys would live on. */
  tidy(): void
  close(): void
}

/** How to read a store, by its lock (see crypto/lock.ts); null for one without. */
export type Unlock = (lock: Uint8Array | null) => Vault

const withoutPassphrase: Unlock = (lock) => {
  if (lock) throw new ClientError('locked', 'this device has a passphrase')
  return plainVault
}

/**
 * A device's store on a database that has its tables (see schema.ts).
 * @throws ClientError `locked` where a passphrase is needed, and what `unlock` throws
 */
export function storeOn(database: Database, host: StoreHost, unlock: Unlock = withoutPassphrase): DeviceStore {
  const lock = lockIn(database)
  const store: DeviceStore = unlocked(
    database,
    host,
    guarded(unlock(lock), () => sameLock(lock, storedIn(store, lockPlace))),
  )
  return store
}

/** Whether its owner has chosen a passphrase. */
export const isLocked = (store: DeviceStore): boolean =>
  store.get('SELECT 1 FROM meta WHERE key = ?', lockPlace) !== null

/** Another process may have changed the passphrase: nothing must be sealed with the old key then. */
const guarded = (vault: Vault, isCurrent: () => boolean): Vault => ({
  open: (place, stored) => vault.open(place, stored),
  seal(place, bytes) {
    if (!isCurrent()) throw new ClientError('locked', 'the passphrase of this device has been changed: start again')
    return vault.seal(place, bytes)
  },
})

const sameLock = (one: Uint8Array | null, other: Uint8Array | null) =>
  one === null || other === null ? one === other : equal(one, other)

/** Where a value stands, for the vault. */
export const metaPlace = (key: string): string => `meta ${key}`

/** The one value that is never sealed: what the passphrase opens. */
export const lockPlace = 'lock'
export const lockIn = (database: Database): Uint8Array | null =>
  bytesOrNull((database.prepare(metaQuestion).get(lockPlace) as Row | undefined)?.['value'])

const metaQuestion = 'SELECT value FROM meta WHERE key = ?'
const storedIn = (store: DeviceStore, key: string) => bytesOrNull(store.get(metaQuestion, key)?.['value'])

function unlocked(
  database: Database,
  { holder, mayPass, checkPresence, isShared }: StoreHost,
  vault: Vault,
): DeviceStore {
  const statements = new Map<string, Statement>()
  const prepared = (sql: string) => {
    const known = statements.get(sql) ?? database.prepare(sql)
    statements.set(sql, known)
    return known
  }
  const store: DeviceStore = {
    vault,
    holder,
    mayPass,
    isShared,
    transaction: (work) => (database.isTransaction ? work() : inTransaction(database, work)),
    run: (sql, ...values) => Number(prepared(sql).run(...values).changes),
    get: (sql, ...values) => (prepared(sql).get(...values) as Row | undefined) ?? null,
    all: (sql, ...values) => prepared(sql).all(...values) as Row[],
    meta(key) {
      const stored = storedIn(store, key)
      return stored && vault.open(metaPlace(key), stored)
    },
    setMeta: (key, value) =>
      void store.run('INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)', key, vault.seal(metaPlace(key), value)),
    lastLook: {
      load() {
        const row = store.get('SELECT running, clock FROM look')
        return row && { runningMs: Number(row['running']), clockMs: Number(row['clock']) }
      },
      save: ({ runningMs, clockMs }) =>
        void store.run('INSERT OR REPLACE INTO look (only, running, clock) VALUES (1, ?, ?)', runningMs, clockMs),
    },
    version() {
      checkPresence()
      return Number(store.get('PRAGMA data_version')?.['data_version'])
    },
    tidy: () => void store.get('PRAGMA wal_checkpoint(TRUNCATE)'),
    close: () => database.close(),
  }
  return store
}

/** SQLite gives Buffers on some platforms; everything else speaks of plain byte arrays. */
export const bytesOf = <T extends Uint8Array>(value: unknown): T => new Uint8Array(value as Uint8Array) as T
export const bytesOrNull = (value: unknown): Uint8Array | null =>
  value === null || value === undefined ? null : bytesOf(value)
