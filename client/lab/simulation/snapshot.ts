import { readFileSync } from 'node:fs'
import { memoryTables } from '../../device/memory/tables.ts'
import { sqliteTables } from '../../device/sqlite/tables.ts'
import { alone, type DeviceStore, storeOn } from '../../device/store.ts'
import { type Dump, dumpOf, fillWith } from '../../device/tables/tables.ts'
import { databaseIn, storePath } from '../../node/store.ts'
import { temporaryFolder } from '../../node/temporary.ts'

/** All that a device's store holds at one moment, and nothing that it has deleted: what somebody has who copies its file. */
export type Snapshot = Dump

export const snapshotOf = ({ tables }: DeviceStore): Snapshot => dumpOf(tables)

/** A store of one's own in which all of it stands, to try things on. @throws ClientError `locked` */
export function storeFrom(snapshot: Snapshot): DeviceStore {
  const tables = memoryTables()
  fillWith(tables, snapshot)
  return storeOn(tables, alone)
}

/** The bytes of the file that the messenger would have written. */
export function fileOf(snapshot: Snapshot): Uint8Array {
  const { path, remove } = temporaryFolder()
  try {
    const tables = sqliteTables(databaseIn(path))
    fillWith(tables, snapshot)
    tables.scrub()
    tables.close()
    return readFileSync(storePath(path))
  } finally {
    remove()
  }
}
