/** Rows of one kind. What a table is given it copies, and what it hands out is the caller's own, to change or to wipe. */
export interface Table<Row> {
  /** in the order of what names a row */
  all(): readonly Row[]
  /** Rows that `all` of another table of the kind has given, into one that has none of them. */
  fill(rows: readonly Row[]): void
  clear(): void
}

/** Rows under numbers that count up: none is given twice, even when its row is gone. */
export interface SerialTable<Row> extends Table<Row> {
  /** the highest number that was ever given; 0 at first */
  last(): number
  /** The next number is above this one. */
  skipTo(last: number): void
}
