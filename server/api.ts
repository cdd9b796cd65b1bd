import { z } from 'zod'
import { blobIdSizeBytes, type BlobId, blobMaximumBytes } from '../crypto/attachment.ts'
import { base64url, concat, decode, field, fromBase64url, textField, u32, u64, u8, Writer } from '../crypto/bytes.ts'
import { CryptoError } from '../crypto/errors.ts'
import { envelopeMaximumBytes } from '../crypto/envelope.ts'
import { checkName, type ChallengeAnswer, deviceListMaximumBytes, isName } from '../crypto/identity.ts'
import { type DeviceId, type Digest, keySizeBytes, type PolicyKey, signatureSizeBytes } from '../crypto/keys.ts'
import { canonicalAddress, type Whereabouts, whereaboutsNonceSizeBytes } from '../crypto/whereabouts.ts'

/*
 * The contract between relay and client, and the only file of server/ that a client knows. `server/relay.ts` implements
 * Relay; `client/device/relay.ts` implements it across the network.
 */

/** Why a relay says no. docs/errors.md says what each means and what to do. */
export const relayErrors = {
  'bad-request': 400,
  'bad-envelope': 400,
  'not-authenticated': 401,
  'challenge-spent': 401,
  'not-the-operator': 403,
  'foreign-origin': 403,
  'foreign-host': 403,
  'unknown-user': 404,
  'unknown-device': 404,
  'no-prekeys': 404,
  'not-found': 404,
  'name-taken': 409,
  'other-address': 409,
  'out-of-order': 409,
  'policy-stale': 409,
  'policy-unknown': 409,
  'stanza-missing': 409,
  'too-large': 413,
  'blobs-full': 429,
  'mailbox-full': 429,
  'too-slow': 429,
  'too-many': 429,
  'internal': 500,
  'unreachable': 503,
  'bad-certificate': 503,
} as const

export type RelayErrorCode = keyof typeof relayErrors

/** The relay said no, or could not be asked. */
export class RelayError extends Error {
  override readonly name = 'RelayError'
  readonly code: RelayErrorCode

  constructor(code: RelayErrorCode, message: string) {
    super(message)
    this.code = code
  }

  get status(): number {
    return relayErrors[this.code]
  }
}

export interface DeviceAddress {
  readonly user: string
  readonly device: DeviceId
}

/** One envelope on its way in. `counter` is 1, 2, 3 … for each pair of devices: a repeat is acknowledged, a gap refused. */
export interface Submission {
  readonly to: DeviceAddress
  readonly counter: number
  readonly envelope: Uint8Array
}

/** One envelope on its way out; `sequence` is the mailbox's own count, `time` the relay's clock in milliseconds. */
export interface Delivery {
  readonly sequence: number
  readonly time: number
  readonly from: DeviceAddress
  readonly envelope: Uint8Array
}

/** How far a device has sent to another, as the relay remembers it, and the digest of the last envelope. */
export interface SentCounter {
  readonly to: DeviceAddress
  readonly counter: number
  readonly digest: Digest
}

export interface AccessStatus {
  readonly epoch: number
  readonly mode: string
  readonly since: number
  readonly archive: boolean
}

/** How much of a blob the relay has. */
export interface BlobState {
  readonly sizeBytes: number
  readonly receivedBytes: number
}

export interface PrekeyCounts {
  readonly oneTime: number
  readonly kemOneTime: number
}

/** What a connected device is told without asking. */
export interface Listener {
  /** once, before anything else */
  ready(): void
  deliver(delivery: Delivery): void
  policy(link: Uint8Array): void
  /** called once, when the connection is over; null when we closed it ourselves */
  closed(error: RelayError | null): void
}

