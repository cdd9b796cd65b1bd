import type { Cell, LabResult } from '../result.ts'
import { type Markup, markup } from './markup.ts'
import { adversariesOf, cellOf } from './pick.ts'
import { count, messagesOf, outOf, percent, shareOf } from './words.ts'

/** How a cell is drawn: filled to its share; empty for a measured zero; hatched where there was nothing to measure. */
export type Look = 'read' | 'zero' | 'guess' | 'none'

export const lookOf = ({ status, conversations }: Cell): Look =>
  status === 'not applicable' ? 'none' : status === 'extrapolated' ? 'guess' : conversations.read > 0 ? 'read' : 'zero'

/** What stands in a cell: its figure, and below it where that is from. */
export function wordsOf(cell: Cell, reasons: readonly string[]): { readonly figure: string; readonly note: string } {
  const { status, conversations, work } = cell
  if (status === 'not applicable')
    return { figure: '–', note: `not applicable (${letter(reasons.indexOf(cell.holds))})` }
  const figure = `${status === 'extrapolated' ? '≈ ' : ''}${percent(conversations)}`
  if (conversations.read > 0) return { figure, note: `${outOf(conversations)}${cell.forged ? ' · forged' : ''}` }
  return {
    figure,
    note: `${work.tried === 0 ? 'nothing held' : `${count(work.tried)} tried`}${cell.forged ? ' · forged' : ''}`,
  }
}

/** Why there was nothing to measure, each reason once. */
export const reasonsOf = ({ modes }: LabResult): readonly string[] => [
  ...new Set(
    modes.flatMap(({ cells }) => cells.filter(({ status }) => status === 'not applicable').map(({ holds }) => holds)),
  ),
]

export const letter = (place: number): string =>
  String.fromCodePoint(97 + (place % 26)).repeat(1 + Math.floor(place / 26))

/** Every adversary by every mode; on a narrow screen each cell says its mode. */
export function matrix(result: LabResult): Markup {
  const reasons = reasonsOf(result)
  const rows = adversariesOf(result).map((adversary) => {
    const cells = result.modes.map((mode) => {
      const cell = cellOf(mode, adversary)
      return cell ? square(cell, mode.title, reasons) : markup`<td role="cell" class="none"></td>`
    })
    return markup`<tr role="row"><th role="rowheader" scope="row">${adversary}</th>${cells}</tr>
`
  })
  const headings = result.modes.map(
    ({ title, year }) => markup`<th role="columnheader" scope="col">${title}<small>${year}</small></th>`,
  )
  return markup`<table role="table" class="matrix"><caption>Share of all conversations of which an adversary read at least one message. A filled area is a share; an empty cell is a zero that was tried.</caption>
<thead role="rowgroup"><tr role="row"><td role="cell"></td>${headings}</tr></thead><tbody role="rowgroup">
${rows}</tbody></table>
${reasons.length === 0 ? null : markup`<ul class="reasons">${reasons.map((reason, i) => markup`<li><b>${letter(i)}</b> not applicable: ${reason}</li>`)}</ul>`}`
}

function square(cell: Cell, mode: string, reasons: readonly string[]): Markup {
  const { figure, note } = wordsOf(cell, reasons)
  const share = Math.round(shareOf(cell.conversations) * 1000) / 10
  return markup`<td role="cell" class="${lookOf(cell)}" style="--share: ${share}%"><i>${mode}</i><b>${figure}</b><small>${note}</small></td>`
}

/** What each adversary held, and the figures behind the picture. */
export function holdings(result: LabResult): Markup {
  const rows = adversariesOf(result).flatMap((adversary) =>
    result.modes.flatMap((mode) => {
      const cell = cellOf(mode, adversary)
      return cell ? [holding(mode.title, cell)] : []
    }),
  )
  return markup`<details><summary>What each of them held, and the messages behind the shares</summary>
<div class="wide" role="region" tabindex="0" aria-label="What each adversary held"><table><thead><tr><th scope="col">adversary</th><th scope="col">mode</th><th scope="col">held</th><th scope="col">messages read</th><th scope="col">still sealed</th><th scope="col">could forge</th></tr></thead><tbody>
${rows}</tbody></table></div></details>`
}

const holding = (mode: string, cell: Cell): Markup =>
  markup`<tr><td>${cell.adversary}</td><td>${mode}</td><td>${cell.holds}</td><td>${cell.status === 'not applicable' ? 'not applicable' : outOf(messagesOf(cell))}</td><td>${cell.status === 'not applicable' ? '' : count(cell.stillSealed)}</td><td>${cell.forged === null ? 'nothing to try' : cell.forged ? 'yes' : 'tried: no'}</td></tr>
`
