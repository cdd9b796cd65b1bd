import { equal, fields, textField } from './bytes.ts'
import { CryptoError } from './errors.ts'
import {
  type AccountSecret,
  type AccountKey,
  type ChainKey,
  type Digest,
  keySizeBytes,
  type MessageKey,
  type PolicyKey,
  type PolicySecret,
  type SigningKey,
  type SigningSecret,
  sized,
  wipe,
} from './keys.ts'
import sodium from './sodium.ts'

/** Every domain in which something is derived, hashed or signed. No two uses share a label. */
export const labels = {
  rootSecret: 'doormat 1 root secret',
  transcript: 'doormat 1 transcript',
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
  deviceRecord: 'doormat 1 device record',
  deviceList: 'doormat 1 device list',
  prekey: 'doormat 1 prekey',
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
  escrowCoins: 'doormat 1 message-key-escrow coins',
  escrowWrap: 'doormat 1 message-key-escrow wrap',
  accessMode: 'doormat 1 access mode',
  lab: 'doormat 1 lab',
  order: 'doormat 1 order',
  auditEntry: 'doormat 1 audit entry',
  receipt: 'doormat 1 exercise receipt',
} as const

export type Label = (typeof labels)[keyof typeof labels]

/** Each label behind its length: what a derivation with nothing but a key is over. */
const heads = Object.fromEntries(Object.values(labels).map((label) => [label, textField(label)])) as Record<
  Label,
  Uint8Array
>

const message = (label: Label, parts: readonly Uint8Array[]): Uint8Array =>
  parts.length === 0 ? heads[label] : fields(heads[label], parts)

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
): T => sodium.crypto_generichash(sizeBytes, message(label, parts), sized(key, keySizeBytes)) as T

/** The message key at a chain key's place: half of KDF_CK. */
export const messageKeyOf = (chainKey: ChainKey): MessageKey => derive(labels.messageKey, chainKey)

/** The chain key of the next place: the other half. */
export const nextChainKeyOf = (chainKey: ChainKey): ChainKey => derive(labels.nextChainKey, chainKey)

/** BLAKE2b-256 without a key, over the label and each part behind its length. */
export const digest = (label: Label, ...parts: readonly Uint8Array[]): Digest =>
  sodium.crypto_generichash(32, message(label, parts), null) as Digest

/** Ed25519 (RFC 8032) over label and bytes. @returns 64 bytes */
export function sign(
  label: Label,
  secret: AccountSecret | SigningSecret | PolicySecret,
  bytes: Uint8Array,
): Uint8Array {
  const { privateKey } = sodium.crypto_sign_seed_keypair(secret)
  const signature = sodium.crypto_sign_detached(message(label, [bytes]), privateKey)
  wipe(privateKey)
  return signature
}

/** @throws CryptoError `bad-signature` */
export function verify(
  label: Label,
  key: AccountKey | SigningKey | PolicyKey,
  bytes: Uint8Array,
  signature: Uint8Array,
): void {
  let good = false
  try {
    good = sodium.crypto_sign_verify_detached(signature, message(label, [bytes]), key)
  } catch {
    good = false
  }
  if (!good)
    throw new CryptoError('bad-signature', `signature over the ${label.slice('doormat 1 '.length)} does not hold`)
}

/** @throws CryptoError `not-authentic` unless both are the same bytes; constant time */
export function mustEqual(ours: Uint8Array, theirs: Uint8Array, fault: string): void {
  if (!equal(ours, theirs)) throw new CryptoError('not-authentic', fault)
}
