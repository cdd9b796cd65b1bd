import { textAt, viewOf } from './parts.ts'

/** Of all that EXIF says, a picture needs one thing to be shown as it was taken: which side is up, 1 to 8. */

const orientationTag = 0x112
const upright = 1

/**
 * @param exif TIFF, with or without the `Exif` that JPEG puts before it
 * @returns null where there is nothing to be said: for what is upright, and what is no EXIF
 */
export function turnedIn(exif: Uint8Array): number | null {
  const tiff = textAt(exif, 0, 6) === 'Exif\0\0' ? exif.subarray(6) : exif
  if (tiff.length < 8) return null
  const little = textAt(tiff, 0, 2) === 'II'
  const view = viewOf(tiff)
  const directory = view.getUint32(4, little)
  if (directory + 2 > tiff.length) return null
  const count = view.getUint16(directory, little)
  for (let i = 0; i < count; i++) {
    const at = directory + 2 + 12 * i
    if (at + 12 > tiff.length) return null
    if (view.getUint16(at, little) !== orientationTag) continue
    const side = view.getUint16(at + 8, little)
    return side > upright && side <= 8 ? side : null
  }
  return null
}

/** EXIF that says this and nothing else: a TIFF of 26 bytes. */
export const exifOf = (side: number): Uint8Array =>
  Uint8Array.from([0x4d, 0x4d, 0, 42, 0, 0, 0, 8, 0, 1, 0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, side, 0, 0, 0, 0, 0, 0])
