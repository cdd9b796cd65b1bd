import { type Address, copy, hash, keep, layOut, put, type Span, take, within } from './arena.ts'
import { equal, textField, type Writer } from './bytes.ts'
import { CryptoError } from './errors.ts'
import {
  type AccountSecret,
  type AccountKey,
  type Digest,
  expandSigningSeed,
  keyAt,
  keySizeBytes,
  type PolicyKey,
  type PolicySecret,
  putKey,
  signatureSizeBytes,
  type SigningKey,
  type SigningSecret,
} from './keys.ts'
import { primitives } from './primitives.ts'

/** Every domain in which something is derived, hashed or signed. No two uses share a label. */
export const labels = {
  // prekeys, handshake, ratchet and message: suite 2
  prekey: 'doormat 2 prekey',
  transcript: 'doormat 2 transcript',
  rootSecret: 'doormat 2 root secret',
  rootKey: 'doormat 2 root key',
  initiatorHeaderKey: 'doormat 2 initiator header key',
  responderHeaderKey: 'doormat 2 responder header key',
  rootStep: 'doormat 2 root step',
  nextHeaderKey: 'doormat 2 next header key',
  chainStep: 'doormat 2 chain step',
  messageKeys: 'doormat 2 message keys',
  stanzaSeed: 'doormat 2 stanza seed',
  context: 'doormat 2 context',
  commitment: 'doormat 2 commitment',
  // everything else
  deviceRecord: 'doormat 1 device record',
  deviceList: 'doormat 1 device list',
  policy: 'doormat 1 policy',
  policyParameters: 'doormat 1 policy parameters',
  whereabouts: 'doormat 1 whereabouts',
  authority: 'doormat 1 certificate authority',
  challenge: 'doormat 1 challenge',
  fingerprint: 'doormat 1 fingerprint',
  envelopeDigest: 'doormat 1 envelope digest',
  delivery: 'doormat 1 delivery',
  record: 'doormat 1 record',
  linkRoot: 'doormat 1 link root',
  linkSlot: 'doormat 1 link slot',
  linkNote: 'doormat 1 link note',
  linkNumber: 'doormat 1 link number',
  attachmentEncryption: 'doormat 1 attachment encryption',
  attachmentPiece: 'doormat 1 attachment piece',
  attachmentNode: 'doormat 1 attachment node',
  attachmentRoot: 'doormat 1 attachment root',
  backupEncryption: 'doormat 1 backup encryption',
  groupChange: 'doormat 1 group change',
  groupBody: 'doormat 1 group body',
  groupNumber: 'doormat 1 group number',
  escrowCoins: 'doormat 1 message-key-escrow coins',
  escrowWrap: 'doormat 1 message-key-escrow wrap',
  accessMode: 'doormat 1 access mode',
  lab: 'doormat 1 lab',
  order: 'doormat 1 order',
  auditEntry: 'doormat 1 audit entry',
  receipt: 'doormat 1 exercise receipt',
} as const

/** What suite 1 had for its conversations: nothing new is made under these. */
export const labelsOfSuite1 = {
  transcript: 'doormat 1 transcript',
  rootSecret: 'doormat 1 root secret',
  rootKey: 'doormat 1 root key',
  initiatorHeaderKey: 'doormat 1 initiator header key',
  responderHeaderKey: 'doormat 1 responder header key',
  nextRootKey: 'doormat 1 next root key',
  firstChainKey: 'doormat 1 first chain key',
  nextHeaderKey: 'doormat 1 next header key',
  nextChainKey: 'doormat 1 next chain key',
  messageKey: 'doormat 1 message key',
  encryptionKey: 'doormat 1 encryption key',
  commitmentKey: 'doormat 1 commitment key',
  stanzaSeed: 'doormat 1 stanza seed',
  context: 'doormat 1 context',
  commitment: 'doormat 1 commitment',
} as const

export type Label = (typeof labels)[keyof typeof labels] | (typeof labelsOfSuite1)[keyof typeof labelsOfSuite1]

type Head = Span & { readonly bytes: Uint8Array }

/** Each label behind its length, where libsodium finds it: what a derivation with nothing but a key is over. */
const heads = new Map<Label, Head>(
  [...Object.values(labels), ...Object.values(labelsOfSuite1)].map((label) => {
    const head = textField(label)
    return [label, { address: keep(head), sizeBytes: head.length, bytes: head }]
  }),
)

