import type { AccessMode } from '../../../crypto/access/mode.ts'
import type { ExperimentResult } from '../runs/result.ts'
import type { Experiments } from '../runs/run.ts'
import { fileFetches } from './file-fetches.ts'
import { files } from './files.ts'
import { groupExperiments } from './groups.ts'
import { namedExperiments } from './named.ts'
import { ordersExperiments } from './orders.ts'
import { salamanders } from './salamanders.ts'
import { titles } from './titles.ts'
import { timed } from './words.ts'

/** Every experiment, on the runs that the matrix is made of; those about groups and files play their own, under the same modes. */
export const labExperiments: Experiments = async function* (runs, seed, begin) {
  yield* namedExperiments(runs, seed, begin)
  const played = runs.map(({ within }) => within)
  yield* ordersExperiments(played, seed, begin)
  const modes = played.map(({ mode }) => mode)
  yield* groupExperiments(modes, seed, begin)
  yield* fileExperiments(modes, seed, begin)
}

async function* fileExperiments(
  modes: readonly AccessMode[],
  seed: string,
  begin: (title: string) => void,
): AsyncIterable<ExperimentResult> {
  if (modes.length === 0) return
  begin(titles.files)
  yield timed(() => files(modes, seed))
  begin(titles['file-fetches'])
  yield timed(() => fileFetches(seed))
  begin(titles.salamanders)
  yield timed(() => salamanders(seed))
}
