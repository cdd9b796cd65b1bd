import { concat, decode, equal } from '../bytes.ts'
import { decodeContent, writeContent } from '../content.ts'
import { CryptoError } from '../errors.ts'
import { encodeEnvelope, type Envelope } from '../envelope.ts'
import { type Digest, type EncryptionKey, keySizeBytes, wipe } from '../keys.ts'
import { openWithEncryptionKey, sealWithEncryptionKey } from '../message.ts'
import type { StanzaInput } from '../seams.ts'
import type { Reader, RecordedEnvelope, Seams } from './mode.ts'

/*
 * What modes share that seal one message's encryption key and nothing else. The commitment key never leaves the two
 * ends, so whoever opens such a stanza can read the message and can forge nothing.
 */

/** Everything that an archived envelope lacks in order to be read. */
export type SealedKey = Pick<StanzaInput, 'encryptionKey' | 'context'>

export const sealedKeySizeBytes = 2 * keySizeBytes

/** encryption key (32 bytes), context (32) */
export const encodeSealedKey = ({ encryptionKey, context }: SealedKey): Uint8Array => concat(encryptionKey, context)

export const decodeSealedKey = (bytes: Uint8Array): SealedKey =>
  decode(bytes, (reader) => ({
    encryptionKey: reader.take(keySizeBytes) as EncryptionKey,
    context: reader.take(keySizeBytes) as Digest,
  }))

/** @param seal a function of the message alone, so that a recipient makes the same stanza again and compares */
export const sealingSeams = (
  modeId: string,
  stanzaSizeBytes: number,
  seal: (input: StanzaInput) => Uint8Array,
): Seams => ({
  outgoing: (offer) => [{ modeId, payload: seal(offer()) }],
  incoming(offer, [given, ...rest]) {
    if (!given || rest.length > 0 || given.modeId !== modeId || !equal(given.payload, seal(offer())))
      throw new CryptoError(
        'stanza-refused',
        'the message does not carry the stanza that the access mode in force asks for',
      )
  },
  admit: ([stanza, ...rest]) =>
    rest.length === 0 && stanza?.modeId === modeId && stanza.payload.length === stanzaSizeBytes,
})

/** @param open the stanza of a recorded envelope: null for one that has none, or without anything to open it with. @throws CryptoError */
export function sealedKeyReader(
  modeId: string,
  open: (recorded: RecordedEnvelope, envelope: Envelope) => SealedKey | null,
): Reader {
  return {
    read(recorded, envelope) {
      const opened = open(recorded, envelope)
      if (!opened) return null
      const { encryptionKey, context } = opened
      const content = decodeContent(openWithEncryptionKey(encryptionKey, envelope, context))
      wipe(encryptionKey)
      return { recorded, content, modeId, epoch: envelope.policy.epoch }
    },
    /**
     * Encrypts another text under the right encryption key, in the same place. The commitment stays as it was, because
     * its key is not known here.
     */
    forge(recorded, envelope, text) {
      const opened = open(recorded, envelope)
      if (!opened) return null
      const { encryptionKey, context } = opened
      const said = decodeContent(openWithEncryptionKey(encryptionKey, envelope, context))
      return encodeEnvelope({
        ...envelope,
        ciphertext: sealWithEncryptionKey(encryptionKey, envelope, context, (to) =>
          writeContent(to, { ...said, text }),
        ),
      })
    },
  }
}
