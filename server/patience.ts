import { setTimeout as sleep } from 'node:timers/promises'
import { isInUse } from './disk/storage.ts'

/** How long somebody waits for a store that another program holds before they are told. */
export const patienceMs = 3_000
export const pauseMs = 20

/**
 * Does work that writes into the store: at once, or as soon as nobody else holds it, while everything else goes on.
 * @param work whose first write is all that it does, so that one which has been turned away has done nothing
 * @throws what the work throws; after three seconds also that the store is in use
 */
export async function whenFree<T>(work: () => Promise<T>): Promise<T> {
  for (const end = performance.now() + patienceMs; ; await sleep(pauseMs)) {
    try {
      return await work()
    } catch (error) {
      if (!isInUse(error) || performance.now() > end) throw error
    }
  }
}
