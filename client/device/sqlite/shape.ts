import type { Database, SqlValue, Statement } from './database.ts'
import type { SerialTable, Table } from '../tables/table.ts'

export type Row = Readonly<Record<string, unknown>>

/** Statements of one database, each prepared once. */
export interface Sql {
  /** @returns how many rows it has changed */
  run(sql: string, ...values: SqlValue[]): number
  get(sql: string, ...values: SqlValue[]): Row | null
  all(sql: string, ...values: SqlValue[]): readonly Row[]
}

export function statementsOf(database: Database): Sql {
  const statements = new Map<string, Statement>()
  const prepared = (sql: string) => {
    const known = statements.get(sql) ?? database.prepare(sql)
    statements.set(sql, known)
    return known
  }
  return {
    run: (sql, ...values) => Number(prepared(sql).run(...values).changes),
    get: (sql, ...values) => (prepared(sql).get(...values) as Row | undefined) ?? null,
    all: (sql, ...values) => prepared(sql).all(...values) as Row[],
  }
}

/** A column by its name, and how its values stand in SQLite. */
interface Column<T> {
  readonly name: string
  readonly read: (value: unknown) => T
  readonly write: (value: T) => SqlValue
}

const same = <T extends SqlValue>(value: T) => value
const orNull =
  <T>(read: (value: unknown) => T) =>
  (value: unknown) =>
    value === null ? null : read(value)

export const number = (name: string): Column<number> => ({ name, read: Number, write: same })
export const numberOrNull = (name: string): Column<number | null> => ({ name, read: orNull(Number), write: same })
export const flag = (name: string): Column<boolean> => ({
  name,
  read: (value) => Number(value) === 1,
  write: (value) => (value ? 1 : 0),
})
export const text = <T extends string = string>(name: string): Column<T> => ({
  name,
  read: (value) => String(value) as T,
  write: same,
})
export const textOrNull = <T extends string = string>(name: string): Column<T | null> => ({
  name,
  read: orNull((value) => String(value) as T),
  write: same,
})
export const bytes = <T extends Uint8Array = Uint8Array>(name: string): Column<T> => ({
  name,
  read: (value) => bytesOf<T>(value),
  write: same,
})
export const bytesOrNull = <T extends Uint8Array = Uint8Array>(name: string): Column<T | null> => ({
  name,
  read: orNull((value) => bytesOf<T>(value)),
  write: same,
})

/** SQLite gives Buffers on some platforms; everything else speaks of plain byte arrays. */
export const bytesOf = <T extends Uint8Array>(value: unknown): T => new Uint8Array(value as Uint8Array) as T

/** How rows stand in one table of SQLite. */
export interface Shape<Row> {
  /** the names of the columns, as a statement lists them */
  readonly columns: string
  /** a statement's beginning, in front of WHERE or ORDER BY */
  readonly select: string
  /** a statement that takes the values of a whole row */
  readonly insert: string
  readonly put: string
  readonly read: (row: unknown) => Row
  readonly values: (row: Row) => readonly SqlValue[]
  /** what every table can do */
  readonly table: (sql: Sql) => Table<Row>
  readonly serial: (sql: Sql) => SerialTable<Row>
}

/** @param order the columns that name a row */
export function shapeOf<Row>(
  table: string,
  order: string,
  columns: { readonly [Name in keyof Row]-?: Column<Row[Name]> },
): Shape<Row> {
  const entries = Object.entries(columns) as [keyof Row & string, Column<unknown>][]
  const listed = entries.map(([, { name }]) => name).join(', ')
  const places = `INTO ${table} (${listed}) VALUES (${entries.map(() => '?').join(', ')})`
  const shape: Shape<Row> = {
    columns: listed,
    select: `SELECT ${listed} FROM ${table}`,
    insert: `INSERT ${places}`,
    put: `INSERT OR REPLACE ${places}`,
    read(row) {
      const read: Record<string, unknown> = {}
      for (const [key, column] of entries) read[key] = column.read((row as Record<string, unknown>)[column.name])
      return read as Row
    },
    values: (row) => entries.map(([key, { write }]) => write(row[key])),
    table: (sql) => ({
      all: () => sql.all(`${shape.select} ORDER BY ${order}`).map(shape.read),
      fill(rows) {
        for (const row of rows) sql.run(shape.insert, ...shape.values(row))
      },
      clear: () => void sql.run(`DELETE FROM ${table}`),
    }),
    serial: (sql) => ({
      ...shape.table(sql),
      last: () => Number(sql.get('SELECT seq FROM sqlite_sequence WHERE name = ?', table)?.['seq'] ?? 0),
      skipTo(last) {
        if (sql.run('UPDATE sqlite_sequence SET seq = max(seq, ?) WHERE name = ?', last, table) === 0)
          sql.run('INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)', table, last)
      },
    }),
  }
  return shape
}
