import { withoutMetadata } from '../../client/device/metadata/metadata.ts'
import { concat } from '../../crypto/bytes.ts'

/* Pictures made by hand, of as few parts as make one, with a secret in every place where a form has room for one. */

export const secret = '52.5163N 13.3777E, of Alice, with a telephone'
export const ascii = (text: string) => new Uint8Array(Buffer.from(text, 'latin1'))
export const bytes = (...values: number[]) => Uint8Array.from(values)
export const u32 = (value: number, little = false) => {
  const out = Buffer.alloc(4)
  if (little) out.writeUInt32LE(value)
  else out.writeUInt32BE(value)
  return new Uint8Array(out)
}
export const says = (picture: Uint8Array, text = secret) => Buffer.from(picture).includes(text)
export const strip = async (type: string, picture: Uint8Array) => (await withoutMetadata(type, picture)).bytes

/** A colour profile: a header, and a table of tags. */
export function iccOf(tags: readonly (readonly [name: string, data: Uint8Array])[], header = new Uint8Array(124)) {
  let at = 132 + tags.length * 12
  const entries = tags.map(([name, data]) => {
    const entry = concat(ascii(name), u32(at), u32(data.length))
    at += data.length
    return entry
  })
  const said = header.slice()
  said.set(ascii('acsp'), 32)
  return concat(u32(at), said, u32(tags.length), ...entries, ...tags.map(([, data]) => data))
}
const red = ascii('XYZ \x00\x00\x00\x005678abcdefgh')
export const curve = concat(ascii('curv'), new Uint8Array(8))
const noText = concat(ascii('mluc'), u32(0), u32(0), u32(12))
const plainIcc = iccOf([
  ['rXYZ', red],
  ['rTRC', curve],
  ['desc', noText],
  ['cprt', noText],
])
// the last two share their text, as what is made here does
const shared = (icc: Uint8Array) => {
  const made = icc.slice(0, icc.length - noText.length)
  made.set(u32(made.length), 0)
  made.set(u32(132 + 4 * 12 + red.length + curve.length), 132 + 3 * 12 + 4)
  return made
}
export const plainProfile = shared(plainIcc)
export const talkative = iccOf(
  [
    ['desc', ascii(`desc${secret}`)],
    ['rXYZ', red],
    ['mmod', ascii(`mmod${secret}...`)],
    ['rTRC', curve],
    ['cprt', ascii(`text${secret}...`)],
    ['vcgt', ascii(secret)],
    ['lumi', ascii(`text${secret}`)],
  ],
  // a maker, a time, a model and an author, and what is reserved or the maker's own
  new Uint8Array(124).fill(7, 0, 4).fill(7, 6, 8).fill(7, 20, 32).fill(7, 40, 42).fill(7, 44, 56).fill(7, 76),
)

export const segment = (marker: number, body: Uint8Array) =>
  concat(bytes(0xff, marker, (body.length + 2) >> 8, (body.length + 2) & 0xff), body)

/** EXIF of one tag besides a secret behind it. */
export const tiff = (orientation: number, order: 'II' | 'MM') => {
  const number = (value: number, size: 2 | 4) => {
    const out = new Uint8Array(size)
    const view = new DataView(out.buffer)
    if (size === 2) view.setUint16(0, value, order === 'II')
    else view.setUint32(0, value, order === 'II')
    return out
  }
  const tag = concat(number(0x112, 2), number(3, 2), number(1, 4), number(orientation, 2), bytes(0, 0))
  return concat(ascii(order), number(42, 2), number(8, 4), number(1, 2), tag, number(0, 4), ascii(secret))
}
export const exif = (orientation: number, order: 'II' | 'MM') =>
  segment(0xe1, concat(ascii('Exif\0\0'), tiff(orientation, order)))
/** as it is written here: nothing but the side */
export const plainTiff = (side: number) => tiff(side, 'MM').subarray(0, 26)

export const jfif = segment(0xe0, concat(ascii('JFIF\0'), bytes(1, 2, 0, 0, 1, 0, 1, 0, 0)))
export const profilePiece = (number: number, of: number, data: Uint8Array) =>
  segment(0xe2, concat(ascii('ICC_PROFILE\0'), bytes(number, of), data))
export const profile = profilePiece(1, 1, plainProfile)
export const adobe = segment(0xee, concat(ascii('Adobe'), bytes(0, 100, 0, 0, 0, 0, 1)))
export const tables = segment(0xdb, new Uint8Array(65).fill(3))
/** with stuffed bytes, a restart, and what would be an EXIF segment if it stood elsewhere */
export const scan = (fill: number) =>
  concat(
    segment(0xda, bytes(1, 1, 0, 0, 63, 0)),
    bytes(fill, 0xff, 0, 0xff, 0xd0, fill),
    ascii('Exif\0\0'),
    bytes(0xff, 0, 7),
  )
export const jpeg = (...parts: readonly Uint8Array[]) => concat(bytes(0xff, 0xd8), ...parts, bytes(0xff, 0xd9))
