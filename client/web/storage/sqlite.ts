import start, { type PreparedStatement, type Sqlite3Static } from '@sqlite.org/sqlite-wasm'
import { type Database, inTransaction, type SqlValue, type Statement } from '../../device/sqlite/database.ts'
import { fileSystemName, installFileSystem } from './file-system.ts'
import type { PagedFile } from './pages.ts'

/** What the store of a later version of the page looks like to this one. */
export class LaterVersion extends Error {
  override readonly name = 'LaterVersion'
}

/**
 * SQLite, compiled to WebAssembly, on one file in memory. Once in a worker: the file is the worker's for good.
 * @param migrations SQL that takes the schema from version i to i + 1
 * @throws LaterVersion
 */
export async function openDatabase(file: PagedFile, migrations: readonly string[]): Promise<Database> {
  const sqlite = await start()
  installFileSystem(sqlite, file)
  const database = portOver(sqlite)
  // the size comes first, or the file has pages of another one; and nothing is ever written but pages
  for (const pragma of [
    'page_size = 4096',
    'locking_mode = EXCLUSIVE',
    'journal_mode = MEMORY',
    'temp_store = MEMORY',
    'synchronous = OFF',
    'secure_delete = ON',
    'foreign_keys = ON',
  ])
    database.exec(`PRAGMA ${pragma}`)
  inTransaction(database, () => {
    const { user_version: version } = database.prepare('PRAGMA user_version').get() as { user_version: number }
    if (version > migrations.length) throw new LaterVersion('this store was written by a later version of the page')
    for (const [i, migration] of migrations.entries())
      if (i >= version) database.exec(`${migration}; PRAGMA user_version = ${i + 1}`)
  })
  return database
}

function portOver({ capi, oo1 }: Sqlite3Static): Database {
  const database = new oo1.DB({ filename: 'device', flags: 'c', vfs: fileSystemName })

  /** Bound, worked with, and at its beginning again whatever happens: an open statement would hold its transaction. */
  function using<T>(statement: PreparedStatement, values: readonly SqlValue[], work: () => T): T {
    try {
      if (values.length > 0) statement.bind([...values])
      return work()
    } finally {
      statement.reset(true)
    }
  }

  function prepare(sql: string): Statement {
    const statement = database.prepare(sql)
    return {
      run: (...values) =>
        using(statement, values, () => {
          while (statement.step());
          return { changes: database.changes() }
        }),
      get: (...values) => using(statement, values, () => (statement.step() ? statement.get({}) : undefined)),
      all: (...values) =>
        using(statement, values, () => {
          const rows: unknown[] = []
          while (statement.step()) rows.push(statement.get({}))
          return rows
        }),
    }
  }

  return {
    get isTransaction() {
      return database.pointer !== undefined && capi.sqlite3_get_autocommit(database.pointer) === 0
    },
    exec: (sql) => void database.exec(sql),
    prepare,
    close: () => database.close(),
  }
}
