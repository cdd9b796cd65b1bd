import { type Markup, markup, type Piece } from './markup.ts'

export interface TableColumn {
  readonly heading: string
  /** a column of figures */
  readonly number?: boolean
}

/** More columns are wider than a sheet of A4. */
const widest = 8

/**
 * A table of words and figures, none of it wider than a page: what has more columns becomes several tables, each with as
 * many of the first columns as tell the rows apart. On a narrow screen a row becomes a list, and each cell says its column.
 * @param name for those who do not see it
 */
export function table(name: string, columns: readonly TableColumn[], rows: readonly (readonly Piece[])[]): Markup {
  const kept = identifying(rows, columns.length)
  const parts = columns.length <= widest ? [columns.slice(kept)] : inParts(columns.slice(kept), widest - kept)
  let place = kept
  const drawn = parts.map((part) => {
    const places = [...columns.slice(0, kept).keys(), ...part.map((_column, i) => place + i)]
    place += part.length
    return one(
      name,
      places.map((i) => columns[i] as TableColumn),
      rows.map((row) => places.map((i) => row[i] ?? '')),
    )
  })
  return markup`${drawn}`
}

/** How many of the first columns it takes to tell every row from the others; one, where that is not possible. */
function identifying(rows: readonly (readonly Piece[])[], most: number): number {
  for (let count = 1; count < Math.min(most, 4); count++)
    if (new Set(rows.map((row) => JSON.stringify(row.slice(0, count)))).size === rows.length) return count
  return 1
}

/** In parts of about the same size. */
function inParts<T>(all: readonly T[], most: number): readonly (readonly T[])[] {
  const size = Math.ceil(all.length / Math.ceil(all.length / most))
  return Array.from({ length: Math.ceil(all.length / size) }, (_, i) => all.slice(i * size, (i + 1) * size))
}

function one(name: string, columns: readonly TableColumn[], rows: readonly (readonly Piece[])[]): Markup {
  const [{ heading } = { heading: '' }] = columns
  const kind = (i: number) => (columns[i]?.number ? markup` class="number"` : null)
  return markup`<table role="table" class="plain" aria-label="${name}"><thead role="rowgroup"><tr role="row">${columns.map(
    (column, i) => markup`<th role="columnheader" scope="col"${kind(i)}>${column.heading}</th>`,
  )}</tr></thead><tbody role="rowgroup">
${rows.map(
  ([
    first = '',
    ...rest
  ]) => markup`<tr role="row"><th role="rowheader" scope="row"${heading === 'mode' ? null : markup` data-column="${heading}"`}>${first}</th>${rest.map(
    (field, i) => markup`<td role="cell"${kind(i + 1)} data-column="${columns[i + 1]?.heading ?? ''}">${field}</td>`,
  )}</tr>
`,
)}</tbody></table>`
}
