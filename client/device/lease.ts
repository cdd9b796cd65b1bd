import { isRecent } from './recent.ts'
import type { DeviceStore } from './store.ts'

const lifetimeMs = 10_000

/**
 * Which of several processes on one store is connected for the device. Two would do no harm to any session, but they
 * would hand in each other's mail twice.
 */
export interface Lease {
  /** Takes or renews it. @returns false while another living process has it */
  take(): boolean
  release(): void
}

export function createLease(store: DeviceStore, clock: () => number): Lease {
  const { id, isAlive } = store.holder
  const { lease } = store.tables
  return {
    take: () =>
      store.transaction(() => {
        const known = lease.get()
        const isHeld = known !== null && isRecent(known.expires - lifetimeMs, lifetimeMs, clock())
        if (isHeld && known.holder !== id && isAlive(known.holder)) return false
        lease.set({ holder: id, expires: clock() + lifetimeMs })
        return true
      }),
    release: () => lease.release(id),
  }
}
