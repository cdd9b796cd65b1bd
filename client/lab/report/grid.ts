import { type Markup, markup, type Piece } from './markup.ts'

/** How a cell of a table that is a picture looks, and what stands in it. */
export interface Square {
  readonly look: 'read' | 'noticed' | 'zero' | 'guess' | 'none'
  /** from 0 to 1, filled */
  readonly share: number
  readonly figure: string
  readonly note: string
}

export interface GridColumn {
  readonly title: string
  readonly note?: string
}

export interface GridRow {
  readonly heading: Piece
  /** one for each column; null: there is none */
  readonly squares: readonly (Square | null)[]
}

/** A table with a picture in each cell. On a narrow screen its rows are broken, and each cell says its column. */
export function grid(caption: Piece, columns: readonly GridColumn[], rows: readonly GridRow[]): Markup {
  const headings = columns.map(
    ({ title, note }) =>
      markup`<th role="columnheader" scope="col">${title}${note === undefined ? null : markup`<small>${note}</small>`}</th>`,
  )
  const lines = rows.map(
    ({ heading, squares }) => markup`<tr role="row"><th role="rowheader" scope="row">${heading}</th>${squares.map(
      (square, i) => cell(square, columns[i]?.title ?? ''),
    )}</tr>
`,
  )
  return markup`<table role="table" class="matrix of-${columns.length}"><caption>${caption}</caption>
<thead role="rowgroup"><tr role="row"><td role="cell"></td>${headings}</tr></thead><tbody role="rowgroup">
${lines}</tbody></table>`
}

function cell(square: Square | null, column: string): Markup {
  if (!square) return markup`<td role="cell" class="none"></td>`
  const { look, share, figure, note } = square
  return markup`<td role="cell" class="${look}" style="--share: ${Math.round(share * 1000) / 10}%"><i>${column}</i><b>${figure}</b><small>${note}</small></td>`
}
