import { availableParallelism } from 'node:os'
import type { Conduct } from '../simulation/operator.ts'
import type { ModeResult } from './result.ts'
import { allOf, startThread } from './thread.ts'

/** A built-in world, which every thread makes for itself. */
export interface MatrixOrder {
  readonly seed: string
  readonly people: number
}

export type MatrixNews =
  | { readonly kind: 'said'; readonly mode: string; readonly conduct: Conduct; readonly said: number }
  | { readonly kind: 'result'; readonly result: ModeResult }

/**
 * Runs a built-in world under each mode, as many modes at once as there are processors.
 * @param tell results in the order of the modes, and how far each thread is
 * @param signal ends it; what was told before it stands
 * @returns whether all modes were run
 * @throws what a thread threw
 */
export async function runMatrix(
  order: MatrixOrder,
  modes: readonly string[],
  tell: (news: MatrixNews) => void,
  signal: AbortSignal,
): Promise<boolean> {
  const left = [...modes]
  const results = new Map<string, ModeResult>()
  let told = 0

  /** A mode that was quick waits for those before it. */
  function tellInOrder(): void {
    for (;;) {
      const result = results.get(modes[told] ?? '')
      if (!result) return
      tell({ kind: 'result', result })
      told += 1
    }
  }

  const threads = Array.from({ length: Math.min(availableParallelism(), modes.length) }, () => {
    const thread = startThread('matrix-worker', order)
    const next = () => thread.worker.postMessage(left.shift() ?? null)
    thread.worker.on('message', (news: MatrixNews) => {
      if (news.kind === 'said') return tell(news)
      results.set(news.result.id, news.result)
      tellInOrder()
      next()
    })
    next()
    return thread
  })
  return allOf(threads, signal)
}
