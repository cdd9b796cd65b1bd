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
  'crypto_aead_xchacha20poly1305_ietf_decrypt',
  'crypto_aead_xchacha20poly1305_ietf_encrypt',
  'crypto_generichash',
  'crypto_kem_mlkem768_dec',
  'crypto_kem_mlkem768_enc_deterministic',
  'crypto_kem_mlkem768_seed_keypair',
  'crypto_kem_xwing_dec',
  'crypto_kem_xwing_enc_deterministic',
  'crypto_kem_xwing_seed_keypair',
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

export default sodium
