import { written } from './arena.ts'
import { compare, concat, decode, equal, field, Reader, textField, u32, u8, type Writer } from './bytes.ts'
import { CryptoError } from './errors.ts'
import { labels, sign, signAs, verify } from './kdf.ts'
import {
  type AccountKey,
  type AccountSecret,
  type AgreementKey,
  type AgreementSecret,
  checkSigningKey,
  type DeviceId,
  generateAccountPair,
  generateAgreementPair,
  generateSigningPair,
  keySizeBytes,
  signatureSizeBytes,
  type SigningKey,
  type SigningSecret,
} from './keys.ts'
import type { Random } from './random.ts'

/** Suite 1: X25519, Ed25519, ML-KEM-768, XChaCha20-Poly1305, BLAKE2b. In every signed and hashed value. */
export const suite = 1

export const maximumDevices = 8
/** A device list's largest encoding: 8 devices, and the longest name. */
export const deviceListMaximumBytes = 2048
export const nameMaximumBytes = 32

/** What a device shows of itself: bound to the account by the list's signature, to the device by its own. */
export interface DeviceRecord {
  readonly user: string
  readonly accountKey: AccountKey
  readonly id: DeviceId
  readonly signingKey: SigningKey
  /** the X25519 identity key; compared and bound by its exact bytes */
  readonly identityKey: AgreementKey
}

/** All devices of an account, signed by the account key and numbered, so that it cannot go back. */
export interface DeviceList {
  readonly user: string
  readonly accountKey: AccountKey
  readonly number: number
  readonly devices: readonly DeviceRecord[]
}

export interface DeviceSecrets {
  readonly record: DeviceRecord
  readonly signingSecret: SigningSecret
  readonly identitySecret: AgreementSecret
}

/** Lower-case ASCII, so that no two names look alike: a letter, then up to 31 of letters, digits, `.`, `_` and `-`. */
export const isName = (text: string): boolean => /^[a-z][a-z0-9._-]{0,31}$/.test(text)

export function checkName(text: string): string {
  if (!isName(text)) throw new CryptoError('malformed', 'a name is a lower-case letter, then up to 31 of a-z 0-9 . _ -')
  return text
}

const encodeDevice = (record: DeviceRecord) => concat(record.id, record.signingKey, record.identityKey)

/** A device record's largest encoding: with the longest name. */
export const deviceRecordMaximumBytes = 1 + 4 + nameMaximumBytes + 4 * keySizeBytes

/** 1 byte suite, name, 32 bytes account key, 32 bytes id, 32 bytes signing key, 32 bytes identity key. */
export function writeDeviceRecord(to: Writer, record: DeviceRecord): void {
  to.u8(suite)
  to.text(record.user)
  to.bytes(record.accountKey)
  to.bytes(record.id)
  to.bytes(record.signingKey)
  to.bytes(record.identityKey)
}

export const encodeDeviceRecord = (record: DeviceRecord): Uint8Array =>
  written(deviceRecordMaximumBytes, (to) => writeDeviceRecord(to, record))

/** What `encodeDeviceRecord` has written; nothing of it is checked. @throws CryptoError `malformed` */
export function readDeviceRecord(reader: Reader): DeviceRecord {
  readSuite(reader)
  const user = checkName(reader.text(nameMaximumBytes))
  const key = <T extends Uint8Array>() => reader.take(keySizeBytes) as T
  return { user, accountKey: key(), id: key(), signingKey: key(), identityKey: key() }
}

/** A new account with one device. The device id is the first 32 bytes drawn. */
export function createAccount(
  user: string,
  random: Random,
): { device: DeviceSecrets; accountSecret: AccountSecret; list: DeviceList; signedList: Uint8Array } {
  const id = random(keySizeBytes) as DeviceId
  const account = generateAccountPair(random)
  const device = createDevice(checkName(user), account.public, id, random)
  const { record } = device
  const list: DeviceList = { user, accountKey: account.public, number: 1, devices: [record] }
  const proof = proveDevice(device)
  return { device, accountSecret: account.secret, list, signedList: signDeviceList(list, [proof], account.secret) }
}

/** The keys of one device of an account. */
export function createDevice(user: string, accountKey: AccountKey, id: DeviceId, random: Random): DeviceSecrets {
  const signing = generateSigningPair(random)
  const identity = generateAgreementPair(random)
  const record: DeviceRecord = { user, accountKey, id, signingKey: signing.public, identityKey: identity.public }
  return { record, signingSecret: signing.secret, identitySecret: identity.secret }
}

/** The device's signature over its own record: the account cannot list a key nobody holds. 64 bytes. */
export const proveDevice = (device: DeviceSecrets): Uint8Array =>
  signAs(labels.deviceRecord, device.signingSecret, device.record.signingKey, encodeDeviceRecord(device.record))

/**
 * suite, name, account key, number (4 bytes), count (1 byte); a device: id, signing key, identity key, 64 bytes proof;
 * then 64 bytes of the account key's signature over all before it.
 * @param proofs one a device, in the order of the list; devices are ordered by id
 */
export function signDeviceList(list: DeviceList, proofs: readonly Uint8Array[], secret: AccountSecret): Uint8Array {
  const devices = list.devices.map((record, i) => concat(encodeDevice(record), proofs[i] ?? new Uint8Array()))
  const body = concat(
    u8(suite),
    textField(list.user),
    list.accountKey,
    u32(list.number),
    u8(list.devices.length),
    ...devices,
  )
  return concat(body, sign(labels.deviceList, secret, body))
}

