import sodium from 'libsodium-wrappers-sumo'

/*
 * The only import of libsodium's larger build, for what the standard one leaves out: Argon2id. Loaded only where a
 * passphrase is used, for it is large.
 */

await sodium.ready
if (typeof sodium.crypto_pwhash !== 'function') throw new Error('libsodium-wrappers-sumo has no crypto_pwhash')

export default sodium
