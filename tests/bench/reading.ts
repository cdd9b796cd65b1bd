import { modeCalled } from '../../crypto/access/index.ts'
import type { RecordedEnvelope } from '../../crypto/access/mode.ts'
import { decodeSealedKey, sealedKeySizeBytes } from '../../crypto/access/sealed-key.ts'
import { decryptAead, nonceSizeBytes, tagSizeBytes } from '../../crypto/aead.ts'
import { decode } from '../../crypto/bytes.ts'
import { decodeContent } from '../../crypto/content.ts'
import { decodeEnvelope } from '../../crypto/envelope.ts'
import { derive, labels } from '../../crypto/kdf.ts'
import { openWithEncryptionKey } from '../../crypto/message.ts'
import { encodePolicyReference } from '../../crypto/policy.ts'
import sodium from '../../crypto/sodium.ts'

/** How many of them open for somebody who begins anew with these secrets. */
export function openings(modeId: string, held: readonly Uint8Array[], envelopes: readonly RecordedEnvelope[]): number {
  const reader = modeCalled(modeId).reader(held)
  return envelopes.filter((recorded) => reader.read(recorded, decodeEnvelope(recorded.bytes)) !== null).length
}

/**
 * The same under message key escrow, with libsodium's own X-Wing, which expands the key for every seal.
 * @throws Error for an envelope that it does not open
 */
export function openingsUnexpanded(secret: Uint8Array, envelopes: readonly RecordedEnvelope[]): number {
  for (const { bytes } of envelopes) {
    const envelope = decodeEnvelope(bytes)
    const [ciphertext, wrapped] = decode(envelope.stanzas[0]?.payload ?? bytes, (reader) => [
      reader.take(1120),
      reader.take(sealedKeySizeBytes + tagSizeBytes),
    ])
    const wrapKey = derive<Uint8Array>(labels.escrowWrap, sodium.crypto_kem_xwing_dec(ciphertext, secret))
    const payload = decryptAead(
      wrapKey,
      new Uint8Array(nonceSizeBytes),
      wrapped,
      encodePolicyReference(envelope.policy),
    )
    if (!payload) throw new Error('the bench opens otherwise than the mode')
    const { encryptionKey, context } = decodeSealedKey(payload)
    decodeContent(openWithEncryptionKey(encryptionKey, envelope, context))
  }
  return envelopes.length
}
