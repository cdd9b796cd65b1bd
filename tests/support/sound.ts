import { concat, utf8 } from '../../crypto/bytes.ts'

/** Something like a voice: a buzz of many harmonics whose pitch and colour wander, in syllables with pauses between them. */
export function babble(seconds: number, rateHz: number): Float32Array {
  const samples = new Float32Array(Math.floor(seconds * rateHz))
  let phase = 0
  for (let i = 0; i < samples.length; i++) {
    const time = i / rateHz
    phase += (2 * Math.PI * (140 + 30 * Math.sin(2 * Math.PI * 0.7 * time))) / rateHz
    const colour = 700 + 400 * Math.sin(2 * Math.PI * 1.3 * time)
    let sum = 0
    for (let harmonic = 1; harmonic <= 20; harmonic++)
      sum += Math.sin(harmonic * phase) / (1 + ((harmonic * 140 - colour) / 300) ** 2)
    samples[i] = 0.15 * sum * Math.max(0, Math.sin(2 * Math.PI * 2.1 * time)) ** 0.5
  }
  return samples
}

interface WavForm {
  readonly rateHz?: number
  readonly bits?: 8 | 16 | 24 | 32
  readonly channels?: number
  readonly isFloat?: boolean
  readonly isExtended?: boolean
}

const le = (sizeBytes: number, value: number): Uint8Array =>
  Uint8Array.from({ length: sizeBytes }, (_, i) => Math.floor(value / 256 ** i) % 256)
const chunk = (name: string, body: Uint8Array) =>
  concat(utf8(name), le(4, body.length), body, new Uint8Array(body.length % 2))

/** The same in each channel. */
export function wavOf(samples: Float32Array, form: WavForm = {}): Uint8Array {
  const { rateHz = 48_000, bits = 16, channels = 1, isFloat = false, isExtended = false } = form
  const sizeBytes = bits / 8
  const data = new Uint8Array(samples.length * channels * sizeBytes)
  const view = new DataView(data.buffer)
  for (let i = 0; i < samples.length * channels; i++) {
    const sample = samples[Math.floor(i / channels)] ?? 0
    if (isFloat) view.setFloat32(4 * i, sample, true)
    else if (bits === 8) view.setUint8(i, Math.round(sample * 127) + 128)
    else {
      const whole = Math.round(sample * (2 ** (bits - 1) - 1))
      data.set(le(sizeBytes, whole < 0 ? whole + 2 ** bits : whole), i * sizeBytes)
    }
  }
  const number = isFloat ? 3 : 1
  const start = concat(
    le(2, isExtended ? 0xfffe : number),
    le(2, channels),
    le(4, rateHz),
    le(4, rateHz * channels * sizeBytes),
    le(2, channels * sizeBytes),
    le(2, bits),
  )
  const guid = Uint8Array.of(number, 0, 0, 0, 0, 0, 0x10, 0, 0x80, 0, 0, 0xaa, 0, 0x38, 0x9b, 0x71)
  const format = isExtended ? concat(start, le(2, 22), le(2, bits), le(4, 0), guid) : start
  const inside = concat(
    utf8('WAVE'),
    chunk('fmt ', format),
    chunk('LIST', utf8('INFOIART\x06\0\0\0Alice\0')),
    chunk('data', data),
  )
  return concat(utf8('RIFF'), le(4, inside.length), inside)
}

/** Of -1 to 1, over what both have. */
export function correlation(one: Float32Array, other: Float32Array): number {
  let [both, first, second] = [0, 0, 0]
  for (let i = 0; i < Math.min(one.length, other.length); i++) {
    const [a, b] = [one[i] ?? 0, other[i] ?? 0]
    both += a * b
    first += a * a
    second += b * b
  }
  return both / Math.sqrt(first * second)
}
