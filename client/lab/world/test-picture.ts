import { concat } from '../../../crypto/bytes.ts'

/*
 * Pictures for the lab, drawn by the program: squares of colour. They are written as the smallest kind of JPEG that there is
 * (ITU T.81, baseline): one flat colour for each 8 by 8 pixels, so that only the mean of a block is coded.
 */

export type Colour = readonly [red: number, green: number, blue: number]
/** Rows of squares, each of 8 by 8 pixels; all rows are equally long. */
export type Drawing = readonly (readonly Colour[])[]

export const squarePixels = 8

const segment = (marker: number, ...body: readonly number[]): Uint8Array =>
  Uint8Array.of(0xff, marker, (body.length + 2) >> 8, (body.length + 2) & 0xff, ...body)

const components = [1, 2, 3]
/** All steps are 8: the mean of a block, which is coded times 8, is a whole number. */
const steps = segment(0xdb, 0, ...Array<number>(64).fill(8))
/** Twelve codes of 4 bits for the sizes of differences, and one of a single bit for "nothing but the mean". */
const sizeBits = 4
const meanCodes = segment(
  0xc4,
  0x00,
  0,
  0,
  0,
  12,
  ...Array<number>(12).fill(0),
  ...Array.from({ length: 12 }, (_, i) => i),
)
const endCode = segment(0xc4, 0x10, 1, ...Array<number>(15).fill(0), 0)
const scanHead = segment(0xda, 3, ...components.flatMap((id) => [id, 0x00]), 0, 63, 0)

/** A picture that every browser shows. @returns the bytes of a JPEG */
export function pictureOf(drawing: Drawing): Uint8Array {
  const [height, width] = [drawing.length, drawing[0]?.length ?? 0].map((squares) => squares * squarePixels) as [
    number,
    number,
  ]
  const frame = segment(
    0xc0,
    8,
    height >> 8,
    height & 0xff,
    width >> 8,
    width & 0xff,
    3,
    ...components.flatMap((id) => [id, 0x11, 0]),
  )
  return concat(
    Uint8Array.of(0xff, 0xd8),
    steps,
    frame,
    meanCodes,
    endCode,
    scanHead,
    scanOf(drawing.flat()),
    Uint8Array.of(0xff, 0xd9),
  )
}

/** Of every component the difference to the square before; a byte 0xff is followed by a zero. */
function scanOf(squares: readonly Colour[]): Uint8Array {
  let bits = ''
  const before = [0, 0, 0]
  for (const square of squares)
    for (const [i, mean] of inYCbCr(square).entries()) {
      const difference = mean - (before[i] ?? 0)
      before[i] = mean
      const size = difference === 0 ? 0 : Math.floor(Math.log2(Math.abs(difference))) + 1
      const coded = difference < 0 ? difference + 2 ** size - 1 : difference
      bits += binary(size, sizeBits) + (size === 0 ? '' : binary(coded, size)) + '0'
    }
  const bytes = bits.padEnd(Math.ceil(bits.length / 8) * 8, '1').match(/.{8}/g) ?? []
  return Uint8Array.from(
    bytes.map((byte) => Number.parseInt(byte, 2)).flatMap((byte) => (byte === 0xff ? [byte, 0] : [byte])),
  )
}

const binary = (value: number, digits: number) => value.toString(2).padStart(digits, '0')

/** JFIF, with 128 taken off: -128 to 127. */
function inYCbCr([red, green, blue]: Colour): readonly number[] {
  const luma = 0.299 * red + 0.587 * green + 0.114 * blue
  const within = (value: number) => Math.max(-128, Math.min(127, Math.round(value)))
  return [within(luma - 128), within((blue - luma) / 1.772), within((red - luma) / 1.402)]
}
