import type { Sound } from './wav.ts'

/** As Opus counts, whatever the recording had (RFC 7845, section 4). */
export const opusRateHz = 48_000
/** How many samples on each side a sample in between is made of. */
const reach = 16

const divisor = (a: number, b: number): number => (b === 0 ? a : divisor(b, a % b))

/** A sinc under a Hann window, at `x` samples from its middle: what a sample of the recording adds there. */
function weightAt(x: number): number {
  if (x === 0) return 1
  if (Math.abs(x) >= reach) return 0
  return (Math.sin(Math.PI * x) / (Math.PI * x)) * Math.cos((Math.PI * x) / (2 * reach)) ** 2
}

/** The weights of the 32 samples around a place that lies that far behind the first of the middle two; together they are 1. */
function weightsAt(fraction: number): Float32Array {
  const weights = Float32Array.from({ length: 2 * reach }, (_, i) => weightAt(i - (reach - 1) - fraction))
  const sum = weights.reduce((a, b) => a + b, 0)
  return weights.map((weight) => weight / sum)
}

/**
 * A sound at 48,000 samples a second, made block by block: what is asked for is never more than 15 minutes.
 * @returns how many samples it has, and what fills a block from there on, with silence behind the end
 */
export function resampled({ samples, rateHz }: Sound): {
  length: number
  into(block: Float32Array, from: number): void
} {
  const length = Math.ceil((samples.length * opusRateHz) / rateHz)
  if (rateHz === opusRateHz)
    return { length, into: (block, from) => block.fill(0).set(samples.subarray(from, from + block.length)) }
  const phases = opusRateHz / divisor(opusRateHz, rateHz)
  const step = rateHz / divisor(opusRateHz, rateHz)
  const known: (Float32Array | undefined)[] = []

  /** The place of the sample `at` in the recording is a whole number and `phase` of `phases` parts. */
  function sampleAt(at: number): number {
    const phase = (at * step) % phases
    const first = (at * step - phase) / phases - (reach - 1)
    const weights = (known[phase] ??= weightsAt(phase / phases))
    let sum = 0
    for (let i = 0; i < weights.length; i++) sum += (weights[i] ?? 0) * (samples[first + i] ?? 0)
    return sum
  }

  return {
    length,
    into(block, from) {
      for (let i = 0; i < block.length; i++) block[i] = from + i < length ? sampleAt(from + i) : 0
    },
  }
}