/** What one authenticated device may do. Every call may throw RelayError. */
export interface Connection {
  /**
   * @param prekeys encoded, each signed by this device
   * @param replace whether all those published before go first
   */
  publishPrekeys(prekeys: readonly Uint8Array[], replace: boolean): Promise<void>
  countPrekeys(): Promise<PrekeyCounts>
  /** @returns a person's signed device list. @throws RelayError `unknown-user` */
  devices(user: string): Promise<Uint8Array>
  /** @returns an encoded bundle; its one-time keys are handed out to nobody else. @throws RelayError `unknown-device` | `no-prekeys` */
  bundle(address: DeviceAddress): Promise<Uint8Array>
  sent(): Promise<readonly SentCounter[]>
  /** Begins to link a device: from now on, and for ten minutes, notes can be left there. @throws RelayError `too-many` */
  reserveLink(slot: Digest): Promise<void>
  /**
   * Announces a blob, whose parts come by `putBlob`. The same again is no error, and gives what has not come whole time again.
   * @throws RelayError `too-large` | `blobs-full` | `out-of-order` for an id that is taken, or used up by an archive
   */
  reserveBlob(id: BlobId, sizeBytes: number): Promise<void>
  /** Removes a blob of this account. One that is not there is no error. @throws RelayError `not-found` for somebody else's */
  removeBlob(id: BlobId): Promise<void>
  /** Resolves when the envelope is on the relay's disk. @throws RelayError `policy-stale` | `mailbox-full` | `out-of-order` and others */
  submit(submission: Submission): Promise<void>
  /** Says that everything up to this sequence is on our disk and may be deleted. */
  acknowledge(sequence: number): Promise<void>
  close(): void
}

export type Answer = (policyKey: PolicyKey, challenge: Uint8Array) => ChallengeAnswer

export interface Relay {
  policyKey(): Promise<PolicyKey>
  /**
   * Signs with the policy key that this address, and this authority for its certificate, are the relay's own.
   * @param nonce 32 bytes, drawn for this question. @throws RelayError `other-address` for any that its operator has not named
   */
  vouch(nonce: Uint8Array, where: Whereabouts): Promise<Uint8Array>
  /**
   * Leaves a note for another device of the account, under a secret that only the two of them know.
   * @throws RelayError `not-found` | `out-of-order`
   */
  leaveNote(slot: Digest, step: number, note: Uint8Array): Promise<void>
  /** @returns null while nothing lies there */
  readNote(slot: Digest, step: number): Promise<Uint8Array | null>
  /** @param list a new account's signed device list, or the next one of an account. @throws RelayError `name-taken` | `out-of-order` */
  register(list: Uint8Array): Promise<void>
  /** @throws RelayError `not-found` */
  blob(id: BlobId): Promise<BlobState>
  /**
   * Hands in the next part of a blob that was reserved, at most 256 KiB: on the relay's disk when it resolves.
   * @throws RelayError `not-found` | `out-of-order` | `too-large` | `blobs-full`, after which the same part may be tried again
   */
  putBlob(id: BlobId, at: number, bytes: Uint8Array): Promise<void>
  /** @returns up to 256 KiB of a blob that is whole. @throws RelayError `not-found` */
  readBlob(id: BlobId, at: number): Promise<Uint8Array>
  /** @returns the links of the policy chain after this epoch */
  policies(afterEpoch: number): Promise<readonly Uint8Array[]>
  /**
   * Gives back a link that the relay has lost, for it was put back to an older state: signed with its own key, and the one
   * after its head. One that it has is no error. @throws RelayError `out-of-order`
   */
  returnPolicy(link: Uint8Array): Promise<void>
  access(): Promise<AccessStatus>
  /** @param token the operator's. @throws RelayError `not-the-operator` | `bad-request` */
  switchAccess(token: string, mode: string, parameters: Uint8Array): Promise<AccessStatus>
  /**
   * The operator's part in the mode in force, with what the authority has handed over for it; a switch ends it.
   * @throws RelayError `not-the-operator` | `unknown-user` | `bad-request` for a mode that is not in force, has no such
   *   part, or another instrument
   */
  installTap(token: string, mode: string, instrument: Uint8Array): Promise<void>
  /** @param answer signs the relay's single-use challenge, bound to its policy key. Mail waiting is delivered at once. */
  connect(answer: Answer, listener: Listener): Promise<Connection>
}

/** No frame, request or answer is longer than this. */
export const frameMaximumBytes = 128 * 1024
/** Room for some ten ghosts, with all their prekeys. */
export const instrumentMaximumBytes = 768 * 1024
export const prekeysMaximum = 64
/** How much of a blob goes in one request, either way. */
export const blobPartMaximumBytes = 256 * 1024
/** What two devices tell each other while one is linked. */
export const linkNoteMaximumBytes = 64 * 1024
export const linkStepsMaximum = 4
/** How many prekeys of each kind a device may have published. */
export const prekeysOfKindMaximum = 100
/** How long a device's prekeys are good. It makes the signed ones anew after a week. */
export const prekeyLifetimeSeconds = 90 * 24 * 3600
export const rotateAfterSeconds = 7 * 24 * 3600
export const policyLinkMaximumBytes = 32_768
/** How many links of the policy chain come in one answer. A client asks for the next ones after those. */
export const policiesMaximum = 32
/** How many send counters fit one answer. A client asks for the next ones by skipping those. */
export const countersMaximum = 256

