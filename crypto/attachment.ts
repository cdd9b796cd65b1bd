import { decryptAead, encryptAead, nonceSizeBytes, tagSizeBytes } from './aead.ts'
import { written } from './arena.ts'
import { decode, equal, type Reader, u64, utf8, Writer } from './bytes.ts'
import { CryptoError } from './errors.ts'
import { derive, labels } from './kdf.ts'
import { type Digest, keySizeBytes, type Public, type Secret, wipe } from './keys.ts'
import { MerkleTree } from './merkle.ts'
import type { Random } from './random.ts'

/*
 * A file beside a message: encrypted in pieces under a key of its own, and kept by the relay as one blob. The construction is
 * STREAM (Hoang, Reyhanitabar, Rogaway, Vizár: Online authenticated encryption and its nonce-reuse misuse-resistance, 2015) over
 * XChaCha20-Poly1305, whose nonce says which piece it is, and whether it is the last. An AEAD does not commit to its key, so the
 * message names a root over key, length and every piece of the ciphertext, and nothing is given to anybody before the root holds.
 */

/** Names a blob at the relay. Whoever knows it may fetch the blob. */
export type BlobId = Public<'blob id'>
export type AttachmentKey = Secret<'attachment key'>

/** What a message says of its attachment. */
export interface Attachment {
  readonly blob: BlobId
  readonly key: AttachmentKey
  /** over key, length and ciphertext */
  readonly root: Digest
  /** of the file, in bytes */
  readonly sizeBytes: number
  /** as the sender calls it: 1 to 255 bytes of UTF-8, and never a path to write to */
  readonly name: string
  /** a media type as the sender says, such as `image/png`; empty where nothing is known */
  readonly type: string
  /** of a voice message: how long it lasts, as the sender says, 1 to 900,000 milliseconds; absent in every other file */
  readonly voiceMs?: number
}

export const blobIdSizeBytes = 32
/** Of plaintext; a piece of ciphertext has 16 bytes more. The last piece is as short as what is left. */
export const pieceSizeBytes = 65_536
export const sealedPieceSizeBytes = pieceSizeBytes + tagSizeBytes
/** The largest file: 64 MiB. */
export const attachmentMaximumBytes = 64 * 1024 * 1024
export const fileNameMaximumBytes = 255
const typeMaximumBytes = 127

/** 128, 256, 512 and 1,024; then four sizes an octave, without an end: what a file of that size is padded to. */
export function paddedFileSize(sizeBytes: number): number {
  const doubled = 2 ** Math.ceil(Math.log2(Math.max(sizeBytes, 128)))
  if (doubled <= 1024) return doubled
  const step = doubled / 8
  return step * Math.ceil(sizeBytes / step)
}

const pieceCount = (sizeBytes: number): number => Math.ceil(paddedFileSize(sizeBytes) / pieceSizeBytes)

/** How large the blob of a file is, in bytes: padded, with a tag for each piece. */
export const blobSize = (sizeBytes: number): number => paddedFileSize(sizeBytes) + tagSizeBytes * pieceCount(sizeBytes)

/** The blob of the largest file. */
export const blobMaximumBytes = blobSize(attachmentMaximumBytes)

export const newAttachmentKeys = (random: Random): { readonly blob: BlobId; readonly key: AttachmentKey } => ({
  blob: random(blobIdSizeBytes) as BlobId,
  key: random(keySizeBytes) as AttachmentKey,
})

/** 19 zero bytes, index (4), and 1 for the last piece: no key ever seals anything else. */
function nonceOf(index: number, isLast: boolean): Uint8Array {
  const nonce = new Uint8Array(nonceSizeBytes)
  const to = new Writer(nonce, nonceSizeBytes - 5)
  to.u32(index)
  to.u8(isLast ? 1 : 0)
  return nonce
}

/** One file on its way through, piece by piece and in order. */
class Walk {
  readonly #key: AttachmentKey
  readonly #sizeBytes: number
  readonly #tree = new MerkleTree()

  constructor(key: AttachmentKey, sizeBytes: number) {
    if (!Number.isSafeInteger(sizeBytes) || sizeBytes < 0 || sizeBytes > attachmentMaximumBytes)
      throw new RangeError(`a file has at most ${attachmentMaximumBytes} bytes`)
    this.#key = key
    this.#sizeBytes = sizeBytes
  }

