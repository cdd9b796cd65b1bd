import { provenanceOf } from '../../client/lab/runs/provenance.ts'
import { type CurvePoint, curvePeople, type Sensitivity } from '../../client/lab/runs/sensitivity.ts'
import { curvesPicture } from '../../client/lab/report/curve-picture.ts'
import { findings } from '../../client/lab/report/findings.ts'
import { sensitivityPage } from '../../client/lab/report/sensitivity.ts'
import type { LabResult } from '../../client/lab/runs/result.ts'

/** Everything that docs/sensitivity.json holds, of points that were measured now. Nothing in it is of a machine. */
export function sensitivityOf(seeds: readonly string[], points: readonly CurvePoint[]): Sensitivity {
  const { command, version, commit, libsodium, began } = provenanceOf(`doormat lab sensitivity --seeds ${seeds.length}`)
  return { provenance: { command, version, commit, libsodium, began }, people: curvePeople, seeds, points }
}

/** One line for each point, so that a change is seen where it is. */
export function sensitivityText({ points, ...rest }: Sensitivity): string {
  const lines = points.map((point) => JSON.stringify(point)).join(',\n')
  return `${JSON.stringify(rest).slice(0, -1)},\n"points":[\n${lines}\n]}\n`
}

/** What is written from it; the findings tell a part of it. @param result the run of the findings */
export const sensitivityPages = (measured: Sensitivity, result: LabResult): Readonly<Record<string, string>> => ({
  'sensitivity.json': sensitivityText(measured),
  'sensitivity.md': sensitivityPage(measured, result),
  'sensitivity.svg': curvesPicture(measured, result),
  'findings.md': findings(result, measured),
})
