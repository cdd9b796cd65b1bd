import { encryptAead, nonceSizeBytes } from '../../crypto/aead.ts'
import { concat, textField, u32, utf8 } from '../../crypto/bytes.ts'
import type { StoreKey } from '../../crypto/lock.ts'
import type { Random } from '../../crypto/random.ts'
import sumo from '../../crypto/sodium-sumo.ts'

/** The least that Argon2 can do. A real lock makes three passes over 64 MiB, at every try. */
const [passes, memoryBytes] = [1, 8192]

/** A lock that opens as a real one does, without the work: for tests that are about what it locks. */
export function lightLock(passphrase: string, key: StoreKey, random: Random): Uint8Array {
  const salt = random(16)
  const head = concat(textField('doormat lock 1'), u32(passes), u32(memoryBytes), salt)
  const nonce = random(nonceSizeBytes)
  const algorithm = sumo.crypto_pwhash_ALG_ARGON2ID13
  const wrapping = sumo.crypto_pwhash(32, utf8(passphrase), salt, passes, memoryBytes, algorithm)
  return concat(head, nonce, encryptAead(wrapping, nonce, key, head))
}
