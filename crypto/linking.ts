import { decryptAead, encryptAead, nonceSizeBytes } from './aead.ts'
import { compare, concat, equal, u8 } from './bytes.ts'
import { CryptoError } from './errors.ts'
import {
  deviceIn,
  type DeviceList,
  type DeviceRecord,
  encodeDeviceRecord,
  maximumDevices,
  openDeviceList,
  openProvenList,
  signDeviceList,
} from './identity.ts'
import { derive, digest, labels } from './kdf.ts'
import { digitsOf } from './fingerprint.ts'
import type { AccountSecret, DeviceId, Digest, PolicyKey, Secret } from './keys.ts'
import type { Random } from './random.ts'

/*
 * Linking a device: the new one shows a code, a person carries it to the account's first device, and the two exchange
 * notes through the relay, sealed under the code. The relay, and whoever has not seen the code, can neither read nor
 * write them. The account key stays where it is: what comes back is a signed device list.
 */

/** What the code says: 160 bits, drawn by the new device for one linking. */
export type LinkSecret = Secret<'link secret'>

const secretSizeBytes = 20
const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'

export const newLinkSecret = (random: Random): LinkSecret => random(secretSizeBytes) as LinkSecret

/** RFC 4648 base32 without padding, in eight groups of four. */
export function linkCode(secret: LinkSecret): string {
  const bits = Array.from(secret, (byte) => byte.toString(2).padStart(8, '0')).join('')
  const letters = (bits.match(/.{5}/g) ?? []).map((five) => alphabet[Number.parseInt(five, 2)] ?? '').join('')
  return (letters.match(/.{4}/g) ?? []).join('-')
}

/** Upper or lower case, with or without hyphens and spaces. @throws CryptoError `malformed` */
export function readLinkCode(code: string): LinkSecret {
  const letters = code.toUpperCase().replaceAll(/[\s-]/g, '')
  if (!/^[A-Z2-7]{32}$/.test(letters)) throw new CryptoError('malformed', 'a link code has 32 letters and digits')
  const bits = Array.from(letters, (letter) => alphabet.indexOf(letter).toString(2).padStart(5, '0')).join('')
  return new Uint8Array((bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2))) as LinkSecret
}

/**
 * The first device leaves what the account is, the new one its keys; when their people have compared numbers, the new one
 * leaves the digest of its own, and the first the list that has it. An empty note in the place of either is a no.
 */
export const linkSteps = { account: 1, device: 2, agreement: 3, welcome: 4 } as const
export type LinkStep = (typeof linkSteps)[keyof typeof linkSteps]

const rootOf = (secret: LinkSecret) => digest(labels.linkRoot, secret)

/** Where the notes lie at the relay: 32 bytes that reveal nothing of the secret. */
export const linkSlot = (secret: LinkSecret): Digest => derive(labels.linkSlot, rootOf(secret))

/** A random nonce (24 bytes), then the ciphertext; bound to its step, so that no note is taken for another. */
export function sealNote(secret: LinkSecret, step: LinkStep, note: Uint8Array, random: Random): Uint8Array {
  const nonce = random(nonceSizeBytes)
  return concat(nonce, encryptAead(derive(labels.linkNote, rootOf(secret)), nonce, note, u8(step)))
}

/** @throws CryptoError `not-authentic` */
export function openNote(secret: LinkSecret, step: LinkStep, sealed: Uint8Array): Uint8Array {
  const key = derive<Uint8Array>(labels.linkNote, rootOf(secret))
  const [nonce, ciphertext] = [sealed.subarray(0, nonceSizeBytes), sealed.subarray(nonceSizeBytes)]
  const note = nonce.length === nonceSizeBytes ? decryptAead(key, nonce, ciphertext, u8(step)) : null
  if (!note) throw new CryptoError('not-authentic', 'the note was not written by whoever has the code')
  return note
}

/** What both devices show to their people before anything is signed. */
export interface LinkNumber {
  readonly digest: Digest
  /** six groups of five digits: 99 bits of the digest, too many for whoever has seen the code to find another with the same */
  readonly digits: readonly string[]
}

/** @param account what the note of that step says, as `device` what that of the next does. @param record the new device's */
export function linkNumber(
  policyKey: PolicyKey,
  account: Uint8Array,
  device: Uint8Array,
  record: DeviceRecord,
): LinkNumber {
  const over = digest(labels.linkNumber, policyKey, record.accountKey, account, device, encodeDeviceRecord(record))
  return { digest: over, digits: digitsOf(over) }
}

/**
 * The account's next list, with one device more.
 * @param proof the new device's signature over its record
 * @throws CryptoError `malformed` when the list is full, or has the device already; `bad-signature`
 */
export function withDevice(
  signedList: Uint8Array,
  record: DeviceRecord,
  proof: Uint8Array,
  secret: AccountSecret,
): Uint8Array {
  const { list, proofs } = openProvenList(signedList)
  if (list.devices.length >= maximumDevices || deviceIn(list, record.id))
    throw new CryptoError('malformed', `an account has at most ${maximumDevices} devices, each once`)
  const entries = list.devices.map((device, i) => ({ device, proof: proofs[i] as Uint8Array }))
  return next(list, [...entries, { device: record, proof }], secret)
}

/** The account's next list, without that device. @throws CryptoError `malformed` when it is not there, or the only one */
export function withoutDevice(signedList: Uint8Array, id: DeviceId, secret: AccountSecret): Uint8Array {
  const { list, proofs } = openProvenList(signedList)
  const entries = list.devices
    .map((device, i) => ({ device, proof: proofs[i] as Uint8Array }))
    .filter(({ device }) => !equal(device.id, id))
  if (entries.length === 0 || entries.length === list.devices.length)
    throw new CryptoError('malformed', 'that device is not in the list, or the only one')
  return next(list, entries, secret)
}

function next(
  { user, accountKey, number }: DeviceList,
  entries: readonly { readonly device: DeviceRecord; readonly proof: Uint8Array }[],
  secret: AccountSecret,
): Uint8Array {
  const ordered = entries.toSorted((one, other) => compare(one.device.id, other.device.id))
  const list = { user, accountKey, number: number + 1, devices: ordered.map(({ device }) => device) }
  const signed = signDeviceList(
    list,
    ordered.map(({ proof }) => proof),
    secret,
  )
  openDeviceList(signed)
  return signed
}
