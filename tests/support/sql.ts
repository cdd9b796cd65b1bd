import { databaseIn } from '../../client/node/store.ts'
import { type Sql, statementsOf } from '../../client/device/sqlite/shape.ts'

/** SQL on the store in a device's folder, whatever its passphrase, by a connection of its own for each statement. */
export function sqlAt(home: string): Sql {
  function on<T>(work: (sql: Sql) => T): T {
    const database = databaseIn(home)
    try {
      return work(statementsOf(database))
    } finally {
      database.close()
    }
  }
  return {
    run: (...how) => on((sql) => sql.run(...how)),
    get: (...how) => on((sql) => sql.get(...how)),
    all: (...how) => on((sql) => sql.all(...how)),
  }
}
