import type { LabResult } from '../runs/result.ts'
import type { Sensitivity } from '../runs/sensitivity.ts'
import { inPercent, pointsOf, rangeOf, valueOf } from './curve-figures.ts'
import { curvePanels } from './curve-picture.ts'
import {
  barsWords,
  curveWords,
  type CurveWords,
  pairsNotPeople,
  playedWords,
  toldBy,
  worldsWords,
} from './curve-words.ts'
import { type Markup, markup } from './markup.ts'
import { figure } from './panel.ts'
import { table } from './table.ts'
import { dateOf } from './words.ts'

/** A row for each point, in words: its value, and of both lines the mean and all that there was. */
export const rowsOf = (measured: Pick<Sensitivity, 'points'>, { id }: CurveWords): readonly (readonly string[])[] =>
  pointsOf(measured, id).map(({ value, involved, headline, beside }) => [
    valueOf(id, value),
    ...(involved ? [inPercent(involved.mean)] : []),
    inPercent(headline.mean),
    rangeOf(headline),
    inPercent(beside.mean),
    rangeOf(beside),
  ])

export const headsOf = ({ axis, people, headline, beside }: CurveWords): readonly string[] => [
  axis,
  ...(people === null ? [] : [people]),
  headline,
  'lowest to highest',
  beside,
  'lowest to highest',
]

/** Curve by curve: what it shows, whom that does not please, and every figure. */
export function curvesSection(measured: Sensitivity, result: LabResult): Markup {
  const panels = curvePanels(measured, result)
  return markup`<p>${worldsWords(measured)} ${playedWords(measured)}</p><p>${barsWords(measured)}</p><p>${pairsNotPeople}</p>
${curveWords.map((words, i) => {
  const { verdict, awkward } = toldBy(measured, words.id)
  const panel = panels[i]
  return markup`<article id="curve-${words.id.replaceAll(' ', '-')}"><p class="verdict">${verdict}</p><div class="panels">${panel ? figure(panel) : null}<div><ul>${awkward.map((one) => markup`<li>${one}</li>`)}</ul></div></div>
<details><summary>Every figure</summary>${table(
    words.title,
    headsOf(words).map((heading) => ({ heading })),
    rowsOf(measured, words),
  )}</details></article>
`
})}
<p class="method">${measuredWhen(measured)}</p>`
}

/** These are figures of other worlds than the page's. */
export const measuredWhen = ({ provenance: { version, commit, began, command } }: Sensitivity): string =>
  `Measured on ${dateOf(began)} with Doormat ${version} (commit ${commit ?? 'unknown'}): ${command}.`
