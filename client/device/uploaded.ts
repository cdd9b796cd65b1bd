import { concat, u64, unsignedAt } from '../../crypto/bytes.ts'
import type { DeviceStore } from './store.ts'

/** Whoever waits in another process gives up after ten seconds without news. */
const shareEveryMs = 1_000
const place = 'uploaded'
const storedBytes = 24

/** The file of the message in this row: so many bytes of so many are at the relay. */
export interface Upload {
  readonly row: number
  readonly done: number
  readonly of: number
}

/** How far the file is that is on its way to the relay, one at a time for each device; other processes of the device can see it. */
export interface Uploaded {
  /** of this process, or as another has shared it last */
  now(): Upload | null
  /** Is known to this process at once. */
  note(upload: Upload): void
  /** Lets other processes know, once a second at most. */
  share(): void
  end(): void
  /** This process does not bring it any more; another may. */
  leave(): void
}

export function createUploaded(store: DeviceStore): Uploaded {
  let own: Upload | null = null
  let shared: Upload | null = null
  let sharedAt = -Infinity

  function ofOthers(): Upload | null {
    const stored = store.isShared ? store.meta(place) : null
    if (stored?.length !== storedBytes) return null
    return { row: unsignedAt(stored, 0, 8), done: unsignedAt(stored, 8, 8), of: unsignedAt(stored, 16, 8) }
  }

  return {
    now: () => own ?? ofOthers(),
    note: (upload) => (own = upload),
    share() {
      if (!store.isShared || own === null || own === shared || performance.now() < sharedAt + shareEveryMs) return
      store.setMeta(place, concat(u64(own.row), u64(own.done), u64(own.of)))
      shared = own
      sharedAt = performance.now()
    },
    end() {
      own = shared = null
      if (store.isShared && store.meta(place)) store.dropMeta(place)
    },
    leave: () => (own = shared = null),
  }
}
