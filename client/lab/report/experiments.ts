import { grouped } from '../../words/counted.ts'
import type { ExperimentResult } from '../runs/result.ts'
import { claimsOf } from './claims.ts'
import { type Markup, markup } from './markup.ts'
import { modeCalledHere } from './modes.ts'

export const experiments = (all: readonly ExperimentResult[]): Markup =>
  all.length === 0 ? markup`<p>No experiment was part of this run.</p>` : markup`${all.map(experiment)}`

/** Its verdict is there at once; what it rests on is folded away, and open on paper. */
function experiment(result: ExperimentResult): Markup {
  const { id, title, claims, question, method, columns, rows, verdict, evidence } = result
  const whose = claimsOf(claims).map(
    ({ row, who, claim }) => markup`<li><a href="#claim-${row}">claim ${row}</a>, <b>${who}</b>: ${claim}</li>`,
  )
  return markup`<article id="${id}"><h3>${title}</h3><p class="question">${question}</p>
<p class="verdict">${verdict}</p>
<details><summary>Evidence and method</summary>${whose.length === 0 ? null : markup`<ul class="claims">${whose}</ul>`}<p>${evidence}</p>
${
  columns.length > widest
    ? cards(result)
    : markup`<div class="wide" role="region" tabindex="0" aria-label="${title}"><table><thead><tr>${columns.map(heading(rows))}</tr></thead><tbody>
${rows.map(
  (row) => markup`<tr>${row.map((value, place) => field(value, columns[place]))}</tr>
`,
)}</tbody></table></div>`
}
<p class="method">${method}</p></details></article>
`
}

/** More columns are wider than a page; such a table is turned, with a column of names and one of figures for each row. */
const widest = 8

function cards({ title, columns, rows }: ExperimentResult): Markup {
  const [first = ''] = columns
  return markup`<div class="cards" role="region" tabindex="0" aria-label="${title}">${rows.map(
    (row) =>
      markup`<table><caption>${first}: ${shown(row[0] ?? '', first)}</caption><tbody>${columns.slice(1).map(
        (column, i) => markup`<tr><th scope="row">${column}</th>${field(row[i + 1] ?? '', column)}</tr>
`,
      )}</tbody></table>`,
  )}</div>`
}

/** Above its figures, where a column has figures. */
const heading = (rows: ExperimentResult['rows']) => (column: string, place: number) =>
  markup`<th scope="col"${rows.length > 0 && rows.every((row) => typeof row[place] === 'number') ? markup` class="number"` : null}>${column}</th>`

const field = (value: string | number, column = ''): Markup =>
  typeof value === 'number'
    ? markup`<td class="number">${numeral(value)}</td>`
    : markup`<td>${shown(value, column)}</td>`

/** A mode by its name. */
export const shown = (value: string | number, column: string): string =>
  typeof value === 'number' ? numeral(value) : column === 'mode' ? modeCalledHere(value) : value

/** Whole numbers in groups of three; of others what four digits say. */
export const numeral = (value: number): string =>
  Number.isInteger(value) ? (value < 0 ? `-${grouped(-value)}` : grouped(value)) : String(Number(value.toPrecision(4)))
