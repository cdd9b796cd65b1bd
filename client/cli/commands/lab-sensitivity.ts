import { valueOf } from '../../lab/report/curve-figures.ts'
import type { CurveTask } from '../../lab/runs/curves.ts'
import { type CurvePoint, curvePeople, runSensitivity, seedsOf, tasksOf } from '../../lab/runs/sensitivity.ts'
import { counted } from '../../words/counted.ts'
import { safeJson } from '../../words/visible.ts'
import { Stop } from '../exit.ts'
import { curveLines } from '../lab-curves.ts'
import { paragraph } from '../layout.ts'
import { print, untilInterrupted } from '../output.ts'
import { progressLine } from '../progress.ts'

export interface SensitivityFlags {
  readonly seeds: string
  readonly json?: boolean
}

const mostSeeds = 100

/** Turns one property of a world after the other, and lets the adversary of the headline read in each world. */
export async function sensitivity(flags: SensitivityFlags): Promise<void> {
  const seeds = seedsOf(countOf(flags))
  const tasks = tasksOf(seeds)
  if (!flags.json) introduce(seeds.length, tasks.length)
  const points: CurvePoint[] = []
  const line = progressLine()
  const complete = await untilInterrupted((signal) =>
    runSensitivity(
      tasks,
      (point) => {
        points.push(point)
        if (flags.json) print(safeJson({ people: curvePeople, ...point }))
      },
      (played, last) => line.tell(played / tasks.length, `${played} of ${tasks.length} worlds; ${placeOf(last)}`),
      signal,
    ),
  ).finally(line.end)
  if (!flags.json && points.length > 0) for (const row of curveLines(points, seeds)) print(row)
  if (complete) return
  const measured = points.length === 0 ? 'before the first point was measured' : 'only the points above were measured'
  throw new Stop('user', `interrupted: ${measured}`, 'doormat lab sensitivity --seeds 1')
}

/** @throws Stop for a number of seeds that means nothing */
function countOf({ seeds }: SensitivityFlags): number {
  const count = Number(seeds)
  if (Number.isInteger(count) && count >= 1 && count <= mostSeeds) return count
  throw new Stop(
    'user',
    `there are 1 to ${mostSeeds} worlds for each point`,
    `doormat lab sensitivity --seeds ${count > mostSeeds ? mostSeeds : 1}`,
  )
}

function introduce(seeds: number, worlds: number): void {
  const sentence = `The people are invented, and the cryptography is real: “read” means decrypted. ${counted(worlds, 'world')} of ${curvePeople} people are played, ${seeds} for each point of three curves.`
  for (const row of paragraph(sentence, { first: '' })) print(row)
}

const placeOf = ({ curve, value }: CurveTask): string =>
  curve === 'days on' ? `${counted(value, 'day')} on` : `${valueOf(curve, value)} of pairs ${curve}`
