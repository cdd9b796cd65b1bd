import { concat, decode, hex, textField, u32 } from '../../crypto/bytes.ts'
import { CryptoError } from '../../crypto/errors.ts'
import { type DeviceStore, metaPlace } from './store.ts'
import type { ContactRow } from './tables/people.ts'

/*
 * What decides whom a device trusts stands in plain columns, for the table has to search them. The vault vouches for it: each
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
export const trustPlace = ({ user, list, changedList, ...flags }: ContactRow): string =>
  [
    'contact',
    user,
    hex(list),
    changedList ? hex(changedList) : '-',
    Number(flags.verified),
    Number(flags.accepted),
    Number(flags.blocked),
    flags.lifetimeSeconds,
  ].join(' ')

/** Stores a contact, and vouches for it as it stands. */
export const putContact = ({ vault, tables }: DeviceStore, contact: Omit<ContactRow, 'seal'>): void => {
  const row = { ...contact, seal: nothing }
  tables.contacts.put({ ...row, seal: vault.seal(trustPlace(row), nothing) })
}

/** What is still to be said of somebody who becomes a contact. */
const fresh = {
  changedList: null,
  verified: false,
  accepted: false,
  blocked: false,
  lifetimeSeconds: 0,
  readRow: 0,
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

/** In the transaction in which it is found that the contact is not there yet. */
export function addContact(
  store: DeviceStore,
  contact: Pick<ContactRow, 'user' | 'list'> & Partial<Omit<ContactRow, 'seal'>>,
): void {
  const { count, blockedStrangers } = readKnown(store)
  putContact(store, { ...fresh, ...contact })
  writeKnown(store, { count: count + 1, blockedStrangers: blockedStrangers.filter((name) => name !== contact.user) })
}

/** For a store of a version that vouched for nothing: as it stands. */
export function sealAllContacts(store: DeviceStore): void {
  const contacts = store.tables.contacts.all()
  for (const contact of contacts) putContact(store, contact)
  writeKnown(store, { count: contacts.length, blockedStrangers: [] })
}

/** @throws CryptoError `not-authentic` where a contact is not as this device has left it, or one is missing */
export function checkContacts({ vault, tables }: DeviceStore): void {
  const { value, contacts } = tables.contacts.allBeside('contacts')
  if (!value) throw changedOnDisk()
  const { count } = decodeKnown(vault.open(metaPlace('contacts'), value))
  if (contacts.length !== count) throw changedOnDisk()
  for (const contact of contacts) vault.open(trustPlace(contact), contact.seal)
}
