import {
  type Attachment,
  blobSize,
  type BlobId,
  checkAttachment,
  newAttachmentKeys,
  openAttachment,
  sealAttachment,
} from '../../crypto/attachment.ts'
import { CryptoError } from '../../crypto/errors.ts'
import type { Random } from '../../crypto/random.ts'
import { insist, isTooMany } from './patience.ts'
import { sentName } from './sent-name.ts'
import { blobPartMaximumBytes, type Relay, RelayError } from '../../server/api.ts'

/*
 * A file on its way: encrypted once into the spool, from where it goes to the relay in parts; fetched into the spool in parts, and from
 * there decrypted. Once it is encrypted, either way goes on after a break where it stood, and no more than a part is in memory.
 */

/** Files of ciphertext. On a disk, or where a browser keeps things. */
export interface SpoolFiles {
  /** Writes from there on, over anything that is there: kept when it resolves. */
  write(id: BlobId, at: number, bytes: Uint8Array): Promise<void>
  /** @returns fewer bytes where there are no more */
  read(id: BlobId, at: number, sizeBytes: number): Promise<Uint8Array>
  /** 0 where there is nothing */
  size(id: BlobId): Promise<number>
  remove(id: BlobId): Promise<void>
}

/** Where ciphertext waits to go out. `read` and `size` throw SpoolError; so does `copy`, where nothing of the copy stays then. */
export interface Spool extends SpoolFiles {
  ids(): readonly BlobId[]
  /** The same file under another id too. */
  copy(from: BlobId, to: BlobId): Promise<void>
  /** where a file lies, for a person */
  place(id: BlobId): string
}

/** A file of the spool cannot be read. The message is for a person, and says where the file lies. */
export class SpoolError extends Error {
  override readonly name = 'SpoolError'
  /** whether the same may work later, without anybody doing anything */
  readonly mayPass: boolean

  constructor(message: string, mayPass: boolean) {
    super(message)
    this.mayPass = mayPass
  }
}

export const isGone = (place: string) => new SpoolError(`the encrypted file is gone: ${place}`, false)

/** For a device that sends no files. */
export const noSpool: Spool = {
  write: () => Promise.reject(new Error('this device sends no files')),
  read: async () => new Uint8Array(),
  size: async () => 0,
  remove: async () => undefined,
  ids: () => [],
  copy: () => Promise.reject(new Error('this device sends no files')),
  place: () => 'no folder for files',
}

/** A file as somebody hands it in. */
export interface Source {
  readonly name: string
  /** a media type, or empty */
  readonly type: string
  readonly sizeBytes: number
  /** of a voice message: how long it lasts, in milliseconds */
  readonly voiceMs?: number
  /** @returns exactly so many bytes. @throws where the file has become shorter */
  read(at: number, sizeBytes: number): Promise<Uint8Array>
}

/** How often a part is asked for: where the relay says at once that everybody moves files, or is not there, for half a minute. */
const partTries = 18

/**
 * A part of this size comes through a way of some 1,100 bytes a second before an answer is given up (15 seconds). An upload begins with
 * it, and its parts grow up to what a relay takes at once.
 */
const smallestPartBytes = 16 * 1024
/** A part that took less is followed by one twice as large; one that took longer than the second, by one half as large. */
const [quickMs, slowMs] = [1_000, 4_000]

/** Is told how many bytes of how many are done. */
export type Progress = (doneBytes: number, ofBytes: number) => void

/**
 * Encrypts a file into the spool, once: the same key never meets what the file is later.
 * @throws RangeError for more than 64 MiB
 */
export async function spoolFile(
  spool: Pick<SpoolFiles, 'write' | 'remove'>,
  source: Source,
  random: Random,
): Promise<Attachment> {
  const { blob, key } = newAttachmentKeys(random)
  const sealing = sealAttachment(key, source.sizeBytes)
  try {
    let [from, to] = [0, 0]
    for (let wants = sealing.wants; wants !== null; wants = sealing.wants) {
      const sealed = sealing.seal(await source.read(from, wants))
      await spool.write(blob, to, sealed)
      from += wants
      to += sealed.length
    }
  } catch (error) {
    await spool.remove(blob)
    throw error
  } finally {
    sealing.close()
  }
  return {
    blob,
    key,
    root: sealing.root(),
    sizeBytes: source.sizeBytes,
    name: sentName(source.name),
    type: source.type,
    ...(source.voiceMs !== undefined && { voiceMs: source.voiceMs }),
  }
}

