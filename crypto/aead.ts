import sodium from './sodium.ts'

/** XChaCha20-Poly1305 (draft-irtf-cfrg-xchacha, with the IETF's counter). Key 32 bytes, nonce 24, tag 16. */
export const nonceSizeBytes = 24
export const tagSizeBytes = 16

/** @returns the ciphertext with its tag at the end */
export const encryptAead = (
  key: Uint8Array,
  nonce: Uint8Array,
  plaintext: Uint8Array,
  associatedData: Uint8Array | null = null,
): Uint8Array => sodium.crypto_aead_xchacha20poly1305_ietf_encrypt(plaintext, associatedData, null, nonce, key)

/** @returns null when the tag does not hold, because of another key, nonce or associated data, or of altered bytes */
export function decryptAead(
  key: Uint8Array,
  nonce: Uint8Array,
  ciphertext: Uint8Array,
  associatedData: Uint8Array | null = null,
): Uint8Array | null {
  try {
    return sodium.crypto_aead_xchacha20poly1305_ietf_decrypt(null, ciphertext, associatedData, nonce, key)
  } catch {
    return null
  }
}
