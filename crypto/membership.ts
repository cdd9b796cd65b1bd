import { written } from './arena.ts'
import { decode, equal, type Reader, type Writer } from './bytes.ts'
import { CryptoError } from './errors.ts'
import type { Person } from './fingerprint.ts'
import {
  checkName,
  deviceIn,
  type DeviceList,
  type DeviceSecrets,
  nameMaximumBytes,
  readSuite,
  suite,
} from './identity.ts'
import { digest, labels, sign, verify } from './kdf.ts'
import {
  type AccountKey,
  checkSigningKey,
  type DeviceId,
  type Digest,
  keySizeBytes,
  signatureSizeBytes,
} from './keys.ts'

/*
 * Who is in a group is said by its members and not by the relay: in changes, each signed by the device of whoever makes it, and each upon the one
 * before. Here is what one change says. Which of them stand is for group-order.ts.
 */

/** The digest of the change that founded the group: nobody else can found one of the same id. */
export type GroupId = Digest

export const groupTitleMaximumBytes = 64
/** How many people a group has at most. */
export const membersMaximum = 64
/** So many changes a group can have. To remove somebody, to take an office and to leave is always possible. */
export const changesMaximum = 4096
/** So many of them one account can make, besides these. */
export const changesOfOneMaximum = 256
/** Whoever goes has this many devices named at most: what a member can have had. */
const spokenMaximum = 64

/** Which of a device's messages to the group still count: those that whoever makes the change has heard, one after the other. */
export interface Spoken {
  readonly device: DeviceId
  readonly from: number
  /** at least `from` */
  readonly to: number
}

/** What a change does. */
export type Deed =
  | { readonly kind: 'found'; readonly title: string; readonly salt: Uint8Array }
  | ({ readonly kind: 'add' } & Person)
  /** what the removed had said until then; all else is refused */
  | ({ readonly kind: 'remove'; readonly spoken: readonly Spoken[] } & Person)
  /** the same of whoever leaves */
  | { readonly kind: 'leave'; readonly spoken: readonly Spoken[] }
  | { readonly kind: 'rename'; readonly title: string }
  /** so long new messages stay, once they were sent or read: 0 for good */
  | { readonly kind: 'lifetime'; readonly seconds: number }
  | ({ readonly kind: 'promote' } & Person)
  | ({ readonly kind: 'demote' } & Person)
  /** does nothing but name a newer device list: from then on, devices that only an older one has can change nothing */
  | { readonly kind: 'refresh' }

export interface Change {
  /** null in the change that founds the group, and gives it its id */
  readonly group: GroupId | null
  /** 0 for the first, and one more than the one that it stands upon */
  readonly number: number
  /** null for the first */
  readonly parent: Digest | null
  readonly author: Person
  readonly device: DeviceId
  /** of the author's device list in which the device stands */
  readonly listNumber: number
  readonly deed: Deed
}

/** A change whose signature holds. */
export interface SignedChange {
  readonly change: Change
  readonly digest: Digest
  /** of the group that it belongs to */
  readonly group: GroupId
  readonly bytes: Uint8Array
}

const deeds = {
  found: 1,
  add: 2,
  remove: 3,
  leave: 4,
  rename: 5,
  promote: 6,
  demote: 7,
  refresh: 8,
  lifetime: 9,
} as const
const saltSizeBytes = 16

/** A change's largest encoding: a removal of somebody with 64 devices. */
export const changeMaximumBytes = 4096

/** A title is 1 to 64 bytes of text in one line, without control characters, and without spaces at its ends. */
export const isGroupTitle = (title: string): boolean =>
  title.isWellFormed() &&
  title.length > 0 &&
  new TextEncoder().encode(title).length <= groupTitleMaximumBytes &&
  // oxlint-disable-next-line no-control-regex -- these are what a title must not have
  !/[\u0000-\u001f\u007f-\u009f\u2028\u2029]|^\s|\s$/u.test(title)

/**
 * suite, group (32 bytes, zeros in the first), number (4), parent (32, zeros in the first), author's name, account key (32), device (32), list
 * number (4), what is done (1), and what that asks for: see `writeDeed`.
 */
function writeChange(to: Writer, { group, number, parent, author, device, listNumber, deed }: Change): void {
  to.u8(suite)
  to.bytes(group ?? new Uint8Array(keySizeBytes))
  to.u32(number)
  to.bytes(parent ?? new Uint8Array(keySizeBytes))
  to.text(checkName(author.user))
  to.bytes(author.accountKey)
  to.bytes(device)
  to.u32(listNumber)
  to.u8(deeds[deed.kind])
  writeDeed(to, deed)
}

/** A title behind its length, and salt (16) where a group is founded; seconds (4); a name and account key (32); for whoever goes, count (1), and device (32), from (8) and to (8) each. */
function writeDeed(to: Writer, deed: Deed): void {
  switch (deed.kind) {
    case 'found':
      to.text(checkTitle(deed.title))
      return to.bytes(deed.salt)
    case 'rename':
      return to.text(checkTitle(deed.title))
    case 'lifetime':
      return to.u32(deed.seconds)
    case 'refresh':
      return
    case 'leave':
      return writeSpoken(to, deed.spoken)
    default:
      to.text(checkName(deed.user))
      to.bytes(deed.accountKey)
      if (deed.kind === 'remove') writeSpoken(to, deed.spoken)
  }
}

