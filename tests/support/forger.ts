import { concat } from '../../crypto/bytes.ts'
import { encodeStanzas, type Stanza } from '../../crypto/envelope.ts'
import { derive, labels } from '../../crypto/kdf.ts'
import type { CommitmentKey, Digest, EncryptionKey, MessageKey } from '../../crypto/keys.ts'
import type { SealedBody } from '../../crypto/message.ts'
import { pad } from '../../crypto/padding.ts'
import { suite2 } from '../../crypto/suite-2.ts'
import sodium from '../../crypto/sodium.ts'

/*
 * Section 8 of the specification once more, in pieces, for whoever makes a body by hand: with the right keys or with
 * others, with honest padding or with none.
 */

const bothOf = (messageKey: MessageKey) => derive<Uint8Array>(labels.messageKeys, messageKey, [], 64)
export const encryptionKeyOf = (messageKey: MessageKey) => bothOf(messageKey).slice(0, 32) as EncryptionKey
export const commitmentKeyOf = (messageKey: MessageKey) => bothOf(messageKey).slice(32) as CommitmentKey

/** Padded as an honest sender does. */
export const padded = (content: Uint8Array): Uint8Array => pad(content, suite2.paddedSizes)

export const associatedDataOf = (context: Digest, stanzas: readonly Stanza[]) => concat(context, encodeStanzas(stanzas))

/** The commitment that somebody makes who takes these bytes for the commitment key. */
export const commitWith = (key: Uint8Array, context: Digest, body: Omit<SealedBody, 'commitment'>): Digest =>
  derive(labels.commitment, key, [body.nonce, associatedDataOf(context, body.stanzas), body.ciphertext])

/** @param padded encrypted as it is given */
export const encryptWith = (
  encryptionKey: Uint8Array,
  padded: Uint8Array,
  context: Digest,
  nonce: Uint8Array,
  stanzas: readonly Stanza[] = [],
): Omit<SealedBody, 'commitment'> => {
  const associatedData = associatedDataOf(context, stanzas)
  const ciphertext = sodium.crypto_aead_xchacha20poly1305_ietf_encrypt(
    padded,
    associatedData,
    null,
    nonce,
    encryptionKey,
  )
  return { suite: 2, stanzas, nonce, ciphertext }
}
