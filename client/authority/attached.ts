import { createHash, type Hash } from 'node:crypto'
import { closeSync, existsSync, fstatSync, openSync, readSync } from 'node:fs'
import { basename, join } from 'node:path'
import {
  type Attachment,
  blobSize,
  checkAttachment,
  encodeAttachment,
  openAttachment,
} from '../../crypto/attachment.ts'
import { hex } from '../../crypto/bytes.ts'
import { CryptoError } from '../../crypto/errors.ts'
import { blobsBeside } from '../../server/disk/blob-files.ts'
import { counted } from '../words/counted.ts'
import { safeFileName, withEnding } from '../words/file-name.ts'
import type { StagedFolder } from './staged-folder.ts'

/** What became of the file of a message: what it is called beside the transcript, or why there is none. */
export type Attached = AttachedFile | { readonly missing: string }

export interface AttachedFile {
  readonly path: string
  /** the media type of a picture or of sound that a browser decodes by itself, by the file's own bytes; null for all else */
  readonly shownAs: string | null
  /** SHA-256: the same for what was sent twice, each time under a key of its own */
  readonly digest: string
}

const prefix = 'file-'
/** Whether a file beside a transcript can be one of these. */
export const isAttachedName = (name: string): boolean => name.startsWith(prefix)

interface ShownForm {
  readonly type: string
  /** of its first bytes, each a letter */
  readonly begins: RegExp
  readonly endings: readonly [string, ...string[]]
}

/**
 * What a browser shows without running anything in it, and how it may be called then. All else, a page with a script or a
 * program above all, gets an ending that no program takes for its own: whoever wants to open it has to rename it first.
 */
const shownForms: readonly ShownForm[] = [
  { type: 'image/png', begins: /^\x89PNG\r\n/, endings: ['.png'] },
  { type: 'image/jpeg', begins: /^\xff\xd8\xff/, endings: ['.jpg', '.jpeg'] },
  { type: 'image/gif', begins: /^GIF8[79]a/, endings: ['.gif'] },
  { type: 'image/webp', begins: /^RIFF[^]{4}WEBP/, endings: ['.webp'] },
  { type: 'audio/ogg', begins: /^OggS/, endings: ['.ogg', '.opus'] },
  { type: 'audio/wav', begins: /^RIFF[^]{4}WAVE/, endings: ['.wav'] },
  { type: 'audio/mpeg', begins: /^(?:ID3|\xff[\xfa\xfb\xf2\xf3])/, endings: ['.mp3'] },
  { type: 'audio/mp4', begins: /^\0[^]{3}ftypM4[AB] /, endings: ['.m4a'] },
]
const closedEnding = ['.bin'] as const

const formOf = (first: Uint8Array): ShownForm | null => {
  const letters = String.fromCharCode(...first.subarray(0, 16))
  return shownForms.find(({ begins }) => begins.test(letters)) ?? null
}

/**
 * Decrypts the files of messages out of an archive, beside a transcript, each under a number and a name that is safe.
 * @param archive its path; null where there are only envelopes
 * @returns what becomes of the file of one message
 */
export function attachedFiles(archive: string | null, folder: StagedFolder): (attachment: Attachment) => Attached {
  /** by all that a message says of it: what differs in anything is tried by itself */
  const done = new Map<string, Attached>()
  const blobs = archive === null ? null : blobsBeside(archive)
  const lack = lackOf(blobs)

  function decrypted(attachment: Attachment): Attached {
    if (blobs === null || lack !== null) return { missing: lack ?? '' }
    const blob = opened(join(blobs, hex(attachment.blob)))
    if (blob === null) return { missing: 'the archive does not have it' }
    try {
      // what stands behind it is not part of it: nobody may lose a file by making it longer
      if (fstatSync(blob).size < blobSize(attachment.sizeBytes))
        return { missing: 'what the archive has is shorter than the file that the message names' }
      check(blob, attachment)
      return written(`${prefix}${done.size + 1}-${safeFileName(attachment.name)}`, piecesOf(blob, attachment))
    } catch (error) {
      if (error instanceof CryptoError)
        return { missing: `what the archive has is not the file that the message names (${error.code})` }
      throw error
    } finally {
      closeSync(blob)
    }
  }

  /** Its first bytes say what it may be called. */
  function written(name: string, pieces: Generator<Uint8Array>): AttachedFile {
    const first = pieces.next().value ?? new Uint8Array()
    const form = formOf(first)
    const path = withEnding(name, form?.endings ?? closedEnding)
    const hash = createHash('sha256')
    folder.write(path, noted(hash, first, pieces))
    return { path, shownAs: form?.type ?? null, digest: hash.digest('base64') }
  }

  return (attachment) => {
    const key = hex(encodeAttachment(attachment))
    const known = done.get(key) ?? decrypted(attachment)
    done.set(key, known)
    return known
  }
}

/** Why there can be no files at all; null where there is a folder of them. */
function lackOf(blobs: string | null): string | null {
  if (blobs === null) return 'only the keys of files are here, and the files are at the relay'
  return existsSync(blobs)
    ? null
    : `there is no folder ${basename(blobs)} beside the archive, where the relay puts files; copy it there too`
}

/** How many of the files of messages are there, and why others are not: in sentences; null where no message has one. */
export function attachedWords(all: readonly Attached[]): string | null {
  if (all.length === 0) return null
  const reasons = all.flatMap((file) => ('missing' in file ? [file.missing] : []))
  const there = all.length - reasons.length
  const missing = [...new Set(reasons)].map((why) => {
    const count = reasons.filter((reason) => reason === why).length
    return ` ${count} ${count === 1 ? 'is' : 'are'} missing: ${why}.`
  })
  return there === all.length
    ? `${counted(there, 'file')}, beside the transcript.`
    : `${counted(all.length, 'file')}, of which ${there} ${there === 1 ? 'is' : 'are'} beside the transcript.${missing.join('')}`
}

function opened(path: string): number | null {
  try {
    return openSync(path, 'r')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  }
}

/** Before anything is decrypted onto the disk. @throws CryptoError unless it is the blob that the message names */
function check(blob: number, attachment: Attachment): void {
  const checking = checkAttachment(attachment)
  for (const sealed of sealedIn(blob, checking)) checking.add(sealed)
  checking.end()
}

function* piecesOf(blob: number, attachment: Attachment): Generator<Uint8Array> {
  const opening = openAttachment(attachment)
  for (const sealed of sealedIn(blob, opening)) yield opening.open(sealed)
  opening.end()
}

/** The sealed pieces in order, each as long as is wanted by then. */
function* sealedIn(blob: number, walk: { readonly wants: number | null }): Generator<Uint8Array> {
  for (let at = 0, { wants } = walk; wants !== null; wants = walk.wants) {
    const sealed = new Uint8Array(wants)
    if (readSync(blob, sealed, 0, wants, at) < wants) throw new CryptoError('malformed', 'the blob ends too early')
    yield sealed
    at += wants
  }
}

function* noted(hash: Hash, first: Uint8Array, rest: Iterable<Uint8Array>): Generator<Uint8Array> {
  hash.update(first)
  yield first
  for (const piece of rest) {
    hash.update(piece)
    yield piece
  }
}
