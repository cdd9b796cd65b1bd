import { concat } from '../../../crypto/bytes.ts'
import { plainProfile } from './colour-profile.ts'
import { exifOf, turnedIn } from './exif.ts'
import { ascii, BadForm, joined, textAt, u32, viewOf } from './parts.ts'

/* RFC 9649: chunks in a RIFF. */

type Chunk = readonly [name: string, body: Uint8Array]

/** @throws BadForm */
export function plainWebp(bytes: Uint8Array): Uint8Array {
  const chunks = chunksOf(bytes)
  const kept = chunks.flatMap(([name, body]): readonly Chunk[] => {
    if (name === 'ANMF') return [[name, plainFrame(body)]]
    if (name === 'ANIM') return [[name, body.subarray(0, 6)]]
    return isImage(name) ? [[name, body]] : []
  })
  const head = chunks.find(([name]) => name === 'VP8X')?.[1]
  if (!head) return riffOf(kept)
  const bodyOf = (wanted: string) => chunks.find(([name]) => name === wanted)?.[1] ?? new Uint8Array()
  const [profile, side] = [plainProfile(bodyOf('ICCP')), turnedIn(bodyOf('EXIF'))]
  const flags = ((head[0] ?? 0) & 0b01_0010) | (profile ? 0b10_0000 : 0) | (side === null ? 0 : 0b1000)
  return riffOf([
    ['VP8X', concat(Uint8Array.of(flags, 0, 0, 0), head.subarray(4, 10))],
    ...(profile ? [['ICCP', profile] as const] : []),
    ...kept,
    ...(side === null ? [] : [['EXIF', exifOf(side)] as const]),
  ])
}

const isImage = (name: string) => name === 'VP8 ' || name === 'VP8L' || name === 'ALPH'

/** A frame of a moving picture has its place and its time, and chunks of its own. */
const plainFrame = (frame: Uint8Array) =>
  joined([
    frame.subarray(0, 16),
    ...chunksIn(frame.subarray(16))
      .filter(([name]) => isImage(name))
      .map(chunkOf),
  ])

function chunksOf(bytes: Uint8Array): readonly Chunk[] {
  const isOne = bytes.length >= 12 && textAt(bytes, 0, 4) === 'RIFF' && textAt(bytes, 8, 4) === 'WEBP'
  const end = isOne ? 8 + viewOf(bytes).getUint32(4, true) : 0
  if (!isOne || end > bytes.length) throw new BadForm('this is no WebP, or it has no end')
  return chunksIn(bytes.subarray(12, end))
}

function chunksIn(bytes: Uint8Array): readonly Chunk[] {
  const view = viewOf(bytes)
  const chunks: Chunk[] = []
  for (let at = 0; at < bytes.length;) {
    if (at + 8 > bytes.length) throw new BadForm('this WebP is damaged')
    const size = view.getUint32(at + 4, true)
    if (at + 8 + size > bytes.length) throw new BadForm('this WebP is damaged')
    chunks.push([textAt(bytes, at, 4), bytes.subarray(at + 8, at + 8 + size)])
    // some writers leave out the byte that makes the last one even
    at += 8 + size + (size % 2)
  }
  return chunks
}

const chunkOf = ([name, body]: Chunk) =>
  concat(ascii(name), u32(body.length, true), body, new Uint8Array(body.length % 2))

function riffOf(chunks: readonly Chunk[]): Uint8Array {
  const body = joined([ascii('WEBP'), ...chunks.map(chunkOf)])
  return concat(ascii('RIFF'), u32(body.length, true), body)
}
