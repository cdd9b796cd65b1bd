import { concat } from '../../../crypto/bytes.ts'
import { plainProfile } from './colour-profile.ts'
import { exifOf, turnedIn } from './exif.ts'
import { ascii, BadForm, joined, textAt, u32, viewOf } from './parts.ts'
import { deflated, inflated } from './zlib.ts'

const signature = '\x89PNG\r\n\x1a\n'
const profileMaximumBytes = 8 * 1024 * 1024

/**
 * PNG, third edition: what is drawn, how it moves, and its colours, and how long each can be at most. A chunk that is longer has
 * something else in it.
 */
const drawn: Readonly<Record<string, number>> = {
  IHDR: 13,
  PLTE: 768,
  IDAT: Infinity,
  tRNS: 256,
  acTL: 8,
  fcTL: 26,
  fdAT: Infinity,
  cHRM: 32,
  cICP: 4,
  gAMA: 4,
  mDCV: 24,
  cLLI: 8,
  sBIT: 4,
  sRGB: 1,
  bKGD: 6,
  pHYs: 9,
}

/** @throws BadForm */
export async function plainPng(bytes: Uint8Array): Promise<Uint8Array> {
  if (textAt(bytes, 0, 8) !== signature) throw new BadForm('this is no PNG')
  const view = viewOf(bytes)
  const kept = [bytes.subarray(0, 8)]
  let isTurned = false
  for (let at = 8; at + 12 <= bytes.length;) {
    const size = view.getUint32(at)
    const end = at + 12 + size
    if (end > bytes.length) break
    const [name, body] = [textAt(bytes, at + 4, 4), bytes.subarray(at + 8, end - 4)]
    const side: number | null = name === 'eXIf' && !isTurned ? turnedIn(body) : null
    if (name === 'IEND') return joined([...kept, chunkOf('IEND', new Uint8Array())])
    if (name === 'iCCP') kept.push(...(await plainProfileChunk(body)))
    else if (side !== null) kept.push(chunkOf('eXIf', exifOf(side)))
    else if (size <= (drawn[name] ?? -1)) kept.push(bytes.subarray(at, end))
    isTurned ||= side !== null
    at = end
  }
  throw new BadForm('this PNG has no end')
}

/** A colour profile has a name, which says as much as any text; a palette that is only suggested (sPLT) has one too, and goes. */
async function plainProfileChunk(body: Uint8Array): Promise<readonly Uint8Array[]> {
  const nameEnd = body.indexOf(0)
  const packed = body.subarray(nameEnd + 2)
  const profile = nameEnd === -1 ? null : await inflated(packed, profileMaximumBytes)
  const plain = profile && plainProfile(profile)
  if (!profile || !plain) return []
  // what has nothing to lose stays as it is, so that a picture that went through here once is not changed again
  const isPlain = plain.length === profile.length && plain.every((byte, i) => byte === profile[i])
  return [chunkOf('iCCP', concat(ascii('ICC\0\0'), isPlain ? packed : await deflated(plain)))]
}

function chunkOf(name: string, body: Uint8Array): Uint8Array {
  const named = concat(ascii(name), body)
  return concat(u32(body.length), named, u32(crc32(named)))
}

/** ISO 3309, as PNG has it. */
function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff
  for (const byte of bytes) {
    crc ^= byte
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0)
  }
  return ~crc >>> 0
}
