import { type AttachmentKey, paddedFileSize, pieceSizeBytes } from '../../../crypto/attachment.ts'
import { encryptAead, nonceSizeBytes } from '../../../crypto/aead.ts'
import { u32 } from '../../../crypto/bytes.ts'
import { derive, labels } from '../../../crypto/kdf.ts'
import { keySizeBytes } from '../../../crypto/keys.ts'
import type { Random } from '../../../crypto/random.ts'
import { authenticUnder, blockSizeBytes, oneTimeKey } from './two-tags.ts'

/*
 * One ciphertext that is one picture under one key and another under another, after Dodis, Grubbs, Ristenpart and Woodage:
 * Fast Message Franking, CRYPTO 2018, who made it for AES-GCM. A JPEG can have an application segment near its beginning, which no
 * decoder shows, and anything behind its end. So each picture lies where the other is passed over:
 *
 *   key 1   start, segment of length n | the first picture | behind the end
 *   key 2   start, segment of length m, which covers the first | the second picture | behind the end
 *
 * Both keys have to agree on the first 28 bits, which are of both files; the birthday paradox finds such a pair.
 */

/** A blob for two keys. Doormat's own pieces: each key opens it, and to another file. */
export interface TwoPictures {
  /** one sealed piece */
  readonly blob: Uint8Array
  readonly keys: readonly [AttachmentKey, AttachmentKey]
  /** of either file */
  readonly sizeBytes: number
  /** how many keys were drawn until two of them agreed */
  readonly drawn: number
}

/** The nonce of a piece that is the first and the last one: crypto/attachment.ts. */
const nonce = new Uint8Array(nonceSizeBytes).fill(1, nonceSizeBytes - 1)
/** start (2), marker (2), length (2) */
const headBytes = 6
const [startBytes, lengthAt] = [2, 4]
/** The last four bits of a marker may differ: of 0xe0 to 0xef each begins an application segment. */
const agreedOn = 0xffff_fff0

const streamOf = (key: AttachmentKey, sizeBytes: number): Uint8Array =>
  encryptAead(derive(labels.attachmentEncryption, key), nonce, new Uint8Array(sizeBytes)).subarray(0, sizeBytes)

const viewOf = ({ buffer, byteOffset, length }: Uint8Array) => new DataView(buffer, byteOffset, length)

/** Two agree among some twenty thousand, and a few such pairs are enough; so many are never needed. */
const drawnMaximum = 1_000_000

/** @param pictures two JPEGs. @throws RangeError where both together do not fit into one piece, or no keys were found */
export function twoPictures(pictures: readonly [Uint8Array, Uint8Array], random: Random): TwoPictures {
  if (sizeFor(pictures[0].length, pictures[1]) > pieceSizeBytes)
    throw new RangeError('the two pictures do not fit into one piece')
  /** by the bits on which two have to agree */
  const drawn = new Map<number, AttachmentKey>()
  for (let count = 1; count <= drawnMaximum; count++) {
    const key = random(keySizeBytes) as AttachmentKey
    const begins = viewOf(streamOf(key, lengthAt)).getUint32(0) & agreedOn
    const other = drawn.get(begins)
    const made = other && madeFor(pictures, [other, key])
    if (made) return { ...made, drawn: count }
    drawn.set(begins, key)
  }
  throw new RangeError('no two keys leave room for both pictures')
}

type Keys = TwoPictures['keys']

function madeFor(pictures: readonly [Uint8Array, Uint8Array], keys: Keys): Omit<TwoPictures, 'drawn'> | null {
  const bodies = pictures.map((picture) => picture.subarray(startBytes)) as [Uint8Array, Uint8Array]
  const heads = keys.map((key) => viewOf(streamOf(key, headBytes)).getUint16(lengthAt)) as [number, number]
  const lengths = lengthsFor(heads[0] ^ heads[1], bodies)
  if (!lengths) return null
  const sizeBytes = sizeFor(lengths[1], bodies[1])
  const streams = keys.map((key) => streamOf(key, sizeBytes)) as [Uint8Array, Uint8Array]
  const ciphertext = new Uint8Array(sizeBytes)
  const put = (which: 0 | 1, at: number, bytes: Uint8Array) =>
    bytes.forEach((byte, i) => (ciphertext[at + i] = byte ^ (streams[which][at + i] ?? 0)))
  put(0, 0, Uint8Array.of(0xff, 0xd8, 0xff, 0xed, lengths[0] >> 8, lengths[0] & 0xff))
  for (const which of [0, 1] as const) put(which, lengthAt + lengths[which], bodies[which])
  const oneTime = [oneTimeKey(encryptionKeyOf(keys[0]), nonce), oneTimeKey(encryptionKeyOf(keys[1]), nonce)] as const
  // what stands behind the end of either picture may be anything
  const free = sizeBytes - 2 * blockSizeBytes
  for (let attempt = 0; attempt < 256; attempt++) {
    ciphertext.set(u32(attempt), free)
    const blob = authenticUnder(oneTime, new Uint8Array(), ciphertext)
    if (blob) return { blob, keys, sizeBytes }
  }
  return null
}

const encryptionKeyOf = (key: AttachmentKey) => derive(labels.attachmentEncryption, key)

/** Room for what is solved for, and for what is tried, behind the end of both. */
const sizeFor = (length: number, body: Uint8Array) =>
  paddedFileSize(lengthAt + length + body.length + 2 * blockSizeBytes)

/**
 * How long the two segments are: the first picture has to lie within the second segment, and all within one piece.
 * @param differ the two lengths are one ciphertext, so that each follows from the other
 */
function lengthsFor(differ: number, bodies: readonly [Uint8Array, Uint8Array]): readonly [number, number] | null {
  let best: readonly [number, number] | null = null
  for (let first = 2; first < 0x1_0000; first++) {
    const second = first ^ differ
    const fits = second >= first + bodies[0].length && sizeFor(second, bodies[1]) <= pieceSizeBytes
    if (fits && (!best || second < best[1])) best = [first, second]
  }
  return best
}