  get isOver(): boolean {
    return this.#tree.count === pieceCount(this.#sizeBytes)
  }

  /** The next piece: its nonce, and how many bytes of the file and of padding are in it. */
  next(): { readonly nonce: Uint8Array; readonly fileBytes: number; readonly paddedBytes: number } {
    const index = this.#tree.count
    const start = index * pieceSizeBytes
    const left = paddedFileSize(this.#sizeBytes) - start
    if (left <= 0) throw new RangeError('there is no further piece')
    return {
      nonce: nonceOf(index, left <= pieceSizeBytes),
      fileBytes: Math.max(0, Math.min(pieceSizeBytes, this.#sizeBytes - start)),
      paddedBytes: Math.min(pieceSizeBytes, left),
    }
  }

  add(sealed: Uint8Array): void {
    this.#tree.add(sealed)
  }

  /** @throws RangeError before all pieces have come */
  root(): Digest {
    if (!this.isOver) throw new RangeError('pieces are missing')
    return derive(labels.attachmentRoot, this.#key, [u64(this.#sizeBytes), this.#tree.root()])
  }
}

/** Encrypts a file whose size is known. */
export interface Sealing {
  /** how many bytes of the file the next piece takes; null after the last one */
  readonly wants: number | null
  /** @returns the sealed piece, to be written behind those before. @throws RangeError for another number of bytes than wanted */
  seal(bytes: Uint8Array): Uint8Array
  root(): Digest
  /** Wipes the key that it encrypts with: also done after the last piece. */
  close(): void
}

export function sealAttachment(key: AttachmentKey, sizeBytes: number): Sealing {
  const walk = new Walk(key, sizeBytes)
  const encryptionKey = derive(labels.attachmentEncryption, key)
  return {
    get wants() {
      return walk.isOver ? null : walk.next().fileBytes
    },
    seal(bytes) {
      const { nonce, fileBytes, paddedBytes } = walk.next()
      if (bytes.length !== fileBytes) throw new RangeError(`this piece takes ${fileBytes} bytes of the file`)
      const padded = new Uint8Array(paddedBytes)
      padded.set(bytes)
      const sealed = encryptAead(encryptionKey, nonce, padded)
      padded.fill(0)
      walk.add(sealed)
      if (walk.isOver) wipe(encryptionKey)
      return sealed
    },
    root: () => walk.root(),
    close: () => wipe(encryptionKey),
  }
}

type Named = Pick<Attachment, 'key' | 'root' | 'sizeBytes'>

/** Looks whether a blob is the one that the message names, without decrypting any of it. */
export interface Checking {
  /** how many bytes the next sealed piece has; null after the last one */
  readonly wants: number | null
  /** @throws CryptoError `malformed` for a piece of another size */
  add(sealed: Uint8Array): void
  /** @throws CryptoError `not-authentic` unless these are the pieces that the message named */
  end(): void
}

function checked(walk: Walk, sealed: Uint8Array) {
  const next = walk.next()
  if (sealed.length !== next.paddedBytes + tagSizeBytes) throw new CryptoError('malformed', 'a piece of another size')
  return next
}

const sealedBytes = (walk: Walk) => (walk.isOver ? null : walk.next().paddedBytes + tagSizeBytes)

function checkRoot(walk: Walk, root: Digest): void {
  if (!equal(walk.root(), root))
    throw new CryptoError('not-authentic', 'this is not the attachment that the message names')
}

export function checkAttachment({ key, root, sizeBytes }: Named): Checking {
  const walk = new Walk(key, sizeBytes)
  return {
    get wants() {
      return sealedBytes(walk)
    },
    add(sealed) {
      checked(walk, sealed)
      walk.add(sealed)
    },
    end: () => checkRoot(walk, root),
  }
}

/** Decrypts a blob. What `open` returns is not to be released before the root has been found to hold: by `end`, or by `checkAttachment` before. */
export interface Opening {
  /** how many bytes the next sealed piece has; null after the last one */
  readonly wants: number | null
  /** @returns what this piece has of the file. @throws CryptoError `not-authentic` | `malformed` */
  open(sealed: Uint8Array): Uint8Array
  /** @throws CryptoError `not-authentic` unless these are the pieces that the message named */
  end(): void
  /** Wipes the key that it decrypts with: also done after the last piece. */
  close(): void
}

export function openAttachment({ key, root, sizeBytes }: Named): Opening {
  const walk = new Walk(key, sizeBytes)
  const encryptionKey = derive(labels.attachmentEncryption, key)
  return {
    get wants() {
      return sealedBytes(walk)
    },
    open(sealed) {
      const { nonce, fileBytes } = checked(walk, sealed)
      const padded = decryptAead(encryptionKey, nonce, sealed)
      if (!padded) throw new CryptoError('not-authentic', 'a piece of the attachment does not open')
      if (padded.subarray(fileBytes).some((byte) => byte !== 0))
        throw new CryptoError('malformed', 'padding is not zero')
      walk.add(sealed)
      if (walk.isOver) wipe(encryptionKey)
      return padded.subarray(0, fileBytes)
    },
    end: () => checkRoot(walk, root),
    close: () => wipe(encryptionKey),
  }
}

/** blob id (32), key (32), root (32), length (8), name and type behind their lengths */
export function writeAttachment(to: Writer, { blob, key, root, sizeBytes, name, type }: Attachment): void {
  if (!isFileName(name) || !isMediaType(type) || sizeBytes > attachmentMaximumBytes)
    throw new RangeError('not an attachment')
  to.bytes(blob)
  to.bytes(key)
  to.bytes(root)
  to.u64(sizeBytes)
  to.text(name, fileNameMaximumBytes)
  to.text(type, typeMaximumBytes)
}

/** The longest voice message: fifteen minutes, which are 2.8 MB. A longer recording is a file like any other. */
export const voiceMaximumMs = 900_000

/** milliseconds (4). @throws RangeError */
export function writeVoice(to: Writer, voiceMs: number): void {
  if (!isVoiceLength(voiceMs)) throw new RangeError('not the length of a voice message')
  to.u32(voiceMs)
}

/** @throws CryptoError `malformed` */
export function readVoice(reader: Reader): number {
  const voiceMs = reader.u32()
  if (!isVoiceLength(voiceMs)) throw new CryptoError('malformed', 'not the length of a voice message')
  return voiceMs
}

const isVoiceLength = (ms: number): boolean => Number.isInteger(ms) && ms > 0 && ms <= voiceMaximumMs

/** Longer than any is. */
const encodedMaximumBytes = 1024

/** All that a message says of its file, for a store of one's own: as `writeAttachment`, and then, of a voice message, its length (4). */
export const encodeAttachment = (attachment: Attachment): Uint8Array =>
  written(encodedMaximumBytes, (to) => {
    writeAttachment(to, attachment)
    if (attachment.voiceMs !== undefined) writeVoice(to, attachment.voiceMs)
  })

/** @throws CryptoError `malformed` */
export const decodeAttachment = (bytes: Uint8Array): Attachment =>
  decode(bytes, (reader) => {
    const attachment = readAttachment(reader)
    return reader.offset === bytes.length ? attachment : { ...attachment, voiceMs: readVoice(reader) }
  })

/** @throws CryptoError `malformed` */
export function readAttachment(reader: Reader): Attachment {
  const attachment = {
    blob: reader.take(blobIdSizeBytes) as BlobId,
    key: reader.take(keySizeBytes) as AttachmentKey,
    root: reader.take(keySizeBytes) as Digest,
    sizeBytes: reader.u64(),
    name: reader.text(fileNameMaximumBytes),
    type: reader.text(typeMaximumBytes),
  }
  const { sizeBytes, name, type } = attachment
  if (sizeBytes > attachmentMaximumBytes || !isFileName(name) || !isMediaType(type))
    throw new CryptoError('malformed', 'not an attachment')
  return attachment
}

/** Something that a person could call a file, in 1 to 255 bytes; it is cleaned before anything is written under it. */
export const isFileName = (name: string): boolean =>
  name.length > 0 && name.isWellFormed() && utf8(name).length <= fileNameMaximumBytes
/** RFC 6838: type and subtype, without parameters. */
export const isMediaType = (type: string): boolean =>
  type === '' || /^[a-z0-9][a-z0-9!#$&^_.+-]{0,62}\/[a-z0-9][a-z0-9!#$&^_.+-]{0,62}$/.test(type)
