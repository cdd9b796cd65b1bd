import type { ExperimentResult } from '../runs/result.ts'
import { claimsOf } from './claims.ts'
import { type Markup, markup } from './markup.ts'
import { grouped } from '../../words/counted.ts'

export const experiments = (all: readonly ExperimentResult[]): Markup =>
  all.length === 0 ? markup`<p>No experiment was part of this run.</p>` : markup`${all.map(experiment)}`

function experiment({ id, title, claims, question, method, columns, rows, verdict }: ExperimentResult): Markup {
  const whose = claimsOf(claims).map(
    ({ row, who, claim }) => markup`<li><b>${who}</b> ${claim} <small>claim ${row}</small></li>`,
  )
  return markup`<article id="${id}"><h3>${title}</h3><p class="question">${question}</p>${whose.length === 0 ? null : markup`<ul class="claims">${whose}</ul>`}
<div class="wide" role="region" tabindex="0" aria-label="${title}"><table><thead><tr>${columns.map(heading(rows))}</tr></thead><tbody>
${rows.map(
  (row) => markup`<tr>${row.map(field)}</tr>
`,
)}</tbody></table></div>
<p class="verdict">${verdict}</p><p class="method">${method}</p></article>
`
}

/** Above its figures, where a column has figures. */
const heading = (rows: ExperimentResult['rows']) => (column: string, place: number) =>
  markup`<th scope="col"${rows.length > 0 && rows.every((row) => typeof row[place] === 'number') ? markup` class="number"` : null}>${column}</th>`

const field = (value: string | number): Markup =>
  typeof value === 'number' ? markup`<td class="number">${numeral(value)}</td>` : markup`<td>${value}</td>`

/** Whole numbers in groups of three; of others what four digits say. */
export const numeral = (value: number): string =>
  Number.isInteger(value) ? (value < 0 ? `-${grouped(-value)}` : grouped(value)) : String(Number(value.toPrecision(4)))