/**
 * Decodes and checks a device list: form, keys, each device's proof, the account key's signature.
 * Whether this account key is the right one is for the caller to know.
 * @throws CryptoError `malformed` | `bad-key` | `bad-signature`
 */
export const openDeviceList = (bytes: Uint8Array): DeviceList => openProvenList(bytes).list

/** The same, with the devices' proofs in the order of the list, for whoever signs the next one. @throws as `openDeviceList` */
export function openProvenList(bytes: Uint8Array): {
  readonly list: DeviceList
  readonly proofs: readonly Uint8Array[]
} {
  if (bytes.length > deviceListMaximumBytes) throw new CryptoError('malformed', 'device list too long')
  return decode(bytes, (reader) => {
    readSuite(reader)
    const user = checkName(reader.text(nameMaximumBytes))
    const accountKey = checkSigningKey(reader.take(keySizeBytes) as AccountKey)
    const number = reader.u32()
    const count = reader.u8()
    if (number === 0 || count === 0 || count > maximumDevices)
      throw new CryptoError('malformed', 'device list has no number, or a wrong count')
    const devices: DeviceRecord[] = []
    const proofs: Uint8Array[] = []
    for (let i = 0; i < count; i++) {
      devices.push(readDevice(reader, user, accountKey, devices.at(-1)))
      proofs.push(bytes.slice(reader.offset - signatureSizeBytes, reader.offset))
    }
    const body = bytes.subarray(0, reader.offset)
    verify(labels.deviceList, accountKey, body, reader.take(signatureSizeBytes))
    return { list: { user, accountKey, number, devices }, proofs }
  })
}

function readDevice(
  reader: Reader,
  user: string,
  accountKey: AccountKey,
  previous: DeviceRecord | undefined,
): DeviceRecord {
  const record: DeviceRecord = {
    user,
    accountKey,
    id: reader.take(keySizeBytes) as DeviceId,
    signingKey: checkSigningKey(reader.take(keySizeBytes) as SigningKey),
    identityKey: reader.take(keySizeBytes) as AgreementKey,
  }
  if (previous && compare(previous.id, record.id) >= 0)
    throw new CryptoError('malformed', 'device list is not in order')
  verify(labels.deviceRecord, record.signingKey, encodeDeviceRecord(record), reader.take(signatureSizeBytes))
  return record
}

/** Whose list this is, of one that has been checked before: nothing is checked here. */
export const accountKeyIn = (bytes: Uint8Array): AccountKey => {
  const reader = new Reader(bytes)
  readSuite(reader)
  reader.field(nameMaximumBytes)
  return reader.take(keySizeBytes) as AccountKey
}

/** A device's public keys, 64 bytes: they say whose an id is, which somebody chose. */
export const keysIn = ({ signingKey, identityKey }: DeviceRecord): Uint8Array => concat(signingKey, identityKey)

/** Whether two records are of one device: the same person, account, id and keys. */
export const isSameDevice = (one: DeviceRecord, other: DeviceRecord): boolean =>
  equal(encodeDeviceRecord(one), encodeDeviceRecord(other))

export const deviceIn = (list: DeviceList, id: DeviceId): DeviceRecord | null =>
  list.devices.find((record) => equal(record.id, id)) ?? null

/**
 * Which of two lists of one account stands: the given one if it is not older than the one known.
 * @throws CryptoError `account-changed` for another account key, `list-went-back` for a lower number or another list under the same one
 * @param open opens both: `openDeviceList`, or one that remembers
 */
export function succeed(
  known: Uint8Array,
  given: Uint8Array,
  open: (bytes: Uint8Array) => DeviceList = openDeviceList,
): DeviceList {
  const [before, after] = [open(known), open(given)]
  if (before.user !== after.user) throw new CryptoError('wrong-person', 'device list of somebody else')
  if (!equal(before.accountKey, after.accountKey))
    throw new CryptoError('account-changed', 'the account key is another one than before')
  if (after.number < before.number) throw new CryptoError('list-went-back', 'device list is older than the one known')
  if (after.number === before.number && !equal(known, given))
    throw new CryptoError('list-went-back', 'two device lists carry the same number')
  return after
}

export function readSuite(reader: Reader): void {
  if (reader.u8() !== suite) throw new CryptoError('malformed', 'not suite 1')
}

export interface ChallengeAnswer {
  readonly user: string
  readonly id: DeviceId
  readonly signature: Uint8Array
}

/** What a device signs to authenticate: this server's policy key, its single-use challenge (32 bytes), and who answers. */
const challengeBody = (serverKey: Uint8Array, challenge: Uint8Array, user: string, id: DeviceId) =>
  concat(u8(suite), serverKey, field(challenge), textField(user), id)

export const answerChallenge = (
  device: DeviceSecrets,
  serverKey: Uint8Array,
  challenge: Uint8Array,
): ChallengeAnswer => ({
  user: device.record.user,
  id: device.record.id,
  signature: signAs(
    labels.challenge,
    device.signingSecret,
    device.record.signingKey,
    challengeBody(serverKey, challenge, device.record.user, device.record.id),
  ),
})

/** @throws CryptoError `bad-signature` | `wrong-person` */
export function checkAnswer(
  record: DeviceRecord,
  serverKey: Uint8Array,
  challenge: Uint8Array,
  answer: ChallengeAnswer,
): void {
  if (answer.user !== record.user || !equal(answer.id, record.id))
    throw new CryptoError('wrong-person', 'the answer is of another device')
  verify(
    labels.challenge,
    record.signingKey,
    challengeBody(serverKey, challenge, record.user, record.id),
    answer.signature,
  )
}
