import type { Random } from '../../crypto/random.ts'
import type { Relay } from '../../server/api.ts'
import { FileRefused, openLink } from './link.ts'
import type { Device } from './device.ts'
import { createLease } from './lease.ts'
import { sleep } from './sleep.ts'

const pollMs = 50
const leaseRetryMs = 200
const renewLeaseMs = 3_000
const firstRetryMs = 250
const longestRetryMs = 20_000
/** A relay that ends each connection as soon as it has begun is not there: it is asked less and less often. */
const steadyMs = 1_000

/** `elsewhere`: another process on the same store is connected, and does the work for this one too. */
export type OnlineState = 'offline' | 'online' | 'elsewhere'

/** A device that stays connected: one process a device talks to the relay, and takes it up again whenever it must. */
export interface Online {
  readonly state: OnlineState
  /** Why it is not online, when it is not. */
  readonly fault: Error | null
  /** Resolves when something may have changed: in the store, by this process or another, or in `state`. */
  changed(): Promise<void>
  stop(): Promise<void>
}

/** @param random also for the jitter of reconnections */
export function goOnline(device: Device, relay: Relay, random: Random, clock: () => number): Online {
  const { store } = device
  const lease = createLease(store, clock)
  const stopping = new AbortController()
  let state: OnlineState = 'offline'
  let fault: Error | null = null
  let watchers: (() => void)[] = []

  const announce = () => {
    const woken = watchers
    watchers = []
    for (const wake of woken) wake()
  }

  const enter = (next: OnlineState, why: Error | null = null) => {
    const same = next === state && why?.message === fault?.message
    fault = why
    state = next
    if (!same) announce()
  }

  async function run(): Promise<void> {
    let retryMs = firstRetryMs
    let beganAt = Infinity
    while (!stopping.signal.aborted) {
      beganAt = Infinity
      try {
        if (!lease.take()) {
          enter('elsewhere')
          await watchStore(leaseRetryMs)
          continue
        }
        await stayLinked(() => (beganAt = performance.now()))
      } catch (error) {
        // whatever it was, what is stored is whole: it is told, and tried again
        enter('offline', error instanceof FileRefused ? null : (error as Error))
      }
      giveBack()
      if (performance.now() >= beganAt + steadyMs) retryMs = firstRetryMs
      await watchStore(retryMs * (0.5 + (random(1)[0] ?? 0) / 255))
      retryMs = Math.min(retryMs * 2, longestRetryMs)
    }
  }

  /** Where the store cannot be written, the lease ends by itself. */
  function giveBack(): void {
    try {
      lease.release()
    } catch {
      // whoever needs the store is told
    }
  }

  /** As the store says; as before, while it cannot be read. */
  function versionAfter(before: number): number {
    try {
      return store.version()
    } catch (error) {
      if (!store.mayPass(error)) throw error
      return before
    }
  }

  /** Waits, and tells of what other processes write meanwhile. */
  async function watchStore(ms: number): Promise<void> {
    let version = versionAfter(0)
    for (const end = performance.now() + ms; performance.now() < end && !stopping.signal.aborted;) {
      await sleep(pollMs, stopping.signal)
      const now = versionAfter(version)
      if (now !== version) announce()
      version = now
    }
  }

  /** One connection, from its challenge to its end. */
  async function stayLinked(succeeded: () => void): Promise<void> {
    const link = await openLink(device, relay, random, clock)
    // whatever waits for a relay that does not answer is let go
    stopping.signal.addEventListener('abort', link.close, { once: true })
    try {
      await link.begin()
      succeeded()
      enter('online')
      let version = store.version()
      /** whether something has been written since the store was last tidied */
      let written = true
      let renewAt = performance.now() + renewLeaseMs
      while (!stopping.signal.aborted) {
        const worked = await link.turn()
        if (worked || store.version() !== version) announce()
        if (written && !worked) store.tidy()
        written = worked
        version = store.version()
        if (performance.now() > renewAt) {
          if (!lease.take()) return
          renewAt = performance.now() + renewLeaseMs
        }
        if (!stopping.signal.aborted) await link.idle(pollMs)
      }
    } finally {
      stopping.signal.removeEventListener('abort', link.close)
      link.close()
    }
  }

  const running = run().catch((error: unknown) => enter('offline', error as Error))

  return {
    get state() {
      return state
    },
    get fault() {
      return fault
    },
    changed: () => new Promise<void>((resolve) => watchers.push(resolve)),
    async stop() {
      stopping.abort()
      await running
      giveBack()
    },
  }
}
