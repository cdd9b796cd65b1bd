import { concat, decode, field, type Reader, textField, u32, u64, u8 } from './bytes.ts'
import { CryptoError } from './errors.ts'
import type { DeviceRecord, DeviceSecrets } from './identity.ts'
import { labels, signAs, verify } from './kdf.ts'
import {
  type AgreementKey,
  type AgreementSecret,
  generateAgreementPair,
  generateKemPair,
  kemKeySizeBytes,
  kemSeedSizeBytes,
  keySizeBytes,
  type KemKey,
  type KemSeed,
  signatureSizeBytes,
  sized,
} from './keys.ts'
import type { Random } from './random.ts'
import { currentSuite } from './suites.ts'

/** What a prekey is for, and the byte that says so under its signature. */
const kindBytes = { 'signed': 1, 'one-time': 2, 'KEM one-time': 3, 'KEM last-resort': 4 } as const
export type PrekeyKind = keyof typeof kindBytes
type AgreementKind = 'signed' | 'one-time'
type KemKind = 'KEM one-time' | 'KEM last-resort'

interface PrekeyOf<K extends PrekeyKind, P> {
  readonly kind: K
  /** unique among all prekeys of the device */
  readonly id: number
  readonly expiresAtSeconds: number
  readonly key: P
  readonly signature: Uint8Array
}

/** The public half, as it is published: X25519 (32 bytes) or ML-KEM-768 (1,184 bytes), each signed by its device. */
export type AgreementPrekey = PrekeyOf<AgreementKind, AgreementKey>
export type KemPrekey = PrekeyOf<KemKind, KemKey>
export type Prekey = AgreementPrekey | KemPrekey

/** What the device keeps of a prekey: X25519 secret (32 bytes) or KEM seed (64 bytes). */
export type AgreementPrekeySecret = AgreementPrekey & { readonly secret: AgreementSecret }
export type KemPrekeySecret = KemPrekey & { readonly secret: KemSeed }
export type PrekeySecret = AgreementPrekeySecret | KemPrekeySecret

const isKemKind = (kind: PrekeyKind): kind is KemKind => kind === 'KEM one-time' || kind === 'KEM last-resort'
export const isKem = (prekey: Prekey): prekey is KemPrekey => isKemKind(prekey.kind)

/** A KEM prekey's encoding, the longer one. */
export const prekeyMaximumBytes = 1265

const body = (owner: DeviceRecord, { kind, id, expiresAtSeconds, key }: Omit<Prekey, 'signature'>) =>
  concat(
    u8(currentSuite.number),
    textField(owner.user),
    owner.id,
    u8(kindBytes[kind]),
    u32(id),
    u64(expiresAtSeconds),
    field(key),
  )

export function createPrekey(
  kind: PrekeyKind,
  id: number,
  expiresAtSeconds: number,
  device: DeviceSecrets,
  random: Random,
): PrekeySecret {
  const signed = <K extends PrekeyKind, P extends AgreementKey | KemKey>(
    unsigned: Omit<PrekeyOf<K, P>, 'signature'>,
  ): PrekeyOf<K, P> => ({
    ...unsigned,
    signature: signAs(labels.prekey, device.signingSecret, device.record.signingKey, body(device.record, unsigned)),
  })
  if (isKemKind(kind)) {
    const pair = generateKemPair(random)
    return { ...signed({ kind, id, expiresAtSeconds, key: pair.public }), secret: pair.seed }
  }
  const pair = generateAgreementPair(random)
  return { ...signed({ kind, id, expiresAtSeconds, key: pair.public }), secret: pair.secret }
}

/** kind (1 byte), id (4), expiry in seconds (8), key behind its length, signature (64): 113 bytes, or 1,265 for a KEM key. */
export const encodePrekey = (prekey: Prekey): Uint8Array =>
  concat(u8(kindBytes[prekey.kind]), u32(prekey.id), u64(prekey.expiresAtSeconds), field(prekey.key), prekey.signature)

export const decodePrekey = (bytes: Uint8Array): Prekey => decode(bytes, readPrekey)

function readKind(reader: Reader): PrekeyKind {
  const byte = reader.u8()
  for (const [kind, value] of Object.entries(kindBytes)) if (value === byte) return kind as PrekeyKind
  throw new CryptoError('malformed', 'no such kind of prekey')
}

