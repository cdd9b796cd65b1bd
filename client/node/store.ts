import { statSync } from 'node:fs'
import { join } from 'node:path'
import { privateDatabase, privateFolder } from '../../server/disk/private.ts'
import { openDatabase } from '../../server/sqlite.ts'
import { StorageError, storageFault } from '../../server/disk/storage.ts'
import type { Database } from '../device/database.ts'
import { deviceMigrations } from '../device/schema.ts'
import { alone, type DeviceStore, type Holder, lockIn, storeOn, type Unlock } from '../device/store.ts'

/** One SQLite file in a device's folder: 0600, in a folder in which nobody else can write. */
export const storePath = (home: string): string => join(home, 'device.db')

/**
 * @param home the device's folder, made if it is not there
 * @throws StorageError; ClientError `locked` where a passphrase is needed, and what `unlock` throws
 */
export function openStore(home: string, unlock?: Unlock): DeviceStore {
  const database = databaseIn(home)
  try {
    return storeOn(
      database,
      { holder: thisProcess, mayPass, checkPresence: presence(storePath(home)), isShared: true },
      unlock,
    )
  } catch (error) {
    database.close()
    throw error
  }
}

/** For a device that lives no longer than its process. */
export const openStoreInMemory = (): DeviceStore => storeOn(openDatabase(':memory:', deviceMigrations), alone)

/** The lock of the store in a folder, without opening it for more. */
export function lockedStoreAt(home: string): Uint8Array | null {
  const database = databaseIn(home)
  try {
    return lockIn(database)
  } finally {
    database.close()
  }
}

function databaseIn(home: string): Database {
  privateFolder(home)
  return openDatabase(privateDatabase(storePath(home)), deviceMigrations)
}

const thisProcess: Holder = {
  id: process.pid,
  isAlive(pid) {
    try {
      return process.kill(pid, 0)
    } catch (error) {
      return (error as NodeJS.ErrnoException).code === 'EPERM'
    }
  },
}

const mayPass = (error: unknown): boolean => storageFault(error)?.mayPass ?? false

/** SQLite goes on with a file that was removed: what is written to it is lost. */
function presence(path: string): () => void {
  const inodeOf = () => statSync(path, { throwIfNoEntry: false })?.ino
  const inode = inodeOf()
  return () => {
    if (inodeOf() !== inode) throw new StorageError(`${path} is gone, or is another file than before`)
  }
}
