import { joined } from './parts.ts'

/** @returns null for what is no zlib stream, is cut, or would become larger than that */
export async function inflated(bytes: Uint8Array, maximumBytes: number): Promise<Uint8Array | null> {
  try {
    return await through(bytes, new DecompressionStream('deflate'), maximumBytes)
  } catch {
    return null
  }
}

export const deflated = (bytes: Uint8Array): Promise<Uint8Array> =>
  through(bytes, new CompressionStream('deflate'), Infinity)

/** A stream that is left before its end is told so by the loop, and makes nothing more. */
async function through(
  bytes: Uint8Array,
  stream: CompressionStream | DecompressionStream,
  maximumBytes: number,
): Promise<Uint8Array> {
  const source = new Blob([bytes as Uint8Array<ArrayBuffer>]).stream()
  const reader = source.pipeThrough(stream).getReader()
  const parts: Uint8Array[] = []
  let sizeBytes = 0
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return joined(parts)
    sizeBytes += value.length
    if (sizeBytes > maximumBytes) {
      await reader.cancel()
      throw new Error('more than it may be')
    }
    parts.push(value)
  }
}
