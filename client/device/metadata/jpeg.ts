import { concat } from '../../../crypto/bytes.ts'
import { plainProfile } from './colour-profile.ts'
import { exifOf, turnedIn } from './exif.ts'
import { ascii, BadForm, joined, textAt, viewOf } from './parts.ts'

/* ITU T.81: segments up to the first scan, then scans with segments between them, then the end. */

const [start, end, scan] = [0xd8, 0xd9, 0xda]
const jfifSizeBytes = 14
const adobeSizeBytes = 12
const profileHead = 'ICC_PROFILE\0'
const segmentMaximumBytes = 0xffff - 2

/** Frames, tables and what else a decoder reads; not what is reserved, for extensions, or a comment. */
const isDrawn = (marker: number) =>
  (marker >= 0xc0 && marker <= 0xcf && marker !== 0xc8) || (marker >= 0xda && marker <= 0xdf)
/** They stand alone, and have no place between segments. */
const hasNoLength = (marker: number) => marker === 0x01 || (marker >= 0xd0 && marker <= 0xd8)

/** What of a JPEG goes, once all of it is known: its segments in order, with a gap for the profile. */
interface Kept {
  readonly parts: (Uint8Array | 'profile')[]
  /** the pieces of the colour profile, by their numbers */
  readonly profile: Map<number, Uint8Array>
  profilePieces: number
  isTurned: boolean
}

/** @throws BadForm */
export function plainJpeg(bytes: Uint8Array): Uint8Array {
  if (bytes[0] !== 0xff || bytes[1] !== start) throw new BadForm('this is no JPEG')
  const view = viewOf(bytes)
  const kept: Kept = { parts: [bytes.subarray(0, 2)], profile: new Map(), profilePieces: 0, isTurned: false }
  let at = 2
  while (at + 4 <= bytes.length) {
    if (bytes[at] !== 0xff) throw new BadForm('this JPEG is damaged')
    const marker = bytes[at + 1] ?? 0
    // fill bytes may stand before a marker
    if (marker === 0xff) at += 1
    else if (marker === end) break
    else {
      const next = at + 2 + view.getUint16(at + 2)
      if (hasNoLength(marker) || next > bytes.length || next < at + 4) throw new BadForm('this JPEG is damaged')
      keep(kept, marker, bytes.subarray(at, next))
      at = marker === scan ? endOfScan(bytes, next) : next
      if (marker === scan) kept.parts.push(bytes.subarray(next, at))
    }
  }
  // whatever stands behind the end is no part of the picture
  if (bytes[at] !== 0xff || bytes[at + 1] !== end) throw new BadForm('this JPEG has no end')
  const profile = profileSegments(kept)
  return joined([...kept.parts.flatMap((part) => (part === 'profile' ? profile : [part])), bytes.subarray(at, at + 2)])
}

/** Entropy-coded data runs to the next marker that is neither a stuffed byte nor a restart. */
function endOfScan(bytes: Uint8Array, from: number): number {
  for (let at = from; at + 1 < bytes.length; at++) {
    const next = bytes[at + 1] ?? 0
    if (bytes[at] === 0xff && next !== 0 && next !== 0xff && !(next >= 0xd0 && next <= 0xd7)) return at
  }
  throw new BadForm('this JPEG has no end')
}

/** Of application segments, JFIF, colour profile and Adobe's colour transform stay; of EXIF, which side is up. */
function keep(kept: Kept, marker: number, segment: Uint8Array): void {
  const body = segment.subarray(4)
  const says = (name: string) => textAt(body, 0, name.length) === name
  if (isDrawn(marker)) kept.parts.push(segment)
  // a decoder takes no shorter one for JFIF; what is longer is a small picture of what the large one was before it was cut
  else if (marker === 0xe0 && says('JFIF\0') && body.length >= jfifSizeBytes)
    kept.parts.push(segmentOf(marker, concat(body.subarray(0, 12), new Uint8Array(2))))
  else if (marker === 0xee && says('Adobe') && body.length >= adobeSizeBytes)
    kept.parts.push(segmentOf(marker, body.subarray(0, adobeSizeBytes)))
  else if (marker === 0xe2 && says(profileHead)) {
    if (kept.profile.size === 0) {
      kept.parts.push('profile')
      kept.profilePieces = body[13] ?? 0
    }
    // of two profiles, decoders take the first
    const number = body[12] ?? 0
    if (!kept.profile.has(number)) kept.profile.set(number, body.subarray(14))
  } else if (marker === 0xe1 && says('Exif\0') && !kept.isTurned) {
    const side = turnedIn(body)
    if (side === null) return
    kept.parts.push(segmentOf(marker, concat(ascii('Exif\0\0'), exifOf(side))))
    kept.isTurned = true
  }
}

const segmentOf = (marker: number, body: Uint8Array) =>
  concat(Uint8Array.from([0xff, marker, (body.length + 2) >> 8, (body.length + 2) & 0xff]), body)

/** One that lacks a piece is none for a decoder either. */
function profileSegments({ profile, profilePieces }: Kept): readonly Uint8Array[] {
  const pieces = Array.from({ length: profilePieces }, (_, i) => profile.get(i + 1))
  if (pieces.length === 0 || pieces.includes(undefined)) return []
  const plain = plainProfile(concat(...(pieces as Uint8Array[])))
  if (plain === null) return []
  const size = segmentMaximumBytes - profileHead.length - 2
  const count = Math.ceil(plain.length / size)
  return Array.from({ length: count }, (_, i) =>
    segmentOf(0xe2, concat(ascii(profileHead), Uint8Array.of(i + 1, count), plain.subarray(i * size, (i + 1) * size))),
  )
}
