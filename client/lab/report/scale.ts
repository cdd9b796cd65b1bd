import type { LabResult, ModeResult } from '../runs/result.ts'
import { type Markup, markup } from './markup.ts'
import { cellOf } from './pick.ts'
import { table } from './table.ts'
import { grouped } from '../../words/counted.ts'
import { listed } from '../../words/listed.ts'

/** A day of a large service, in round numbers. */
export const serviceMessagesADay = 100_000_000_000

export interface Pace {
  /** openings a second on one core: measured */
  readonly aSecond: number
  /** for a day of the service: arithmetic */
  readonly coreHours: number
  /** that keep up with the service: arithmetic */
  readonly cores: number
}

/** Fewer openings say nothing about a pace. */
const fewest = 100

/** For each mode what its insider needed, who has the keys and all envelopes; null: that was too little to reckon with. */
export function paceOf(mode: ModeResult): Pace | null {
  const cell = cellOf(mode, 'insider')
  if (cell?.status !== 'measured' || cell.work.opened < fewest || cell.work.seconds <= 0) return null
  const aSecond = cell.work.opened / cell.work.seconds
  const coreHours = serviceMessagesADay / aSecond / 3600
  return { aSecond, coreHours, cores: Math.ceil(coreHours / 24) }
}

const scaleColumns = [
  { heading: 'mode' },
  { heading: 'opened a second by one core (measured in this run)', number: true },
  { heading: 'core hours for one day of such a service (arithmetic, not measured)', number: true },
  { heading: 'cores to keep up with it (arithmetic, not measured)', number: true },
]

export function scale({ modes }: LabResult): Markup {
  const rows = modes.flatMap((mode) => {
    const pace = paceOf(mode)
    return pace ? [[mode.title, ...[pace.aSecond, pace.coreHours, pace.cores].map(grouped)]] : []
  })
  const others = modes.filter((mode) => !paceOf(mode)).map(({ title }) => title)
  const without =
    others.length === 0
      ? null
      : markup`<p class="method">An insider opened too little to calculate with under: ${listed(others)}.</p>`
  if (rows.length === 0) return markup`${without}`
  return markup`${table('At the size of a large service', scaleColumns, rows)}
<p class="method">The service is assumed to carry 100 billion messages a day. The arithmetic divides that number by the pace of one core of this machine, as if cost grew in step with messages. It leaves out storage, the network, and anybody to read what was opened.</p>${without}`
}
