import { equal, hex } from '../../../crypto/bytes.ts'
import type { BlobId } from '../../../crypto/attachment.ts'
import { wipe } from '../../../crypto/keys.ts'
import type { Random } from '../../../crypto/random.ts'
import type { Relay } from '../../../server/api.ts'
import type { Device } from '../../device/device.ts'
import { ClientError } from '../../device/errors.ts'
import { formByEnding, formOf, headSizeBytes, mediaForms } from '../../device/file-form.ts'
import { canBeStripped, withoutMetadata } from '../../device/metadata/metadata.ts'
import { BadForm, joined } from '../../device/metadata/parts.ts'
import { fetchBlob, openSpooled, type Source, spoolFile } from '../../device/transfer.ts'
import { voiceName } from '../../device/voice/length.ts'
import { libopusEncoder } from '../../device/voice/opus.ts'
import { voiceSource } from '../../device/voice/voice.ts'
import { safeFileName, withEnding } from '../../words/file-name.ts'
import { memoryFiles } from '../storage/spool.ts'
import { everybody, fileMaximumBytes, type FileView } from './protocol.ts'

/** Files of messages, in a page: those of this device go out, and those that came are fetched when somebody asks for them. */
export interface Files {
  /** Resolves when it is kept. @throws ClientError */
  sendFile(to: string, name: string, bytes: Uint8Array): Promise<void>
  /** @param samples of one channel at 48 kHz. @throws ClientError */
  sendVoice(to: string, samples: Float32Array): Promise<void>
  /** Fetches the file of a message, and checks it. @throws ClientError, RelayError, CryptoError */
  file(row: number): Promise<FileView>
}

/** What a browser shows without running anything in it. */
const shown = new Set([
  'image/png',
  'image/jpeg',
  'image/gif',
  'image/webp',
  'audio/ogg',
  'audio/wav',
  'audio/mpeg',
  'audio/mp4',
])

const endingOf = (name: string): string => /\.[^.]*$/.exec(name.toLowerCase())?.[0] ?? ''

/**
 * As in a terminal without `--keep-metadata`: a picture goes without what it says of where, when and with what it was taken, and what has such words of
 * which nobody here can rid it does not go.
 * @throws ClientError `bad-file`
 */
async function sourceOf(name: string, bytes: Uint8Array): Promise<Source> {
  const source = (type: string, whole: Uint8Array): Source => ({
    name,
    type,
    sizeBytes: whole.length,
    read: async (at, sizeBytes) => whole.subarray(at, at + sizeBytes),
  })
  const form = formOf(bytes.subarray(0, headSizeBytes)) ?? formByEnding(endingOf(name))
  if (!form) return source('', bytes)
  const may = 'may say where, when and with what it was made, and this cannot be removed here: it is not sent'
  if (!canBeStripped(form.type)) throw new ClientError('bad-file', `This is ${form.words}, which ${may}.`)
  try {
    return source(form.type, (await withoutMetadata(form.type, bytes)).bytes)
  } catch (error) {
    if (!(error instanceof BadForm)) throw error
    throw new ClientError(
      'bad-file',
      'This is no whole picture, so nobody can say what it tells about you: it is not sent.',
    )
  }
}

/**
 * @param settled resolves when everything written so far is kept
 * @param changed is called when the view is another
 */
export function deviceFiles(
  device: Device,
  relay: Pick<Relay, 'readBlob'>,
  random: Random,
  settled: () => Promise<void>,
  changed: () => void,
): Files {
  const { history, spool } = device

  function check(to: string, sizeBytes: number): void {
    if (to === everybody) throw new ClientError('bad-file', 'a file goes to one person or to a group')
    if (sizeBytes > fileMaximumBytes)
      throw new ClientError('bad-file', 'This file has more than 8 MB, the most that this page sends.')
    device.checkFile(to, '')
  }

  async function send(to: string, source: Source): Promise<void> {
    const attachment = await spoolFile(spool, source, random)
    let isWritten = false
    try {
      const message = device.writeFile(to, '', attachment)
      isWritten = message.attachment !== null && equal(message.attachment.blob, attachment.blob)
    } finally {
      wipe(attachment.key)
      if (!isWritten) await spool.remove(attachment.blob)
    }
    changed()
    await settled()
  }

  return {
    async sendFile(to, name, bytes) {
      check(to, bytes.length)
      await send(to, await sourceOf(name, bytes))
    },
    async sendVoice(to, samples) {
      check(to, 0)
      if (samples.length === 0) throw new ClientError('bad-file', 'There is no sound in this recording.')
      await send(to, await voiceSource({ samples, rateHz: 48_000 }, libopusEncoder))
    },
    async file(row) {
      const attachment = history.message(row)?.attachment
      if (!attachment) throw new ClientError('bad-file', 'this message has no file any more')
      const { name, voiceMs, sizeBytes } = attachment
      try {
        if (sizeBytes > fileMaximumBytes) throw new ClientError('bad-file', 'This file is too large for this page.')
        const files = memoryFiles()
        await fetchBlob(relay, files, attachment, () => undefined)
        const pieces: Uint8Array[] = []
        await openSpooled(files, attachment, async (piece) => void pieces.push(piece))
        const bytes = joined(pieces)
        const type = formOf(bytes.subarray(0, headSizeBytes))?.type ?? ''
        const shownAs = shown.has(type) ? type : null
        // what is a picture here must not be a page once it is saved
        const endings = mediaForms.find((form) => form.type === shownAs)?.endings
        const called = voiceMs === undefined ? safeFileName(name) : voiceName(voiceMs)
        return { bytes, name: endings ? withEnding(called, endings) : called, shownAs }
      } finally {
        wipe(attachment.key)
      }
    },
  }
}

/** Ciphertext that no message waits for: somebody closed the page in the middle. */
export async function sweepSpool({ spool, history }: Device): Promise<void> {
  const all = history.uploading().flatMap(({ attachment }) => attachment ?? [])
  const wanted = new Set(all.map(({ blob }) => hex(blob)))
  for (const { key } of all) wipe(key)
  const left = spool.ids().filter((id: BlobId) => !wanted.has(hex(id)))
  for (const id of left) await spool.remove(id)
}
