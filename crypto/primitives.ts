import { raw } from './sodium.ts'

/*
 * What can be computed by native code in the place of WebAssembly, where somebody hands that in (crypto/native.ts). Either
 * works from address to address in libsodium's memory: no key goes anywhere else, and what a frame of the arena holds is
 * wiped at its end, whoever computed it. ML-KEM, X-Wing and Argon2id are always WebAssembly's.
 */

/** Where something lies in libsodium's memory: a number of bytes from its beginning. Good until its frame ends. */
export type Address = number

export interface Span {
  readonly address: Address
  readonly sizeBytes: number
}

/** Every result is written to the address that comes first. Keys have 32 bytes where nothing else is said. */
export interface Primitives {
  /**
   * BLAKE2b (RFC 7693).
   * @param sizeBytes of the result
   * @param key null for a hash without one
   * @returns false for another size than 16 to 64
   */
  hash(to: Address, sizeBytes: number, over: Span, key: Address | null): boolean
  /** XChaCha20-Poly1305 in place, the tag of 16 bytes behind. @param nonce 24 bytes */
  seal(text: Span, nonce: Address, key: Address, associated: Span): void
  /** The reverse, in place. @returns false when the tag does not hold; no text is there then */
  open(ciphertext: Span, nonce: Address, key: Address, associated: Span): boolean
  /** X25519 (RFC 7748): the public key of a secret. */
  agreementKey(to: Address, secret: Address): void
  /** X25519. @returns false for a public key of low order, whose shared secret would be no secret */
  agree(to: Address, secret: Address, theirs: Address): boolean
  /** Ed25519 (RFC 8032). @param secretKey where the 64 bytes go that `sign` takes */
  signingPair(publicKey: Address, secretKey: Address, seed: Address): void
  /** Ed25519. @param signature where its 64 bytes go @param secretKey 64 bytes */
  sign(signature: Address, over: Span, secretKey: Address): void
  /** Ed25519. @param signature 64 bytes */
  verify(signature: Address, over: Span, publicKey: Address): boolean
  /** An Ed25519 public key as one of X25519. @returns false for one of low or mixed order, or not in canonical form */
  toAgreementKey(to: Address, publicKey: Address): boolean
}

/** libsodium would go down to 1 byte. No result of ours is shorter, and native code has none. */
const shortestHashBytes = 16

export const inWebAssembly: Primitives = {
  hash: (to, sizeBytes, over, key) =>
    sizeBytes >= shortestHashBytes &&
    raw._crypto_generichash(to, sizeBytes, over.address, over.sizeBytes, 0, key ?? 0, key === null ? 0 : 32) === 0,
  seal({ address, sizeBytes }, nonce, key, beside) {
    const { address: at, sizeBytes: long } = beside
    raw._crypto_aead_xchacha20poly1305_ietf_encrypt(address, 0, address, sizeBytes, 0, at, long, 0, 0, nonce, key)
  },
  open({ address, sizeBytes }, nonce, key, beside) {
    const { address: at, sizeBytes: long } = beside
    return (
      raw._crypto_aead_xchacha20poly1305_ietf_decrypt(address, 0, 0, address, sizeBytes, 0, at, long, 0, nonce, key) ===
      0
    )
  },
  agreementKey(to, secret) {
    raw._crypto_scalarmult_base(to, secret)
  },
  agree: (to, secret, theirs) => raw._crypto_scalarmult(to, secret, theirs) === 0,
  signingPair(publicKey, secretKey, seed) {
    raw._crypto_sign_seed_keypair(publicKey, secretKey, seed)
  },
  sign(signature, { address, sizeBytes }, secretKey) {
    raw._crypto_sign_detached(signature, 0, address, sizeBytes, 0, secretKey)
  },
  verify: (signature, { address, sizeBytes }, publicKey) =>
    raw._crypto_sign_verify_detached(signature, address, sizeBytes, 0, publicKey) === 0,
  toAgreementKey: (to, publicKey) => raw._crypto_sign_ed25519_pk_to_curve25519(to, publicKey) === 0,
}

/** Those in use, everywhere in this thread. */
export const primitives: Primitives = { ...inWebAssembly }

/** Puts others in their place. Only for whoever has compared them: `handOver` in crypto/native.ts. */
export const compute = (by: Primitives): void => void Object.assign(primitives, by)
