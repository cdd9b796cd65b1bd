import { concat, decode, type Reader, field, u32, u64, u8 } from './bytes.ts'
import { CryptoError } from './errors.ts'
import {
  deviceIn,
  type DeviceList,
  deviceListMaximumBytes,
  type DeviceRecord,
  type DeviceSecrets,
  encodeDeviceRecord,
  openDeviceList,
} from './identity.ts'
import { derive, digest } from './kdf.ts'
import {
  agree,
  type AgreementKey,
  decapsulate,
  type DeviceId,
  type Digest,
  encapsulate,
  generateAgreementPair,
  kemCiphertextSizeBytes,
  keySizeBytes,
  wipe,
} from './keys.ts'
import { encodePolicyReference, type PolicyReference, readPolicyReference } from './policy.ts'
import type { AgreementPrekeySecret, KemPrekeySecret, PrekeyBundle } from './prekeys.ts'
import type { Random } from './random.ts'
import type { RootSecret, SuiteNumber } from './suite.ts'
import { currentSuite, readSuiteNumber, suiteNumbered } from './suites.ts'

/**
 * The opening of a session, PQXDH-shaped. It follows the PQXDH specification's DH1 to DH4 and KEM input, with three
 * changes: every prekey is signed; the transcript over all public values goes into the root secret, not only into
 * the associated data; and the sender's signed device list travels with it, so that a recipient needs no directory.
 */
export interface Handshake {
  readonly suite: SuiteNumber
  readonly senderList: Uint8Array
  readonly senderDevice: DeviceId
  /** milliseconds since 1970: orders the sessions between two devices */
  readonly startedAt: number
  readonly ephemeralKey: AgreementKey
  readonly signedPrekeyId: number
  readonly oneTimePrekeyId: number | null
  readonly kemPrekeyId: number
  readonly kemCiphertext: Uint8Array
  readonly policy: PolicyReference
}

export interface Agreed {
  /** 32 bytes, for the ratchet */
  readonly rootSecret: RootSecret
  /** over every public value of the handshake, both device records and the policy */
  readonly transcript: Digest
}

/** The recipient's prekeys that a handshake names. */
export interface AnsweringKeys {
  readonly signed: AgreementPrekeySecret
  readonly oneTime: AgreementPrekeySecret | null
  readonly kem: KemPrekeySecret
}

/** suite; sender's device list; device id (32); startedAt (8); ephemeral key (32); prekey ids (4, flag and 4, 4); KEM ciphertext (1,088); policy (36). */
export const encodeHandshake = (handshake: Handshake): Uint8Array =>
  concat(
    u8(handshake.suite),
    field(handshake.senderList),
    handshake.senderDevice,
    u64(handshake.startedAt),
    handshake.ephemeralKey,
    u32(handshake.signedPrekeyId),
    handshake.oneTimePrekeyId === null ? u8(0) : concat(u8(1), u32(handshake.oneTimePrekeyId)),
    u32(handshake.kemPrekeyId),
    handshake.kemCiphertext,
    encodePolicyReference(handshake.policy),
  )

export const handshakeMaximumBytes = deviceListMaximumBytes + 1300

export const decodeHandshake = (bytes: Uint8Array): Handshake => decode(bytes, readHandshake)

function readHandshake(reader: Reader): Handshake {
  return {
    suite: readSuiteNumber(reader),
    senderList: reader.field(deviceListMaximumBytes),
    senderDevice: reader.take(keySizeBytes) as DeviceId,
    startedAt: reader.u64(),
    ephemeralKey: reader.take(keySizeBytes) as AgreementKey,
    signedPrekeyId: reader.u32(),
    oneTimePrekeyId: reader.flag() ? reader.u32() : null,
    kemPrekeyId: reader.u32(),
    kemCiphertext: reader.take(kemCiphertextSizeBytes),
    policy: readPolicyReference(reader),
  }
}

