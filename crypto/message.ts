import { decryptAead, encryptAead, nonceSizeBytes } from './aead.ts'
import { concat, equal } from './bytes.ts'
import { CryptoError } from './errors.ts'
import { encodeStanzas, type Stanza } from './envelope.ts'
import { derive, labels, messageKeyOf, mustEqual } from './kdf.ts'
import {
  type ChainKey,
  type CommitmentKey,
  type Digest,
  type EncryptionKey,
  type MessageKey,
  type StanzaSeed,
  wipe,
} from './keys.ts'
import { pad, unpad } from './padding.ts'
import type { Random } from './random.ts'
import type { ChainInput, MessageSeams, Offer, StanzaInput } from './seams.ts'

/** The body of one message as it stands in an envelope. */
export interface SealedBody {
  readonly stanzas: readonly Stanza[]
  /** 24 bytes, random: should a rolled-back store use a message key twice, the two ciphertexts still share no keystream */
  readonly nonce: Uint8Array
  readonly commitment: Digest
  readonly ciphertext: Uint8Array
}

/** Where a body belongs: what a seam learns of it besides its keys. */
export type BodyPlace = Omit<StanzaInput, 'encryptionKey' | 'seed' | 'chain'> & {
  readonly chain: Omit<ChainInput, 'begins'>
}

/** What only the two ends derive from a message key; an access mode may be given all but the commitment key. */
const encryptionKeyOf = (messageKey: MessageKey) => derive<EncryptionKey>(labels.encryptionKey, messageKey)
const commitmentKeyOf = (messageKey: MessageKey) => derive<CommitmentKey>(labels.commitmentKey, messageKey)
const stanzaSeedOf = (messageKey: MessageKey) => derive<StanzaSeed>(labels.stanzaSeed, messageKey)

/** context (32 bytes), then the stanzas as they are encoded: so stripping or swapping one breaks the message */
const associatedDataOf = (context: Digest, stanzas: readonly Stanza[]) => concat(context, encodeStanzas(stanzas))

/** Keyed BLAKE2b-256 over nonce, associated data and the whole ciphertext with its tag. */
const commit = (key: CommitmentKey, nonce: Uint8Array, associatedData: Uint8Array, ciphertext: Uint8Array) =>
  derive<Digest>(labels.commitment, key, [nonce, associatedData, ciphertext])

/** One message's offer to a mode, and the end of it. */
interface Offering {
  readonly offer: Offer
  /** Wipes the keys that were offered, if a mode has asked. */
  readonly withdraw: () => void
}

/** The encryption key is copied: what a mode does with its own touches no message. */
function offering(messageKey: MessageKey, encryptionKey: EncryptionKey, place: BodyPlace): Offering {
  let made: StanzaInput | null = null
  const make = (): StanzaInput => ({
    encryptionKey: encryptionKey.slice() as EncryptionKey,
    seed: stanzaSeedOf(messageKey),
    context: place.context,
    policy: place.policy,
    sender: place.sender,
    recipient: place.recipient,
    chain: {
      transcript: place.chain.transcript,
      headerKey: place.chain.headerKey,
      index: place.chain.index,
      begins: (chainKey) => equal(messageKeyOf(chainKey), messageKey),
    },
  })
  return {
    offer: () => (made ??= make()),
    withdraw: () => made && wipe(made.encryptionKey, made.seed),
  }
}

/** @param content up to 65,532 bytes, before padding */
export function sealBody(
  messageKey: MessageKey,
  content: Uint8Array,
  place: BodyPlace,
  chainKey: ChainKey,
  seams: MessageSeams,
  random: Random,
): SealedBody {
  const [encryptionKey, commitmentKey] = [encryptionKeyOf(messageKey), commitmentKeyOf(messageKey)]
  const { offer, withdraw } = offering(messageKey, encryptionKey, place)
  try {
    const stanzas = seams.outgoing(offer, chainKey)
    const associatedData = associatedDataOf(place.context, stanzas)
    const nonce = random(nonceSizeBytes)
    const padded = pad(content)
    const ciphertext = encryptAead(encryptionKey, nonce, padded, associatedData)
    return { stanzas, nonce, commitment: commit(commitmentKey, nonce, associatedData, ciphertext), ciphertext }
  } finally {
    withdraw()
    wipe(encryptionKey, commitmentKey)
  }
}

/**
 * The commitment is checked first: one ciphertext can be made to open under two encryption keys, but not under two
 * commitment keys as well; and whoever has only the encryption key cannot make it.
 * @throws CryptoError `not-authentic` | `stanza-refused` | `malformed`
 */
export function openBody(messageKey: MessageKey, body: SealedBody, place: BodyPlace, seams: MessageSeams): Uint8Array {
  const [encryptionKey, commitmentKey] = [encryptionKeyOf(messageKey), commitmentKeyOf(messageKey)]
  const { offer, withdraw } = offering(messageKey, encryptionKey, place)
  const associatedData = associatedDataOf(place.context, body.stanzas)
  try {
    mustEqual(
      commit(commitmentKey, body.nonce, associatedData, body.ciphertext),
      body.commitment,
      'the message is not what its sender committed to',
    )
    seams.incoming(offer, body.stanzas)
    return openWithEncryptionKey(encryptionKey, body, place.context)
  } finally {
    withdraw()
    wipe(encryptionKey, commitmentKey)
  }
}

/**
 * What an encryption key alone opens. Without the commitment key nobody can tell who wrote it: for the ends this comes
 * after the commitment, for the holder of an escrow key it is all there is.
 * @throws CryptoError `not-authentic` | `malformed`
 */
export function openWithEncryptionKey(
  encryptionKey: EncryptionKey,
  body: Omit<SealedBody, 'commitment'>,
  context: Digest,
): Uint8Array {
  const padded = decryptAead(encryptionKey, body.nonce, body.ciphertext, associatedDataOf(context, body.stanzas))
  if (!padded) throw new CryptoError('not-authentic', 'the message does not open')
  return unpad(padded)
}

/** The same for whoever has the whole message key, and does not ask who wrote it. @throws as `openWithEncryptionKey` */
export function openWithMessageKey(
  messageKey: MessageKey,
  body: Omit<SealedBody, 'commitment'>,
  context: Digest,
): Uint8Array {
  const encryptionKey = encryptionKeyOf(messageKey)
  try {
    return openWithEncryptionKey(encryptionKey, body, context)
  } finally {
    wipe(encryptionKey)
  }
}

/**
 * The reverse: encrypts another content under the same nonce and stanzas.
 * @returns the ciphertext; nobody has committed to it
 */
export const sealWithEncryptionKey = (
  encryptionKey: EncryptionKey,
  { nonce, stanzas }: Pick<SealedBody, 'nonce' | 'stanzas'>,
  context: Digest,
  content: Uint8Array,
): Uint8Array => encryptAead(encryptionKey, nonce, pad(content), associatedDataOf(context, stanzas))
