import emojiRegex from 'emoji-regex'
import { eastAsianWidth } from 'get-east-asian-width'
import { visible } from '../words/visible.ts'

/** What a person sees as one character, as it goes to the terminal. */
export interface Cell {
  /** made harmless */
  readonly shown: string
  /** in terminal columns */
  readonly width: number
}

let segmenter: Intl.Segmenter | undefined

/** Made when it is first needed, which is seldom: it takes ten milliseconds, a sixth of the start of a bare Node. */
const segmented = (text: string) => (segmenter ??= new Intl.Segmenter('en', { granularity: 'grapheme' })).segment(text)

/**
 * Between two of these a character always ends, so that only what stands around others has to go through the
 * segmenter, which takes some 100 microseconds a character on Node 20.
 */
const plain = String.raw`\0-\x7f\u00c0-\u024f\u0370-\u0373\u0386-\u03ff\u0400-\u0482\u048a-\u052f\u05d0-\u05ea\u0620-\u064a\u3041-\u3096\u30a1-\u30fa\u4e00-\u9fff`
const piece = new RegExp(`\\r\\n|[${plain}](?=[${plain}]|$)|[${plain}]?[^${plain}]+`, 'gu')
const beginsPlain = new RegExp(`^[${plain}]`, 'u')

/** The text as a list of what a person sees as characters. */
export function graphemes(text: string): string[] {
  const pieces = text.match(piece) ?? []
  return pieces.flatMap((part) => (part.length === 1 ? part : Array.from(segmented(part), ({ segment }) => segment)))
}

/** Whether what follows this character is the same, whatever comes before it. */
export const isPlain = (grapheme: string): boolean => beginsPlain.test(grapheme)

const known = new Map<string, Cell>()
const knownMaximum = 5_000
/** One sign for a character that cannot be seen; several in one character become one sign for them all. */
const widestCell = 8

/** What begins with one of these, or is such a one alone, takes no column. */
const invisible =
  /^(?:[\p{Cc}\p{Cs}\u{200b}-\u{200f}\u{feff}]|[\u{300}-\u{36f}\u{1ab0}-\u{1aff}\u{1dc0}-\u{1dff}\u{20d0}-\u{20ff}\u{fe20}-\u{fe2f}]|[\u{fe00}-\u{fe0f}]|\p{Default_Ignorable_Code_Point}$)/u
const emoji = emojiRegex()

/** As the package string-width counts, which would make a segmenter at every start. */
const terminalWidth = (text: string): number => graphemes(text).reduce((width, one) => width + columnsOf(one), 0)

const columnsOf = (grapheme: string): number =>
  invisible.test(grapheme) ? 0 : grapheme.search(emoji) !== -1 ? 2 : eastAsianWidth(grapheme.codePointAt(0) ?? 0)

export function cellOf(grapheme: string): Cell {
  const found = known.get(grapheme)
  if (found) return found
  const harmless = visible(grapheme)
  const shown = terminalWidth(harmless) > widestCell ? '<U+…>' : harmless
  const cell = { shown, width: terminalWidth(shown) }
  if (known.size >= knownMaximum) known.clear()
  known.set(grapheme, cell)
  return cell
}

export const widthOf = (text: string): number =>
  /^[ -~]*$/.test(text) ? text.length : graphemes(text).reduce((width, grapheme) => width + cellOf(grapheme).width, 0)
