import type { Experiments } from '../run.ts'
import { ordersExperiments } from './orders.ts'

/** Every experiment, on the runs that the matrix is made of. */
export const labExperiments: Experiments = async (runs, seed) =>
  ordersExperiments(
    runs.map(({ within }) => within),
    seed,
  )
