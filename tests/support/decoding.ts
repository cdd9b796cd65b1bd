import { concat, equal, u8 } from '../../crypto/bytes.ts'
import { CryptoError } from '../../crypto/errors.ts'
import { isLong } from './long.ts'

type Decode<T> = (bytes: Uint8Array) => T
type Verdict = CryptoError['code'] | 'accepted'

/** Why bytes were refused, or `accepted`. Anything thrown that is no `CryptoError` is thrown on: no decoder may. */
export function verdict(attempt: () => unknown): Verdict {
  try {
    attempt()
    return 'accepted'
  } catch (error) {
    if (error instanceof CryptoError) return error.code
    throw error
  }
}

function* everyBitFlipped(bytes: Uint8Array): Generator<[name: string, flipped: Uint8Array]> {
  for (let bit = 0; bit < 8 * bytes.length; bit++) {
    const at = bit >> 3
    yield [`bit ${bit & 7} of byte ${at} flipped`, bytes.with(at, (bytes[at] ?? 0) ^ (1 << (bit & 7)))]
  }
}

function* everyOtherLength(bytes: Uint8Array): Generator<[name: string, other: Uint8Array]> {
  for (let size = 0; size < bytes.length; size++) yield [`cut to ${size} bytes`, bytes.slice(0, size)]
  for (const byte of [0, 1, 255]) yield [`${byte} behind`, concat(bytes, u8(byte))]
}

function mustAccept(encoded: Uint8Array, decode: Decode<unknown>): void {
  const said = verdict(() => decode(encoded))
  if (said !== 'accepted') throw new Error(`the bytes themselves are refused: ${said}`)
}

/** Forms of another length that are not refused as `malformed`, as every decoder must. */
export function otherLengthsTaken(encoded: Uint8Array, decode: Decode<unknown>): string[] {
  mustAccept(encoded, decode)
  return [...everyOtherLength(encoded)]
    .filter(([, other]) => verdict(() => decode(other)) !== 'malformed')
    .map(([name]) => name)
}

/**
 * Where the rule "one value has one encoding" is broken: forms of another length, and flipped bits that are neither
 * `malformed` nor exactly the encoding of the other value that they decode to.
 */
export function secondEncodings<T>(encoded: Uint8Array, decode: Decode<T>, encode: (value: T) => Uint8Array): string[] {
  const isSecond = (bytes: Uint8Array) => {
    let again: Uint8Array = bytes
    const said = verdict(() => (again = encode(decode(bytes))))
    return (said !== 'accepted' && said !== 'malformed') || !equal(again, bytes)
  }
  const flips = [...everyBitFlipped(encoded)].filter(([, flipped]) => isSecond(flipped)).map(([name]) => name)
  return [...otherLengthsTaken(encoded, decode), ...flips]
}

/**
 * Forms of something signed, of another length or with a bit flipped, that are taken all the same. To check a signature takes
 * long, so that here one bit of each byte is flipped, and in the long run every one.
 */
export function forgeriesTaken(encoded: Uint8Array, open: Decode<unknown>): string[] {
  const flips = [...everyBitFlipped(encoded)]
    .filter((_, bit) => isLong || (bit & 7) === (bit >> 3) % 8)
    .filter(([, flipped]) => verdict(() => open(flipped)) === 'accepted')
  return [...otherLengthsTaken(encoded, open), ...flips.map(([name]) => name)]
}

/** How many of all single flipped bits still decode: that what is said of them is said of something. */
export const flipsDecoded = (encoded: Uint8Array, decode: Decode<unknown>): number =>
  [...everyBitFlipped(encoded)].filter(([, flipped]) => verdict(() => decode(flipped)) === 'accepted').length