/** The device that a handshake claims to come from. The signatures of its list are checked. @throws CryptoError */
export function senderOf(handshake: Handshake, open: (bytes: Uint8Array) => DeviceList = openDeviceList): DeviceRecord {
  const record = deviceIn(open(handshake.senderList), handshake.senderDevice)
  if (!record) throw new CryptoError('wrong-person', "the sending device is not in its account's list")
  return record
}

/**
 * Opens a session with a device whose bundle has been checked (`openBundle`).
 * @param startedAt milliseconds since 1970, above that of any session known with this device
 * @throws CryptoError `bad-key`
 */
export function initiate(
  ours: DeviceSecrets,
  ourList: Uint8Array,
  theirs: DeviceRecord,
  bundle: PrekeyBundle,
  policy: PolicyReference,
  startedAt: number,
  random: Random,
): Agreed & { readonly handshake: Handshake } {
  const ephemeral = generateAgreementPair(random)
  const { ciphertext, sharedSecret } = encapsulate(bundle.kem.key, random(32))
  const { signed, oneTime, kem } = bundle
  const handshake: Handshake = {
    suite: currentSuite.number,
    senderList: ourList,
    senderDevice: ours.record.id,
    startedAt,
    ephemeralKey: ephemeral.public,
    signedPrekeyId: signed.id,
    oneTimePrekeyId: oneTime ? oneTime.id : null,
    kemPrekeyId: kem.id,
    kemCiphertext: ciphertext,
    policy,
  }
  const secrets = [
    agree(ours.identitySecret, signed.key),
    agree(ephemeral.secret, theirs.identityKey),
    agree(ephemeral.secret, signed.key),
    ...(oneTime ? [agree(ephemeral.secret, oneTime.key)] : []),
    sharedSecret,
  ]
  const transcript = transcribe(handshake, ours.record, theirs, bundle)
  const rootSecret = combine(handshake.suite, secrets, transcript)
  wipe(ephemeral.secret, ...secrets)
  return { rootSecret, transcript, handshake }
}

/**
 * The recipient's side: derives the same secret from the recipient's own keys. A wrong KEM ciphertext or key shows only
 * later, when the first message does not authenticate.
 * @throws CryptoError `bad-key` | `malformed`
 */
export function respond(ours: DeviceSecrets, keys: AnsweringKeys, theirs: DeviceRecord, handshake: Handshake): Agreed {
  const secrets = [
    agree(keys.signed.secret, theirs.identityKey),
    agree(ours.identitySecret, handshake.ephemeralKey),
    agree(keys.signed.secret, handshake.ephemeralKey),
    ...(keys.oneTime ? [agree(keys.oneTime.secret, handshake.ephemeralKey)] : []),
    decapsulate(keys.kem.secret, handshake.kemCiphertext),
  ]
  const transcript = transcribe(handshake, theirs, ours.record, keys)
  const rootSecret = combine(handshake.suite, secrets, transcript)
  wipe(...secrets)
  return { rootSecret, transcript }
}

/** BLAKE2b-256 over suite, handshake, both device records (initiator first) and the three prekeys that the ids stand for. */
function transcribe(
  handshake: Handshake,
  initiator: DeviceRecord,
  responder: DeviceRecord,
  prekeys: PrekeyBundle,
): Digest {
  return digest(
    suiteNumbered(handshake.suite).transcript,
    encodeHandshake(handshake),
    encodeDeviceRecord(initiator),
    encodeDeviceRecord(responder),
    prekeys.signed.key,
    prekeys.oneTime?.key ?? new Uint8Array(),
    prekeys.kem.key,
  )
}

/** PQXDH section 2.2 and 3.3: 32 bytes of 0xFF, the DH outputs in order, the KEM secret; here keyed with the transcript. */
function combine(suite: SuiteNumber, secrets: readonly Uint8Array[], transcript: Digest): RootSecret {
  const input = concat(new Uint8Array(32).fill(0xff), ...secrets)
  const rootSecret = derive<RootSecret>(suiteNumbered(suite).rootSecret, transcript, [input])
  wipe(input)
  return rootSecret
}
