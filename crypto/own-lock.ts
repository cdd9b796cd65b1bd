import { decryptAead, encryptAead, nonceSizeBytes } from './aead.ts'
import { armour, armouredIn } from './armour.ts'
import { base64url, concat, decode, fromBase64url, fromUtf8, textField, utf8 } from './bytes.ts'
import { CryptoError } from './errors.ts'
import type { Secret } from './keys.ts'
import { saltSizeBytes, stretch, usualCost } from './lock.ts'
import { doublingSizes, pad, unpad } from './padding.ts'
import type { Random } from './random.ts'

/*
 * A lock of one's own: two people agree on a passphrase, aloud, and lock a text before any messenger sees it. It travels as text, inside
 * whatever the messenger does, so a key under the mat opens the message and finds this.
 */

/** What a passphrase and a salt make: slow on purpose, so it is made once and kept. */
export interface OwnLock {
  readonly salt: Uint8Array
  readonly key: Secret<'own lock key'>
}

/** Of this version: nobody who sends a locked text chooses how much work it makes for whoever opens it. */
const label = 'doormat own lock 1'

/** @param salt 16 bytes. Takes some 64 MiB, and a second on a slow phone. */
export const ownLock = (passphrase: string, salt: Uint8Array): OwnLock => ({
  salt,
  key: stretch(passphrase, salt, usualCost) as Secret<'own lock key'>,
})

export const newOwnLock = (passphrase: string, random: Random): OwnLock => ownLock(passphrase, random(saltSizeBytes))

/**
 * Label, salt (16), nonce (24), and the padded text, encrypted, with label and salt as associated data; armoured.
 * @throws RangeError for a text that is larger than the largest size
 */
export function lockText({ salt, key }: OwnLock, text: string, random: Random): string {
  const head = concat(textField(label), salt)
  const nonce = random(nonceSizeBytes)
  return armour(base64url(concat(head, nonce, encryptAead(key, nonce, pad(utf8(text), doublingSizes), head))))
}

/** The salt of a locked text, 16 bytes; null for a text that is none of this version. */
export function saltOf(text: string): Uint8Array | null {
  try {
    return partsOf(text)?.salt ?? null
  } catch (error) {
    if (error instanceof CryptoError) return null
    throw error
  }
}

/** @throws CryptoError `malformed` | `wrong-passphrase` */
export function unlockText({ key }: OwnLock, text: string): string {
  const parts = partsOf(text)
  if (!parts) throw new CryptoError('malformed', 'that is not a locked text')
  const padded = decryptAead(key, parts.nonce, parts.sealed, parts.head)
  if (!padded) throw new CryptoError('wrong-passphrase', 'that is not the passphrase of this text')
  return fromUtf8(unpad(padded, doublingSizes))
}

function partsOf(text: string) {
  const body = armouredIn(text)
  if (body === null) return null
  const bytes = fromBase64url(body)
  return decode(bytes, (reader) => {
    if (reader.text(32) !== label) throw new CryptoError('malformed', 'the lock is of another version')
    const salt = reader.take(saltSizeBytes)
    const head = bytes.subarray(0, reader.offset)
    return { salt, head, nonce: reader.take(nonceSizeBytes), sealed: reader.take(bytes.length - reader.offset) }
  })
}
