import type { Cell } from '../adversaries/cell.ts'
import type { LabResult } from '../runs/result.ts'
import { grid, type Square } from './grid.ts'
import { type Markup, markup } from './markup.ts'
import { adversariesOf, cellOf } from './pick.ts'
import { sameHands } from './same-hands.ts'
import { grouped } from '../../words/counted.ts'
import { messagesOf, outOf, percent, shareOf } from './words.ts'

/** Filled to its share; empty for a measured zero; hatched where there was nothing to measure. */
export function squareOf({ status, conversations, work, forged, holds }: Cell, reasons: readonly string[]): Square {
  if (status === 'not applicable')
    return { look: 'none', share: 0, figure: '–', note: `not applicable (${letter(reasons.indexOf(holds))})` }
  const zero = work.tried === 0 ? outOf(conversations) : `${grouped(work.tried)} tried`
  return {
    look: status === 'extrapolated' ? 'guess' : conversations.read > 0 ? 'read' : 'zero',
    share: shareOf(conversations),
    figure: `${status === 'extrapolated' ? '≈ ' : ''}${percent(conversations)}`,
    note: `${conversations.read > 0 ? outOf(conversations) : zero}${forged ? ' · forged' : ''}`,
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

/** Every adversary by every mode. */
export function matrix(result: LabResult): Markup {
  const reasons = reasonsOf(result)
  const rows = adversariesOf(result).map((adversary) => ({
    heading: adversary,
    squares: result.modes.map((mode) => {
      const cell = cellOf(mode, adversary)
      return cell && squareOf(cell, reasons)
    }),
  }))
  return markup`${grid(
    'Share of all conversations of which an adversary read at least one message. A filled area is a share; an empty cell is a measured zero.',
    result.modes,
    rows,
  )}
${reasons.length === 0 ? null : markup`<ul class="reasons">${reasons.map((reason, i) => markup`<li><b>${letter(i)}</b> not applicable: ${reason}</li>`)}</ul>`}${sameHands(result).map((sentence) => markup`<p class="method">${sentence}</p>`)}`
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
  markup`<tr><td>${cell.adversary}</td><td>${mode}</td><td>${cell.holds}</td><td>${cell.status === 'not applicable' ? 'not applicable' : outOf(messagesOf(cell))}</td><td>${cell.status === 'not applicable' ? '' : grouped(cell.stillSealed)}</td><td>${cell.forged === null ? 'nothing to try' : cell.forged ? 'yes' : 'tried: no'}</td></tr>
`
