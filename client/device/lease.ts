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
  return {
    take: () =>
      store.transaction(() => {
        const row = store.get('SELECT pid, expires FROM lease')
        const pid = Number(row?.['pid'])
        const isHeld = isRecent(Number(row?.['expires']) - lifetimeMs, lifetimeMs, clock())
        if (row && pid !== id && isHeld && isAlive(pid)) return false
        store.run('INSERT OR REPLACE INTO lease (only, pid, expires) VALUES (1, ?, ?)', id, clock() + lifetimeMs)
        return true
      }),
    release: () => void store.run('DELETE FROM lease WHERE pid = ?', id),
  }
}
