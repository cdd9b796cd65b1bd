import { parentPort } from 'node:worker_threads'
import { type CurveRun, type CurveTask, runCurve } from './curves.ts'
import { leaveIfAsked, untilLeft } from './thread.ts'

/*
 * A thread that plays one world of a curve after another, as it is handed them, until there is none.
 */

async function play(task: CurveTask): Promise<void> {
  const run = await runCurve(task, leaveIfAsked)
  parentPort?.postMessage(run satisfies CurveRun)
}

parentPort?.on('message', (task: CurveTask | null) => {
  if (task === null) parentPort?.close()
  else void untilLeft(() => play(task))
})
