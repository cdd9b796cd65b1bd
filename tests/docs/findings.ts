import type { AccessMode } from '../../crypto/access/mode.ts'
import { labExperiments } from '../../client/lab/experiments/all.ts'
import { provenanceOf } from '../../client/lab/runs/provenance.ts'
import { findings } from '../../client/lab/report/findings.ts'
import { matrixPicture } from '../../client/lab/report/matrix-picture.ts'
import { whosePicture } from '../../client/lab/report/whose.ts'
import type { LabResult } from '../../client/lab/runs/result.ts'
import { type Experiments, runLab } from '../../client/lab/runs/run.ts'
import { usualTimetable } from '../../client/lab/simulation/timetable.ts'
import { builtinWorld, personas } from '../../client/lab/world/builtin.ts'

const seed = 'doormat'
const world = builtinWorld(seed, personas.length)

const noExperiments: Experiments = async function* () {}

/** The run behind docs/findings.md: the people of the stories under the given modes. */
export const runStories = (
  modes: readonly AccessMode[],
  experiments: Experiments = noExperiments,
): Promise<LabResult> =>
  runLab({
    world,
    modes,
    timetable: usualTimetable(world),
    seed,
    experiments,
    provenance: provenanceOf(`doormat lab report --people ${personas.length} --seed ${seed}`),
    signal: new AbortController().signal,
    progress: () => undefined,
    begun: () => undefined,
    finished: () => undefined,
  })

export const withExperiments = labExperiments

const ofTheMachine = new Set(['seconds', 'machine', 'node'])

/**
 * A run in JSON, without what another machine would say otherwise. It is what docs/findings.json holds.
 * @returns one line for each mode and experiment, so that a change is seen where it is
 */
export function resultText(result: LabResult): string {
  const lean = (value: unknown) =>
    JSON.stringify(value, (key, inner: unknown) => (ofTheMachine.has(key) ? undefined : inner))
  const { modes, experiments, ...rest } = result
  const lines = (rows: readonly unknown[]) => `[\n${rows.map(lean).join(',\n')}\n]`
  return `{"run":${lean(rest)},\n"modes":${lines(modes)},\n"experiments":${lines(experiments.map(withoutTimes))}}\n`
}

/** Without the columns that say how long this machine took. */
function withoutTimes(experiment: LabResult['experiments'][number]): typeof experiment {
  const stays = experiment.columns.map((column) => !column.includes('(this machine)'))
  const lean = <Cell>(cells: readonly Cell[]) => cells.filter((_, index) => stays[index])
  return { ...experiment, columns: lean(experiment.columns), rows: experiment.rows.map(lean) }
}

/** The opposite; figures of time are not in it, and no page of docs/ has any. */
export function readResult(text: string): LabResult {
  const { run, modes, experiments } = JSON.parse(text) as {
    run: Omit<LabResult, 'modes' | 'experiments'>
    modes: LabResult['modes']
    experiments: LabResult['experiments']
  }
  return { ...run, modes, experiments }
}

/** A run as it would have been told on the day and by the version of another: what is left to differ are its figures. */
export const asOf = (result: LabResult, { provenance: { version, commit, began } }: LabResult): LabResult => ({
  ...result,
  provenance: { ...result.provenance, version, commit, began },
})

/** What is written from a result. */
export const pagesOf = (result: LabResult): Readonly<Record<string, string>> => ({
  'findings.json': resultText(result),
  'findings.md': findings(result),
  'matrix.svg': matrixPicture(result),
  'whose-conversations.svg': whosePicture(result) ?? '',
})
