import type { Database } from '../sqlite.ts'

export type Row = Record<string, unknown>
type Value = string | number | Uint8Array

/** A statement of a store, prepared once. */
export interface Sql {
  run(...values: readonly Value[]): number
  one(...values: readonly Value[]): Row | undefined
  all(...values: readonly Value[]): readonly Row[]
  /** Reads one after the other, for as long as somebody takes them. */
  each(...values: readonly Value[]): Iterable<Row>
}

/** SQLite gives Buffers on some platforms; everything else here speaks of plain byte arrays. */
export const blob = <T extends Uint8Array>(value: unknown) => new Uint8Array(value as Uint8Array) as T

export function prepared(database: Database, text: string): Sql {
  const statement = database.prepare(text)
  return {
    run: (...values) => statement.run(...values).changes,
    one: (...values) => statement.get(...values) as Row | undefined,
    all: (...values) => statement.all(...values) as Row[],
    each: (...values) => statement.iterate(...values) as Iterable<Row>,
  }
}
