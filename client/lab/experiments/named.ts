import { messageKeyEscrow } from '../../../crypto/access/message-key-escrow.ts'
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
import { type ExperimentId, titles } from './titles.ts'
import { transcript } from './transcript.ts'
import { wrapping } from './wrapping.ts'

/** On what the matrix has played, as far as that goes; an experiment is left out where the mode it is about was not run. */
export async function* namedExperiments(
  runs: readonly ModeRun[],
  seed: string,
  begin: (title: string) => void,
): AsyncIterable<ExperimentResult> {
  const played = runs[0]?.within.world
  if (!played) return
  const world = played.people.length <= personas.length ? played : builtinWorld(seed, personas.length)
  const experiments: readonly (readonly [ExperimentId, () => Experiment | null | Promise<Experiment>])[] = [
    ['theft', () => theft(world, seed)],
    ['deleted', () => deleted(runs)],
    ['custodians', () => custodians(runs)],
    ['custodians-cost', () => wrapping(runs, seed)],
    ['order-yield', () => orderYield(runs)],
    ['transcript', () => transcriptOf(runs)],
    ['evader', () => evader(runs, seed)],
    ['insider-and-thief', () => insiderAndThief(runs)],
    ['active-relay', () => activeRelay(runs)],
  ]
  for (const [id, experiment] of experiments) {
    begin(titles[id])
    const begun = performance.now()
    const result = await experiment()
    if (result) yield { ...result, seconds: (performance.now() - begun) / 1000 }
  }
}

function transcriptOf(runs: readonly ModeRun[]): Experiment | null {
  const run = runs.find(({ result }) => result.id === messageKeyEscrow.id)
  return run ? transcript(run.within) : null
}
