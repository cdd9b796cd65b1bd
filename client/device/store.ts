import { statSync } from 'node:fs'
import { join } from 'node:path'
import { equal } from '../../crypto/bytes.ts'
import { privateDatabase, privateFolder } from '../../server/private.ts'
import type { LastLook } from '../../server/running-time.ts'
import { type Database, inTransaction, openDatabase, type Statement } from '../../server/sqlite.ts'
import { StorageError } from '../../server/storage.ts'
import { ClientError } from './errors.ts'
import { plainVault, type Vault } from './vault.ts'

export type Value = string | number | Uint8Array | null
export type Row = Readonly<Record<string, unknown>>

/**
 * What one device remembers, in one SQLite file: 0600, in a folder in which nobody else can write. Nothing is cached outside it, so several
 * processes may share it: each step reads and writes within one transaction.
 */
export interface DeviceStore {
  /** how secrets and texts stand in it */
  readonly vault: Vault
  /** All or nothing, and on disk when it returns; nested calls join the outermost. */
  transaction<T>(work: () => T): T
  run(sql: string, ...values: Value[]): number
  get(sql: string, ...values: Value[]): Row | null
  all(sql: string, ...values: Value[]): readonly Row[]
  meta(key: string): Uint8Array | null
  setMeta(key: string, value: Uint8Array): void
  /** When this store's clock was last looked at, by any process. */
  readonly lastLook: LastLook
  /** Changes whenever another process has committed. @throws StorageError where its file is gone from its place */
  version(): number
  /** Empties the write-ahead log, in which overwritten keys would live on. */
  tidy(): void
  close(): void
}

/*
 * history.row is what a listener counts by. A message's state: waiting (plain, no envelope yet), sealed (in the outbox),
 * sent (the relay has it on disk), failed; incoming ones are received. Its text is UTF-8 in a BLOB, for the binding for
 * Node 20 cuts a TEXT at its first zero.
 */
const migrations = [
  `CREATE TABLE meta (key TEXT PRIMARY KEY, value BLOB NOT NULL) STRICT, WITHOUT ROWID;
   CREATE TABLE prekey (id INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL, expires INTEGER NOT NULL, bytes BLOB NOT NULL) STRICT;
   CREATE TABLE policy (epoch INTEGER PRIMARY KEY, link BLOB NOT NULL) STRICT;
   CREATE TABLE contact (
     user TEXT PRIMARY KEY, list BLOB NOT NULL, verified INTEGER NOT NULL DEFAULT 0, changed_list BLOB) STRICT, WITHOUT ROWID;
   CREATE TABLE session (
     user TEXT NOT NULL, device BLOB NOT NULL, ephemeral BLOB NOT NULL, retired INTEGER NOT NULL DEFAULT 0, bytes BLOB NOT NULL,
     PRIMARY KEY (user, device, ephemeral)) STRICT, WITHOUT ROWID;
   CREATE TABLE ledger (ephemeral BLOB PRIMARY KEY, expires INTEGER NOT NULL) STRICT, WITHOUT ROWID;
   CREATE TABLE history (
     row INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL, peer TEXT, direction TEXT, device BLOB, id TEXT, sequence INTEGER,
     sent_at INTEGER, recorded_at INTEGER NOT NULL, state TEXT, epoch INTEGER, text BLOB NOT NULL) STRICT;
   CREATE UNIQUE INDEX history_out ON history (peer, id) WHERE direction = 'out';
   CREATE UNIQUE INDEX history_in ON history (peer, device, id) WHERE direction = 'in';
   CREATE INDEX history_waiting ON history (state, row) WHERE state IN ('waiting', 'sealed');
   CREATE INDEX history_peer ON history (peer, row);
   CREATE TABLE outbox (
     row INTEGER PRIMARY KEY AUTOINCREMENT, message INTEGER, user TEXT NOT NULL, device BLOB NOT NULL, sequence INTEGER NOT NULL,
     epoch INTEGER NOT NULL, envelope BLOB NOT NULL, place BLOB NOT NULL, abandoned BLOB NOT NULL) STRICT;
   CREATE INDEX outbox_queue ON outbox (user, device, row);
   CREATE INDEX outbox_message ON outbox (message);
   CREATE TABLE sent (
     user TEXT NOT NULL, device BLOB NOT NULL, counter INTEGER NOT NULL, digest BLOB NOT NULL,
     PRIMARY KEY (user, device)) STRICT, WITHOUT ROWID;
   CREATE TABLE numbered (
     user TEXT NOT NULL, device BLOB NOT NULL, next INTEGER NOT NULL, PRIMARY KEY (user, device)) STRICT, WITHOUT ROWID;
   CREATE TABLE heard (
     user TEXT NOT NULL, device BLOB NOT NULL, next INTEGER NOT NULL, PRIMARY KEY (user, device)) STRICT, WITHOUT ROWID;
   CREATE TABLE taken (digest BLOB PRIMARY KEY, at INTEGER NOT NULL) STRICT, WITHOUT ROWID;
   CREATE INDEX taken_at ON taken (at);
   CREATE TABLE held (row INTEGER PRIMARY KEY, user TEXT NOT NULL, device BLOB NOT NULL, time INTEGER NOT NULL, envelope BLOB NOT NULL) STRICT;
   CREATE TABLE lease (only INTEGER PRIMARY KEY CHECK (only = 1), pid INTEGER NOT NULL, expires INTEGER NOT NULL) STRICT`,

  // Whoever was a contact before there were requests is known; what had been received had been seen. A message with a
  // lifetime gets the moment it goes when it is sent or read. What stands in the outbox without a message has its content
  // there, to be encrypted again. A receipt waits for its turn.
  `ALTER TABLE contact ADD COLUMN accepted INTEGER NOT NULL DEFAULT 0;
   ALTER TABLE contact ADD COLUMN blocked INTEGER NOT NULL DEFAULT 0;
   ALTER TABLE contact ADD COLUMN lifetime INTEGER NOT NULL DEFAULT 0;
   ALTER TABLE contact ADD COLUMN read_row INTEGER NOT NULL DEFAULT 0;
   UPDATE contact SET accepted = 1, read_row = (SELECT coalesce(max(row), 0) FROM history);
   ALTER TABLE history ADD COLUMN lifetime INTEGER NOT NULL DEFAULT 0;
   ALTER TABLE history ADD COLUMN goes_at INTEGER;
   CREATE INDEX history_goes ON history (goes_at) WHERE goes_at IS NOT NULL;
   CREATE INDEX history_forgotten ON history (recorded_at) WHERE kind = 'forgotten';
   ALTER TABLE outbox ADD COLUMN content BLOB;
   CREATE TABLE receipt (row INTEGER PRIMARY KEY, user TEXT NOT NULL, status TEXT NOT NULL, id TEXT NOT NULL) STRICT`,

  // a handshake is looked for among all sessions, prekeys by their kind, changed keys among all contacts
  `CREATE INDEX session_ephemeral ON session (ephemeral);
   CREATE INDEX prekey_kind ON prekey (kind, expires, id);
   CREATE INDEX contact_changed ON contact (user) WHERE changed_list IS NOT NULL`,

  // What grows old does so in running time. What was there before begins anew, which takes nothing away; a message with a
  // lifetime keeps what the latest entry says is left of it, but a day at least, for that entry's clock may have been wrong.
  `CREATE TABLE look (only INTEGER PRIMARY KEY CHECK (only = 1), running INTEGER NOT NULL, clock INTEGER NOT NULL) STRICT;
   ALTER TABLE prekey ADD COLUMN made INTEGER NOT NULL DEFAULT 0;
   UPDATE taken SET at = 0;
   UPDATE ledger SET expires = 180 * 24 * 3600 * 1000;
   UPDATE history SET goes_at = max(
       min(goes_at - (SELECT max(recorded_at) FROM history), lifetime * 1000), min(lifetime * 1000, 24 * 3600 * 1000)
     ) WHERE goes_at IS NOT NULL;
   UPDATE history SET goes_at = 60 * 24 * 3600 * 1000 WHERE kind = 'forgotten';
   DROP INDEX history_forgotten`,

  // what the vault vouches for, see client/device/trust.ts
  `ALTER TABLE contact ADD COLUMN seal BLOB NOT NULL DEFAULT x''`,

  // receipts by what they are of and in their order, what waits by who it is for, and the oldest sessions answered
  `CREATE INDEX receipt_id ON receipt (user, id);
   CREATE INDEX receipt_order ON receipt (user, row);
   DROP INDEX history_waiting;
   CREATE INDEX history_unsent ON history (state, peer, row) WHERE state IN ('waiting', 'sealed');
   CREATE INDEX ledger_expires ON ledger (expires)`,
]

