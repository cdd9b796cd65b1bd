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
  return {
    take: () =>
      store.transaction(() => {
        const row = store.get('SELECT pid, expires FROM lease')
        const pid = Number(row?.['pid'])
        const isHeld = isRecent(Number(row?.['expires']) - lifetimeMs, lifetimeMs, clock())
        if (row && pid !== process.pid && isHeld && isAlive(pid)) return false
        store.run(
          'INSERT OR REPLACE INTO lease (only, pid, expires) VALUES (1, ?, ?)',
          process.pid,
          clock() + lifetimeMs,
        )
        return true
      }),
    release: () => void store.run('DELETE FROM lease WHERE pid = ?', process.pid),
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
