import type { DeviceStore } from '../../client/device/store.ts'

/** Where a process dies: at its n-th commit to the store, just before it is on disk or just after. */
export interface CrashPoint {
  readonly commit: number
  readonly when: 'before' | 'after'
}

/** The process is gone. No code of the client knows this error, so nothing catches it. */
export class Crash extends Error {
  override readonly name = 'Crash'
}

export interface CountedStore extends DeviceStore {
  readonly commits: number
}

/** A store that counts what is committed to it, and that ends with its process at one point: nothing works after that. */
export function crashingStore(store: DeviceStore, point: CrashPoint | null): CountedStore {
  let commits = 0
  let depth = 0
  let dead = false

  function alive(): void {
    if (dead) throw new Crash('this process has ended')
  }

  function die(when: CrashPoint['when']): void {
    if (point?.when !== when || point.commit !== commits) return
    dead = true
    throw new Crash(`${when} commit ${commits}`)
  }

  /** The work of a transaction, or one statement alone: either way it ends in one commit. */
  function commit<T>(work: () => T): T {
    commits += 1
    const result = work()
    die('after')
    return result
  }

  function within<T>(work: () => T): T {
    depth += 1
    try {
      return work()
    } finally {
      depth -= 1
    }
  }

  return {
    ...store,
    get commits() {
      return commits
    },
    transaction(work) {
      alive()
      if (depth > 0) return work()
      return commit(() =>
        store.transaction(() => {
          const result = within(work)
          die('before')
          return result
        }),
      )
    },
    run(sql, ...values) {
      alive()
      if (depth > 0) return store.run(sql, ...values)
      return commit(() => {
        die('before')
        return store.run(sql, ...values)
      })
    },
    get(sql, ...values) {
      alive()
      return store.get(sql, ...values)
    },
    all(sql, ...values) {
      alive()
      return store.all(sql, ...values)
    },
    setMeta(key, value) {
      alive()
      if (depth > 0) return store.setMeta(key, value)
      return commit(() => {
        die('before')
        return store.setMeta(key, value)
      })
    },
  }
}
