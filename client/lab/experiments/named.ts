import type { ModeRun } from '../runs/mode-run.ts'
import type { ExperimentResult } from '../runs/result.ts'
import { builtinWorld, personas } from '../world/builtin.ts'
import { activeRelay } from './active-relay.ts'
import { custodians } from './custodians.ts'
import { deleted } from './deleted.ts'
import { evader } from './evader.ts'
import type { Experiment } from './experiment.ts'
import { insiderAndThief } from './insider-and-thief.ts'
import { orderYield } from './order-yield.ts'
import { theft } from './theft.ts'
import { wrapping } from './wrapping.ts'

/** On what the matrix has played, as far as that goes; an experiment is left out where the mode it is about was not run. */
export async function* namedExperiments(runs: readonly ModeRun[], seed: string): AsyncIterable<ExperimentResult> {
  const played = runs[0]?.within.world
  if (!played) return
  const world = played.people.length <= personas.length ? played : builtinWorld(seed, personas.length)
  const experiments: readonly (() => Experiment | null | Promise<Experiment>)[] = [
    () => theft(world, seed),
    () => deleted(runs),
    () => custodians(runs),
    () => wrapping(runs, seed),
    () => orderYield(runs),
    () => evader(runs, seed),
    () => insiderAndThief(runs),
    () => activeRelay(runs),
  ]
  for (const experiment of experiments) {
    const begun = performance.now()
    const result = await experiment()
    if (result) yield { ...result, seconds: (performance.now() - begun) / 1000 }
  }
}
