import sodium from 'libsodium-wrappers'
import { systemRandom } from './random.ts'

/*
 * The only import of libsodium. Two things are made sure of before anybody uses it:
 * what this project calls exists (the standard build declares more functions than it has), and libsodium's own random
 * source is the pooled CSPRNG of random.ts. By default the wrapper makes one synchronous call for every four bytes.
 * Doormat itself never lets libsodium draw: it calls only the `*_seed_keypair` and `*_deterministic` forms.
 */

await sodium.ready

const used = [
  'crypto_aead_xchacha20poly1305_ietf_encrypt',
  'crypto_generichash',
  'crypto_kem_mlkem768_dec',
  'crypto_kem_mlkem768_enc_deterministic',
  'crypto_kem_mlkem768_seed_keypair',
  'crypto_scalarmult',
  'crypto_scalarmult_base',
  'crypto_sign_detached',
  'crypto_sign_ed25519_pk_to_curve25519',
  'crypto_sign_seed_keypair',
  'crypto_sign_verify_detached',
  'memcmp',
] as const

for (const name of used) {
  if (typeof sodium[name] !== 'function') throw new Error(`libsodium-wrappers has no ${name}`)
}

/** The undocumented hook through which the wrapper asks the platform for 32 bits; pinned by a test. */
const { libsodium } = sodium as unknown as { libsodium: { getRandomValue?: () => number } }
if (typeof libsodium.getRandomValue !== 'function')
  throw new Error('libsodium-wrappers has lost its random source hook')
libsodium.getRandomValue = () => new DataView(systemRandom(4).buffer).getUint32(0)

/**
 * What the wrapper itself calls: functions of the WebAssembly module, over addresses in its memory. A size of 64 bits is
 * two numbers, the low half first. Each answers 0 when all is well. Only primitives.ts, arena.ts and the files that work in it use this.
 */
export interface Raw {
  /** The memory. It is another object after it has grown, so nobody keeps it. */
  readonly HEAPU8: Uint8Array
  _malloc(sizeBytes: number): number
  _free(address: number): void
  _crypto_generichash(
    out: number,
    outSize: number,
    message: number,
    messageSize: number,
    messageSizeHigh: number,
    key: number,
    keySize: number,
  ): number
  _crypto_aead_xchacha20poly1305_ietf_encrypt(
    ciphertext: number,
    ciphertextSizeTo: number,
    text: number,
    textSize: number,
    textSizeHigh: number,
    associated: number,
    associatedSize: number,
    associatedSizeHigh: number,
    unused: number,
    nonce: number,
    key: number,
  ): number
  _crypto_aead_xchacha20poly1305_ietf_decrypt(
    text: number,
    textSizeTo: number,
    unused: number,
    ciphertext: number,
    ciphertextSize: number,
    ciphertextSizeHigh: number,
    associated: number,
    associatedSize: number,
    associatedSizeHigh: number,
    nonce: number,
    key: number,
  ): number
  _crypto_scalarmult(shared: number, secret: number, publicKey: number): number
  _crypto_scalarmult_base(publicKey: number, secret: number): number
  _crypto_sign_seed_keypair(publicKey: number, secretKey: number, seed: number): number
  _crypto_sign_detached(
    signature: number,
    signatureSizeTo: number,
    message: number,
    messageSize: number,
    messageSizeHigh: number,
    secretKey: number,
  ): number
  _crypto_sign_verify_detached(
    signature: number,
    message: number,
    messageSize: number,
    messageSizeHigh: number,
    publicKey: number,
  ): number
  _crypto_sign_ed25519_pk_to_curve25519(to: number, publicKey: number): number
  _crypto_kem_mlkem768_seed_keypair(publicKey: number, secretKey: number, seed: number): number
  _crypto_kem_mlkem768_enc_deterministic(ciphertext: number, shared: number, publicKey: number, coins: number): number
  _crypto_kem_mlkem768_dec(shared: number, ciphertext: number, secretKey: number): number
  _crypto_kem_xwing_enc_deterministic(ciphertext: number, shared: number, publicKey: number, coins: number): number
  _crypto_hash_sha3256(out: number, message: number, messageSize: number, messageSizeHigh: number): number
  _crypto_xof_shake256(
    out: number,
    outSize: number,
    message: number,
    messageSize: number,
    messageSizeHigh: number,
  ): number
}

const rawUsed = [
  '_malloc',
  '_free',
  '_crypto_generichash',
  '_crypto_aead_xchacha20poly1305_ietf_encrypt',
  '_crypto_aead_xchacha20poly1305_ietf_decrypt',
  '_crypto_scalarmult',
  '_crypto_scalarmult_base',
  '_crypto_sign_seed_keypair',
  '_crypto_sign_detached',
  '_crypto_sign_verify_detached',
  '_crypto_sign_ed25519_pk_to_curve25519',
  '_crypto_kem_mlkem768_seed_keypair',
  '_crypto_kem_mlkem768_enc_deterministic',
  '_crypto_kem_mlkem768_dec',
  '_crypto_kem_xwing_enc_deterministic',
  '_crypto_hash_sha3256',
  '_crypto_xof_shake256',
] as const

export const raw = libsodium as unknown as Raw

for (const name of rawUsed) {
  if (typeof raw[name] !== 'function') throw new Error(`libsodium has no ${name}`)
}
if (typeof raw.HEAPU8?.copyWithin !== 'function') throw new Error('libsodium does not show its memory')

export default sodium
