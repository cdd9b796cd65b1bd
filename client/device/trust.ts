import { concat, decode, hex, textField, u32 } from '../../crypto/bytes.ts'
import { CryptoError } from '../../crypto/errors.ts'
import { bytesOf, bytesOrNull, type DeviceStore, metaPlace, type Row } from './store.ts'

/*
 * What decides whom a device trusts stands in plain columns, for SQLite has to search them. The vault vouches for it: each
 * contact has a seal of no bytes, whose place is all that must not be changed; and how many contacts there are is a sealed
 * value of its own, so that none can be taken out.
 */

/** How many contacts there are, and who of those who are none is blocked. */
interface Known {
  readonly count: number
  readonly blockedStrangers: readonly string[]
}

const nothing = new Uint8Array()

/** Where the seal of a contact stands, for the vault. */
export const trustPlace = (row: Row): string => {
  const changed = bytesOrNull(row['changed_list'])
  const flags = ['verified', 'accepted', 'blocked', 'lifetime'].map((column) => Number(row[column]))
  return ['contact', row['user'], hex(bytesOf(row['list'])), changed ? hex(changed) : '-', ...flags].join(' ')
}

/** Vouches for a contact as it stands. In the transaction of each change. */
export function sealContact(store: DeviceStore, user: string): void {
  const row = store.get('SELECT * FROM contact WHERE user = ?', user)
  if (row) store.run('UPDATE contact SET seal = ? WHERE user = ?', store.vault.seal(trustPlace(row), nothing), user)
}

const encodeKnown = ({ count, blockedStrangers }: Known): Uint8Array =>
  concat(u32(count), u32(blockedStrangers.length), ...blockedStrangers.map(textField))

const decodeKnown = (bytes: Uint8Array): Known =>
  decode(bytes, (reader) => {
    const count = reader.u32()
    return { count, blockedStrangers: Array.from({ length: reader.u32() }, () => reader.text(32)) }
  })

const changedOnDisk = () => new CryptoError('not-authentic', 'the store on disk has been changed')

/** @throws CryptoError `not-authentic` where it has been taken out */
export function readKnown(store: DeviceStore): Known {
  const bytes = store.meta('contacts')
  if (!bytes) throw changedOnDisk()
  return decodeKnown(bytes)
}

export const writeKnown = (store: DeviceStore, next: Known): void => store.setMeta('contacts', encodeKnown(next))

/** Another contact is there now. In the transaction that has stored it. */
export function countContact(store: DeviceStore, user: string): void {
  const { count, blockedStrangers } = readKnown(store)
  writeKnown(store, { count: count + 1, blockedStrangers: blockedStrangers.filter((name) => name !== user) })
  sealContact(store, user)
}

/** For a store of a version that vouched for nothing: as it stands. */
export function sealAllContacts(store: DeviceStore): void {
  const users = store.all('SELECT user FROM contact').map((row) => String(row['user']))
  for (const user of users) sealContact(store, user)
  writeKnown(store, { count: users.length, blockedStrangers: [] })
}

/** @throws CryptoError `not-authentic` where a contact is not as this device has left it, or one is missing */
export function checkContacts(store: DeviceStore): void {
  // in one statement, for another process may be writing
  const rows = store.all(
    "SELECT contact.*, value FROM meta LEFT JOIN contact ON true WHERE meta.key = 'contacts' ORDER BY user",
  )
  const value = bytesOrNull(rows[0]?.['value'])
  if (!value) throw changedOnDisk()
  const contacts = rows.filter((row) => row['user'] !== null)
  const { count } = decodeKnown(store.vault.open(metaPlace('contacts'), value))
  if (contacts.length !== count) throw changedOnDisk()
  for (const row of contacts) store.vault.open(trustPlace(row), bytesOf(row['seal']))
}