const bytes = (maximum: number) =>
  z
    .string()
    .max(Math.ceil((maximum * 4) / 3))
    .transform((text, context): Uint8Array => {
      try {
        return fromBase64url(text)
      } catch {
        context.addIssue('not base64url')
        return z.NEVER
      }
    })
const exactly = <T extends Uint8Array>(size: number) =>
  bytes(size).refine((value): value is T => value.length === size, `must be ${size} bytes`)

const name = z.string().refine(isName, 'not a name')
const ref = z.int().min(0).max(0xffff_ffff)
const count = z.int().min(0)
const deviceId = exactly<DeviceId>(keySizeBytes)

/** What a relay takes over HTTP. */
export const whereaboutsSchema = z.strictObject({
  nonce: exactly(whereaboutsNonceSizeBytes),
  address: z
    .string()
    .max(512)
    .refine((address) => canonicalAddress(address) === address, 'not scheme://host:port'),
  authority: exactly<Digest>(keySizeBytes).nullable(),
})
export const registerSchema = z.strictObject({ list: bytes(deviceListMaximumBytes) })
export const policiesQuerySchema = z.strictObject({ after: z.coerce.number().int().min(0).max(0xffff_ffff) })
export const returnPolicySchema = z.strictObject({ link: bytes(policyLinkMaximumBytes) })
export const switchAccessSchema = z.strictObject({ mode: z.string().max(48), parameters: bytes(16_384) })

export const installTapSchema = z.strictObject({ mode: z.string().max(48), instrument: bytes(instrumentMaximumBytes) })

/** A number as it stands in an address: in decimal digits, without zeros in front, and in no other of the ways in which JavaScript reads one. */
const inAddress = (number: z.ZodNumber) =>
  z.preprocess(
    (value) => (typeof value === 'string' && /^(?:0|[1-9]\d{0,9})$/.test(value) ? Number(value) : value),
    number,
  )

export const noteAddressSchema = z.strictObject({
  slot: exactly<Digest>(keySizeBytes),
  step: inAddress(z.number().int().min(1).max(linkStepsMaximum)),
})
export const leaveNoteSchema = z.strictObject({ note: bytes(linkNoteMaximumBytes) })

export const blobAddressSchema = z.strictObject({ blob: exactly<BlobId>(blobIdSizeBytes) })
export const blobPartSchema = z.strictObject({
  blob: exactly<BlobId>(blobIdSizeBytes),
  at: inAddress(z.number().int().min(0).max(blobMaximumBytes)),
})

/** What a relay answers over HTTP. */
export const relaySchema = z.object({ policyKey: exactly<PolicyKey>(keySizeBytes) })
export const vouchSchema = z.object({ signature: exactly(signatureSizeBytes) })
export const noteSchema = z.object({ note: bytes(linkNoteMaximumBytes).nullable() })
export const blobSchema = z.object({ sizeBytes: count, receivedBytes: count })
export const policiesSchema = z.object({ links: z.array(bytes(policyLinkMaximumBytes)) })
export const accessSchema = z.object({ epoch: count, mode: z.string(), since: count, archive: z.boolean() })
export const errorSchema = z.object({ code: z.enum(Object.keys(relayErrors) as RelayErrorCode[]), message: z.string() })

/** Text frames from a device. The first is `authenticate`. */
export const fromDeviceSchema = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('authenticate'),
    user: name,
    device: deviceId,
    signature: exactly(64),
    /** absent in what was before suite 2 */
    suite: z.literal(2).optional(),
  }),
  z.strictObject({ type: z.literal('acknowledge'), sequence: count }),
  z.strictObject({
    type: z.literal('publish-prekeys'),
    ref,
    replace: z.boolean(),
    prekeys: z.array(bytes(2048)).max(prekeysMaximum),
  }),
  z.strictObject({ type: z.literal('count-prekeys'), ref }),
  z.strictObject({ type: z.literal('devices'), ref, user: name }),
  z.strictObject({ type: z.literal('bundle'), ref, user: name, device: deviceId }),
  z.strictObject({ type: z.literal('sent'), ref, skip: count }),
  z.strictObject({ type: z.literal('reserve-link'), ref, slot: exactly<Digest>(keySizeBytes) }),
  z.strictObject({
    type: z.literal('reserve-blob'),
    ref,
    blob: exactly<BlobId>(blobIdSizeBytes),
    sizeBytes: z.int().min(1).max(blobMaximumBytes),
  }),
  z.strictObject({ type: z.literal('remove-blob'), ref, blob: exactly<BlobId>(blobIdSizeBytes) }),
])
export type FromDevice = z.infer<typeof fromDeviceSchema>

