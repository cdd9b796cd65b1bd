import { paddedMaximumBytes } from './padding.ts'
import { decode, publicRoom, type Reader, utf8, Writer } from './bytes.ts'
import { CryptoError } from './errors.ts'
import { digest, labels } from './kdf.ts'
import { type Digest, keySizeBytes } from './keys.ts'
import {
  type PolicyReference,
  policyReferenceSizeBytes,
  readModeId,
  readPolicyReference,
  writePolicyReference,
} from './policy.ts'
import { handshakeMaximumBytes } from './pqxdh.ts'
import { nonceSizeBytes, tagSizeBytes } from './aead.ts'
import { encryptedHeaderSizeBytes } from './ratchet.ts'
import type { SuiteNumber } from './suite.ts'
import { readSuiteNumber, suiteNumbered } from './suites.ts'

/** An addition to an envelope, made by an access mode and named by it. */
export interface Stanza {
  readonly modeId: string
  readonly payload: Uint8Array
}

/** What travels: all that anybody on the way sees of a message. */
export interface Envelope {
  readonly suite: SuiteNumber
  readonly policy: PolicyReference
  /** encoded handshake, until the first reply; its bytes are authenticated as they stand */
  readonly handshake: Uint8Array | null
  readonly encryptedHeader: Uint8Array
  readonly stanzas: readonly Stanza[]
  readonly nonce: Uint8Array
  /** 32 bytes, keyed with what only the two ends have */
  readonly commitment: Digest
  /** padded body, encrypted, with its 16-byte tag */
  readonly ciphertext: Uint8Array
}

export const maximumStanzas = 8
const stanzaMaximumBytes = 4096
const modeIdMaximumBytes = 48
/** All that stanzas may take in an envelope. */
export const stanzasMaximumBytes = 1 + maximumStanzas * (8 + modeIdMaximumBytes + stanzaMaximumBytes)
const ciphertextMaximumBytes = paddedMaximumBytes + tagSizeBytes
/** No envelope is longer, so a relay may refuse a longer one unread. */
export const envelopeMaximumBytes =
  1 +
  36 +
  1 +
  4 +
  handshakeMaximumBytes +
  encryptedHeaderSizeBytes +
  stanzasMaximumBytes +
  nonceSizeBytes +
  keySizeBytes +
  4 +
  ciphertextMaximumBytes

/** count (1 byte), then mode id and payload of each, behind their lengths */
export function writeStanzas(to: Writer, stanzas: readonly Stanza[]): void {
  to.u8(stanzas.length)
  for (const { modeId, payload } of stanzas) {
    to.text(modeId)
    to.field(payload)
  }
}

const stanzasSizeBytes = (stanzas: readonly Stanza[]): number =>
  stanzas.reduce((sum, { modeId, payload }) => sum + 8 + utf8(modeId).length + payload.length, 1)

export function encodeStanzas(stanzas: readonly Stanza[]): Uint8Array {
  const bytes = new Uint8Array(stanzasSizeBytes(stanzas))
  writeStanzas(new Writer(bytes), stanzas)
  return bytes
}

function readStanzas(reader: Reader): Stanza[] {
  const count = reader.u8()
  if (count > maximumStanzas) throw new CryptoError('malformed', 'too many stanzas')
  const stanzas: Stanza[] = []
  for (let i = 0; i < count; i++)
    stanzas.push({ modeId: readModeId(reader), payload: reader.field(stanzaMaximumBytes) })
  return stanzas
}

/**
 * suite (1 byte); policy epoch (4) and digest (32); flag and handshake; encrypted header (80); stanzas; nonce (24);
 * commitment (32); ciphertext behind its length (4). 179 bytes around the ciphertext, without handshake and stanzas.
 */
export function encodeEnvelope(envelope: Envelope): Uint8Array {
  const bytes = publicRoom(envelopeSizeBytes(envelope))
  const to = new Writer(bytes)
  to.u8(envelope.suite)
  writePolicyReference(to, envelope.policy)
  to.u8(envelope.handshake ? 1 : 0)
  if (envelope.handshake) to.field(envelope.handshake)
  to.bytes(envelope.encryptedHeader)
  writeStanzas(to, envelope.stanzas)
  to.bytes(envelope.nonce)
  to.bytes(envelope.commitment)
  to.field(envelope.ciphertext)
  return bytes
}

const envelopeSizeBytes = ({ handshake, encryptedHeader, stanzas, nonce, commitment, ciphertext }: Envelope): number =>
  1 +
  policyReferenceSizeBytes +
  1 +
  (handshake ? 4 + handshake.length : 0) +
  encryptedHeader.length +
  stanzasSizeBytes(stanzas) +
  nonce.length +
  commitment.length +
  4 +
  ciphertext.length

/**
 * What is used up at once is not copied (encrypted header, nonce, commitment and ciphertext, nearly all of an envelope): it
 * lies in the bytes given, which therefore stay as they are.
 * @throws CryptoError `malformed`
 */
export function decodeEnvelope(bytes: Uint8Array): Envelope {
  const envelope = decode(bytes, (reader): Envelope => {
    return {
      suite: readSuiteNumber(reader),
      policy: readPolicyReference(reader),
      handshake: reader.flag() ? readHandshakeField(reader) : null,
      encryptedHeader: reader.look(encryptedHeaderSizeBytes),
      stanzas: readStanzas(reader),
      nonce: reader.look(nonceSizeBytes),
      commitment: reader.look(keySizeBytes) as Digest,
      ciphertext: reader.lookField(ciphertextMaximumBytes),
    }
  })
  if (!suiteNumbered(envelope.suite).paddedSizes.includes(envelope.ciphertext.length - tagSizeBytes))
    throw new CryptoError('malformed', 'ciphertext is not of a padded size')
  return envelope
}

/** An empty handshake would mean the same as none, and so give one message two encodings. */
function readHandshakeField(reader: Reader): Uint8Array {
  const handshake = reader.field(handshakeMaximumBytes)
  if (handshake.length === 0) throw new CryptoError('malformed', 'an empty handshake')
  return handshake
}

/** Names an encoded envelope: 32 bytes. */
export const envelopeDigest = (bytes: Uint8Array): Digest => digest(labels.envelopeDigest, bytes)
