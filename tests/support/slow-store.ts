import { setTimeout as sleep } from 'node:timers/promises'
import type { Store } from '../../server/store/store.ts'

/** Whole numbers below one, the same each time for a seed. */
export function numbers(seed: number): (below: number) => number {
  let state = seed >>> 0
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}

/** A store whose every answer takes a while before its work and after it, as one across a network. */
export const slowly =
  (drawn: (below: number) => number, mostMs: number) =>
  (kept: Store): Store =>
    new Proxy(kept, {
      get(target, name) {
        const method = Reflect.get(target, name) as (...asked: unknown[]) => Promise<unknown>
        if (name === 'close') return method
        return async (...asked: unknown[]) => {
          await sleep(drawn(mostMs))
          const answer = await method(...asked)
          await sleep(drawn(mostMs))
          return answer
        }
      },
    })

/** Looks again and again; a test that waits in vain is ended by its own time. */
export async function untilTrue(look: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await look())) await sleep(5)
}
