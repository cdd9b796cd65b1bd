import stringWidth from 'string-width'
import { visible } from '../visible.ts'

/** A line being typed: what a person sees as characters, and where the cursor stands among them. */
export interface Line {
  readonly characters: readonly string[]
  readonly cursor: number
}

export interface Key {
  readonly name?: string | undefined
  readonly ctrl?: boolean | undefined
  readonly meta?: boolean | undefined
  /** what was typed, if it was text */
  readonly text?: string | undefined
}

export const emptyLine: Line = { characters: [], cursor: 0 }

const segmenter = new Intl.Segmenter('en', { granularity: 'grapheme' })
const split = (text: string) => Array.from(segmenter.segment(text), ({ segment }) => segment)

export const textOf = (line: Line): string => line.characters.join('')

export function insert(line: Line, text: string): Line {
  const before = line.characters.slice(0, line.cursor).join('') + text
  const characters = split(before + line.characters.slice(line.cursor).join(''))
  return { characters, cursor: split(before).length }
}

const cut = ({ characters }: Line, from: number, to: number): Line => ({
  characters: characters.toSpliced(from, to - from),
  cursor: from,
})

/** Where the word before the cursor begins. */
function wordStart({ characters, cursor }: Line): number {
  let start = cursor
  while (start > 0 && characters[start - 1]?.trim() === '') start--
  while (start > 0 && characters[start - 1]?.trim() !== '') start--
  return start
}

/** The line after a key; the same line for keys that mean nothing to it. */
export function press(line: Line, key: Key): Line {
  const { characters, cursor } = line
  const end = characters.length
  const to = (place: number): Line => ({ characters, cursor: Math.max(0, Math.min(end, place)) })
  if (key.ctrl) {
    if (key.name === 'a') return to(0)
    if (key.name === 'e') return to(end)
    if (key.name === 'u') return cut(line, 0, cursor)
    if (key.name === 'k') return { ...cut(line, cursor, end), cursor }
    if (key.name === 'w') return cut(line, wordStart(line), cursor)
    return line
  }
  if (key.name === 'left') return to(cursor - 1)
  if (key.name === 'right') return to(cursor + 1)
  if (key.name === 'home') return to(0)
  if (key.name === 'end') return to(end)
  if (key.name === 'backspace') return cursor > 0 ? cut(line, cursor - 1, cursor) : line
  if (key.name === 'delete') return cursor < end ? cut(line, cursor, cursor + 1) : line
  const typed = key.text ?? ''
  return key.meta || typed === '' || /^\p{Cc}/u.test(typed) ? line : insert(line, typed)
}

/**
 * As much of the line as fits, with the cursor in it: long lines slide under the window. Only what is shown is looked
 * at, so that a long line costs no more than a short one.
 * @param width in terminal columns
 * @returns what to show, made harmless, and in which column the cursor stands
 */
export function view(line: Line, width: number): { readonly shown: string; readonly column: number } {
  const cell = (place: number) => visible(line.characters[place] ?? '')
  const widthOf = (place: number) => stringWidth(cell(place))
  let [start, end, column] = [line.cursor, line.cursor, 0]
  while (start > 0 && column + widthOf(start - 1) < width) column += widthOf(--start)
  let used = column
  while (end < line.characters.length && used + widthOf(end) < width) used += widthOf(end++)
  return { shown: Array.from({ length: end - start }, (_, i) => cell(start + i)).join(''), column }
}
