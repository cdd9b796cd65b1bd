import stringWidth from 'string-width'
import { visible } from '../words/visible.ts'

/** What a person sees as one character, as it goes to the terminal. */
export interface Cell {
  /** made harmless */
  readonly shown: string
  /** in terminal columns */
  readonly width: number
}

const segmenter = new Intl.Segmenter('en', { granularity: 'grapheme' })

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
  return pieces.flatMap((part) =>
    part.length === 1 ? part : Array.from(segmenter.segment(part), ({ segment }) => segment),
  )
}

/** Whether what follows this character is the same, whatever comes before it. */
export const isPlain = (grapheme: string): boolean => beginsPlain.test(grapheme)

const known = new Map<string, Cell>()
const knownMaximum = 5_000
/** One sign for a character that cannot be seen; several in one character become one sign for them all. */
const widestCell = 8

export function cellOf(grapheme: string): Cell {
  const found = known.get(grapheme)
  if (found) return found
  const harmless = visible(grapheme)
  const shown = stringWidth(harmless) > widestCell ? '<U+…>' : harmless
  const cell = { shown, width: stringWidth(shown) }
  if (known.size >= knownMaximum) known.clear()
  known.set(grapheme, cell)
  return cell
}

export const widthOf = (text: string): number =>
  /^[ -~]*$/.test(text) ? text.length : graphemes(text).reduce((width, grapheme) => width + cellOf(grapheme).width, 0)
