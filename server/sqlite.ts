import { createRequire } from 'node:module'
import type { DatabaseSyncInstance as Database } from '@photostructure/sqlite'
import { StorageError, storageFault } from './disk/storage.ts'

export type { DatabaseSyncInstance as Database } from '@photostructure/sqlite'

/*
 * SQLite by the `node:sqlite` interface: Node's own where it has one, and on Node 20 a package with the same interface
 * and prebuilt binaries. Shared by relay and client, each with its own tables.
 */

interface SqliteModule {
  readonly DatabaseSync: new (path: string, options?: { readOnly: boolean }) => Database
}

/** Node 22 and 24 announce their module as experimental on first use; a person at a terminal has no use for that. */
function loadSqlite(): SqliteModule {
  const emitWarning = process.emitWarning.bind(process)
  process.emitWarning = () => undefined
  try {
    const builtin = process.getBuiltinModule('node:sqlite') as SqliteModule | undefined
    return builtin ?? (createRequire(import.meta.url)('@photostructure/sqlite') as SqliteModule)
  } finally {
    process.emitWarning = emitWarning
  }
}

/** Longer than any transaction of doormat takes, and short enough for a person to be told why nothing happens. */
const openingMs = 5_000

/**
 * Opens a database for durable use: write-ahead log, every commit synced to disk before it returns.
 * @param path a file, or `:memory:`
 * @param migrations SQL that takes the schema from version i to i + 1; `user_version` says where a file stands
 * @param waitMs how long a statement waits, with everything else in this process, while another program holds the file
 * @throws StorageError when the file cannot be used, or was written by a later version
 */
export function openDatabase(path: string, migrations: readonly string[], waitMs = openingMs): Database {
  try {
    const database = migrated(path, migrations)
    database.exec(`PRAGMA busy_timeout = ${waitMs}`)
    return database
  } catch (error) {
    throw storageFault(error, path) ?? error
  }
}

function migrated(path: string, migrations: readonly string[]): Database {
  const { DatabaseSync } = loadSqlite()
  const database = new DatabaseSync(path)
  database.exec(
    `PRAGMA busy_timeout = ${openingMs}; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA secure_delete = ON`,
  )
  inTransaction(database, () => {
    const version = Number(database.prepare('PRAGMA user_version').get()?.['user_version'])
    if (version > migrations.length) throw new StorageError(`${path} was written by a later version of doormat`)
    for (const [i, migration] of migrations.entries())
      if (i >= version) database.exec(`${migration}; PRAGMA user_version = ${i + 1}`)
  })
  return database
}

/** Opens a database only to look into it. @throws Error when there is none */
export function openReadOnly(path: string): Database {
  const { DatabaseSync } = loadSqlite()
  return new DatabaseSync(path, { readOnly: true })
}

/**
 * An exclusive lock on a file of its own: the system gives it back when the process ends, however it ends.
 * @returns gives it back; null when somebody else has it
 */
export function openLock(path: string): (() => void) | null {
  const { DatabaseSync } = loadSqlite()
  const database = new DatabaseSync(path)
  try {
    database.exec('PRAGMA busy_timeout = 0; PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE')
    return () => database.close()
  } catch (error) {
    database.close()
    if (error instanceof Error && error.message.includes('database is locked')) return null
    throw error
  }
}

/** Runs the work in one transaction that holds the write lock from its start; rolls back when it throws. */
export function inTransaction<T>(database: Database, work: () => T): T {
  database.exec('BEGIN IMMEDIATE')
  try {
    const result = work()
    database.exec('COMMIT')
    return result
  } catch (error) {
    if (database.isTransaction) database.exec('ROLLBACK')
    throw error
  }
}
