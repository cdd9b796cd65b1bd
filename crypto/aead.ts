import { copy, open, put, seal, take, within, writerAt } from './arena.ts'
import { keySizeBytes } from './keys.ts'

/** XChaCha20-Poly1305 (draft-irtf-cfrg-xchacha, with the IETF's counter). Key 32 bytes, nonce 24, tag 16. */
export const nonceSizeBytes = 24
export const tagSizeBytes = 16

/**
 * @param associatedData authenticated, not hidden; null is the same as none
 * @returns the ciphertext with its tag at the end
 * @throws RangeError for a key or a nonce of another size
 */
export const encryptAead = (
  key: Uint8Array,
  nonce: Uint8Array,
  plaintext: Uint8Array,
  associatedData: Uint8Array | null = null,
): Uint8Array =>
  within(() => {
    if (!areSized(key, nonce)) throw new RangeError('a key has 32 bytes, a nonce 24')
    const sizeBytes = plaintext.length + tagSizeBytes
    const address = take(sizeBytes)
    writerAt(address, sizeBytes).bytes(plaintext)
    seal({ address, sizeBytes: plaintext.length }, put(nonce), put(key), beside(associatedData))
    return copy(address, sizeBytes)
  })

/** @returns null when the tag does not hold, because of another key, nonce or associated data, or of altered bytes */
export const decryptAead = (
  key: Uint8Array,
  nonce: Uint8Array,
  ciphertext: Uint8Array,
  associatedData: Uint8Array | null = null,
): Uint8Array | null =>
  within(() => {
    if (!areSized(key, nonce) || ciphertext.length < tagSizeBytes) return null
    const sealed = { address: put(ciphertext), sizeBytes: ciphertext.length }
    if (!open(sealed, put(nonce), put(key), beside(associatedData))) return null
    return copy(sealed.address, sealed.sizeBytes - tagSizeBytes)
  })

const areSized = (key: Uint8Array, nonce: Uint8Array) => key.length === keySizeBytes && nonce.length === nonceSizeBytes

const beside = (associatedData: Uint8Array | null) =>
  associatedData ? { address: put(associatedData), sizeBytes: associatedData.length } : undefined