/** Text frames to a device. */
export const toDeviceSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('challenge'), challenge: bytes(64), policyKey: exactly<PolicyKey>(keySizeBytes) }),
  z.object({ type: z.literal('ready') }),
  z.object({ type: z.literal('done'), ref }),
  z.object({ type: z.literal('refused'), ref: ref.nullable(), code: errorSchema.shape.code, message: z.string() }),
  z.object({ type: z.literal('policy'), link: bytes(policyLinkMaximumBytes) }),
  z.object({ type: z.literal('prekey-counts'), ref, oneTime: count, kemOneTime: count }),
  z.object({ type: z.literal('device-list'), ref, list: bytes(deviceListMaximumBytes) }),
  z.object({ type: z.literal('prekey-bundle'), ref, bundle: bytes(8192) }),
  z.object({
    type: z.literal('sent-counters'),
    ref,
    counters: z.array(
      z.object({ user: name, device: deviceId, counter: count, digest: exactly<Digest>(keySizeBytes) }),
    ),
  }),
])
export type ToDevice = z.infer<typeof toDeviceSchema>

/** JSON with bytes as base64url, which is what the schemas above take apart again. */
export const toJson = (value: unknown): string =>
  JSON.stringify(value, (_key, part: unknown) => (part instanceof Uint8Array ? base64url(part) : part))

const submitKind = 1
const deliverKind = 2
const nameMaximumBytes = 32

/** kind 1 (1 byte), ref (4), recipient's name and device id, counter (8), envelope behind its length */
export const encodeSubmission = (reference: number, { to, counter, envelope }: Submission): Uint8Array =>
  concat(u8(submitKind), u32(reference), textField(to.user), to.device, u64(counter), field(envelope))

/** The envelope lies in the frame. @throws RelayError `bad-request` | `too-large` */
export const decodeSubmission = (frame: Uint8Array): { readonly ref: number; readonly submission: Submission } =>
  decodeFrame(frame, submitKind, (reader) => ({
    ref: reader.u32(),
    submission: {
      to: { user: checkName(reader.text(nameMaximumBytes)), device: reader.take(keySizeBytes) as DeviceId },
      counter: reader.u64(),
      envelope: reader.lookField(envelopeMaximumBytes),
    },
  }))

/** kind 2 (1 byte), sequence (8), time (8), sender's name and device id, envelope behind its length */
export function encodeDelivery({ sequence, time, from: { user, device }, envelope }: Delivery): Uint8Array {
  // a name is ASCII
  const bytes = new Uint8Array(1 + 8 + 8 + 4 + user.length + keySizeBytes + 4 + envelope.length)
  const to = new Writer(bytes)
  to.u8(deliverKind)
  to.u64(sequence)
  to.u64(time)
  to.text(user)
  to.bytes(device)
  to.field(envelope)
  return bytes
}

/** @throws RelayError `bad-request` */
export const decodeDelivery = (frame: Uint8Array): Delivery =>
  decodeFrame(frame, deliverKind, (reader) => ({
    sequence: reader.u64(),
    time: reader.u64(),
    from: { user: checkName(reader.text(nameMaximumBytes)), device: reader.take(keySizeBytes) as DeviceId },
    envelope: reader.field(envelopeMaximumBytes),
  }))

function decodeFrame<T>(frame: Uint8Array, kind: number, read: Parameters<typeof decode<T>>[1]): T {
  try {
    return decode(frame, (reader) => {
      if (reader.u8() !== kind) throw new CryptoError('malformed', 'a frame of another kind')
      return read(reader)
    })
  } catch (error) {
    if (error instanceof CryptoError) throw new RelayError('bad-request', `frame: ${error.message}`)
    throw error
  }
}
