import { parentPort } from 'node:worker_threads'
import { modeCalled } from '../../../crypto/access/index.ts'
import type { MatrixNews, MatrixOrder } from './matrix.ts'
import { runMode } from './mode-run.ts'
import { leaveIfAsked, orderOfThread, untilLeft } from './thread.ts'
import { usualTimetable } from '../simulation/timetable.ts'
import { builtinWorld } from '../world/builtin.ts'

/*
 * A thread that runs one access mode after another, as it is handed them, until there is none; every one of them in the
 * same world.
 */

const { seed, people } = orderOfThread<MatrixOrder>()
const world = builtinWorld(seed, people)
const tell = (news: MatrixNews) => parentPort?.postMessage(news)
const progressEveryMs = 500

async function run(mode: string): Promise<void> {
  let told = performance.now()
  const { result } = await runMode(world, modeCalled(mode), usualTimetable(world), seed, (conduct, said) => {
    leaveIfAsked()
    if (performance.now() < told + progressEveryMs) return
    told = performance.now()
    tell({ kind: 'said', mode, conduct, said })
  })
  tell({ kind: 'result', result })
}

parentPort?.on('message', (mode: string | null) => {
  if (mode === null) parentPort?.close()
  else void untilLeft(() => run(mode))
})