/** What an upload asks of a relay; one across a network is told when nobody waits for its answer any more. */
export interface Carrier {
  blob: Relay['blob']
  putBlob(id: BlobId, at: number, bytes: Uint8Array, signal?: AbortSignal): Promise<void>
}

/**
 * Hands a blob of the spool, for which there is a reservation, to the relay: from where it stands there.
 * @param sizeBytes of all of it
 * @param signal when it is given, no further part goes out
 * @throws RelayError | SpoolError; the reason of the signal
 */
export async function upload(
  relay: Carrier,
  spool: Pick<Spool, 'read' | 'place'>,
  { blob, sizeBytes }: { readonly blob: BlobId; readonly sizeBytes: number },
  progress: Progress,
  signal?: AbortSignal,
): Promise<void> {
  let { receivedBytes: done } = await relay.blob(blob)
  let partBytes = smallestPartBytes
  while (done < sizeBytes) {
    signal?.throwIfAborted()
    progress(done, sizeBytes)
    const at = done
    const part = await spool.read(blob, at, Math.min(partBytes, sizeBytes - at))
    if (part.length < Math.min(partBytes, sizeBytes - at)) throw isGone(spool.place(blob))
    let begun = 0
    const put = () => {
      begun = performance.now()
      return relay.putBlob(blob, at, part, signal)
    }
    await insist(put, { tries: partTries, signal })
    partBytes = nextPartBytes(partBytes, performance.now() - begun)
    done += part.length
  }
  signal?.throwIfAborted()
  progress(sizeBytes, sizeBytes)
}

function nextPartBytes(partBytes: number, tookMs: number): number {
  if (tookMs < quickMs) return Math.min(2 * partBytes, blobPartMaximumBytes)
  return tookMs > slowMs ? Math.max(partBytes / 2, smallestPartBytes) : partBytes
}

/**
 * Fetches what is missing of an attachment into the spool. A relay that has given something and then does not answer is asked
 * again, for half a minute where it says so at once.
 * @throws RelayError `not-found` where the relay does not have it
 */
export async function fetchBlob(
  relay: Pick<Relay, 'readBlob'>,
  spool: Pick<SpoolFiles, 'write' | 'size'>,
  { blob, sizeBytes: fileBytes }: Pick<Attachment, 'blob' | 'sizeBytes'>,
  progress: Progress,
): Promise<void> {
  const sizeBytes = blobSize(fileBytes)
  let done = await spool.size(blob)
  let hasAnswered = false
  const after = (error: unknown) => isTooMany(error) || (hasAnswered && isUnreachable(error))
  while (done < sizeBytes) {
    progress(done, sizeBytes)
    const from = done
    const part = await insist(() => relay.readBlob(blob, from), { tries: partTries, after })
    hasAnswered = true
    if (part.length === 0 || part.length > sizeBytes - done)
      throw new RelayError('internal', 'the relay has another file under this id')
    await spool.write(blob, done, part)
    done += part.length
  }
  progress(sizeBytes, sizeBytes)
}

const isUnreachable = (error: unknown): boolean => error instanceof RelayError && error.code === 'unreachable'

/**
 * Looks whether the blob that a message names lies in the spool, whole and unaltered. Nothing is decrypted.
 * @throws CryptoError `not-authentic` | `malformed`
 */
export async function checkSpooled(spool: Pick<SpoolFiles, 'read' | 'size'>, attachment: Attachment): Promise<void> {
  const { blob, sizeBytes } = attachment
  if ((await spool.size(blob)) !== blobSize(sizeBytes)) throw new CryptoError('malformed', 'a blob of another size')
  const checking = checkAttachment(attachment)
  let at = 0
  for (let wants = checking.wants; wants !== null; wants = checking.wants) {
    checking.add(await spool.read(blob, at, wants))
    at += wants
  }
  checking.end()
}

/**
 * Decrypts what lies in the spool, when all of it has been found to be what the message names: before that nothing is written.
 * @throws CryptoError `not-authentic` | `malformed`: what lies in the spool is removed then, so that it is fetched anew
 */
export async function openSpooled(
  spool: Omit<SpoolFiles, 'write'>,
  attachment: Attachment,
  write: (bytes: Uint8Array) => Promise<void>,
): Promise<void> {
  const opening = openAttachment(attachment)
  try {
    await checkSpooled(spool, attachment)
    let at = 0
    for (let wants = opening.wants; wants !== null; wants = opening.wants) {
      await write(opening.open(await spool.read(attachment.blob, at, wants)))
      at += wants
    }
    opening.end()
  } catch (error) {
    if (error instanceof CryptoError) await spool.remove(attachment.blob)
    throw error
  } finally {
    opening.close()
  }
}