function headOf(label: Label): Head {
  const head = heads.get(label)
  if (!head) throw new Error('no such label')
  return head
}

/** What a label takes where something is laid out under it. */
export const labelSizeBytes = (label: Label): number => headOf(label).sizeBytes

export const writeLabel = (to: Writer, label: Label): void => to.bytes(headOf(label).bytes)

/** Lays out the label and each part behind its length, in the frame that is open. */
function layOutParts(label: Label, parts: readonly Uint8Array[]): Span {
  if (parts.length === 0) return headOf(label)
  let sizeBytes = labelSizeBytes(label)
  for (const part of parts) sizeBytes += 4 + part.length
  return layOut(sizeBytes, (to) => {
    writeLabel(to, label)
    for (const part of parts) to.field(part)
  })
}

/**
 * BLAKE2b (RFC 7693) keyed with a secret, over the label and each part behind its length.
 * @param key 32 bytes
 * @param sizeBytes of the result, 16 to 64
 */
export const derive = <T extends Uint8Array>(
  label: Label,
  key: Uint8Array,
  parts: readonly Uint8Array[] = [],
  sizeBytes = 32,
): T =>
  within(() => {
    const to = take(sizeBytes)
    hash(to, sizeBytes, layOutParts(label, parts), putKey(key))
    return copy(to, sizeBytes) as T
  })

/** The same over the label alone, from a key that lies in the open frame to something new there. */
export function deriveAt(label: Label, key: Address, sizeBytes = keySizeBytes): Address {
  const to = take(sizeBytes)
  hash(to, sizeBytes, headOf(label), key)
  return to
}

/**
 * The same, written where the key itself may lie: BLAKE2b has read its key before it writes its result.
 * @param to room for that many bytes
 */
export const deriveTo = (to: Address, label: Label, key: Address, sizeBytes = keySizeBytes): void =>
  hash(to, sizeBytes, headOf(label), key)

/** The same over what was laid out there, its label first: 32 bytes that anybody may see, as a commitment. */
export function deriveOver(span: Span, key: Address): Address {
  const to = take(keySizeBytes)
  hash(to, keySizeBytes, span, key, true)
  return to
}

/** BLAKE2b-256 without a key, over the label and each part behind its length. */
export const digest = (label: Label, ...parts: readonly Uint8Array[]): Digest =>
  within(() => digestAt(layOutParts(label, parts)))

/**
 * The same, over what is written behind the label.
 * @param maximumBytes of what is written
 */
export const digestOf = (label: Label, maximumBytes: number, write: (to: Writer) => void): Digest =>
  within(() =>
    digestAt(
      layOut(labelSizeBytes(label) + maximumBytes, (to) => {
        writeLabel(to, label)
        write(to)
      }),
    ),
  )

function digestAt(span: Span): Digest {
  const to = take(keySizeBytes)
  hash(to, keySizeBytes, span, null)
  return keyAt<Digest>(to)
}

type AnySigningSecret = AccountSecret | SigningSecret | PolicySecret

/** Ed25519 (RFC 8032) over label and bytes. @returns 64 bytes */
export const sign = (label: Label, secret: AnySigningSecret, bytes: Uint8Array): Uint8Array =>
  within(() => {
    const [signature, { secretKey }] = [take(signatureSizeBytes), expandSigningSeed(putKey(secret))]
    primitives.sign(signature, layOutParts(label, [bytes]), secretKey)
    return copy(signature, signatureSizeBytes)
  })

/** @throws CryptoError `bad-signature` */
export function verify(
  label: Label,
  key: AccountKey | SigningKey | PolicyKey,
  bytes: Uint8Array,
  signature: Uint8Array,
): void {
  const isSized = signature.length === signatureSizeBytes && key.length === keySizeBytes
  if (!isSized || !within(() => primitives.verify(put(signature), layOutParts(label, [bytes]), put(key))))
    throw new CryptoError('bad-signature', `signature over the ${label.slice('doormat n '.length)} does not hold`)
}

/** @throws CryptoError `not-authentic` unless both are the same bytes; constant time */
export function mustEqual(ours: Uint8Array, theirs: Uint8Array, fault: string): void {
  if (!equal(ours, theirs)) throw new CryptoError('not-authentic', fault)
}
