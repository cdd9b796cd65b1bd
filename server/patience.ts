import { setTimeout as sleep } from 'node:timers/promises'
import { isInUse } from './disk/storage.ts'

/** How long somebody waits for a store that another program holds before they are told. */
export const patienceMs = 3_000
export const pauseMs = 20

/** When somebody who asks now is told, by `performance.now()`. */
export const patienceEnds = (): number => performance.now() + patienceMs

/**
 * Has the store write: at once, or as soon as nobody else holds it, while everything else goes on.
 * @param write one call of the store and nothing beside it, for it is made again every 20 ms: whatever is checked, signed or
 *   counted is so before
 * @param end of the patience of whoever waits
 * @throws what the store throws; after the end also that it is in use
 */
export async function whenFree<T>(write: () => Promise<T>, end: number = patienceEnds()): Promise<T> {
  for (; ; await sleep(pauseMs)) {
    try {
      return await write()
    } catch (error) {
      if (!isInUse(error) || performance.now() > end) throw error
    }
  }
}
