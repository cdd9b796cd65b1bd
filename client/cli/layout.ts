import { widthOf } from './graphemes.ts'
import { wrap } from './wrap.ts'

const [narrowest, widest, usual] = [40, 100, 80]

/** How wide text for a person may be, in columns: the terminal's width within bounds, and 80 in a pipe or a file. */
export const columns = (): number =>
  process.stdout.isTTY ? Math.min(widest, Math.max(narrowest, process.stdout.columns)) : usual

/** What stands before the first row of a paragraph, and before every row after it. */
export interface Indent {
  readonly first: string
  /** spaces as wide as `first`, unless told */
  readonly rest?: string
}

/**
 * A text of one line as rows that end at words, with a hanging indent.
 * @param text made harmless, and without colour: whoever wants colour paints the rows
 * @param width in columns, indent included
 */
export function paragraph(text: string, { first, rest = ' '.repeat(widthOf(first)) }: Indent, width = columns()) {
  const room = width - Math.max(widthOf(first), widthOf(rest))
  return wrap(text, room).map((row, i) => (i === 0 ? first : rest) + row)
}

/**
 * A line as rows for a person: on a terminal broken at words with a hanging indent, in a file or a pipe as it is, whatever
 * its length, so that other programs read one line a message.
 * @param rest what stands before every row but the first
 */
export const onScreen = (line: string, stream: NodeJS.WriteStream = process.stdout, rest = ''): readonly string[] =>
  stream.isTTY ? paragraph(line, { first: '', rest }) : [line]

export interface Column {
  readonly heading: string
  /** where its cells and its heading stand; left unless told */
  readonly align?: 'right'
}

/** Spaces between two columns. */
const gap = 2

/**
 * A table with headings. Where it would be wider than `width`, its widest column is broken at words.
 * @param rows of one-line cells, made harmless, as many as there are columns
 * @param indent how many spaces stand before every row
 */
export function table(heads: readonly Column[], rows: readonly (readonly string[])[], indent = 0, width = columns()) {
  const lines = [heads.map(({ heading }) => heading), ...rows]
  const widths = heads.map((_, i) => lines.reduce((most, cells) => Math.max(most, widthOf(cells[i] ?? '')), 0))
  const all = indent + widths.reduce((sum, one) => sum + one + gap, -gap)
  const most = widths.indexOf(Math.max(...widths))
  if (all > width) widths[most] = Math.max(8, (widths[most] ?? 0) - (all - width))
  return lines.flatMap((cells) => {
    const broken = cells.map((cell, i) => wrap(cell, widths[i] ?? 0))
    const height = Math.max(...broken.map((cell) => cell.length))
    return Array.from({ length: height }, (_, row) =>
      (' '.repeat(indent) + broken.map((cell, i) => pad(cell[row] ?? '', i)).join(' '.repeat(gap))).trimEnd(),
    )
  })

  function pad(text: string, i: number): string {
    const blank = ' '.repeat(Math.max(0, (widths[i] ?? 0) - widthOf(text)))
    return heads[i]?.align === 'right' ? blank + text : text + blank
  }
}
