import { availableParallelism } from 'node:os'
import { type Curve, type CurveId, type CurveRun, type CurveTask, curves } from './curves.ts'
import type { LabResult } from './result.ts'
import { allOf, startThread } from './thread.ts'

/** One value of a curve, with a world for each seed. */
export interface CurvePoint {
  readonly curve: CurveId
  readonly value: number
  readonly runs: readonly CurveRun[]
}

/** How far the figures of the headline depend on the world in which they were measured. */
export interface Sensitivity {
  readonly provenance: Pick<LabResult['provenance'], 'command' | 'version' | 'commit' | 'libsodium' | 'began'>
  /** in each world */
  readonly people: number
  /** each makes a world and its keys, and serves every point of every curve */
  readonly seeds: readonly string[]
  readonly points: readonly CurvePoint[]
}

/**
 * As many people as there are in the stories, and half of that besides, who know each other by chance: enough that seeds
 * make different worlds, and little enough for all points in a quarter of an hour of processor time.
 */
export const curvePeople = 50

export const seedsOf = (count: number): readonly string[] => Array.from({ length: count }, (_, i) => String(i + 1))

/** A point after the other, and its worlds one after the other. */
export const tasksOf = (seeds: readonly string[], those: readonly Curve[] = curves): readonly CurveTask[] =>
  those.flatMap(({ id: curve, values }) =>
    values.flatMap((value) => seeds.map((seed) => ({ curve, value, seed, people: curvePeople }))),
  )

/**
 * Plays the worlds of all points, as many at once as there are processors.
 * @param tell points in order, each as soon as it and all before it are finished
 * @param progress how many worlds have been played
 * @param signal ends it; what was told before it stands
 * @returns whether all points were measured
 * @throws what a thread threw
 */
export async function runSensitivity(
  tasks: readonly CurveTask[],
  tell: (point: CurvePoint) => void,
  progress: (played: number, last: CurveTask) => void,
  signal: AbortSignal,
): Promise<boolean> {
  const runs = new Map<CurveTask, CurveRun>()
  const left = [...tasks]
  const points = pointsOf(tasks)

  /** One that was quick waits for those before it. */
  function tellInOrder(): void {
    for (;;) {
      const [point = []] = points
      const [first] = point
      const done = point.flatMap((task) => runs.get(task) ?? [])
      if (!first || done.length < point.length) return
      points.shift()
      tell({ curve: first.curve, value: first.value, runs: done })
    }
  }

  const threads = Array.from({ length: Math.min(availableParallelism(), tasks.length) }, () => {
    const thread = startThread('curves-worker', null)
    const next = () => {
      const task = left.shift()
      thread.worker.postMessage(task ?? null)
      if (task) thread.worker.once('message', (run: CurveRun) => finish(task, run))
    }
    const finish = (task: CurveTask, run: CurveRun) => {
      runs.set(task, run)
      progress(runs.size, task)
      tellInOrder()
      next()
    }
    next()
    return thread
  })
  return allOf(threads, signal)
}

function pointsOf(tasks: readonly CurveTask[]): CurveTask[][] {
  const points: CurveTask[][] = []
  for (const task of tasks) {
    const last = points.at(-1)
    const [first] = last ?? []
    if (last && first?.curve === task.curve && first.value === task.value) last.push(task)
    else points.push([task])
  }
  return points
}
