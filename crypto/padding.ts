import { Writer } from './bytes.ts'
import { CryptoError } from './errors.ts'

/** Bodies are padded to one of these sizes, in bytes, so that a length says little: doubling from 128 to 65,536. */
export const buckets: readonly number[] = Array.from({ length: 10 }, (_, i) => 128 * 2 ** i)

const lengthSizeBytes = 4

function bucketOf(sizeBytes: number): number {
  const bucket = buckets.find((size) => size >= sizeBytes)
  if (!bucket) throw new RangeError('content is larger than the largest bucket')
  return bucket
}

/** Writes length (4 bytes), content, zero bytes up to the bucket. @throws RangeError when no bucket is large enough */
export function writePadded(to: Writer, write: (to: Writer) => void): void {
  const start = to.offset
  to.fieldOf(write)
  const sizeBytes = to.offset - start
  to.zeros(bucketOf(sizeBytes) - sizeBytes)
}

/** As `writePadded`. */
export function pad(content: Uint8Array): Uint8Array {
  const padded = new Uint8Array(bucketOf(content.length + lengthSizeBytes))
  writePadded(new Writer(padded), (to) => to.bytes(content))
  return padded
}

/** @returns the content where it lies. @throws CryptoError `malformed` unless it is exactly what `pad` makes of its content */
export function unpad(padded: Uint8Array): Uint8Array {
  const size = padded.length >= lengthSizeBytes ? new DataView(padded.buffer, padded.byteOffset).getUint32(0) : Infinity
  const end = lengthSizeBytes + size
  const smallest = buckets.find((bucket) => bucket >= end)
  if (padded.length !== smallest) throw new CryptoError('malformed', 'body is not in its bucket')
  for (let i = end; i < padded.length; i++)
    if (padded[i] !== 0) throw new CryptoError('malformed', 'padding is not zero')
  return padded.subarray(lengthSizeBytes, end)
}
