import sodium from 'libsodium-wrappers-sumo'

/*
 * The only import of libsodium's larger build, for what the standard one leaves out: Argon2id for passphrases, and the
 * group ristretto255 for access modes.
 */

await sodium.ready

const used = [
  'crypto_core_ristretto255_add',
  'crypto_core_ristretto255_is_valid_point',
  'crypto_core_ristretto255_scalar_add',
  'crypto_core_ristretto255_scalar_invert',
  'crypto_core_ristretto255_scalar_mul',
  'crypto_core_ristretto255_scalar_reduce',
  'crypto_core_ristretto255_scalar_sub',
  'crypto_core_ristretto255_sub',
  'crypto_pwhash',
  'crypto_scalarmult_ristretto255',
  'crypto_scalarmult_ristretto255_base',
] as const

for (const name of used) {
  if (typeof sodium[name] !== 'function') throw new Error(`libsodium-wrappers-sumo has no ${name}`)
}

export default sodium
