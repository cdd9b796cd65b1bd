import type { Table } from '../tables/table.ts'
import type { Journal } from './journal.ts'

/** Bytes as a text of one character each: what can be looked up, and is in order as they are. */
export function nameOf(bytes: Uint8Array): string {
  if (bytes.length <= argumentsMaximum) return String.fromCharCode(...bytes)
  return nameOf(bytes.subarray(0, argumentsMaximum)) + nameOf(bytes.subarray(argumentsMaximum))
}

/** far below what a call can take */
const argumentsMaximum = 4096

export function bytesIn<T extends Uint8Array>(name: string): T {
  const bytes = new Uint8Array(name.length)
  for (let i = 0; i < name.length; i++) bytes[i] = name.charCodeAt(i)
  return bytes as Uint8Array as T
}

/** The parts of a key, in the order in which rows are. */
export const keyOf = (...parts: readonly string[]): string => parts.join('\0')

export const copyOf = <T extends Uint8Array>(bytes: T): T => bytes.slice() as T
export const copyOrNull = <T extends Uint8Array>(bytes: T | null): T | null => bytes && copyOf(bytes)

/** Rows under names. They are replaced and never changed, so that what is taken back is as it was. */
export interface Named<Row> {
  readonly get: (key: string) => Row | undefined
  /** Those of one group, in no order. */
  readonly of: (group: string) => readonly Row[]
  /** in no order */
  readonly values: () => Iterable<Row>
  /** in the order of their names */
  readonly all: () => readonly Row[]
  readonly put: (row: Row) => void
  readonly remove: (key: string) => void
  readonly clear: () => void
}

/** @param groupOf what else rows are looked for by */
export function createNamed<Row>(
  journal: Journal,
  keyOf: (row: Row) => string,
  groupOf?: (row: Row) => string,
): Named<Row> {
  let rows = new Map<string, Row>()
  let groups = new Map<string, Row[]>()

  function regroup(before: Row | undefined, after: Row | undefined): void {
    const row = before ?? after
    if (!groupOf || row === undefined) return
    const others = (groups.get(groupOf(row)) ?? []).filter((one) => one !== before)
    if (after !== undefined) others.push(after)
    if (others.length > 0) groups.set(groupOf(row), others)
    else groups.delete(groupOf(row))
  }

  function write(key: string, after: Row | undefined): void {
    const before = rows.get(key)
    if (after === undefined) rows.delete(key)
    else rows.set(key, after)
    regroup(before, after)
    journal.note(() => write(key, before))
  }

  return {
    get: (key) => rows.get(key),
    of: (group) => groups.get(group) ?? [],
    values: () => rows.values(),
    all: () => [...rows].sort(([one], [other]) => (one < other ? -1 : 1)).map(([, row]) => row),
    put: (row) => write(keyOf(row), row),
    remove(key) {
      if (rows.has(key)) write(key, undefined)
    },
    clear() {
      const before = { rows, groups }
      rows = new Map()
      groups = new Map()
      journal.note(() => void ({ rows, groups } = before))
    },
  }
}

/** Rows in the order of their numbers, of no journal of their own. */
export interface Sorted<Row> {
  readonly rows: readonly Row[]
  readonly get: (number: number) => Row | undefined
  /** where the first row after that number stands */
  readonly placeAfter: (number: number) => number
  /** One of them is there and the other is to be, under the same number. */
  readonly replace: (before: Row | null, after: Row | null) => void
}

export function createSorted<Row>(numberOf: (row: Row) => number): Sorted<Row> {
  const rows: Row[] = []

  function placeAfter(number: number): number {
    let [low, high] = [0, rows.length]
    // most of what is asked for, and all that is added, stands at the end
    const last = rows.at(-1)
    if (last === undefined || numberOf(last) <= number) return high
    while (low < high) {
      const middle = (low + high) >>> 1
      if (numberOf(rows[middle] as Row) <= number) low = middle + 1
      else high = middle
    }
    return low
  }

  function get(number: number): Row | undefined {
    const row = rows[placeAfter(number) - 1]
    return row !== undefined && numberOf(row) === number ? row : undefined
  }

  return {
    rows,
    get,
    placeAfter,
    replace(before, after) {
      const row = before ?? after
      if (row === null) return
      const place = placeAfter(numberOf(row))
      if (before === null) rows.splice(place, 0, after as Row)
      else if (after === null) rows.splice(place - 1, 1)
      else rows[place - 1] = after
    },
  }
}

/** Rows under numbers that count up. */
export interface Serial<Row> {
  readonly rows: readonly Row[]
  readonly get: (number: number) => Row | undefined
  /** the highest number ever given */
  readonly last: () => number
  readonly skipTo: (last: number) => void
  readonly add: (row: Row) => void
  /** In the place of the row with the same number. */
  readonly put: (row: Row) => void
  readonly remove: (row: Row) => void
  readonly clear: () => void
}

export function createSerial<Row>(journal: Journal, numberOf: (row: Row) => number): Serial<Row> {
  let sorted = createSorted(numberOf)
  let last = 0

  function write(before: Row | null, after: Row | null): void {
    sorted.replace(before, after)
    journal.note(() => write(after, before))
  }

  function skipTo(next: number): void {
    const before = last
    if (next <= before) return
    last = next
    journal.note(() => void (last = before))
  }

  return {
    get rows() {
      return sorted.rows
    },
    get: (number) => sorted.get(number),
    last: () => last,
    skipTo,
    add(row) {
      skipTo(numberOf(row))
      write(null, row)
    },
    put: (row) => write(sorted.get(numberOf(row)) ?? null, row),
    remove: (row) => write(row, null),
    clear() {
      const before = sorted
      sorted = createSorted(numberOf)
      journal.note(() => void (sorted = before))
    },
  }
}

/** Names and a number each, by which they grow old. */
export interface Aging {
  readonly has: (name: string) => boolean
  /** in the order of their names */
  readonly all: () => readonly (readonly [name: string, at: number])[]
  readonly add: (name: string, at: number) => void
  readonly removeBefore: (at: number) => void
  readonly clear: () => void
}

export function createAging(journal: Journal): Aging {
  let names = new Map<string, number>()
  /** none is older: where nothing is due, nothing is gone through */
  let oldest = Infinity

  function write(name: string, at: number | undefined): void {
    const before = names.get(name)
    if (at === undefined) names.delete(name)
    else {
      names.set(name, at)
      oldest = Math.min(oldest, at)
    }
    journal.note(() => write(name, before))
  }

  return {
    has: (name) => names.has(name),
    all: () => [...names].sort(([one], [other]) => (one < other ? -1 : 1)),
    add: write,
    removeBefore(at) {
      if (oldest >= at) return
      for (const [name, known] of names) if (known < at) write(name, undefined)
      oldest = Infinity
      for (const known of names.values()) oldest = Math.min(oldest, known)
    },
    clear() {
      const before = names
      names = new Map()
      journal.note(() => {
        names = before
        oldest = -Infinity
      })
    },
  }
}

/** What every table can do, of rows under names. */
export const tableOf = <Row>(rows: Named<Row>, copy: (row: Row) => Row): Table<Row> => ({
  all: () => rows.all().map(copy),
  fill: (given) => given.forEach((row) => rows.put(copy(row))),
  clear: rows.clear,
})

export function refuseTwice(isThere: boolean): void {
  if (isThere) throw new Error('a row is there already that can be there only once')
}
