import { readFile, stat } from 'node:fs/promises'
import { systemFault } from '../../server/disk/storage.ts'
import { ClientError } from '../device/errors.ts'
import { libopusEncoder } from '../device/voice/opus.ts'
import { voiceSource } from '../device/voice/voice.ts'
import { BadSound, readWav, wavMaximumBytes } from '../device/voice/wav.ts'
import type { OpenedSource } from './source.ts'

/**
 * A WAV recording as a voice message to be sent: encoded anew, so that nothing but its sound is left.
 * @throws StorageError; ClientError `bad-file` for what is no such recording, or too long
 */
export async function openVoice(path: string): Promise<OpenedSource> {
  try {
    const status = await stat(path)
    if (!status.isFile()) throw new ClientError('bad-file', `${path} is no file`)
    if (status.size > wavMaximumBytes)
      throw new ClientError('bad-file', `${path} is longer than 15 minutes, the most of a voice message`)
    const source = await voiceSource(readWav(await readFile(path)), libopusEncoder)
    return { ...source, removedBytes: null, close: async () => undefined }
  } catch (error) {
    if (error instanceof BadSound)
      throw new ClientError('bad-file', `${path}: ${error.message}. A voice message is made from a WAV file`)
    throw systemFault(error, path) ?? error
  }
}
