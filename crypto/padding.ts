import { u32 } from './bytes.ts'
import { CryptoError } from './errors.ts'

/** Bodies are padded to one of these sizes, in bytes, so that a length says little: doubling from 128 to 65,536. */
export const buckets: readonly number[] = Array.from({ length: 10 }, (_, i) => 128 * 2 ** i)

const lengthSizeBytes = 4

/** @returns length (4 bytes), content, zero bytes up to the bucket. @throws RangeError when no bucket is large enough */
export function pad(content: Uint8Array): Uint8Array {
  const bucket = buckets.find((size) => size >= content.length + lengthSizeBytes)
  if (!bucket) throw new RangeError('content is larger than the largest bucket')
  const padded = new Uint8Array(bucket)
  padded.set(u32(content.length))
  padded.set(content, lengthSizeBytes)
  return padded
}

/** @throws CryptoError `malformed` unless it is exactly what `pad` makes of its content */
export function unpad(padded: Uint8Array): Uint8Array {
  const size = padded.length >= lengthSizeBytes ? new DataView(padded.buffer, padded.byteOffset).getUint32(0) : Infinity
  const end = lengthSizeBytes + size
  const smallest = buckets.find((bucket) => bucket >= end)
  if (padded.length !== smallest) throw new CryptoError('malformed', 'body is not in its bucket')
  for (let i = end; i < padded.length; i++)
    if (padded[i] !== 0) throw new CryptoError('malformed', 'padding is not zero')
  return new Uint8Array(padded.subarray(lengthSizeBytes, end))
}
