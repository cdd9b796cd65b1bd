import { cellOf, graphemes, widthOf } from './graphemes.ts'

interface Piece {
  readonly text: string
  readonly width: number
  readonly blank: boolean
}

/** Spaces, words and single wide characters: a row may end between any two of them. */
function* piecesOf(text: string): Generator<Piece> {
  let [run, width, kind] = ['', 0, '']
  for (const grapheme of graphemes(text)) {
    const cell = cellOf(grapheme)
    const next = grapheme === ' ' ? 'space' : cell.width === 2 ? 'wide' : 'word'
    if (run !== '' && (next !== kind || next === 'wide')) {
      yield { text: run, width, blank: kind === 'space' }
      ;[run, width] = ['', 0]
    }
    run += grapheme
    width += cell.width
    kind = next
  }
  if (run !== '') yield { text: run, width, blank: kind === 'space' }
}

/**
 * Text of one line as rows no wider than that: broken at spaces and beside wide characters, and within a word only where
 * the word alone is too long.
 * @param text made harmless already
 * @param width in terminal columns
 * @param taken how much of the first row is in use; the row is empty if nothing fits behind it
 */
export function wrap(text: string, width: number, taken = 0): string[] {
  const rows: string[] = []
  let row = ''
  let used = taken
  const endRow = () => {
    rows.push(row.trimEnd())
    row = ''
    used = 0
  }
  for (const piece of piecesOf(text)) {
    if (used + piece.width <= width) {
      row += piece.text
      used += piece.width
    } else if (piece.blank) used = width
    else {
      if (piece.width <= width) endRow()
      for (const grapheme of graphemes(piece.text)) {
        const cell = cellOf(grapheme)
        if (used + cell.width > width) endRow()
        row += grapheme
        used += cell.width
      }
    }
  }
  return [...rows, row]
}

/** Cut to a width in columns, with a sign that it was. */
export function cut(text: string, width: number): string {
  if (widthOf(text) <= width) return text
  let shown = ''
  let used = 0
  for (const grapheme of graphemes(text)) {
    used += cellOf(grapheme).width
    if (used >= width) break
    shown += grapheme
  }
  return `${shown}…`
}
