import { type FileHandle, open, stat } from 'node:fs/promises'
import { basename, extname } from 'node:path'
import { attachmentMaximumBytes } from '../../crypto/attachment.ts'
import { systemFault } from '../../server/disk/storage.ts'
import { ClientError } from '../device/errors.ts'
import { type FileForm, formByEnding, formOf, headSizeBytes } from '../device/file-form.ts'
import { canBeStripped, pictureMaximumBytes, withoutMetadata } from '../device/metadata/metadata.ts'
import { BadForm } from '../device/metadata/parts.ts'
import type { Source } from '../device/transfer.ts'

/** Of files that are no pictures, films or sound, by what people call them; the type is only ever the sender's word. */
const types: Readonly<Record<string, string>> = {
  '.svg': 'image/svg+xml',
  '.pdf': 'application/pdf',
  '.txt': 'text/plain',
  '.csv': 'text/csv',
  '.zip': 'application/zip',
}

const otherwise = '; with --keep-metadata it is sent with all that'

export interface OpenedSource extends Source {
  /** of metadata, left out; null for what is no picture */
  readonly removedBytes: number | null
  close(): Promise<void>
}

/**
 * A file to be sent. What it is its first bytes say, and not its name. A picture is read whole and its metadata left out; a file that has
 * metadata, of which nobody here can rid it, is sent with `keepMetadata` and not without; everything else is read as it is asked for.
 * @throws StorageError; ClientError `bad-file` for a folder, more than 64 MiB, and pictures, films and sound whose metadata
 *   cannot be left out
 */
export async function openSource(path: string, keepMetadata: boolean): Promise<OpenedSource> {
  try {
    const status = await stat(path)
    if (!status.isFile()) throw new ClientError('bad-file', `${path} is no file`)
    if (status.size > attachmentMaximumBytes)
      throw new ClientError('bad-file', `${path} has more than 64 MiB, the most that can be sent`)
    const file = await open(path, 'r')
    try {
      const form = await formIn(file)
      const type = typeOf(path, form)
      const strip = !keepMetadata && checkMetadata(path, form, status.size)
      if (!strip) return streamed(file, path, type, status.size)
      const stripped = await strippedPicture(file, path, type)
      await file.close()
      return stripped
    } catch (error) {
      await file.close()
      throw error
    }
  } catch (error) {
    throw systemFault(error, path) ?? error
  }
}

async function formIn(file: FileHandle): Promise<FileForm | null> {
  const head = new Uint8Array(headSizeBytes)
  const { bytesRead } = await file.read(head, 0, head.length, 0)
  return formOf(head.subarray(0, bytesRead))
}

const endingOf = (path: string): string => extname(path).toLowerCase()

/** An ending may say more than first bytes do: an M4A begins as an MP4 does. A picture that is taken apart here is known better. */
function typeOf(path: string, form: FileForm | null): string {
  if (form && canBeStripped(form.type)) return form.type
  const ending = endingOf(path)
  return types[ending] ?? formByEnding(ending)?.type ?? form?.type ?? ''
}

/**
 * @returns whether it is a picture whose metadata can be left out; if not, it has none as far as anybody knows
 * @throws ClientError `bad-file`
 */
function checkMetadata(path: string, form: FileForm | null, sizeBytes: number): boolean {
  if (form && canBeStripped(form.type)) {
    if (sizeBytes <= pictureMaximumBytes) return true
    throw new ClientError(
      'bad-file',
      `${path} has more than 32 MiB, the most of a picture from which what it says of you can be removed${otherwise}`,
    )
  }
  if (form)
    throw new ClientError(
      'bad-file',
      `${path} is ${form.words}, which may say where, when and with what it was made, and this cannot be removed${otherwise}`,
    )
  const called = formByEnding(endingOf(path))
  if (called)
    throw new ClientError(
      'bad-file',
      `${path} is named like ${called.words}, and its first bytes are of no form known here, so nobody can say what it tells about you${otherwise}`,
    )
  return false
}

async function strippedPicture(file: FileHandle, path: string, type: string): Promise<OpenedSource> {
  try {
    const { bytes, removedBytes } = await withoutMetadata(type, await file.readFile())
    const read = async (at: number, size: number) => bytes.subarray(at, at + size)
    return { name: basename(path), type, sizeBytes: bytes.length, removedBytes, read, close: async () => undefined }
  } catch (error) {
    if (!(error instanceof BadForm)) throw error
    throw new ClientError(
      'bad-file',
      `${path}: ${error.message}, so nobody can say what it tells about you${otherwise}`,
    )
  }
}

function streamed(file: FileHandle, path: string, type: string, sizeBytes: number): OpenedSource {
  async function read(at: number, wanted: number): Promise<Uint8Array> {
    const bytes = new Uint8Array(wanted)
    for (let done = 0; done < wanted;) {
      const { bytesRead } = await file.read(bytes, done, wanted - done, at + done)
      if (bytesRead === 0) throw new ClientError('bad-file', `${path} has become shorter while it was read`)
      done += bytesRead
    }
    // files of the system say that they are empty, and are not; others grow while they are read
    if (at + wanted === sizeBytes && (await file.read(new Uint8Array(1), 0, 1, sizeBytes)).bytesRead > 0)
      throw new ClientError('bad-file', `${path} has become longer while it was read, or does not say how long it is`)
    return bytes
  }
  return { name: basename(path), type, sizeBytes, removedBytes: null, read, close: () => file.close() }
}
