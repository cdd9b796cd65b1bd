import type { Experiments } from '../run.ts'
import { namedExperiments } from './named.ts'
import { ordersExperiments } from './orders.ts'

/** Every experiment, on the runs that the matrix is made of. */
export const labExperiments: Experiments = async (runs, seed) => [
  ...(await namedExperiments(runs, seed)),
  ...(await ordersExperiments(
    runs.map(({ within }) => within),
    seed,
  )),
]
