import { describe, expect, it } from 'vitest'
import { withoutMetadata } from '../../client/device/metadata/metadata.ts'
import { BadForm } from '../../client/device/metadata/parts.ts'
import { concat } from '../../crypto/bytes.ts'
import {
  adobe,
  ascii,
  bytes,
  curve,
  exif,
  iccOf,
  jfif,
  jpeg,
  plainTiff,
  profile,
  profilePiece,
  says,
  scan,
  secret,
  segment,
  strip,
  tables,
  talkative,
  u32,
} from '../support/pictures.ts'

describe('a JPEG', () => {
  it('loses EXIF, XMP, IPTC, comments and what a maker adds, and nothing that it is drawn with', async () => {
    const noise = [
      exif(1, 'II'),
      segment(0xe1, ascii(`http://ns.adobe.com/xap/1.0/\0${secret}`)),
      segment(0xed, ascii(`Photoshop 3.0\0${secret}`)),
      segment(0xfe, ascii(secret)),
      segment(0xe2, ascii(`MPF\0${secret}`)),
      segment(0xe5, ascii(secret)),
      segment(0xe0, ascii(`JFXX\0${secret}`)),
      // reserved, and too short to be what it says
      segment(0xf7, ascii(secret)),
      segment(0xc8, ascii(secret)),
      segment(0xe0, ascii('JFIF\0\x01\x02')),
      segment(0xee, ascii('Adobe')),
    ]
    const picture = jpeg(jfif, ...noise, profile, adobe, tables, scan(1), segment(0xfe, ascii(secret)), tables, scan(2))
    const plain = jpeg(jfif, profile, adobe, tables, scan(1), tables, scan(2))
    const stripped = await withoutMetadata('image/jpeg', picture)
    expect(stripped).toEqual({ bytes: plain, removedBytes: picture.length - plain.length })
    expect([says(picture), says(plain)]).toEqual([true, false])
    expect(await withoutMetadata('image/jpeg', plain)).toEqual({ bytes: plain, removedBytes: 0 })
  })

  it.each(['II', 'MM'] as const)('keeps which side is up, of EXIF in the order %s', async (order) => {
    for (let side = 2; side <= 8; side++) {
      const stripped = await strip('image/jpeg', jpeg(exif(side, order), tables, scan(1)))
      expect(says(stripped)).toBe(false)
      expect(stripped.subarray(2, 6)).toEqual(bytes(0xff, 0xe1, 0, 34))
      // once more: what was written is read as the same
      expect(await strip('image/jpeg', stripped)).toEqual(stripped)
      expect([...stripped.subarray(2, 38)]).toContain(side)
    }
    for (const side of [0, 1, 9, 77])
      expect(await strip('image/jpeg', jpeg(exif(side, order), scan(1)))).toEqual(jpeg(scan(1)))
  })

  it('keeps one side where two are said', async () =>
    expect(await strip('image/jpeg', jpeg(exif(6, 'MM'), exif(3, 'II'), scan(1)))).toEqual(
      jpeg(segment(0xe1, concat(ascii('Exif\0\0'), plainTiff(6))), scan(1)),
    ))

  it('keeps of a colour profile what colours are computed from, and no text, time or maker', async () => {
    const [one, two] = [talkative.subarray(0, 150), talkative.subarray(150)]
    // in any order, and with a tail of another application between
    const picture = jpeg(jfif, profilePiece(2, 2, two), segment(0xe5, ascii(secret)), profilePiece(1, 2, one), scan(1))
    expect(await strip('image/jpeg', picture)).toEqual(jpeg(jfif, profile, scan(1)))
    // of two, decoders take the first
    const other = profilePiece(1, 1, iccOf([['A2B0', curve]]))
    expect(await strip('image/jpeg', jpeg(profile, other, scan(1)))).toEqual(jpeg(profile, scan(1)))
    const large = iccOf([['rTRC', concat(ascii('curv'), u32(0), u32(50_000), new Uint8Array(100_000).fill(5))]])
    const pieces = [profilePiece(1, 2, large.subarray(0, 60_000)), profilePiece(2, 2, large.subarray(60_000))]
    const stripped = await strip('image/jpeg', jpeg(...pieces, scan(1)))
    expect(await strip('image/jpeg', stripped)).toEqual(stripped)
    expect(stripped.length).toBeGreaterThan(100_000)
    for (const bad of [[profilePiece(1, 2, one)], [profilePiece(1, 1, ascii(secret))], [profilePiece(1, 1, one)]])
      expect(await strip('image/jpeg', jpeg(...bad, scan(1)))).toEqual(jpeg(scan(1)))
  })

  it('loses what is hidden behind its end, behind Adobe’s mark, and the small picture in its JFIF', async () => {
    expect(says(await strip('image/jpeg', concat(jpeg(scan(1)), ascii(secret))))).toBe(false)
    const small = concat(ascii('JFIF\0'), bytes(1, 2, 0, 0, 1, 0, 1, 3, 5), ascii(secret))
    expect(await strip('image/jpeg', jpeg(segment(0xe0, small), scan(1)))).toEqual(jpeg(jfif, scan(1)))
    const mark = segment(0xee, concat(adobe.subarray(4), ascii(secret)))
    expect(await strip('image/jpeg', jpeg(mark, scan(1)))).toEqual(jpeg(adobe, scan(1)))
  })

  it.each([
    ['nothing', new Uint8Array()],
    ['a PNG', bytes(0x89, 0x50)],
    ['without an end', jpeg(scan(1)).subarray(0, -2)],
    ['cut in a segment', jpeg(tables).subarray(0, 30)],
    ['with a segment of no length', concat(bytes(0xff, 0xd8, 0xff, 0xdb, 0, 0), scan(1))],
    ['with a second beginning in it', jpeg(bytes(0xff, 0xd8, 0, 2), scan(1))],
    ['with something between segments', concat(bytes(0xff, 0xd8), ascii(secret), jpeg(scan(1)).subarray(2))],
  ])('is none that is %s', (_what, picture) => expect(strip('image/jpeg', picture)).rejects.toThrow(BadForm))
})
