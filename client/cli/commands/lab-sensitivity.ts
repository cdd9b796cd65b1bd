import { headsOf, rowsOf } from '../../lab/report/curve-page.ts'
import { barsWords, curveWords, pairsNotPeople, toldBy } from '../../lab/report/curve-words.ts'
import { valueOf } from '../../lab/report/curve-figures.ts'
import type { CurveTask } from '../../lab/runs/curves.ts'
import { type CurvePoint, curvePeople, runSensitivity, seedsOf, tasksOf } from '../../lab/runs/sensitivity.ts'
import { counted } from '../../words/counted.ts'
import { safeJson } from '../../words/visible.ts'
import { Stop } from '../exit.ts'
import { paragraph, table } from '../layout.ts'
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
  if (!flags.json && points.length > 0) show(points, seeds)
  if (!complete) throw new Stop('user', 'interrupted: only the points above were measured', 'doormat lab sensitivity')
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

const say = (sentence: string, indent = '') => {
  for (const row of paragraph(sentence, { first: indent })) print(row)
}

function introduce(seeds: number, worlds: number): void {
  say(
    `The people are invented, and the cryptography is real: “read” means decrypted. ${counted(worlds, 'world')} of ${curvePeople} people are played, ${seeds} for each point of three curves.`,
  )
}

const placeOf = ({ curve, value }: CurveTask): string =>
  curve === 'days on' ? `${counted(value, 'day')} on` : `${valueOf(curve, value)} of pairs ${curve}`

/** A table for each curve, and what it shows. */
function show(points: readonly CurvePoint[], seeds: readonly string[]): void {
  for (const words of curveWords) {
    const rows = rowsOf({ points }, words)
    if (rows.length === 0) continue
    const { verdict, awkward } = toldBy({ points }, words.id)
    const heads = headsOf(words)
    const short = (place: number) => String.fromCodePoint(97 + place)
    print('')
    print(words.title)
    for (const row of table(
      heads.map((_, i) => ({ heading: short(i), align: 'right' as const })),
      rows,
      2,
    ))
      print(row)
    for (const [i, heading] of heads.entries())
      for (const row of paragraph(heading, { first: `    ${short(i)}  ` })) print(row)
    if (verdict !== null) say(verdict)
    for (const sentence of awkward) say(sentence, '  ')
  }
  print('')
  for (const sentence of [barsWords({ seeds }), pairsNotPeople]) say(sentence)
}
