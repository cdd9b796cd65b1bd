import { grouped } from '../../words/counted.ts'
import type { Cell } from '../adversaries/cell.ts'
import type { LabResult } from '../runs/result.ts'
import type { Share } from '../simulation/share.ts'
import { adversaryGroupsOf, type GroupOfAdversaries, type Known } from './adversaries.ts'
import { grid, type Square } from './grid.ts'
import { type Markup, markup } from './markup.ts'
import { cellOf } from './pick.ts'
import { compelledWithoutMode } from './compelled.ts'
import { sameHands } from './same-hands.ts'
import { table } from './table.ts'
import { messagesOf, outOf, percent, shareOf } from './words.ts'

/** What of a cell a table shows. */
export interface Measure {
  readonly id: string
  readonly caption: string
  readonly of: (cell: Cell) => Share
  /** adversaries of whom it says nothing */
  readonly without: readonly string[]
}

/** Everybody on the same people and the same days; then everything, by conversations. */
export const measures = {
  sameDays: {
    id: 'same-days',
    caption:
      'Messages read, of those that complying people sent while the mode was on. Another state’s keys come later, so it is not in these tables.',
    of: ({ complying }) => complying.messages,
    without: ['another state'],
  },
  whole: {
    id: 'whole-time',
    caption: 'Conversations of which at least one message was read, of all conversations of the whole time.',
    of: ({ conversations }) => conversations,
    without: [],
  },
} as const satisfies Readonly<Record<string, Measure>>

/** Filled to its share; empty for a measured zero; hatched where there was nothing to measure. */
export function squareOf(cell: Cell, reasons: readonly string[], of: Measure['of']): Square {
  const { status, work, forged, holds } = cell
  if (status === 'not applicable')
    return { look: 'none', share: 0, figure: '–', note: `not applicable (${letter(reasons.indexOf(holds))})` }
  const share = of(cell)
  const zero = work.tried === 0 ? outOf(share) : `${grouped(work.tried)} tried`
  return {
    look: status === 'extrapolated' ? 'guess' : share.read > 0 ? 'read' : 'zero',
    share: shareOf(share),
    figure: `${status === 'extrapolated' ? '≈ ' : ''}${percent(share)}`,
    note: `${share.read > 0 ? outOf(share) : zero}${forged ? ' · forged' : ''}`,
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

/** The groups as a measure shows them. */
export const groupsFor = (result: LabResult, { without }: Measure): readonly GroupOfAdversaries[] =>
  adversaryGroupsOf(result)
    .map(({ title, members }) => ({ title, members: members.filter(({ id }) => !without.includes(id)) }))
    .filter(({ members }) => members.length > 0)

/** Every mode by every adversary, a table for each group of adversaries. */
export function matrix(result: LabResult): Markup {
  const reasons = reasonsOf(result)
  const compelled = compelledWithoutMode(result)
  const tables = (measure: Measure) =>
    groupsFor(result, measure).map((group) => groupTable(result, group, reasons, measure.of))
  return markup`<p class="key-words">${measures.sameDays.caption} A filled area is a share; an empty cell is a zero that was tried.</p>
${tables(measures.sameDays)}
<details id="${measures.whole.id}"><summary>The same for all conversations of the whole time</summary><p>${measures.whole.caption}</p>
${tables(measures.whole)}</details>
${reasons.length === 0 ? null : markup`<ul class="reasons">${reasons.map((reason, i) => markup`<li><b>${letter(i)}</b> not applicable: ${reason}</li>`)}</ul>`}${compelled === null ? null : markup`<p class="method">${compelled}</p>`}${sameHands(result).map((sentence) => markup`<p class="method">${sentence}</p>`)}`
}

function groupTable(
  result: LabResult,
  { title, members }: GroupOfAdversaries,
  reasons: readonly string[],
  of: Measure['of'],
) {
  const rows = result.modes.map((mode) => ({
    heading: mode.title,
    squares: members.map(({ id }) => {
      const cell = cellOf(mode, id)
      return cell && squareOf(cell, reasons, of)
    }),
  }))
  return markup`<div class="group">${grid(
    title,
    members.map((known) => ({ title: headingOf(known) })),
    rows,
  )}</div>`
}

/** A title without its article. */
export const headingOf = ({ title, holds }: Known): string => (holds === null ? title : title.replace(/^an? /, ''))

/** What each adversary held, once, and the figures behind the picture. */
export function holdings(result: LabResult): Markup {
  return markup`<dl class="who">${adversaryGroupsOf(result).flatMap(({ members }) =>
    members.flatMap((known) =>
      known.holds === null ? [] : [markup`<dt>${headingOf(known)}</dt><dd>${known.holds}</dd>`],
    ),
  )}</dl>
<details><summary>Messages read in the whole time, what was still sealed, and who could forge</summary>
${table(
  'Messages read by each adversary',
  ['adversary', 'mode', 'messages read', 'still sealed', 'could forge'].map((heading) => ({ heading })),
  adversaryGroupsOf(result).flatMap(({ members }) =>
    members.flatMap((known) =>
      result.modes.flatMap((mode) => {
        const cell = cellOf(mode, known.id)
        return cell ? [holding(headingOf(known), mode.title, cell)] : []
      }),
    ),
  ),
)}</details>`
}

const holding = (adversary: string, mode: string, cell: Cell): readonly string[] =>
  cell.status === 'not applicable'
    ? [adversary, mode, 'not applicable', '', '']
    : [
        adversary,
        mode,
        outOf(messagesOf(cell)),
        grouped(cell.stillSealed),
        cell.forged === null ? 'nothing to try' : cell.forged ? 'yes' : 'tried: no',
      ]
