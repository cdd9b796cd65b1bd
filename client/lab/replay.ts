import { Worker } from 'node:worker_threads'
import type { Conduct } from './operator.ts'
import { conducts, type News, type ReplayOrder } from './replay-part.ts'

/**
 * Plays a dataset twice at once, each time in a thread of its own: with an operator within the order, and with a relay that
 * answers as it likes.
 * @param tell what has come, from either, in no order between the two
 * @param signal ends both; what was told before it stands
 * @returns whether both came to their end
 * @throws what one of the two threw
 */
export async function replay(order: ReplayOrder, tell: (news: News) => void, signal: AbortSignal): Promise<boolean> {
  const workers = conducts.map((conduct) => {
    const worker = workerFor({ order, conduct })
    worker.on('message', tell)
    return worker
  })
  const end = () => Promise.all(workers.map((worker) => worker.terminate()))
  const stopped = new Promise<false>((resolve) =>
    signal.addEventListener('abort', () => resolve(false), { once: true }),
  )
  const finished = Promise.all(workers.map(endOf)).then(() => true as const)
  try {
    return await Promise.race([finished, stopped])
  } finally {
    await end()
  }
}

const endOf = (worker: Worker) =>
  new Promise<void>((resolve, reject) => {
    worker.on('error', reject)
    worker.on('exit', () => resolve())
  })

/** The worker beside this file. As it is written it needs a loader first, which a thread does not inherit. */
function workerFor(workerData: { readonly order: ReplayOrder; readonly conduct: Conduct }): Worker {
  if (!import.meta.url.endsWith('.ts'))
    return new Worker(new URL('./replay-worker.js', import.meta.url), { workerData })
  const entry = JSON.stringify(new URL('./replay-worker.ts', import.meta.url).href)
  const loaded = `import('tsx/esm/api').then(({ register }) => (register(), import(${entry})))`
  return new Worker(loaded, { workerData, eval: true, execArgv: [] })
}
