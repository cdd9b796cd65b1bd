import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import type { DeviceStore } from '../../device/store.ts'
import { storePath } from '../../node/store.ts'
import { temporaryFolder } from '../../node/temporary.ts'

/** The bytes of a device's store at one moment: what somebody has who copies its file. */
export type Snapshot = Uint8Array

export function snapshotOf(store: DeviceStore): Snapshot {
  return inFolder((folder) => {
    const path = storePath(folder)
    store.run('VACUUM INTO ?', path)
    return readFileSync(path)
  })
}

/** The snapshot in a folder of its own, as a device's home, for the time of some work. */
export const withSnapshot = <T>(snapshot: Snapshot, work: (home: string) => T): T =>
  inFolder((folder) => {
    const path = storePath(folder)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, snapshot, { mode: 0o600 })
    return work(folder)
  })

function inFolder<T>(work: (folder: string) => T): T {
  const { path, remove } = temporaryFolder()
  try {
    return work(path)
  } finally {
    remove()
  }
}