function readPrekey(reader: Reader): Prekey {
  const kind = readKind(reader)
  const [id, expiresAtSeconds] = [reader.u32(), reader.u64()]
  const key = reader.field(kemKeySizeBytes)
  const signature = reader.take(signatureSizeBytes)
  return isKemKind(kind)
    ? { kind, id, expiresAtSeconds, key: sized<KemKey>(key, kemKeySizeBytes), signature }
    : { kind, id, expiresAtSeconds, key: sized<AgreementKey>(key, keySizeBytes), signature }
}

/** @throws CryptoError `bad-signature` */
export const checkPrekey = (owner: DeviceRecord, prekey: Prekey): void =>
  verify(labels.prekey, owner.signingKey, body(owner, prekey), prekey.signature)

/** the prekey behind its length, then the secret: 32 bytes, or 64 for a KEM key */
export const encodePrekeySecret = (prekey: PrekeySecret): Uint8Array =>
  concat(field(encodePrekey(prekey)), prekey.secret)

export const decodePrekeySecret = (bytes: Uint8Array): PrekeySecret =>
  decode(bytes, (reader) => {
    const prekey = decodePrekey(reader.field(prekeyMaximumBytes))
    return isKem(prekey)
      ? { ...prekey, secret: sized<KemSeed>(reader.take(kemSeedSizeBytes), kemSeedSizeBytes) }
      : { ...prekey, secret: sized<AgreementSecret>(reader.take(keySizeBytes), keySizeBytes) }
  })

/**
 * What the directory hands out for one device. A bundle without a one-time key, or with the last-resort KEM key, is
 * weaker.
 */
export interface PrekeyBundle {
  readonly signed: AgreementPrekey
  readonly oneTime: AgreementPrekey | null
  readonly kem: KemPrekey
}

/** suite; signed prekey; a flag and the one-time prekey; KEM prekey: each prekey behind its length. */
export const encodeBundle = (bundle: PrekeyBundle): Uint8Array =>
  concat(
    u8(currentSuite.number),
    field(encodePrekey(bundle.signed)),
    bundle.oneTime ? concat(u8(1), field(encodePrekey(bundle.oneTime))) : u8(0),
    field(encodePrekey(bundle.kem)),
  )

/**
 * Decodes a bundle and checks it against the device it should be of: kinds, signatures, expiry.
 * @throws CryptoError `malformed` | `bad-signature` | `expired`
 */
export function openBundle(bytes: Uint8Array, owner: DeviceRecord, nowSeconds: number): PrekeyBundle {
  const bundle = decode(bytes, (reader): PrekeyBundle => {
    if (reader.u8() !== currentSuite.number) throw new CryptoError('malformed', 'not suite 2')
    const signed = readAgreementPrekey(reader, 'signed')
    const oneTime = reader.flag() ? readAgreementPrekey(reader, 'one-time') : null
    const kem = decodePrekey(reader.field(prekeyMaximumBytes))
    if (!isKem(kem)) throw misplaced()
    return { signed, oneTime, kem }
  })
  const { signed, oneTime, kem } = bundle
  for (const prekey of oneTime ? [signed, oneTime, kem] : [signed, kem]) {
    checkPrekey(owner, prekey)
    if (prekey.expiresAtSeconds <= nowSeconds)
      throw new CryptoError('expired', `the device's ${prekey.kind} prekey has expired`)
  }
  return bundle
}

function readAgreementPrekey(reader: Reader, kind: AgreementKind): AgreementPrekey {
  const prekey = decodePrekey(reader.field(prekeyMaximumBytes))
  if (isKem(prekey) || prekey.kind !== kind) throw misplaced()
  return prekey
}

const misplaced = () => new CryptoError('malformed', 'a prekey in the wrong place of the bundle')

/**
 * Whether fresh keys were there for both halves, so that nobody who learns the device's longer-lived keys opens the
 * first message.
 */
export const isFresh = ({ oneTime, kem }: { oneTime: AgreementPrekey | null; kem: KemPrekey }): boolean =>
  oneTime !== null && kem.kind === 'KEM one-time'
