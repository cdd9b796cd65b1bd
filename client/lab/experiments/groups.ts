import type { AccessMode } from '../../../crypto/access/mode.ts'
import type { ExperimentResult } from '../runs/result.ts'
import { groupGhost } from './group-ghost.ts'
import { groupGuesses } from './group-guesses.ts'
import { groupOrder } from './group-order.ts'
import { titles } from './titles.ts'
import { timed } from './words.ts'

/** The experiments about groups, under as many modes as were run: the matrix has people in pairs. */
export async function* groupExperiments(
  modes: readonly AccessMode[],
  seed: string,
  begin: (title: string) => void,
): AsyncIterable<ExperimentResult> {
  if (modes.length === 0) return
  begin(titles['group-order'])
  yield timed(() => groupOrder(modes, seed))
  begin(titles['group-ghost'])
  yield timed(() => groupGhost(modes, seed))
  begin(titles['group-guesses'])
  yield timed(() => groupGuesses(seed))
}
