import { concat } from '../../../crypto/bytes.ts'
import { ascii, BadForm, joined, textAt } from './parts.ts'

/* GIF89a. Comments and XMP stand in extensions, of which only a frame's time and how often all is repeated stay. */

const [extension, image, end] = [0x21, 0x2c, 0x3b]
const [frameControl, application] = [0xf9, 0xff]

/** @throws BadForm */
export function plainGif(bytes: Uint8Array): Uint8Array {
  if (!/^GIF8[79]a$/.test(textAt(bytes, 0, 6)) || bytes.length < 13) throw new BadForm('this is no GIF')
  let at = 13 + paletteSize(bytes[10])
  if (at > bytes.length) throw new BadForm('this GIF is cut')
  const kept = [bytes.subarray(0, at)]
  while (at < bytes.length && bytes[at] !== end) {
    if (bytes[at] === image) {
      // a descriptor, maybe a palette, the size of the codes, and blocks
      const next = endOfBlocks(bytes, at + 11 + paletteSize(bytes[at + 9]))
      kept.push(bytes.subarray(at, next))
      at = next
    } else if (bytes[at] === extension) {
      const next = endOfBlocks(bytes, at + 2)
      kept.push(...keptOf(bytes[at + 1], bytes.subarray(at, next)))
      at = next
    } else throw new BadForm('this GIF is damaged')
  }
  // some writers leave out the end; whatever stands behind it is no part of the picture
  return joined([...kept, Uint8Array.of(end)])
}

const paletteSize = (flags = 0) => (flags & 0x80 ? 3 * 2 ** ((flags & 7) + 1) : 0)

function endOfBlocks(bytes: Uint8Array, from: number): number {
  for (let at = from; at < bytes.length;) {
    const size = bytes[at] ?? 0
    at += 1 + size
    if (size === 0) return at
  }
  throw new BadForm('this GIF is cut')
}

function keptOf(label: number | undefined, block: Uint8Array): readonly Uint8Array[] {
  if (label === frameControl) return block.length === 8 ? [block] : []
  const isRepeat =
    label === application &&
    ['NETSCAPE2.0', 'ANIMEXTS1.0'].includes(textAt(block, 3, 11)) &&
    block[14] === 3 &&
    block[15] === 1
  return isRepeat ? [concat(ascii('!\xff\x0bNETSCAPE2.0\x03\x01'), block.subarray(16, 18), Uint8Array.of(0))] : []
}
