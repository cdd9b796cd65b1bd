import { decryptAead, encryptAead, nonceSizeBytes } from '../../crypto/aead.ts'
import { concat, utf8 } from '../../crypto/bytes.ts'
import { CryptoError } from '../../crypto/errors.ts'
import type { StoreKey } from '../../crypto/lock.ts'
import type { Random } from '../../crypto/random.ts'

/** How secrets and texts stand on disk. `place` names where: what is moved elsewhere does not open there. */
export interface Vault {
  seal(place: string, bytes: Uint8Array): Uint8Array
  /** @throws CryptoError `not-authentic` */
  open(place: string, stored: Uint8Array): Uint8Array
}

/** For a device whose owner has chosen to have no passphrase. */
export const plainVault: Vault = { seal: (_place, bytes) => bytes, open: (_place, stored) => stored }

/** XChaCha20-Poly1305 under the store key: a random nonce (24 bytes), then the ciphertext with its tag. */
export const lockedVault = (key: StoreKey, random: Random): Vault => ({
  seal(place, bytes) {
    const nonce = random(nonceSizeBytes)
    return concat(nonce, encryptAead(key, nonce, bytes, utf8(place)))
  },
  open(place, stored) {
    const [nonce, sealed] = [stored.subarray(0, nonceSizeBytes), stored.subarray(nonceSizeBytes)]
    const bytes = nonce.length === nonceSizeBytes ? decryptAead(key, nonce, sealed, utf8(place)) : null
    if (!bytes) throw new CryptoError('not-authentic', 'the store on disk has been changed')
    return bytes
  },
})
