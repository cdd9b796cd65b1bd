import { decodeContent } from '../../crypto/content.ts'
import { CryptoError } from '../../crypto/errors.ts'
import { decodeEnvelope, type Envelope } from '../../crypto/envelope.ts'
import type { MessageKey } from '../../crypto/keys.ts'
import { encryptionKeyOf } from '../../crypto/message.ts'
import { unpad } from '../../crypto/padding.ts'
import { encryptAead, tagSizeBytes } from '../../crypto/aead.ts'
import { suiteNumbered } from '../../crypto/suites.ts'
import { modes } from '../../crypto/access/index.ts'
import type { RecordedEnvelope } from '../../crypto/access/mode.ts'

/**
 * Tries secrets on recorded envelopes in every way this program knows, as somebody would who has them and nothing else:
 * as the secret of each access mode, as a message key, as an encryption key; tags are ignored, for a reader needs none.
 * @param secrets 32 bytes each
 * @returns how many envelopes gave up a well-formed content
 */
export function tryEverything(
  evidence: Iterable<RecordedEnvelope>,
  secrets: readonly Uint8Array[],
): { readonly envelopes: number; readonly opened: number } {
  let [envelopes, opened] = [0, 0]
  for (const recorded of evidence) {
    envelopes += 1
    if (secrets.some((secret) => opens(recorded, secret))) opened += 1
  }
  return { envelopes, opened }
}

function opens(recorded: RecordedEnvelope, secret: Uint8Array): boolean {
  const envelope = decodeEnvelope(recorded.bytes)
  const ways = [
    ...modes.map((mode) => () => mode.reader([secret]).read(recorded, envelope) !== null),
    () => opensBody(secret, envelope),
    () => opensBody(encryptionKeyOf(envelope.suite, secret as MessageKey), envelope),
  ]
  return ways.some((way) => {
    try {
      return way()
    } catch (error) {
      if (error instanceof CryptoError) return false
      throw error
    }
  })
}

/** Without the associated data, and so without the tag: encrypting zeros gives the keystream, and a body shows by its form. */
function opensBody(encryptionKey: Uint8Array, { suite, nonce, ciphertext }: Envelope): boolean {
  const zeros = new Uint8Array(ciphertext.length - tagSizeBytes)
  const stream = encryptAead(encryptionKey, nonce, zeros)
  const plain = ciphertext.subarray(0, zeros.length).map((byte, i) => byte ^ (stream[i] ?? 0))
  return decodeContent(unpad(plain, suiteNumbered(suite).paddedSizes)).id !== ''
}
