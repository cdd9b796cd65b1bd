/*
 * What a device asks of SQLite: a part of what `node:sqlite` offers, and what SQLite in a browser can offer too. It is handed in.
 */

/** What SQLite keeps. */
export type SqlValue = string | number | Uint8Array | null

export interface Statement {
  run(...values: SqlValue[]): { readonly changes: number | bigint }
  /** The first row; undefined where there is none. */
  get(...values: SqlValue[]): unknown
  all(...values: SqlValue[]): unknown[]
}

export interface Database {
  readonly isTransaction: boolean
  exec(sql: string): void
  prepare(sql: string): Statement
  close(): void
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
