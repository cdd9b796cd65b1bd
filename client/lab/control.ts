import { encryptAead, tagSizeBytes } from '../../crypto/aead.ts'
import { decodeContent } from '../../crypto/content.ts'
import { decodeEnvelope } from '../../crypto/envelope.ts'
import type { EncryptionKey } from '../../crypto/keys.ts'
import { unpad } from '../../crypto/padding.ts'
import type { Played } from './played.ts'
import { ifItOpens } from './reading.ts'

/**
 * The positive control of every zero: the one encryption key that a witness kept, tried on every envelope as somebody
 * would who has it and nothing else. It must open its own message, and no other.
 * @returns how many it opened
 * @throws Error when it opens anything else, or not what was sent
 */
export function tryControl({ archive, control, truth }: Played): number {
  let opened = 0
  for (const { bytes } of archive) {
    const content = ifItOpens(() => openBody(control.encryptionKey, bytes))
    if (!content) continue
    if (content.id !== control.id || content.text !== truth.get(control.id)?.sent)
      throw new Error('the kept key opens a message that it was not kept for')
    opened += 1
  }
  return opened
}

/** Without associated data, and so without the tag: encrypting zeros gives the keystream, and a body shows by its form. */
function openBody(encryptionKey: EncryptionKey, bytes: Uint8Array) {
  const { nonce, ciphertext } = decodeEnvelope(bytes)
  const zeros = new Uint8Array(ciphertext.length - tagSizeBytes)
  const stream = encryptAead(encryptionKey, nonce, zeros)
  return decodeContent(unpad(ciphertext.subarray(0, zeros.length).map((byte, i) => byte ^ (stream[i] ?? 0))))
}
