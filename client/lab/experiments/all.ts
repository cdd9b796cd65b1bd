import type { Experiments } from '../runs/run.ts'
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
  yield* groupExperiments(
    runs.map(({ within: { mode } }) => mode),
    seed,
    begin,
  )
  begin(titles.salamanders)
  yield timed(() => salamanders(seed))
}
