import type { AccessMode } from '../../../crypto/access/mode.ts'
import { byDay } from '../adversaries/exposure.ts'
import { type ModeRun, runMode } from './mode-run.ts'
import type { Conduct } from '../simulation/operator.ts'
import { pair } from '../world/pair.ts'
import type { ExperimentResult, LabResult, ModeResult, WorldSummary } from './result.ts'
import { daysInto, daysOf, type Timetable } from '../simulation/timetable.ts'
import type { World } from '../world/world.ts'

/** What is tried once the modes have been run. */
export type Experiments = (
  runs: readonly ModeRun[],
  seed: string,
  /** is told the title of each before it begins */
  begin: (title: string) => void,
) => AsyncIterable<ExperimentResult>

export interface LabOptions {
  readonly world: World
  readonly modes: readonly AccessMode[]
  readonly timetable: Timetable
  readonly seed: string
  readonly experiments: Experiments
  readonly provenance: Omit<LabResult['provenance'], 'seed' | 'seconds'>
  /** ends the run: what is finished is kept */
  readonly signal: AbortSignal
  readonly progress: (mode: string, conduct: Conduct, said: number) => void
  /** each experiment as it begins, by its title */
  readonly begun: (title: string) => void
  /** each mode as it is finished */
  readonly finished: (mode: ModeResult) => void
}

/** Everything the lab has to say of one world. */
export async function runLab(options: LabOptions): Promise<LabResult> {
  const { world, modes, timetable, seed, provenance, signal, progress, begun, finished } = options
  const started = performance.now()
  const runs: ModeRun[] = []
  const experiments: ExperimentResult[] = []
  let complete = false
  try {
    for (const mode of modes) {
      const run = await runMode(world, mode, timetable, seed, (conduct, said) => {
        signal.throwIfAborted()
        progress(mode.id, conduct, said)
      })
      runs.push(run)
      finished(run.result)
    }
    for await (const experiment of options.experiments(runs, seed, begun)) {
      signal.throwIfAborted()
      experiments.push(experiment)
    }
    complete = true
  } catch (error) {
    if (!signal.aborted || error !== signal.reason) throw error
  }
  const { on, breach, off, again } = timetable
  const day = (at: number) => daysInto(world, at)
  return {
    complete,
    provenance: { ...provenance, seed, seconds: (performance.now() - started) / 1000 },
    world: summaryOf(world),
    moments: { on: day(on), breach: day(breach), off: day(off), again: again === null ? null : day(again) },
    modes: runs.map(({ result }) => result),
    experiments,
  }
}

export function summaryOf(world: World): WorldSummary {
  const { name, target, people, messages } = world
  const conversations = new Map<string, number>()
  for (const { from, to } of messages) {
    const names = pair(from, to)
    conversations.set(names, (conversations.get(names) ?? 0) + 1)
  }
  return {
    name,
    target,
    days: daysOf(world),
    people: people.map(({ name: person, role }) => ({ name: person, role })),
    conversations: [...conversations].map(([names, count]) => ({ pair: names, messages: count })),
    compared: world.verified.length,
    evading: world.evading.map(({ between: [one, other], by }) => ({ pair: pair(one, other), by })),
    messages: messages.length,
    saidByDay: byDay(world, messages),
  }
}
