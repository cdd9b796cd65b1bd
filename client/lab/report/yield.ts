import type { Cell } from '../adversaries/cell.ts'
import type { LabResult, ModeResult } from '../runs/result.ts'
import type { Share } from '../simulation/share.ts'
import { endsOf } from './crowd.ts'
import { type Markup, markup, rounded } from './markup.ts'
import type { Panel } from './panel.ts'
import { cellOf, orderRows } from './pick.ts'
import { counted } from '../../words/counted.ts'
import { othersOf, outOf, shareOf } from './words.ts'

const [width, height] = [560, 240]
const middle = width / 2
const long = 268

/** What an order gave of its target, in conversations. */
export function yieldOf({ world }: LabResult, { lit }: Cell): Share {
  const ofTarget = (pair: string) => endsOf(pair).includes(world.target)
  return {
    read: lit.filter(ofTarget).length,
    of: world.conversations.filter(({ pair }) => ofTarget(pair)).length,
  }
}

/** The drawing's figures in a sentence, for those who do not see it. */
const figuresOf = (cell: Cell, when: string): string =>
  cell.status === 'not applicable'
    ? ''
    : `${when}: ${outOf(cell.asked)} messages that it asked for, ${outOf(othersOf(cell))} other people.`

/** The target to the left, all others to the right: what the order used, and what the same keys could open. */
export const yields = (result: LabResult): readonly Panel[] =>
  result.modes.flatMap((mode) => {
    const [used, possible] = [cellOf(mode, orderRows.used), cellOf(mode, orderRows.possible)]
    return used && possible ? [panel(mode, used, possible)] : []
  })

function panel(mode: ModeResult, used: Cell, possible: Cell): Panel {
  const note = noteOf(used, possible)
  return {
    title: mode.title,
    note,
    label: `${mode.title}: what one order reads of its target and of others; ${note}. ${figuresOf(used, 'As used')} ${figuresOf(possible, 'Without limits')}`,
    width,
    height,
    drawing: markup`<text class="quiet end" x="${middle - 12}" y="20">messages it asked for</text><text class="quiet" x="${middle + 12}" y="20">people besides the target</text>
${row(used, 'as used', 44)}${row(possible, 'without limits', 144)}<path class="axis" d="M${middle} 30V${height}"/>`,
  }
}

/** People who are no target, and whom the same secrets read once the operator has done the mode's part for everybody. */
export function moreForEverybody(mode: ModeResult): { readonly used: number; readonly able: number } | null {
  const [used, possible, everybody] = [orderRows.used, orderRows.possible, orderRows.everybody].map((row) =>
    cellOf(mode, row),
  )
  if (used?.status !== 'measured' || possible?.status !== 'measured' || everybody?.status !== 'measured') return null
  const able = othersOf(everybody).read
  return able > othersOf(possible).read ? { used: othersOf(used).read, able } : null
}

/** Used and possible in one sentence, so that nobody has to compare bars. */
export function noteOf(used: Cell, possible: Cell): string {
  if (used.status === 'not applicable') return `not applicable: ${used.holds}`
  const [asked, able] = [othersOf(used).read, othersOf(possible).read]
  if (able > asked)
    return `the same keys reach ${counted(able - asked, 'more person', 'more people')} than the order did`
  return able === 0 ? 'the keys reach nobody but the target' : 'the same keys reach nobody else, in what was recorded'
}

function row(cell: Cell, words: string, top: number): Markup {
  if (cell.status === 'not applicable')
    return markup`<text class="mark" y="${top + 18}">${words}</text><rect class="hatched" x="4" y="${top + 28}" width="${width - 8}" height="38"/>`
  const [gained, exposed] = [cell.asked, othersOf(cell)]
  const [left, right] = [rounded(long * shareOf(gained)), rounded(long * shareOf(exposed))]
  const y = top + 28
  return markup`<text class="mark" y="${top + 18}">${words}</text>
<rect class="whole" x="${middle - long}" y="${y}" width="${long}" height="38"/><rect class="gain" x="${middle - left}" y="${y}" width="${left}" height="38"/>
<rect class="whole" x="${middle}" y="${y}" width="${long}" height="38"/><rect class="read-area" x="${middle}" y="${y}" width="${right}" height="38"/>
<text class="figure end" x="${middle - 12}" y="${y + 27}">${outOf(gained)}</text><text class="figure" x="${middle + 12}" y="${y + 27}">${outOf(exposed)}</text>`
}
