import { crc32, deflateSync, inflateSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { canBeStripped } from '../../client/device/metadata/metadata.ts'
import { BadForm } from '../../client/device/metadata/parts.ts'
import { concat } from '../../crypto/bytes.ts'
import {
  ascii,
  bytes,
  exif,
  jfif,
  jpeg,
  plainProfile,
  plainTiff,
  profilePiece,
  says,
  scan,
  secret,
  strip,
  tables,
  talkative,
  tiff,
  u32,
} from '../support/pictures.ts'

const chunk = (name: string, body: Uint8Array) => {
  const named = concat(ascii(name), body)
  return concat(u32(body.length), named, u32(crc32(named)))
}
const pngStart = bytes(0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10)
const [head, data, end] = [
  chunk('IHDR', new Uint8Array(13)),
  chunk('IDAT', new Uint8Array(deflateSync(Buffer.alloc(9)))),
  chunk('IEND', bytes()),
]
const png = (...parts: readonly Uint8Array[]) => concat(pngStart, head, ...parts, end)
const iccp = (name: string, icc: Uint8Array) =>
  chunk('iCCP', concat(ascii(`${name}\0\0`), new Uint8Array(deflateSync(icc))))

describe('a PNG', () => {
  it('loses text, times, suggested palettes and chunks that nobody knows, and what is behind its end', async () => {
    const names = ['tEXt', 'zTXt', 'iTXt', 'eXIf', 'tIME', 'dSIG', 'vpAg', 'sPLT', 'gAMA', 'pHYs']
    const noise = names.map((name) => chunk(name, ascii(secret)))
    const colours = chunk('gAMA', bytes(0, 0, 1, 1))
    const picture = concat(
      pngStart,
      head,
      ...noise,
      colours,
      data,
      ...noise,
      chunk('IEND', ascii(secret)),
      ascii(secret),
    )
    expect(await strip('image/png', picture)).toEqual(png(colours, data))
  })

  it.each(['II', 'MM'] as const)('keeps which side is up, of EXIF in the order %s', async (order) => {
    for (let side = 2; side <= 8; side++) {
      const stripped = await strip(
        'image/png',
        png(chunk('eXIf', tiff(side, order)), data, chunk('eXIf', tiff(3, 'II'))),
      )
      expect(stripped).toEqual(png(chunk('eXIf', plainTiff(side)), data))
      expect(await strip('image/png', stripped)).toEqual(stripped)
    }
    expect(await strip('image/png', png(chunk('eXIf', tiff(1, order)), data))).toEqual(png(data))
  })

  it('keeps of a colour profile what colours are computed from, and not its name', async () => {
    const stripped = await strip('image/png', png(iccp(`Screen of ${secret}`, talkative), data))
    const packed = stripped.subarray(Buffer.from(stripped).indexOf('ICC\0\0') + 5)
    expect(new Uint8Array(inflateSync(packed))).toEqual(plainProfile)
    expect(says(stripped)).toBe(false)
    expect(await strip('image/png', stripped)).toEqual(stripped)
    // packed by somebody else, and with nothing in it to lose
    const [plain, renamed] = [png(iccp('ICC', plainProfile), data), png(iccp(secret, plainProfile), data)]
    expect([await strip('image/png', plain), await strip('image/png', renamed)]).toEqual([plain, plain])
    for (const bad of [chunk('iCCP', ascii(secret)), chunk('iCCP', ascii('a\0\0bc')), iccp('a', ascii(secret))])
      expect(await strip('image/png', png(bad, data))).toEqual(png(data))
  })

  it('whose colour profile would fill the memory loses it', async () => {
    const bomb = iccp('a', concat(talkative, new Uint8Array(20 * 1024 * 1024)))
    expect(bomb.length).toBeLessThan(50_000)
    expect(await strip('image/png', png(bomb, data))).toEqual(png(data))
  })

  it('is none that has no end, or another beginning', async () => {
    for (const picture of [concat(pngStart, head, data), png(data).subarray(1), pngStart])
      await expect(strip('image/png', picture)).rejects.toThrow(BadForm)
  })
})

const riff = (...chunks: readonly Uint8Array[]) => {
  const body = concat(ascii('WEBP'), ...chunks)
  return concat(ascii('RIFF'), u32(body.length, true), body)
}
const piece = (name: string, body: Uint8Array) =>
  concat(ascii(name), u32(body.length, true), body, new Uint8Array(body.length % 2))
const webpHead = (flags: number) => piece('VP8X', bytes(flags, 0, 0, 0, 9, 0, 0, 9, 0, 0))

describe('a WebP', () => {
  const image = piece('VP8 ', bytes(1, 2, 3))
  const noise = ['XMP ', 'odd!'].map((name) => piece(name, ascii(secret)))

  it('loses XMP and what nobody knows, and no longer announces it', async () => {
    const upright = piece('EXIF', tiff(1, 'II'))
    const picture = concat(riff(webpHead(0b0001_1101), ...noise, image, upright, ...noise), ascii(secret))
    expect(await strip('image/webp', picture)).toEqual(riff(webpHead(0b0001_0000), image))
  })

  it.each(['', 'Exif\0\0'])('keeps which side is up, of EXIF that begins with %j', async (before) => {
    for (let side = 2; side <= 8; side++) {
      const turned = piece('EXIF', concat(ascii(before), tiff(side, 'II')))
      const stripped = await strip('image/webp', riff(webpHead(0b1000), image, turned))
      expect(stripped).toEqual(riff(webpHead(0b1000), image, piece('EXIF', plainTiff(side))))
      expect(await strip('image/webp', stripped)).toEqual(stripped)
    }
  })

  it('keeps of a colour profile what colours are computed from', async () => {
    const picture = riff(webpHead(0b0010_0000), piece('ICCP', talkative), image)
    expect(await strip('image/webp', picture)).toEqual(riff(webpHead(0b0010_0000), piece('ICCP', plainProfile), image))
    const bad = riff(webpHead(0b0010_0000), piece('ICCP', ascii(secret)), image)
    expect(await strip('image/webp', bad)).toEqual(riff(webpHead(0), image))
  })

  it('that moves loses what stands within its frames', async () => {
    const frame = (...chunks: readonly Uint8Array[]) => piece('ANMF', concat(new Uint8Array(16).fill(3), ...chunks))
    const moves = piece('ANIM', bytes(0, 0, 0, 0, 1, 0))
    const exifIn = piece('EXIF', ascii(secret))
    const alpha = piece('ALPH', bytes(5, 5))
    expect(
      await strip('image/webp', riff(webpHead(2), moves, frame(exifIn, alpha, image), frame(image, ...noise))),
    ).toEqual(riff(webpHead(2), moves, frame(alpha, image), frame(image)))
  })

  it('is none that is cut', async () => {
    const whole = riff(image, image)
    for (const picture of [whole.subarray(0, -1), ascii('RIFF'), riff(bytes(1, 2, 3)), riff(image.subarray(0, 10))])
      await expect(strip('image/webp', picture)).rejects.toThrow(BadForm)
  })
})

describe('a GIF', () => {
  const palette = bytes(0, 0, 0, 255, 255, 255)
  const screen = concat(ascii('GIF89a'), bytes(1, 0, 1, 0, 0x80, 0, 0), palette)
  const blocks = (...all: readonly Uint8Array[]) =>
    concat(...all.flatMap((block) => [bytes(block.length), block]), bytes(0))
  const image = concat(
    bytes(0x2c, 0, 0, 0, 0, 1, 0, 1, 0, 0x80),
    palette,
    bytes(2),
    blocks(bytes(0x21, 0xfe), bytes(0x3b)),
  )
  const time = concat(bytes(0x21, 0xf9), blocks(bytes(0, 5, 0, 0)))
  const repeat = concat(bytes(0x21, 0xff), blocks(ascii('NETSCAPE2.0'), bytes(1, 0, 0)))
  const trailer = bytes(0x3b)

  it('loses comments, XMP and what nobody knows, and nothing that it is drawn and moved with', async () => {
    const noise = [
      concat(bytes(0x21, 0xfe), blocks(ascii(secret))),
      concat(bytes(0x21, 0xff), blocks(ascii('XMP DataXMP'), ascii(secret))),
      concat(bytes(0x21, 0x01), blocks(ascii(secret))),
      concat(bytes(0x21, 0x77), blocks(ascii(secret))),
    ]
    const chatty = concat(bytes(0x21, 0xff), blocks(ascii('NETSCAPE2.0'), bytes(1, 0, 0), ascii(secret)))
    const picture = concat(screen, ...noise, chatty, time, image, ...noise, time, image, trailer, ascii(secret))
    const plain = concat(screen, repeat, time, image, time, image, trailer)
    expect(await strip('image/gif', picture)).toEqual(plain)
    expect(await strip('image/gif', plain)).toEqual(plain)
  })

  it('is whole without its end, and none that is cut or has something between its blocks', async () => {
    expect(await strip('image/gif', concat(screen, image))).toEqual(concat(screen, image, trailer))
    for (const picture of [
      concat(screen, image.subarray(0, -1)),
      ascii('GIF89a'),
      concat(screen, ascii(secret), trailer),
    ])
      await expect(strip('image/gif', picture)).rejects.toThrow(BadForm)
  })
})

it('knows of which forms it can leave metadata out', () =>
  expect(
    ['image/jpeg', 'image/png', 'image/webp', 'image/gif', 'image/heic', 'video/mp4', 'text/plain', ''].map(
      canBeStripped,
    ),
  ).toEqual([true, true, true, true, false, false, false, false]))

/** 200,000 times the same part: more than a call can have arguments. */
const manyTimes = (part: Uint8Array) => new Uint8Array(Buffer.concat(Array.from({ length: 200_000 }, () => part)))

it.each([
  ['image/jpeg', jpeg(manyTimes(bytes(0xff, 0xdb, 0, 2)), scan(1))],
  ['image/png', png(manyTimes(chunk('IDAT', bytes(1))))],
  ['image/webp', riff(webpHead(0), manyTimes(piece('ALPH', bytes())))],
  ['image/webp', riff(webpHead(2), piece('ANMF', concat(new Uint8Array(16), manyTimes(piece('ALPH', bytes())))))],
  [
    'image/gif',
    concat(ascii('GIF89a'), bytes(1, 0, 1, 0, 0, 0, 0), manyTimes(bytes(0x21, 0xf9, 4, 0, 5, 0, 0, 0)), bytes(0x3b)),
  ],
])('takes a picture apart that has very many parts: %s', async (type, picture) =>
  expect(Buffer.compare(await strip(type, picture), picture)).toBe(0),
)

it('takes anything apart, or says that it is none; and nothing is left to be left out of what it has made', async () => {
  const samples = {
    'image/jpeg': jpeg(jfif, exif(6, 'MM'), profilePiece(1, 1, talkative), tables, scan(1)),
    'image/png': png(iccp('a', talkative), chunk('eXIf', tiff(6, 'II')), data),
    'image/webp': riff(webpHead(8), piece('ICCP', talkative), piece('VP8 ', bytes(1, 2)), piece('EXIF', tiff(6, 'II'))),
    'image/gif': concat(ascii('GIF89a'), bytes(1, 0, 1, 0, 0, 0, 0, 0x21, 0xfe, 1, 1, 0, 0x3b)),
  }
  for (const [type, picture] of Object.entries(samples))
    await fc.assert(
      fc.asyncProperty(fc.nat(picture.length - 1), fc.nat(255), fc.nat(20), async (at, byte, cut) => {
        const changed = picture.with(at, byte).subarray(0, picture.length - (cut > 10 ? cut : 0))
        try {
          const stripped = await strip(type, changed)
          expect(await strip(type, stripped)).toEqual(stripped)
        } catch (error) {
          expect(error).toBeInstanceOf(BadForm)
        }
      }),
      { numRuns: 1000 },
    )
})
