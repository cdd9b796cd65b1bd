import { decryptAead, nonceSizeBytes } from '../../../crypto/aead.ts'
import { type Attachment, checkAttachment, openAttachment, sealedPieceSizeBytes } from '../../../crypto/attachment.ts'
import { concat, equal, hex } from '../../../crypto/bytes.ts'
import { decodeEnvelope } from '../../../crypto/envelope.ts'
import { derive, labels } from '../../../crypto/kdf.ts'
import { keySizeBytes } from '../../../crypto/keys.ts'
import type { Played } from '../simulation/played.ts'
import type { Share } from '../simulation/share.ts'
import type { Truth } from '../simulation/truth.ts'
import { openBody } from './control.ts'
import { type Adversary, attachmentsRead } from './exposure.ts'
import { ifItOpens, isUnderstood } from './reading.ts'

/** What somebody read of a world with files. */
export interface FilesRead {
  /** messages whose key they had that have a file */
  readonly named: number
  /** files that they decrypted, each the same as the one that was sent */
  readonly opened: number
  /** of these, those sent while the mode was on */
  readonly during: number
}

/** The bytes of a file, where this blob is the one that is named. */
function opened(blob: Uint8Array, attachment: Attachment): Uint8Array | null {
  return ifItOpens(() => {
    const [checking, opening] = [checkAttachment(attachment), openAttachment(attachment)]
    const parts: Uint8Array[] = []
    for (let at = 0, { wants } = checking; wants !== null; wants = checking.wants) {
      const piece = blob.subarray(at, at + wants)
      checking.add(piece)
      parts.push(opening.open(piece))
      at += wants
    }
    checking.end()
    opening.end()
    return concat(...parts)
  })
}

/**
 * Decrypts the files of all messages that somebody reads, out of the blobs that the relay has kept.
 * @returns null where there is nothing that they could hold
 * @throws Error for a file that was not sent so: the measurement is void then
 */
export function filesRead(played: Played, { hands: handsIn }: Pick<Adversary, 'hands'>): FilesRead | null {
  const hands = handsIn(played)
  if (typeof hands === 'string') return null
  const read = [...attachmentsRead(played, hands)].filter(([said]) => isUnderstood(said))
  const files = read.filter(([said, attachment]) => isOpened(played, said, attachment))
  return {
    named: read.length,
    opened: files.length,
    during: files.filter(([{ phase }]) => phase === 'during').length,
  }
}

/**
 * Decrypts the file of one message.
 * @returns false where the blob is not there, or is another than the message names
 * @throws Error for a file that was not sent so: the measurement is void then
 */
export function isOpened(
  { blobs }: Pick<Played, 'blobs'>,
  { id, file }: Pick<Truth, 'id' | 'file'>,
  attachment: Attachment,
): boolean {
  const blob = blobs.get(hex(attachment.blob))
  const bytes = blob && opened(blob, attachment)
  if (!bytes) return false
  if (!file || !equal(bytes, file.bytes) || attachment.name !== file.name || file.blob !== hex(attachment.blob))
    throw new Error(`a file that nobody sent: ${id}`)
  return true
}

/** As much of what was played as a control needs. */
interface Controlled extends Pick<Played, 'archive' | 'control' | 'blobs'> {
  readonly truth: ReadonlyMap<string, Pick<Truth, 'file'>>
}

/**
 * The positive control of every zero: the one message key that a witness kept gives the key of one file, which is tried on
 * every blob. It must open its own, and no other.
 * @returns how many it opened; 0 where the control has no file
 */
export function tryFileControl({ archive, control, blobs, truth }: Controlled): number {
  if (!control) return 0
  const said = truth.get(control.id)
  const attachments = archive.flatMap(({ bytes }) => {
    const content = ifItOpens(() => openBody(control.encryptionKey, decodeEnvelope(bytes)))
    return (content && 'attachment' in content && content.attachment) || []
  })
  const [attachment] = attachments
  if (!said || !attachment) return 0
  const files = [...blobs.values()].flatMap((blob) => opened(blob, attachment) ?? [])
  if (files.some((file) => !said.file || !equal(file, said.file.bytes)))
    throw new Error('the kept key opens a file that it was not kept for')
  return files.length
}

const sampled = 12

/**
 * A zero of those who hold no secret, tried on a sample of files: every 32 bytes of the envelopes that went out with a file are
 * tried as its key, on its first piece; and no envelope may name a blob.
 */
export function tryPlainFileKeys({ archive, blobs, truth }: Played): Share {
  const sent = [...truth.values()].filter(({ file }) => file !== undefined)
  const every = Math.max(1, Math.floor(sent.length / sampled))
  const sample = sent.filter((_, i) => i % every === 0).slice(0, sampled)
  const found = sample.filter(({ at, from, to, file }) => {
    const [name, blob] = [file?.blob ?? '', blobs.get(file?.blob ?? '')]
    const beside = archive.filter(({ time, fromUser, toUser }) => time === at && fromUser === from && toUser === to)
    return blob && beside.some(({ bytes }) => Buffer.from(bytes).includes(name, 'hex') || hasKey(bytes, blob))
  })
  return { read: found.length, of: sample.length }
}

function hasKey(bytes: Uint8Array, blob: Uint8Array): boolean {
  const first = blob.subarray(0, sealedPieceSizeBytes)
  const nonce = new Uint8Array(nonceSizeBytes)
  nonce[nonceSizeBytes - 1] = first.length === blob.length ? 1 : 0
  for (let i = 0; i + keySizeBytes <= bytes.length; i++) {
    const key = derive(labels.attachmentEncryption, bytes.subarray(i, i + keySizeBytes))
    if (decryptAead(key, nonce, first)) return true
  }
  return false
}
