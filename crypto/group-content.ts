import type { Reader, Writer } from './bytes.ts'
import { CryptoError } from './errors.ts'
import { deviceListMaximumBytes } from './identity.ts'
import { digest, labels } from './kdf.ts'
import { type AccountKey, type DeviceId, type Digest, keySizeBytes } from './keys.ts'
import { changeMaximumBytes, type GroupId } from './membership.ts'

/*
 * What a message to a group says besides its text. Each device chains what it says there, and names what it has heard last from others: whoever has two
 * hashes of one device under one number knows that not everybody was told the same.
 */

/** The longest text to a group, in bytes of UTF-8. */
export const groupTextMaximumBytes = 60_000
export const groupSaltSizeBytes = 32
/** How many devices one message says it has heard. */
export const heardMaximum = 16
/** How many changes one message brings; fewer where they would not fit. */
export const newsMaximum = 64
/** Of all changes and device lists in one message. */
export const newsMaximumBytes = 60_000

/** What a device has said under a number. */
export interface Said {
  readonly device: DeviceId
  readonly counter: number
  readonly digest: Digest
}

export interface GroupBody {
  readonly group: GroupId
  /** the last change of the group that the author's device knows */
  readonly head: Digest
  /** 1, 2, 3 and on for each device's messages to the group */
  readonly counter: number
  /** 32 random bytes: nobody can guess a text from its hash */
  readonly salt: Uint8Array
  /** of what the device has said before; zeros in the first */
  readonly previous: Digest
  /** what it has heard last, from up to 16 devices */
  readonly heard: readonly Said[]
}

export interface News {
  readonly group: GroupId
  /** Whether the sender lacks changes, and asks for all of them. */
  readonly asks: boolean
  /** signed, as they were sent first; 0 to 64 */
  readonly changes: readonly Uint8Array[]
  /** the signed device lists that these changes are checked against, each once */
  readonly lists: readonly Uint8Array[]
}

/** group (32), head (32), counter (8), salt (32), previous (32), count (1), and device (32), counter (8), digest (32) each */
export function writeGroupBody(to: Writer, { group, head, counter, salt, previous, heard }: GroupBody): void {
  if (heard.length > heardMaximum) throw new RangeError('too many devices heard for one message')
  to.bytes(group)
  to.bytes(head)
  to.u64(counter)
  to.bytes(salt)
  to.bytes(previous)
  to.u8(heard.length)
  for (const said of heard) {
    to.bytes(said.device)
    to.u64(said.counter)
    to.bytes(said.digest)
  }
}

/** @throws CryptoError `malformed` */
export function readGroupBody(reader: Reader): GroupBody {
  const key = <T extends Uint8Array>() => reader.take(keySizeBytes) as T
  const body = {
    group: key<GroupId>(),
    head: key<Digest>(),
    counter: reader.u64(),
    salt: reader.take(groupSaltSizeBytes),
    previous: key<Digest>(),
  }
  const isFirst = body.previous.every((byte) => byte === 0)
  if (body.counter === 0 || isFirst !== (body.counter === 1))
    throw new CryptoError('malformed', 'a message to a group that does not follow on another')
  const count = reader.u8()
  if (count > heardMaximum) throw new CryptoError('malformed', 'too many devices heard for one message')
  const heard: Said[] = []
  for (let i = 0; i < count; i++) heard.push({ device: key(), counter: reader.u64(), digest: key() })
  return { ...body, heard }
}

/** group (32), asks (1), count (1) and changes behind their lengths, count (1) and device lists behind theirs */
export function writeNews(to: Writer, { group, asks, changes, lists }: News): void {
  if (changes.length > newsMaximum || lists.length > newsMaximum)
    throw new RangeError('too many changes for one message')
  to.bytes(group)
  to.u8(asks ? 1 : 0)
  for (const some of [changes, lists]) {
    to.u8(some.length)
    some.forEach((bytes) => to.field(bytes))
  }
}

/** @throws CryptoError `malformed` */
export function readNews(reader: Reader): News {
  const group = reader.take(keySizeBytes) as GroupId
  const asks = reader.flag()
  const changes = readFields(reader, changeMaximumBytes)
  return { group, asks, changes, lists: readFields(reader, deviceListMaximumBytes) }
}

function readFields(reader: Reader, maximumBytes: number): Uint8Array[] {
  const count = reader.u8()
  if (count > newsMaximum) throw new CryptoError('malformed', 'too many changes for one message')
  const fields: Uint8Array[] = []
  for (let i = 0; i < count; i++) fields.push(reader.field(maximumBytes))
  return fields
}

/** @param content encoded, without what differs from one recipient to the next */
export const digestOfBody = (accountKey: AccountKey, device: DeviceId, content: Uint8Array): Digest =>
  digest(labels.groupBody, accountKey, device, content)
