import { ascii, joined } from '../metadata/parts.ts'

/*
 * Opus packets as a file: Ogg (RFC 3533) with Opus in it (RFC 7845). Nothing in it says who has made it, when or with what: there is one
 * stream, so its number can be the same in every file, and the tags are empty.
 */

const streamNumber = 1
/** A second: what a player that begins in the middle loses at most. */
const packetsPerPage = 50
const [isFirst, isLast] = [2, 4]
const headerBytes = 27

/** RFC 3533, section 6: of a polynomial of 0x04c11db7, begun with 0, and not turned around. */
const crcTable = Uint32Array.from({ length: 256 }, (_, i) => {
  let value = i << 24
  for (let bit = 0; bit < 8; bit++) value = (value << 1) ^ (value < 0 ? 0x04c11db7 : 0)
  return value
})
const crcOf = (bytes: Uint8Array): number =>
  bytes.reduce((crc, byte) => (crc << 8) ^ (crcTable[(crc >>> 24) ^ byte] ?? 0), 0) >>> 0

/** How many bytes each packet has, in steps of 255; what is left over, also 0, ends a packet. */
const lacing = (packets: readonly Uint8Array[]): number[] =>
  packets.flatMap(({ length }) => [...Array<number>(Math.floor(length / 255)).fill(255), length % 255])

interface Page {
  readonly flags: number
  /** the place of the last sample of the page, counted from the first that comes out of the decoder */
  readonly endsAt: number
  readonly number: number
}

function pageOf(packets: readonly Uint8Array[], { flags, endsAt, number }: Page): Uint8Array {
  const lengths = lacing(packets)
  const page = joined([new Uint8Array(headerBytes), Uint8Array.from(lengths), ...packets])
  page.set(ascii('OggS'))
  page[5] = flags
  const view = new DataView(page.buffer)
  view.setBigUint64(6, BigInt(endsAt), true)
  view.setUint32(14, streamNumber, true)
  view.setUint32(18, number, true)
  page[26] = lengths.length
  view.setUint32(22, crcOf(page), true)
  return page
}

/** RFC 7845, section 5.1: version 1, one channel, what is to be skipped (2), the rate of the recording (4), no gain (2), family 0. */
function headOf(skip: number): Uint8Array {
  const head = new Uint8Array(19)
  head.set(ascii('OpusHead'))
  const view = new DataView(head.buffer)
  view.setUint8(8, 1)
  view.setUint8(9, 1)
  view.setUint16(10, skip, true)
  view.setUint32(12, 48_000, true)
  return head
}

/** Section 5.2: the name of a program, of no letters, and no comments. */
const tags = joined([ascii('OpusTags'), new Uint8Array(4 + 4)])

/**
 * @param packets of so many samples at 48 kHz each
 * @param skip how many samples at the beginning belong to no sound
 * @param length how many samples the sound has; the packets may have more, which a player leaves out
 */
export function oggFile(
  packets: readonly Uint8Array[],
  samplesPerPacket: number,
  { skip, length }: { readonly skip: number; readonly length: number },
): Uint8Array {
  const pages = [
    pageOf([headOf(skip)], { flags: isFirst, endsAt: 0, number: 0 }),
    pageOf([tags], { flags: 0, endsAt: 0, number: 1 }),
  ]
  for (let from = 0; from < packets.length; from += packetsPerPage) {
    const to = Math.min(from + packetsPerPage, packets.length)
    const isEnd = to === packets.length
    const endsAt = isEnd ? skip + length : to * samplesPerPacket
    pages.push(pageOf(packets.slice(from, to), { flags: isEnd ? isLast : 0, endsAt, number: pages.length }))
  }
  return joined(pages)
}
