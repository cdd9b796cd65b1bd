import { statSync } from 'node:fs'
import { join } from 'node:path'
import { privateDatabase, privateFolder } from '../../server/disk/private.ts'
import { openDatabase } from '../../server/sqlite.ts'
import { StorageError, storageFault } from '../../server/disk/storage.ts'
import type { Database } from '../device/sqlite/database.ts'
import { deviceMigrations } from '../device/sqlite/schema.ts'
import { sqliteTables } from '../device/sqlite/tables.ts'
import { type DeviceStore, type Holder, lockIn, type StoreHost, storeOn, type Unlock } from '../device/store.ts'

/** One SQLite file in a device's folder: 0600, in a folder in which nobody else can write. */
export const storePath = (home: string): string => join(home, 'device.db')

/**
 * @param home the device's folder, made if it is not there
 * @throws StorageError; ClientError `locked` where a passphrase is needed, and what `unlock` throws
 */
export function openStore(home: string, unlock?: Unlock): DeviceStore {
  const database = databaseIn(home)
  try {
    return storeOn(sqliteTables(database), hostAt(home), unlock)
  } catch (error) {
    database.close()
    throw error
  }
}

/** The lock of the store in a folder, without opening it for more. */
export function lockedStoreAt(home: string): Uint8Array | null {
  const tables = sqliteTables(databaseIn(home))
  try {
    return lockIn(tables)
  } finally {
    tables.close()
  }
}

export function databaseIn(home: string): Database {
  privateFolder(home)
  return openDatabase(privateDatabase(storePath(home)), deviceMigrations)
}

export const hostAt = (home: string): StoreHost => ({
  holder: thisProcess,
  mayPass,
  checkPresence: presence(storePath(home)),
  isShared: true,
})

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
