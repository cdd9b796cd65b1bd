import { createHash } from 'node:crypto'
import fs from 'node:fs'
// the build that the program loads: vite.config.ts
import sodium from 'libsodium-wrappers-sumo'

/*
 * For `node --import`: writes down in DOORMAT_TEST_KEYS under which key and nonce each ciphertext was made: the key's
 * digest, the nonce, the digest of the ciphertext.
 */
// taken here, for another preload may watch what the process itself writes
const { writeSync } = fs
const file = fs.openSync(process.env['DOORMAT_TEST_KEYS'], 'a')
const digest = (bytes) => createHash('sha256').update(bytes).digest('hex')

await sodium.ready
const encrypt = sodium.crypto_aead_xchacha20poly1305_ietf_encrypt
sodium.crypto_aead_xchacha20poly1305_ietf_encrypt = (plaintext, associatedData, secretNonce, nonce, key) => {
  const ciphertext = encrypt(plaintext, associatedData, secretNonce, nonce, key)
  writeSync(file, `${digest(key)} ${Buffer.from(nonce).toString('hex')} ${digest(ciphertext)}\n`)
  return ciphertext
}
