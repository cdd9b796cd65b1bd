import type { Source } from '../transfer.ts'
import { voiceName } from './length.ts'
import { oggFile } from './ogg.ts'
import { blockSamples, type CreateEncoder } from './opus.ts'
import { resampled } from './resample.ts'
import type { Sound } from './wav.ts'

/** A voice message as a file to be sent. It says how long it is, and nothing of when, where or with what it was made. */
export async function voiceSource(sound: Sound, createEncoder: CreateEncoder): Promise<Source> {
  const bytes = await encodeVoice(sound, createEncoder)
  const voiceMs = Math.max(1, Math.floor((sound.samples.length * 1000) / sound.rateHz))
  return {
    name: voiceName(voiceMs),
    type: 'audio/ogg',
    sizeBytes: bytes.length,
    voiceMs,
    read: async (at, sizeBytes) => bytes.subarray(at, at + sizeBytes),
  }
}

/** one second of sound */
const blocksAtOnce = 50

async function encodeVoice(sound: Sound, createEncoder: CreateEncoder): Promise<Uint8Array> {
  const whole = resampled(sound)
  const encoder = await createEncoder()
  try {
    const skip = encoder.lookahead
    const packets: Uint8Array[] = []
    const block = new Float32Array(blockSamples)
    // the last of the sound comes out as much later as the first does
    for (let at = 0; at < skip + whole.length; at += blockSamples) {
      whole.into(block, at)
      packets.push(encoder.encode(block))
      // a page's device goes on receiving meanwhile
      if (packets.length % blocksAtOnce === 0) await new Promise((resolve) => setTimeout(resolve))
    }
    return oggFile(packets, blockSamples, { skip, length: whole.length })
  } finally {
    encoder.free()
  }
}
