/*
 * Writes DER (ITU-T X.690), as far as a certificate needs it. Nothing here reads any: what others have written is read by OpenSSL.
 */

/** Tag, length, value. */
export function der(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  const value = Buffer.concat(parts)
  const { length } = value
  if (length > 65_535) throw new Error('longer than any part of a certificate')
  const size = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 255]
  return Buffer.concat([Uint8Array.of(tag, ...size), value])
}

export const sequence = (...parts: readonly Uint8Array[]) => der(0x30, ...parts)
export const set = (...parts: readonly Uint8Array[]) => der(0x31, ...parts)
export const octets = (value: Uint8Array) => der(0x04, value)
/** @param unused how many bits at the end do not count */
export const bits = (value: Uint8Array, unused = 0) => der(0x03, Uint8Array.of(unused), value)
export const text = (tag: number, value: string) => der(tag, Buffer.from(value))
export const yes = der(0x01, Uint8Array.of(255))

/** @param value big-endian, of any length; written without zeros before it, except for one where it would be negative */
export function integer(value: Uint8Array): Buffer {
  const start = value.findIndex((byte) => byte !== 0)
  const shortest = start === -1 ? Uint8Array.of(0) : value.subarray(start)
  return (shortest[0] ?? 0) > 127 ? der(0x02, Uint8Array.of(0), shortest) : der(0x02, shortest)
}

/** @param name its numbers with dots between them */
export function oid(name: string): Buffer {
  const [first = 0, second = 0, ...rest] = name.split('.').map(Number)
  return der(0x06, Uint8Array.from([40 * first + second, ...rest].flatMap(base128)))
}

/** Seven bits a byte; all but the last have the eighth. */
const base128 = (value: number): number[] =>
  value < 128 ? [value] : [...base128(Math.floor(value / 128)).map((byte) => byte | 128), value % 128]

/** YYMMDDHHMMSSZ until 2049, and from then on with four digits of the year; RFC 5280, section 4.1.2.5 */
export function time(date: Date): Buffer {
  const digits = `${date.toISOString().replaceAll(/[-:T]|\..*/g, '')}Z`
  return date.getUTCFullYear() < 2050 ? text(0x17, digits.slice(2)) : text(0x18, digits)
}
