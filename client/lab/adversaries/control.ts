import { encryptAead, tagSizeBytes } from '../../../crypto/aead.ts'
import { decodeContent } from '../../../crypto/content.ts'
import { decodeEnvelope, type Envelope } from '../../../crypto/envelope.ts'
import { type EncryptionKey, keySizeBytes } from '../../../crypto/keys.ts'
import { unpad } from '../../../crypto/padding.ts'
import { suiteNumbered } from '../../../crypto/suites.ts'
import type { Played } from '../simulation/played.ts'
import { ifItOpens } from './reading.ts'
import type { Share } from '../simulation/share.ts'

/** As much of what was played as a control needs. */
interface Controlled extends Pick<Played, 'archive' | 'control'> {
  readonly truth: ReadonlyMap<string, { readonly sent: string | null }>
}

/**
 * The positive control of every zero: the one encryption key that a witness kept, tried on every envelope as somebody
 * would who has it and nothing else. It must open its own message, and no other.
 * @returns how many it opened; 0 where nothing was sent
 * @throws Error when it opens anything else, or not what was sent
 */
export function tryControl({ archive, control, truth }: Controlled): number {
  if (!control) return 0
  let opened = 0
  for (const { bytes } of archive) {
    const content = ifItOpens(() => openBody(control.encryptionKey, decodeEnvelope(bytes)))
    if (!content) continue
    if (content.id !== control.id || content.text !== truth.get(control.id)?.sent)
      throw new Error('the kept key opens a message that it was not kept for')
    opened += 1
  }
  return opened
}

const sampled = 24

/**
 * A zero of those who hold no secret, tried: every 32 bytes that stand in an envelope are tried as its encryption key, on a
 * sample spread over the archive. A mode that leaked a key in plain would be seen by it.
 */
export function tryPlainKeys({ archive }: Played): Share {
  const every = Math.max(1, Math.floor(archive.length / sampled))
  const sample = archive.filter((_, i) => i % every === 0).slice(0, sampled)
  return { read: sample.filter(({ bytes }) => opensWithin(bytes)).length, of: sample.length }
}

function opensWithin(bytes: Uint8Array): boolean {
  const envelope = decodeEnvelope(bytes)
  for (let i = 0; i + keySizeBytes <= bytes.length; i++) {
    const key = bytes.slice(i, i + keySizeBytes) as EncryptionKey
    if (ifItOpens(() => openBody(key, envelope))) return true
  }
  return false
}

/** Without associated data, and so without the tag: encrypting zeros gives the keystream, and a body shows by its form. */
export function openBody(encryptionKey: EncryptionKey, { suite, nonce, ciphertext }: Envelope) {
  const zeros = new Uint8Array(ciphertext.length - tagSizeBytes)
  const stream = encryptAead(encryptionKey, nonce, zeros)
  const plain = ciphertext.subarray(0, zeros.length).map((byte, i) => byte ^ (stream[i] ?? 0))
  return decodeContent(unpad(plain, suiteNumbered(suite).paddedSizes))
}
