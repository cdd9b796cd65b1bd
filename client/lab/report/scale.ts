import type { LabResult } from '../result.ts'
import { type Markup, markup } from './markup.ts'
import { count, sum } from './words.ts'

/** A day of a large service, in round numbers. */
export const serviceMessagesADay = 100_000_000_000

export interface Pace {
  readonly mode: string
  /** openings a second on one core: measured */
  readonly aSecond: number
  /** for a day of the service: arithmetic */
  readonly coreHours: number
  /** that keep up with the service: arithmetic */
  readonly cores: number
}

/** For each mode in which something opened: all that was opened, over all the time that opening it took. */
export function paces({ modes }: LabResult): readonly Pace[] {
  return modes.flatMap(({ title, cells }) => {
    const works = cells.filter(({ status, work }) => status === 'measured' && work.opened > 0).map(({ work }) => work)
    const aSecond = sum(works.map(({ opened }) => opened)) / sum(works.map(({ seconds }) => seconds))
    if (!Number.isFinite(aSecond) || aSecond <= 0) return []
    const coreHours = serviceMessagesADay / aSecond / 3600
    return [{ mode: title, aSecond, coreHours, cores: Math.ceil(coreHours / 24) }]
  })
}

export function scale(result: LabResult): Markup {
  const all = paces(result)
  if (all.length === 0) return markup`<p>Nothing was opened in this run, so there is no pace to reckon with.</p>`
  const rows = all.map(
    ({ mode, aSecond, coreHours, cores }) =>
      markup`<tr><th scope="row">${mode}</th><td class="number"><b>${count(aSecond)}</b></td><td class="number reckoned">${count(coreHours)}</td><td class="number reckoned">${count(cores)}</td></tr>
`,
  )
  return markup`<div class="wide" role="region" tabindex="0" aria-label="At the size of a service"><table class="scale"><thead><tr><th scope="col">mode</th><th scope="col">opened a second by one core <em>measured in this run</em></th><th scope="col" class="reckoned">core hours for one day of the service <em>arithmetic, not measured</em></th><th scope="col" class="reckoned">cores to keep up with it <em>arithmetic, not measured</em></th></tr></thead><tbody>
${rows}</tbody></table></div>
<p class="method">The service is taken to carry 100 thousand million messages a day. The arithmetic is that number divided by the pace of one core of this machine, as if cost stayed in line with messages. It has no storage in it, no network, and nobody to read what was opened.</p>`
}
