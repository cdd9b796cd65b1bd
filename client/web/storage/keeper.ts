import type { Changes } from './pages.ts'

/** Sees to it that what a store says is kept, one save after another. */
export interface Keeper {
  /**
   * Resolves when everything that was written before is kept. Never out of order: whoever asks later is answered later.
   * @throws what the save failed with, from then on and for good
   */
  readonly settled: () => Promise<void>
}

/**
 * @param take what has changed since it was asked last; null where nothing has
 * @param save keeps it, all or nothing
 * @param failed is told once of a save that failed: what came after it cannot be kept either
 */
export function createKeeper(
  take: () => Changes | null,
  save: (changes: Changes) => Promise<void>,
  failed: (error: Error) => void,
): Keeper {
  /** the save under way, and the one that waits for it and will take everything that has come by then */
  let running: Promise<void> = Promise.resolve()
  let next: Promise<void> | null = null
  let fault: Error | null = null

  async function saveNow(): Promise<void> {
    if (fault) throw fault
    const changes = take()
    if (!changes) return
    try {
      await save(changes)
    } catch (error) {
      fault = error as Error
      failed(fault)
      throw error
    }
  }

  return {
    settled() {
      next ??= running
        .catch(() => undefined)
        .then(() => {
          next = null
          running = saveNow()
          return running
        })
      return next
    },
  }
}
