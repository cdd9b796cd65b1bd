import type { Database, SqlValue } from '../../client/device/sqlite/database.ts'

/** Where a process dies: at its n-th commit to the store, just before it is on disk or just after. */
export interface CrashPoint {
  readonly commit: number
  readonly when: 'before' | 'after'
}

/** The process is gone. No code of the client knows this error, so nothing catches it. */
export class Crash extends Error {
  override readonly name = 'Crash'
}

export interface CountedDatabase extends Database {
  readonly commits: number
}

/** A database that counts what is committed to it, and that ends with its process at one point: nothing works after that. */
export function crashingDatabase(database: Database, point: CrashPoint | null): CountedDatabase {
  let commits = 0
  let dead = false

  function alive(): void {
    if (dead) throw new Crash('this process has ended')
  }

  function die(when: CrashPoint['when']): void {
    if (point?.when !== when || point.commit !== commits) return
    if (database.isTransaction) database.exec('ROLLBACK')
    dead = true
    throw new Crash(`${when} commit ${commits}`)
  }

  function commit<T>(work: () => T): T {
    commits += 1
    die('before')
    const result = work()
    die('after')
    return result
  }

  return {
    get commits() {
      return commits
    },
    get isTransaction() {
      return database.isTransaction
    },
    exec(sql) {
      alive()
      if (sql === 'COMMIT') commit(() => database.exec(sql))
      else database.exec(sql)
    },
    prepare(sql) {
      const statement = database.prepare(sql)
      const writes = /^\s*(INSERT|UPDATE|DELETE)/.test(sql)
      /** A statement that writes outside of a transaction is one of its own. */
      const run =
        <T>(how: (...values: SqlValue[]) => T) =>
        (...values: SqlValue[]): T => {
          alive()
          return writes && !database.isTransaction ? commit(() => how(...values)) : how(...values)
        }
      return {
        run: run((...values) => statement.run(...values)),
        get: run((...values) => statement.get(...values)),
        all: run((...values) => statement.all(...values)),
      }
    },
    close: () => database.close(),
  }
}
