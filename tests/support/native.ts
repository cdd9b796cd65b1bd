import { createRequire } from 'node:module'
import { afterEach } from 'vitest'
import { fromHex } from '../../crypto/bytes.ts'
import type { NativeSodium } from '../../crypto/native.ts'
import { compute, primitives } from '../../crypto/primitives.ts'
import sodium from '../../crypto/sodium.ts'

/** The package itself, where this machine can load it. */
export function sodiumNative(): NativeSodium | null {
  try {
    return createRequire(import.meta.url)('sodium-native') as NativeSodium
  } catch {
    return null
  }
}

/** What a native library offers, computed by libsodium's wrapper: for tests of what happens where one computes otherwise. */
export const likeNative = (): NativeSodium => ({
  crypto_generichash(to, over, key) {
    // the wrapper goes further down
    if (to.length < 16) throw new RangeError('too short for a hash')
    to.set(sodium.crypto_generichash(to.length, over, key))
  },
  crypto_aead_xchacha20poly1305_ietf_encrypt: (ciphertext, text, associated, _, nonce, key) =>
    ciphertext.set(sodium.crypto_aead_xchacha20poly1305_ietf_encrypt(text, associated, null, nonce, key)),
  crypto_aead_xchacha20poly1305_ietf_decrypt: (text, _, ciphertext, associated, nonce, key) =>
    text.set(sodium.crypto_aead_xchacha20poly1305_ietf_decrypt(null, ciphertext, associated, nonce, key)),
  crypto_scalarmult_base: (to, secret) => to.set(sodium.crypto_scalarmult_base(secret)),
  crypto_scalarmult: (to, secret, theirs) => to.set(sodium.crypto_scalarmult(secret, theirs)),
  crypto_sign_seed_keypair(publicKey, secretKey, seed) {
    const pair = sodium.crypto_sign_seed_keypair(seed)
    publicKey.set(pair.publicKey)
    secretKey.set(pair.privateKey)
  },
  crypto_sign_detached: (signature, over, secretKey) => signature.set(sodium.crypto_sign_detached(over, secretKey)),
  crypto_sign_verify_detached: (signature, over, publicKey) =>
    sodium.crypto_sign_verify_detached(signature, over, publicKey),
  crypto_sign_ed25519_pk_to_curve25519: (to, publicKey) =>
    to.set(sodium.crypto_sign_ed25519_pk_to_curve25519(publicKey)),
})

/** A signature whose second half had the order of the group added to it, as it was. */
export function reduced(signature: Uint8Array): Uint8Array {
  const order = fromHex('edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010')
  let borrow = 0
  return signature.map((byte, i) => {
    if (i < 32) return byte
    const difference = byte - (order[i - 32] ?? 0) - borrow
    borrow = difference < 0 ? 1 : 0
    return difference & 255
  })
}

/** After each test of a file, whatever computed before it does so again. */
export function restorePrimitives(): void {
  const before = { ...primitives }
  afterEach(() => compute(before))
}
