import { grouped } from '../../words/counted.ts'
import type { ExperimentResult } from '../runs/result.ts'
import { claimsOf } from './claims.ts'
import { type Markup, markup } from './markup.ts'
import { modeCalledHere } from './modes.ts'
import { table, type TableColumn } from './table.ts'

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
${table(
  title,
  columns.map(headingOf(rows)),
  rows.map((row) => row.map((value, place) => shown(value, columns[place] ?? ''))),
)}
<p class="method">${method}</p></details></article>
`
}

/** Figures stand to the right, where a column has nothing else. */
const headingOf =
  (rows: ExperimentResult['rows']) =>
  (heading: string, place: number): TableColumn => ({
    heading,
    number: rows.length > 0 && rows.every((row) => typeof row[place] === 'number'),
  })

/** A mode by its name. */
export const shown = (value: string | number, column: string): string =>
  typeof value === 'number' ? numeral(value) : column === 'mode' ? modeCalledHere(value) : value

/** Whole numbers in groups of three; of others what four digits say. */
export const numeral = (value: number): string =>
  Number.isInteger(value) ? (value < 0 ? `-${grouped(-value)}` : grouped(value)) : String(Number(value.toPrecision(4)))
