import { unsignedAt, Writer } from './bytes.ts'
import { CryptoError } from './errors.ts'

/*
 * A content is padded to one of some sizes, so that a length says little. Which sizes, its suite says.
 */

/** The largest size there is. */
export const paddedMaximumBytes = 65_536

/** 128, 256 and so on, doubling up to the largest. */
export const doublingSizes: readonly number[] = Array.from({ length: 10 }, (_, i) => 128 * 2 ** i)

const lengthSizeBytes = 4

function paddedSize(sizeBytes: number, sizes: readonly number[]): number {
  const padded = sizes.find((size) => size >= sizeBytes)
  if (!padded) throw new RangeError('content is larger than the largest padded size')
  return padded
}

/**
 * Writes length (4 bytes), content, zero bytes up to the next size.
 * @param sizes ascending, in bytes
 * @throws RangeError when none is large enough
 */
export function writePadded(to: Writer, sizes: readonly number[], write: (to: Writer) => void): void {
  const start = to.offset
  to.fieldOf(write)
  const sizeBytes = to.offset - start
  to.zeros(paddedSize(sizeBytes, sizes) - sizeBytes)
}

/** As `writePadded`. */
export function pad(content: Uint8Array, sizes: readonly number[]): Uint8Array {
  const padded = new Uint8Array(paddedSize(content.length + lengthSizeBytes, sizes))
  writePadded(new Writer(padded), sizes, (to) => to.bytes(content))
  return padded
}

/** @returns the content where it lies. @throws CryptoError `malformed` unless it is exactly what `pad` makes of its content */
export function unpad(padded: Uint8Array, sizes: readonly number[]): Uint8Array {
  const size = padded.length >= lengthSizeBytes ? unsignedAt(padded, 0, lengthSizeBytes) : Infinity
  const end = lengthSizeBytes + size
  const smallest = sizes.find((one) => one >= end)
  if (padded.length !== smallest) throw new CryptoError('malformed', 'body is not padded to its size')
  for (let i = end; i < padded.length; i++)
    if (padded[i] !== 0) throw new CryptoError('malformed', 'padding is not zero')
  return padded.subarray(lengthSizeBytes, end)
}
