import { parentPort, Worker, workerData } from 'node:worker_threads'
import { loadNative } from '../../../server/native.ts'
import { sharedFolder } from '../../node/temporary.ts'

/** The files in this folder that run in threads of their own; each is an entry of the build as well. */
export type ThreadName = 'replay-worker' | 'matrix-worker' | 'curves-worker'

/** What a thread is started with: its order, and a flag that asks it to end. */
interface Start {
  readonly order: unknown
  readonly flag: Int32Array
}

export interface Thread {
  readonly worker: Worker
  /** Asks for an end; a thread comes to it by itself, for one that is cut off inside SQLite takes the process with it. */
  readonly stop: () => void
  /** @throws what the thread threw */
  readonly ended: Promise<void>
}

/** As it is written, a file needs a loader first, which a thread does not inherit. */
export function startThread(name: ThreadName, order: unknown): Thread {
  sharedFolder()
  const start: Start = { order, flag: new Int32Array(new SharedArrayBuffer(4)) }
  const worker = import.meta.url.endsWith('.ts')
    ? new Worker(loading(new URL(`./${name}.ts`, import.meta.url)), { workerData: start, eval: true, execArgv: [] })
    : new Worker(new URL(`./${name}.js`, import.meta.url), { workerData: start })
  return {
    worker,
    stop: () => void Atomics.store(start.flag, 0, 1),
    ended: new Promise((resolve, reject) => {
      worker.on('error', reject)
      worker.on('exit', () => resolve())
    }),
  }
}

const loading = (url: URL) =>
  `import('tsx/esm/api').then(({ register }) => (register(), import(${JSON.stringify(url.href)})))`

class Stopped extends Error {}

/** In a thread: what it is to do. */
export const orderOfThread = <T>(): T => (workerData as Start).order as T

/** In a thread, wherever it can be left: ends the work if an end was asked for. */
export function leaveIfAsked(): void {
  if (Atomics.load((workerData as Start).flag, 0) === 1) throw new Stopped('an end was asked for')
}

/** In a thread: works, and lets the thread end where it was left. */
export async function untilLeft(work: () => Promise<void>): Promise<void> {
  try {
    await loadNative()
    await work()
  } catch (error) {
    if (!(error instanceof Stopped)) throw error
    parentPort?.close()
  }
}

/** Waits for threads, and asks them all for an end when one fails or somebody wants it. @returns whether nobody did */
export async function allOf(threads: readonly Thread[], signal: AbortSignal): Promise<boolean> {
  const stopAll = () => threads.forEach(({ stop }) => stop())
  signal.addEventListener('abort', stopAll, { once: true })
  const ends = threads.map(({ ended }) =>
    ended.catch((error: unknown) => {
      stopAll()
      throw error
    }),
  )
  const failed = (await Promise.allSettled(ends)).find((end) => end.status === 'rejected')
  if (failed) throw failed.reason
  return !signal.aborted
}
