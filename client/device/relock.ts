import { aboutPlace, attachmentPlace, textPlace } from './history-entries.ts'
import { contentPlace } from './queue.ts'
import { prekeyPlace } from './prekeys.ts'
import { sealSelf } from './self.ts'
import { sessionPlace } from './sessions.ts'
import { type DeviceStore, lockPlace, metaPlace } from './store.ts'
import type { TableSet } from './tables/tables.ts'
import { checkContacts, trustPlace } from './trust.ts'
import type { Vault } from './vault.ts'

/** Everything that a vault seals, once more: what was sealed for a place, and is for the same one. */
type Reseal = (place: string, sealed: Uint8Array) => Uint8Array

function resealAll({ meta, prekeys, sessions, history, contacts, outbox }: TableSet, again: Reseal): void {
  for (const { key, value } of meta.all()) if (key !== lockPlace) meta.set(key, again(metaPlace(key), value))
  for (const { id, bytes } of prekeys.all()) prekeys.setBytes(id, again(prekeyPlace(id), bytes))
  for (const row of sessions.all()) sessions.setBytes(row, again(sessionPlace(row.ephemeral), row.bytes))
  for (const row of history.all()) {
    if (row.kind === 'forgotten') continue
    history.setText(row.row, again(textPlace(row), row.text))
    if (row.attachment) history.setAttachment(row.row, again(attachmentPlace(row), row.attachment))
    if (row.about) history.setAbout(row.row, again(aboutPlace(row), row.about))
  }
  for (const row of contacts.all()) contacts.put({ ...row, seal: again(trustPlace(row), row.seal) })
  for (const { row, content, ...to } of outbox.all())
    if (content) outbox.setContent(row, again(contentPlace(to), content))
}

/**
 * Seals the whole store anew, in one transaction, and gives up the space in which it stood before. Other processes that
 * have it open can write nothing any more and have to be started again.
 * @param lock null for a store without a passphrase
 */
export function relock(store: DeviceStore, lock: Uint8Array | null, vault: Vault): void {
  store.transaction(() => {
    sealSelf(store)
    if (store.meta('self')) checkContacts(store)
    resealAll(store.tables, (place, sealed) => vault.seal(place, store.vault.open(place, sealed)))
    if (lock) store.tables.meta.set(lockPlace, lock)
    else store.tables.meta.drop(lockPlace)
  })
  store.scrub()
}
