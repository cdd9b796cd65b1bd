import { type Content, decodeContent, encodeContent } from '../../crypto/content.ts'
import { decodeEnvelope, type Envelope, encodeEnvelope, type Stanza } from '../../crypto/envelope.ts'
import { derive, digest, labels } from '../../crypto/kdf.ts'
import type { AgreementKey, Digest, EncryptionKey } from '../../crypto/keys.ts'
import { openWithEncryptionKey } from '../../crypto/message.ts'
import { encodePolicyReference } from '../../crypto/policy.ts'
import type { Session } from '../../crypto/session.ts'
import sodium from '../../crypto/sodium.ts'
import { concat, equal, u8, utf8 } from '../../crypto/bytes.ts'
import type { TestPerson } from './couple.ts'
import { associatedDataOf, commitWith, encryptWith, padded as honestlyPadded } from './forger.ts'
import { withTag } from './two-keys.ts'

/*
 * Section 13 of the specification as the holder of the escrow secret lives it, one who also sits in the middle and knows
 * every public value: transcript, device records, prekeys.
 */

/** What the holder has of one message. */
export interface Held {
  readonly envelope: Envelope
  readonly encryptionKey: EncryptionKey
  readonly context: Digest
  readonly content: Content
  /** what the KEM gave, under which the stanza is sealed */
  readonly sharedSecret: Uint8Array
}

const kemCiphertextSizeBytes = 1120
const onlyNonce = new Uint8Array(24)

export function holds(secret: Uint8Array, bytes: Uint8Array): Held {
  const envelope = decodeEnvelope(bytes)
  const [stanza] = envelope.stanzas
  if (!stanza) throw new Error('a message without a stanza')
  const { privateKey } = sodium.crypto_kem_xwing_seed_keypair(secret)
  const sharedSecret = sodium.crypto_kem_xwing_dec(stanza.payload.subarray(0, kemCiphertextSizeBytes), privateKey)
  const payload = sodium.crypto_aead_xchacha20poly1305_ietf_decrypt(
    null,
    stanza.payload.subarray(kemCiphertextSizeBytes),
    encodePolicyReference(envelope.policy),
    onlyNonce,
    derive(labels.escrowWrap, sharedSecret),
  )
  const [encryptionKey, context] = [payload.slice(0, 32) as EncryptionKey, payload.slice(32) as Digest]
  const content = decodeContent(openWithEncryptionKey(encryptionKey, envelope, context))
  return { envelope, encryptionKey, context, content, sharedSecret }
}

/** A stanza that anybody can make who knows the custodian's public key. */
export function sealedTo(
  custodianKey: Uint8Array,
  encryptionKey: Uint8Array,
  context: Digest,
  policy: Envelope['policy'],
  coins: Uint8Array,
): Stanza {
  const { ciphertext, sharedSecret } = sodium.crypto_kem_xwing_enc_deterministic(custodianKey, coins)
  const wrapped = sodium.crypto_aead_xchacha20poly1305_ietf_encrypt(
    concat(encryptionKey, context),
    encodePolicyReference(policy),
    null,
    onlyNonce,
    derive(labels.escrowWrap, sharedSecret),
  )
  return { modeId: 'message-key-escrow', payload: concat(ciphertext, wrapped) }
}

/** Section 8's context, from public values. */
export const contextOf = (session: Session, sender: TestPerson, envelope: Envelope): Digest =>
  digest(
    labels.context,
    session.transcript,
    // 1 from whoever opened the session, 2 back
    u8(session.isOurs === !equal(session.theirs.id, sender.device.record.id) ? 1 : 2),
    envelope.handshake ?? new Uint8Array(),
    envelope.encryptedHeader,
    encodePolicyReference(envelope.policy),
  )

export interface Rewriting {
  readonly text?: string
  readonly padded?: Uint8Array
  readonly nonce?: Uint8Array
  readonly stanzas?: readonly Stanza[]
  readonly context?: Digest
  readonly encryptionKey?: Uint8Array
  /** the envelope around it, where it is another than the message's own */
  readonly around?: Envelope
  /** what to commit with; the commitment that was there stays without it */
  readonly commitmentKey?: Uint8Array
}

/** The envelope again with another text in it, as authentic as the holder can make it. */
export function rewritten(held: Held, how: Rewriting = {}): Uint8Array {
  const { text = 'forged', nonce = held.envelope.nonce, stanzas = held.envelope.stanzas, around = held.envelope } = how
  const padded = how.padded ?? honestlyPadded(encodeContent({ ...held.content, text }))
  const context = how.context ?? held.context
  const body = encryptWith(how.encryptionKey ?? held.encryptionKey, padded, context, nonce, stanzas)
  const commitment = how.commitmentKey ? commitWith(how.commitmentKey, context, body) : held.envelope.commitment
  return encodeEnvelope({ ...around, ...body, commitment })
}

const tagSizeBytes = 16
const blockSizeBytes = 16
/** before the first given-up place: the length of all, kind, the id and its length, sequence, time, count (sections 8 and 10) */
const beforePlaces = (id: string) => 4 + 1 + 4 + utf8(id).length + 8 + 8 + 1

/**
 * The envelope again with another text in it, the commitment and even the tag as they were: with the encryption key, a
 * block that may be anything is enough. There is one inside the ratchet key of a place that is said to be given up.
 */
export function rewrittenUnderItsTag({ envelope, encryptionKey, context, content }: Held, text: string): Uint8Array {
  const { nonce, stanzas } = envelope
  const tag = envelope.ciphertext.slice(-tagSizeBytes)
  const freeBlock = Math.ceil(beforePlaces(content.id) / blockSizeBytes)
  for (let index = 0; index < 64; index++) {
    const abandoned = [{ ratchetKey: new Uint8Array(32) as AgreementKey, index }]
    const padded = honestlyPadded(encodeContent({ ...content, abandoned, text }))
    const ciphertext = encryptWith(encryptionKey, padded, context, nonce, stanzas).ciphertext.subarray(0, -tagSizeBytes)
    const solved = withTag(tag, encryptionKey, nonce, associatedDataOf(context, stanzas), ciphertext, freeBlock)
    if (solved) return encodeEnvelope({ ...envelope, ciphertext: solved })
  }
  throw new Error('no ciphertext has this tag')
}