/** How to read a store, by its lock (see crypto/lock.ts); null for one without. */
export type Unlock = (lock: Uint8Array | null) => Vault

const withoutPassphrase: Unlock = (lock) => {
  if (lock) throw new ClientError('locked', 'this device has a passphrase')
  return plainVault
}

/**
 * @param home the device's folder, made if it is not there
 * @throws ClientError `locked` where a passphrase is needed, and what `unlock` throws
 */
export function openStore(home: string, unlock: Unlock = withoutPassphrase): DeviceStore {
  const database = databaseIn(home)
  try {
    const lock = lockOf(database)
    return storeOn(
      database,
      guarded(unlock(lock), () => sameLock(lock, lockOf(database))),
      presence(storePath(home)),
    )
  } catch (error) {
    database.close()
    throw error
  }
}

/** SQLite goes on with a file that was removed: what is written to it is lost. */
function presence(path: string): () => void {
  const inodeOf = () => statSync(path, { throwIfNoEntry: false })?.ino
  const inode = inodeOf()
  return () => {
    if (inodeOf() !== inode) throw new StorageError(`${path} is gone, or is another file than before`)
  }
}

/** For a device that lives no longer than its process. */
export const openStoreInMemory = (): DeviceStore => storeOn(openDatabase(':memory:', migrations), plainVault)

function databaseIn(home: string): Database {
  privateFolder(home)
  return openDatabase(privateDatabase(storePath(home)), migrations)
}

/** The lock of the store in a folder, without opening it for more. */
export function lockedStoreAt(home: string): Uint8Array | null {
  const database = databaseIn(home)
  try {
    return lockOf(database)
  } finally {
    database.close()
  }
}

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
const lockOf = (database: Database) =>
  bytesOrNull((database.prepare('SELECT value FROM meta WHERE key = ?').get(lockPlace) as Row | undefined)?.['value'])

export const storePath = (home: string): string => join(home, 'device.db')

function storeOn(database: Database, vault: Vault, checkPresence: () => void = () => undefined): DeviceStore {
  const statements = new Map<string, Statement>()
  const prepared = (sql: string) => {
    const known = statements.get(sql) ?? database.prepare(sql)
    statements.set(sql, known)
    return known
  }
  const store: DeviceStore = {
    vault,
    transaction: (work) => (database.isTransaction ? work() : inTransaction(database, work)),
    run: (sql, ...values) => prepared(sql).run(...values).changes,
    get: (sql, ...values) => (prepared(sql).get(...values) as Row | undefined) ?? null,
    all: (sql, ...values) => prepared(sql).all(...values) as Row[],
    meta(key) {
      const stored = bytesOrNull(store.get('SELECT value FROM meta WHERE key = ?', key)?.['value'])
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
