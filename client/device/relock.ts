import { textPlace } from './history.ts'
import { queuedPlace } from './queue.ts'
import { prekeyPlace } from './prekeys.ts'
import { sealSelf } from './self.ts'
import { sessionPlace } from './sessions.ts'
import { bytesOf, type DeviceStore, lockPlace, metaPlace, type Row } from './store.ts'
import { checkContacts, trustPlace } from './trust.ts'
import type { Vault } from './vault.ts'

/** Everything that a vault seals: its table, what names a row, the column, and the place it is sealed for. */
const sealed: readonly {
  readonly table: string
  readonly row: string
  readonly column: string
  /** null where nothing is sealed */
  readonly place: (row: Row) => string | null
}[] = [
  { table: 'meta', row: 'key', column: 'value', place: (row) => metaPlace(String(row['key'])) },
  { table: 'prekey', row: 'id', column: 'bytes', place: (row) => prekeyPlace(Number(row['id'])) },
  { table: 'session', row: 'ephemeral', column: 'bytes', place: (row) => sessionPlace(bytesOf(row['ephemeral'])) },
  { table: 'history', row: 'row', column: 'text', place: textPlace },
  { table: 'contact', row: 'user', column: 'seal', place: trustPlace },
  { table: 'outbox', row: 'row', column: 'content', place: queuedPlace },
]

/**
 * Seals the whole store anew, in one transaction, and gives up the space in which it stood before. Other processes that
 * have it open can write nothing any more and have to be started again.
 * @param lock null for a store without a passphrase
 */
export function relock(store: DeviceStore, lock: Uint8Array | null, vault: Vault): void {
  store.transaction(() => {
    sealSelf(store)
    if (store.meta('self')) checkContacts(store)
    const before = store.vault
    for (const { table, row, column, place } of sealed) {
      for (const found of store.all(`SELECT * FROM ${table}`)) {
        if (found['key'] === lockPlace || found['kind'] === 'forgotten') continue
        const where = place(found)
        if (where === null) continue
        const bytes = vault.seal(where, before.open(where, bytesOf(found[column])))
        store.run(
          `UPDATE ${table} SET ${column} = ? WHERE ${row} = ?`,
          bytes,
          found[row] as string | number | Uint8Array,
        )
      }
    }
    if (lock) store.run('INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)', lockPlace, lock)
    else store.run('DELETE FROM meta WHERE key = ?', lockPlace)
  })
  store.run('VACUUM')
  store.tidy()
}
