import { cellOf, graphemes, isPlain } from '../graphemes.ts'

/** What is being typed: what a person sees as characters, line breaks among them, and where the cursor stands. */
export interface Typed {
  readonly characters: readonly string[]
  readonly cursor: number
}

export const nothing: Typed = { characters: [], cursor: 0 }

export const typedText = (text: string): Typed => insert(nothing, text)
export const textOf = (typed: Typed): string => typed.characters.join('')

/** Only what the new text could join with is looked at again: the character before it, and those up to a plain one. */
export function insert({ characters, cursor }: Typed, text: string): Typed {
  const from = Math.max(0, cursor - 1)
  let to = cursor
  while (to < characters.length && !isPlain(characters[to] ?? '')) to++
  to = Math.min(to + 1, characters.length)
  const before = (characters[from] ?? '').repeat(cursor - from) + text
  const joined = graphemes(before + characters.slice(cursor, to).join(''))
  return {
    characters: characters.toSpliced(from, to - from, ...joined),
    cursor: from + graphemes(before).length,
  }
}

const cut = ({ characters }: Typed, from: number, to: number): Typed => ({
  characters: characters.toSpliced(from, to - from),
  cursor: from,
})

const isSpace = (character: string | undefined) => character?.trim() === ''

/** Where the word before the cursor begins. */
function wordStart({ characters, cursor }: Typed): number {
  let start = cursor
  while (start > 0 && isSpace(characters[start - 1])) start--
  while (start > 0 && !isSpace(characters[start - 1])) start--
  return start
}

/** Where the word after the cursor ends. */
function wordEnd({ characters, cursor }: Typed): number {
  let end = cursor
  while (end < characters.length && isSpace(characters[end])) end++
  while (end < characters.length && !isSpace(characters[end])) end++
  return end
}

const lineStart = ({ characters, cursor }: Typed) => (cursor === 0 ? 0 : characters.lastIndexOf('\n', cursor - 1) + 1)
function lineEnd({ characters, cursor }: Typed): number {
  const end = characters.indexOf('\n', cursor)
  return end < 0 ? characters.length : end
}

const at = (typed: Typed, cursor: number): Typed => ({
  ...typed,
  cursor: Math.max(0, Math.min(typed.characters.length, cursor)),
})
const previousWord = (typed: Typed) => at(typed, wordStart(typed))
const nextWord = (typed: Typed) => at(typed, wordEnd(typed))
const cutWord = (typed: Typed) => cut(typed, wordStart(typed), typed.cursor)
const toStart = (typed: Typed) => at(typed, lineStart(typed))
const toEnd = (typed: Typed) => at(typed, lineEnd(typed))
const newLine = (typed: Typed) => insert(typed, '\n')

const keys: Record<string, (typed: Typed) => Typed> = {
  'left': (typed) => at(typed, typed.cursor - 1),
  'right': (typed) => at(typed, typed.cursor + 1),
  'home': toStart,
  'ctrl-a': toStart,
  'end': toEnd,
  'ctrl-e': toEnd,
  'ctrl-left': previousWord,
  'alt-left': previousWord,
  'alt-b': previousWord,
  'ctrl-right': nextWord,
  'alt-right': nextWord,
  'alt-f': nextWord,
  'backspace': (typed) => (typed.cursor > 0 ? cut(typed, typed.cursor - 1, typed.cursor) : typed),
  'delete': (typed) => (typed.cursor < typed.characters.length ? cut(typed, typed.cursor, typed.cursor + 1) : typed),
  'ctrl-w': cutWord,
  'alt-backspace': cutWord,
  'ctrl-u': (typed) => cut(typed, lineStart(typed), typed.cursor),
  'ctrl-k': (typed) => cut(typed, typed.cursor, lineEnd(typed)),
  'ctrl-j': newLine,
  'alt-enter': newLine,
}

/** After a key; the same for keys that mean nothing here. */
export const press = (typed: Typed, key: string): Typed => keys[key]?.(typed) ?? typed

/** A row of what is typed, as it is shown. */
interface Row {
  /** the place of its first character, and the one behind its last */
  readonly from: number
  readonly to: number
}

/** The rows of one line, from its start to its end. */
function rowsOf(characters: readonly string[], start: number, end: number, width: number): Row[] {
  const rows: Row[] = []
  let [from, used] = [start, 0]
  for (let place = start; place < end; place++) {
    const cell = cellOf(characters[place] ?? '')
    if (used + cell.width > width && place > from) {
      rows.push({ from, to: place })
      ;[from, used] = [place, 0]
    }
    used += cell.width
  }
  return [...rows, { from, to: end }]
}

/** The rows around the cursor: only as many lines are looked at as can be shown. */
function rowsAround(typed: Typed, width: number, count: number): { readonly rows: Row[]; readonly current: number } {
  const { characters, cursor } = typed
  const [start, end] = [lineStart(typed), lineEnd(typed)]
  const rows = rowsOf(characters, start, end, width)
  let current = rows.findLastIndex(({ from }) => from <= cursor)
  let [first, last] = [start, end]
  while (current < count && first > 0) {
    const before = lineStart({ characters, cursor: first - 1 })
    const above = rowsOf(characters, before, first - 1, width)
    rows.unshift(...above)
    current += above.length
    first = before
  }
  while (rows.length - current <= count && last < characters.length) {
    const next = lineEnd({ characters, cursor: last + 1 })
    rows.push(...rowsOf(characters, last + 1, next, width))
    last = next
  }
  return { rows, current }
}

const widthBefore = ({ characters }: Typed, { from }: Row, place: number) =>
  characters.slice(from, place).reduce((width, character) => width + cellOf(character).width, 0)

/**
 * As many rows of what is typed as may be shown, the cursor's among them.
 * @param width in terminal columns
 * @returns the rows, made harmless, and where the cursor stands in them
 */
export function rowsShown(typed: Typed, width: number, maximum: number) {
  const { rows, current } = rowsAround(typed, width, maximum)
  const first = Math.max(0, Math.min(current - Math.floor(maximum / 2), rows.length - maximum))
  const shown = rows.slice(first, first + maximum)
  return {
    rows: shown.map(({ from, to }) =>
      typed.characters
        .slice(from, to)
        .map((character) => cellOf(character).shown)
        .join(''),
    ),
    cursor: { row: current - first, column: widthBefore(typed, rows[current] ?? { from: 0, to: 0 }, typed.cursor) },
  }
}

/** The cursor a row higher or lower, in about the same column; null where there is no such row. */
export function moveRow(typed: Typed, width: number, by: 1 | -1): Typed | null {
  const { rows, current } = rowsAround(typed, width, 1)
  const [row, target] = [rows[current], rows[current + by]]
  if (!row || !target) return null
  const column = widthBefore(typed, row, typed.cursor)
  let place = target.from
  while (place < target.to && widthBefore(typed, target, place + 1) <= column) place++
  const wrapped = rows[current + by + 1]?.from === target.to
  return at(typed, wrapped ? Math.min(place, target.to - 1) : place)
}
