import { counted, grouped } from '../../words/counted.ts'
import type { LabResult, ModeResult } from '../runs/result.ts'
import { cellOf, orderRows } from './pick.ts'
import { othersOf, outOf, percent } from './words.ts'
import { moreForEverybody } from './yield.ts'

/** What an order achieved under a mode, and whom it and its keys exposed. */
export interface Achieved {
  readonly mode: ModeResult
  /** in words; why there was none, where there was no order to serve */
  readonly served: string
  /** between the switch and the first message of the target that was read */
  readonly after: string
  readonly ofAsked: string
  /** people besides the target who were read by the order, and by its keys when nobody keeps to it */
  readonly exposed: string
  readonly exposable: string
}

export const achievedColumns = [
  'served',
  'first message after',
  'of the messages it asked for',
  'others it exposed',
  'others its keys could expose',
] as const

export const achieved = (result: Pick<LabResult, 'modes' | 'moments'>): readonly Achieved[] =>
  result.modes.flatMap((mode) => {
    const [used, possible] = [cellOf(mode, orderRows.used), cellOf(mode, orderRows.possible)]
    if (!used || !possible) return []
    if (used.status === 'not applicable')
      return [{ mode, served: `no: ${used.holds}`, after: '–', ofAsked: '–', exposed: '–', exposable: '–' }]
    const able = Math.max(othersOf(possible).read, moreForEverybody(mode)?.able ?? 0)
    return [
      {
        mode,
        served: used.asked.read > 0 ? 'yes' : 'no: it read nothing',
        after: waitOf(result, used.days),
        ofAsked: `${outOf(used.asked)} (${percent(used.asked)})`,
        exposed: grouped(othersOf(used).read),
        exposable: grouped(able),
      },
    ]
  })

/** In days of the world: the switch and the reading may be on the same one. */
function waitOf({ moments: { on } }: Pick<LabResult, 'moments'>, days: readonly number[]): string {
  const first = days.findIndex((read) => read > 0)
  if (first < 0) return '–'
  const wait = first - Math.floor(on)
  return wait <= 0 ? 'the same day' : counted(wait, 'day')
}

export const fieldsOf = ({ served, after, ofAsked, exposed, exposable }: Achieved): readonly string[] => [
  served,
  after,
  ofAsked,
  exposed,
  exposable,
]
