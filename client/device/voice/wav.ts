import { voiceMaximumMs } from '../../../crypto/attachment.ts'
import { textAt, viewOf } from '../metadata/parts.ts'

/** One channel of sound: each sample between -1 and 1. */
export interface Sound {
  readonly samples: Float32Array
  /** samples a second */
  readonly rateHz: number
}

/** A recording that cannot be sent as a voice message. The message is for a person. */
export class BadSound extends Error {
  override readonly name = 'BadSound'
}

/** What telephones and recorders make. */
const [lowestRateHz, highestRateHz] = [8_000, 48_000]
const [pcm, float, extensible] = [1, 3, 0xfffe]
/** The last 14 bytes of a format's GUID in WAVEFORMATEXTENSIBLE; the first two are the number of the format. */
const guidEnd = '\0\0\0\0\x10\0\x80\0\0\xaa\0\x38\x9b\x71'

/** The largest recording that is taken: 15 minutes of two channels with 32 bits, and a megabyte for all that is not sound. */
export const wavMaximumBytes = (voiceMaximumMs / 1000) * highestRateHz * 2 * 4 + 1024 * 1024

interface Format {
  readonly isFloat: boolean
  readonly channels: number
  readonly rateHz: number
  readonly bits: number
}

/**
 * Reads a WAV file (RIFF, Multimedia Programming Interface 1.0): whole numbers of 8, 16, 24 or 32 bits, or floating point of 32, in one channel
 * or two, which are mixed into one. Whatever else stands in it (when and with what it was made) is not looked at.
 * @throws BadSound
 */
export function readWav(bytes: Uint8Array): Sound {
  if (bytes.length < 12 || textAt(bytes, 0, 4) !== 'RIFF' || textAt(bytes, 8, 4) !== 'WAVE')
    throw new BadSound('it is no WAV recording')
  let format: Format | null = null
  for (let at = 12; at + 8 <= bytes.length;) {
    const name = textAt(bytes, at, 4)
    const sizeBytes = viewOf(bytes).getUint32(at + 4, true)
    // a recorder that was stopped has not said how long it is: then it goes to the end of the file
    const inside = bytes.subarray(at + 8, at + 8 + sizeBytes)
    if (name === 'fmt ') format = readFormat(inside)
    if (name === 'data') {
      if (!format) throw new BadSound('its sound stands before it says of what form it is')
      return soundOf(sizeBytes === 0 ? bytes.subarray(at + 8) : inside, format)
    }
    at += 8 + sizeBytes + (sizeBytes % 2)
  }
  throw new BadSound('there is no sound in it')
}

function readFormat(chunk: Uint8Array): Format {
  if (chunk.length < 16) throw new BadSound('it does not say of what form its sound is')
  const view = viewOf(chunk)
  const told = view.getUint16(0, true)
  const isExtended = told === extensible && chunk.length >= 40 && textAt(chunk, 26, 14) === guidEnd
  const number = isExtended ? view.getUint16(24, true) : told
  const format = {
    isFloat: number === float,
    channels: view.getUint16(2, true),
    rateHz: view.getUint32(4, true),
    bits: view.getUint16(14, true),
  }
  const { channels, rateHz, bits } = format
  const widths = number === pcm ? [8, 16, 24, 32] : number === float ? [32] : []
  if (!widths.includes(bits))
    throw new BadSound('its sound is compressed, or of another form than 8, 16, 24 or 32 bits a sample')
  if (channels !== 1 && channels !== 2) throw new BadSound(`it has ${channels} channels, and one or two can be sent`)
  if (rateHz < lowestRateHz || rateHz > highestRateHz)
    throw new BadSound(`it has ${rateHz} samples a second, and 8,000 to 48,000 can be sent`)
  return format
}

/** What is left over behind the last whole sample is left out. */
function soundOf(data: Uint8Array, { isFloat, channels, rateHz, bits }: Format): Sound {
  const step = (channels * bits) / 8
  const length = Math.floor(data.length / step)
  if (length === 0) throw new BadSound('there is no sound in it')
  if (length > (rateHz * voiceMaximumMs) / 1000)
    throw new BadSound('it is longer than 15 minutes, the most of a voice message')
  const view = viewOf(data)
  const sampleAt: SampleReader = isFloat ? floatAt : wholeReaders[bits as keyof typeof wholeReaders]
  const samples = new Float32Array(length)
  for (let i = 0; i < length; i++) {
    const first = sampleAt(view, i * step)
    samples[i] = channels === 1 ? first : (first + sampleAt(view, i * step + bits / 8)) / 2
  }
  return { samples, rateHz }
}

type SampleReader = (view: DataView, at: number) => number

/** Of 8 bits they are above 0, and all others on both sides of it. */
const wholeReaders: Readonly<Record<8 | 16 | 24 | 32, SampleReader>> = {
  8: (view, at) => (view.getUint8(at) - 128) / 128,
  16: (view, at) => view.getInt16(at, true) / 2 ** 15,
  24: (view, at) => (view.getInt8(at + 2) * 2 ** 16 + view.getUint16(at, true)) / 2 ** 23,
  32: (view, at) => view.getInt32(at, true) / 2 ** 31,
}

/** What is no number is silence, and what is too loud is as loud as can be. */
function floatAt(view: DataView, at: number): number {
  const sample = view.getFloat32(at, true)
  return Number.isNaN(sample) ? 0 : Math.max(-1, Math.min(1, sample))
}
