import { decryptAead, encryptAead, nonceSizeBytes, tagSizeBytes } from './aead.ts'
import { concat, decode, textField, u32, utf8 } from './bytes.ts'
import { CryptoError } from './errors.ts'
import { keySizeBytes, type Secret, wipe } from './keys.ts'
import type { Random } from './random.ts'
import sumo from './sodium-sumo.ts'

/** What a device's secrets and history are encrypted with on disk. 32 bytes. */
export type StoreKey = Secret<'store key'>

/** Argon2id, RFC 9106: the second recommended memory and passes; libsodium works in one lane. */
export const usualCost: Cost = { passes: 3, memoryBytes: 64 * 1024 * 1024 }
/** What a lock may ask for, which somebody else may have put there: Argon2 needs the minimum, we allow the maximum. */
const passesMaximum = 16
const memoryMinimumBytes = 8192
const memoryMaximumBytes = 1024 * 1024 * 1024
export const saltSizeBytes = 16

interface Cost {
  readonly passes: number
  readonly memoryBytes: number
}

/** Argon2id. @param salt 16 bytes @returns 32 bytes */
export const stretch = (passphrase: string, salt: Uint8Array, cost: Cost): Uint8Array =>
  sumo.crypto_pwhash(
    keySizeBytes,
    utf8(passphrase.normalize('NFC')),
    salt,
    cost.passes,
    cost.memoryBytes,
    sumo.crypto_pwhash_ALG_ARGON2ID13,
  )

/** A passphrase is at least this many characters long. */
export const passphraseMinimumCharacters = 8

/**
 * Wraps a store key with a passphrase: the label, passes (4), memory in bytes (4), salt (16), nonce (24), and the key
 * encrypted (48), with all that stands before the nonce as associated data.
 */
export function lockWith(passphrase: string, key: StoreKey, random: Random): Uint8Array {
  const salt = random(saltSizeBytes)
  const head = concat(textField(label), u32(usualCost.passes), u32(usualCost.memoryBytes), salt)
  const nonce = random(nonceSizeBytes)
  const wrapping = stretch(passphrase, salt, usualCost)
  const lock = concat(head, nonce, encryptAead(wrapping, nonce, key, head))
  wipe(wrapping)
  return lock
}

/** @throws CryptoError `malformed` | `wrong-passphrase` */
export function openLock(lock: Uint8Array, passphrase: string): StoreKey {
  const { head, cost, salt, nonce, wrapped } = decode(lock, (reader) => {
    if (reader.text(32) !== label) throw new CryptoError('malformed', 'the lock is of another version')
    const asked = { passes: reader.u32(), memoryBytes: reader.u32() }
    const drawn = reader.take(saltSizeBytes)
    const before = lock.subarray(0, reader.offset)
    const rest = { nonce: reader.take(nonceSizeBytes), wrapped: reader.take(keySizeBytes + tagSizeBytes) }
    return { head: before, cost: asked, salt: drawn, ...rest }
  })
  if (cost.passes > passesMaximum || cost.memoryBytes > memoryMaximumBytes)
    throw new CryptoError('malformed', 'the lock asks for more work than any that doormat makes')
  if (cost.passes < 1 || cost.memoryBytes < memoryMinimumBytes)
    throw new CryptoError('malformed', 'the lock asks for less work than there is')
  const wrapping = stretch(passphrase, salt, cost)
  const key = decryptAead(wrapping, nonce, wrapped, head)
  wipe(wrapping)
  if (!key) throw new CryptoError('wrong-passphrase', 'that is not the passphrase of this device')
  return key as StoreKey
}

const label = 'doormat lock 1'
