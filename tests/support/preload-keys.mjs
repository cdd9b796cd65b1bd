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
// libsodium's own function, which its wrapper calls too: addresses in its memory, and the sizes of what lies there
const { libsodium } = sodium
const encrypt = libsodium._crypto_aead_xchacha20poly1305_ietf_encrypt
const tagSizeBytes = 16
const bytesAt = (address, sizeBytes) => libsodium.HEAPU8.slice(address, address + sizeBytes)
libsodium._crypto_aead_xchacha20poly1305_ietf_encrypt = (...args) => {
  const [to, , , textSizeBytes, , , , , , nonceAt, keyAt] = args
  const [key, nonce] = [bytesAt(keyAt, 32), bytesAt(nonceAt, 24)]
  const answer = encrypt(...args)
  const ciphertext = bytesAt(to, textSizeBytes + tagSizeBytes)
  writeSync(file, `${digest(key)} ${Buffer.from(nonce).toString('hex')} ${digest(ciphertext)}\n`)
  return answer
}
