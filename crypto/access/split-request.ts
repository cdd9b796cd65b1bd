import { decryptAead, encryptAead, nonceSizeBytes, tagSizeBytes } from '../aead.ts'
import { concat, decode, utf8 } from '../bytes.ts'
import { CryptoError } from '../errors.ts'
import type { Envelope } from '../envelope.ts'
import { derive, digest, labels } from '../kdf.ts'
import { type Digest, wipe } from '../keys.ts'
import { encodePolicyReference, type PolicyReference } from '../policy.ts'
import type { StanzaInput } from '../seams.ts'
import type { RecordedEnvelope } from './mode.ts'
import {
  elementSizeBytes,
  type Point,
  proofSizeBytes,
  proveKnowledge,
  provesKnowledge,
  readPoint,
  scalarFrom,
  times,
  timesBase,
} from './ristretto.ts'
import { decodeSealedKey, encodeSealedKey, type SealedKey, sealedKeySizeBytes } from './sealed-key.ts'
import type { SplitKey } from './split-key.ts'

export const modeId = 'split-escrow'

const wrappedSizeBytes = sealedKeySizeBytes + tagSizeBytes
/** an element (32 bytes), the proof that its maker knew the logarithm (64), what the element opens (80) */
export const stanzaSizeBytes = elementSizeBytes + proofSizeBytes + wrappedSizeBytes

/** What custodians are asked to open, and whose message it is claimed to be. */
export interface Request {
  readonly from: string
  readonly to: string
  readonly policy: PolicyReference
  /** the stanza's payload, 176 bytes */
  readonly stanza: Uint8Array
}

/** @returns null for an envelope without a stanza of this mode */
export function requestFor({ fromUser, toUser }: RecordedEnvelope, { policy, stanzas }: Envelope): Request | null {
  const stanza = stanzas.find((one) => one.modeId === modeId)
  return stanza ? { from: fromUser, to: toUser, policy, stanza: stanza.payload } : null
}

/** Whose message, under which policy, sealed to which key: 32 bytes. */
const labelOf = (key: Point, { from, to, policy }: Omit<Request, 'stanza'>): Digest =>
  digest(labels.accessMode, utf8(modeId), utf8('label'), key, encodePolicyReference(policy), utf8(from), utf8(to))

/** The wrapping key comes from coins that come from the payload, so it encrypts no other. The nonce may be constant. */
const onlyNonce = new Uint8Array(nonceSizeBytes)

const wrapKey = (shared: Point, element: Point, label: Digest) =>
  derive<Uint8Array>(labels.accessMode, shared, [utf8(modeId), utf8('wrap'), element, label])

const aboutRequest = (label: Digest, wrapped: Uint8Array) => [utf8(modeId), label, wrapped]

/** ElGamal with Schnorr's proof that the sender knew the coins, for this label and no other. A function of the input alone. */
export function sealSplit(key: Point, input: StanzaInput): Uint8Array {
  const payload = encodeSealedKey(input)
  const label = labelOf(key, { from: input.sender.user, to: input.recipient.user, policy: input.policy })
  // over all that the stanza depends on: the same coins or nonce for two payloads would give both away
  const drawn = (what: string) =>
    scalarFrom(derive(labels.accessMode, input.seed, [utf8(modeId), utf8(what), label, payload], 64))
  const [coins, nonce] = [drawn('coins'), drawn('nonce')]
  const [element, shared] = [timesBase(coins), times(coins, key)]
  const wrapping = wrapKey(shared, element, label)
  const wrapped = encryptAead(wrapping, onlyNonce, payload)
  const proof = proveKnowledge(coins, element, nonce, aboutRequest(label, wrapped))
  wipe(payload, coins, nonce, shared, wrapping)
  return concat(element, proof, wrapped)
}

/** A stanza taken apart, with the label that a request says it has. */
export interface Sealed {
  readonly element: Point
  readonly proof: Uint8Array
  readonly wrapped: Uint8Array
  readonly label: Digest
}

/** @throws CryptoError `malformed` | `bad-key` for an element that is none, or the identity */
export function takeApart({ key }: SplitKey, request: Request): Sealed {
  const parts = decode(request.stanza, (reader) => ({
    element: readPoint(reader),
    proof: reader.take(proofSizeBytes),
    wrapped: reader.take(wrappedSizeBytes),
  }))
  return { ...parts, label: labelOf(key, request) }
}

/**
 * All that a custodian can check of a request, who has nothing but the request and the split key. The proof says:
 * whoever put this element here knew its coins, and put it beside these names, this policy and these wrapped bytes. So
 * nobody who had only recorded an element, or made another of it, can have it opened under other names, another policy
 * or beside other bytes.
 *
 * It does not say that the named people wrote or read anything, or that there is such a message: anybody can seal
 * something of their own under any names. Nor what is wrapped, or when it was made; nor that the sender did not choose
 * to name somebody else, which only a complying recipient notices.
 *
 * @throws CryptoError `malformed` | `bad-key` | `not-authentic`
 */
export function checkRequest(splitKey: SplitKey, request: Request): Sealed & { readonly about: readonly Uint8Array[] } {
  const sealed = takeApart(splitKey, request)
  const about = aboutRequest(sealed.label, sealed.wrapped)
  if (!provesKnowledge(sealed.proof, sealed.element, about))
    throw new CryptoError('not-authentic', 'the stanza was not made for these people under this policy')
  return { ...sealed, about }
}

/**
 * @param shared the element times the private key that nobody has
 * @throws CryptoError `not-authentic` for anything else, and for garbage
 */
export function unwrap(shared: Point, { element, label, wrapped }: Sealed): SealedKey {
  const payload = decryptAead(wrapKey(shared, element, label), onlyNonce, wrapped)
  if (!payload) throw new CryptoError('not-authentic', 'these shares do not open the stanza, or it holds nothing')
  return decodeSealedKey(payload)
}