function writeSpoken(to: Writer, spoken: readonly Spoken[]): void {
  if (spoken.length > spokenMaximum) throw new RangeError('too many devices of one member')
  to.u8(spoken.length)
  for (const some of spoken) {
    to.bytes(some.device)
    to.u64(some.from)
    to.u64(some.to)
  }
}

function checkTitle(title: string): string {
  if (!isGroupTitle(title)) throw new CryptoError('malformed', 'not a title of a group')
  return title
}

function readDeed(reader: Reader): Deed {
  const number = reader.u8()
  const kind = (Object.keys(deeds) as (keyof typeof deeds)[]).find((known) => deeds[known] === number)
  const title = () => checkTitle(reader.text(groupTitleMaximumBytes))
  const person = () => ({ user: checkName(reader.text(nameMaximumBytes)), accountKey: readAccountKey(reader) })
  switch (kind) {
    case undefined:
      throw new CryptoError('malformed', 'no such change of a group')
    case 'found':
      return { kind, title: title(), salt: reader.take(saltSizeBytes) }
    case 'rename':
      return { kind, title: title() }
    case 'lifetime':
      return { kind, seconds: reader.u32() }
    case 'refresh':
      return { kind }
    case 'leave':
      return { kind, spoken: readSpoken(reader) }
    case 'remove':
      return { kind, ...person(), spoken: readSpoken(reader) }
    default:
      return { kind, ...person() }
  }
}

function readSpoken(reader: Reader): Spoken[] {
  const count = reader.u8()
  if (count > spokenMaximum) throw new CryptoError('malformed', 'too many devices of one member')
  const spoken: Spoken[] = []
  for (let i = 0; i < count; i++) {
    const some = { device: reader.take(keySizeBytes) as DeviceId, from: reader.u64(), to: reader.u64() }
    if (some.from === 0 || some.to < some.from) throw new CryptoError('malformed', 'messages that cannot be')
    spoken.push(some)
  }
  return spoken
}

const readAccountKey = (reader: Reader): AccountKey => checkSigningKey(reader.take(keySizeBytes) as AccountKey)

function readChange(reader: Reader): Change {
  readSuite(reader)
  const group = reader.take(keySizeBytes) as Digest
  const number = reader.u32()
  const parent = reader.take(keySizeBytes) as Digest
  const change: Change = {
    group: number === 0 ? null : group,
    number,
    parent: number === 0 ? null : parent,
    author: { user: checkName(reader.text(nameMaximumBytes)), accountKey: readAccountKey(reader) },
    device: reader.take(keySizeBytes) as DeviceId,
    listNumber: reader.u32(),
    deed: readDeed(reader),
  }
  const isFirst = number === 0
  if (isFirst !== (change.deed.kind === 'found'))
    throw new CryptoError('malformed', 'only the first change founds a group')
  if (isFirst && [...group, ...parent].some((byte) => byte !== 0))
    throw new CryptoError('malformed', 'the first change stands upon nothing')
  return change
}

/** Of the bytes that are signed, so that a second signature makes no second change. */
const digestOfChange = (body: Uint8Array): Digest => digest(labels.groupChange, body)

/** @returns the change as it is sent: what is signed, then 64 bytes of the device's signature. @throws CryptoError `malformed` */
export function signChange(change: Change, { signingSecret }: DeviceSecrets): SignedChange {
  const body = written(changeMaximumBytes - signatureSizeBytes, (to) => writeChange(to, change))
  const bytes = new Uint8Array(body.length + signatureSizeBytes)
  bytes.set(body)
  bytes.set(sign(labels.groupChange, signingSecret, body), body.length)
  const own = digestOfChange(body)
  return { change, digest: own, group: change.group ?? own, bytes }
}

/** The digest of a change, without a look at anything in it. */
export const digestIn = (bytes: Uint8Array): Digest =>
  digestOfChange(bytes.subarray(0, Math.max(0, bytes.length - signatureSizeBytes)))

/** Whose device list is needed to check a change, and which. Nothing of it is checked. @throws CryptoError `malformed` */
export function signerOf(bytes: Uint8Array): Pick<Change, 'author' | 'device' | 'listNumber'> {
  const { author, device, listNumber } = parsed(bytes).change
  return { author, device, listNumber }
}

/**
 * @param list the author's device list of that number, checked with `openDeviceList`
 * @throws CryptoError `malformed` | `bad-key` | `wrong-person` | `bad-signature`
 */
export function openChange(bytes: Uint8Array, list: DeviceList): SignedChange {
  const { change, body, signature } = parsed(bytes)
  const { author, device, listNumber } = change
  const isTheirs = list.user === author.user && list.number === listNumber
  const record = isTheirs ? deviceIn(list, device) : null
  if (!record || !equal(list.accountKey, author.accountKey))
    throw new CryptoError('wrong-person', 'the change is of a device that the list does not have')
  verify(labels.groupChange, record.signingKey, body, signature)
  const own = digestOfChange(body)
  return { change, digest: own, group: change.group ?? own, bytes }
}

function parsed(bytes: Uint8Array) {
  if (bytes.length > changeMaximumBytes || bytes.length < signatureSizeBytes)
    throw new CryptoError('malformed', 'not a change of a group')
  const split = bytes.length - signatureSizeBytes
  const body = bytes.slice(0, split)
  return { change: decode(body, readChange), body, signature: bytes.slice(split) }
}
