import { CryptoError } from './errors.ts'
import sodium from './sodium.ts'

/*
 * The canonical encoding: big-endian integers of fixed width, fixed-size byte strings as they are, and fields of
 * varying size behind a 4-byte length. One value has one encoding; whatever is left over at the end is refused.
 */

const encoder = new TextEncoder()
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

export function concat(...parts: readonly Uint8Array[]): Uint8Array {
  let size = 0
  for (const part of parts) size += part.length
  const out = new Uint8Array(size)
  let offset = 0
  for (const part of parts) {
    out.set(part, offset)
    offset += part.length
  }
  return out
}

const sheetSizeBytes = 16 * 1024
let sheet = new Uint8Array(sheetSizeBytes)
let cutBytes = 0

/**
 * Zero bytes for something that anybody may see: a header, an envelope. From 65 bytes on, an array of its own costs V8 up
 * to a microsecond, so short ones are cut from a larger array, which stays as long as any of them does.
 */
export function publicRoom(sizeBytes: number): Uint8Array {
  if (sizeBytes > sheetSizeBytes / 8) return new Uint8Array(sizeBytes)
  if (sizeBytes > sheetSizeBytes - cutBytes) {
    sheet = new Uint8Array(sheetSizeBytes)
    cutBytes = 0
  }
  const start = cutBytes
  cutBytes += sizeBytes
  return sheet.subarray(start, cutBytes)
}

/** Constant time for equal lengths; lengths are no secret anywhere in this protocol. */
export const equal = (a: Uint8Array, b: Uint8Array): boolean => a.length === b.length && sodium.memcmp(a, b)

/** Lexicographic order of bytes, for sorting public values: negative, zero or positive. */
export function compare(a: Uint8Array, b: Uint8Array): number {
  const shared = Math.min(a.length, b.length)
  for (let i = 0; i < shared; i++) {
    const difference = (a[i] ?? 0) - (b[i] ?? 0)
    if (difference !== 0) return difference
  }
  return a.length - b.length
}

/** @throws RangeError for a lone surrogate, which no UTF-8 can say */
export function utf8(text: string): Uint8Array {
  const short = text.length <= shortText ? ascii(text) : null
  if (short) return short
  if (!text.isWellFormed()) throw new RangeError('text is not well-formed Unicode')
  return encoder.encode(text)
}

/** @throws CryptoError `malformed` for bytes that are no UTF-8 */
export function fromUtf8(bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes)
  } catch {
    throw new CryptoError('malformed', 'text is not UTF-8')
  }
}

/** Up to this length a loop is faster than the platform's encoder, which costs the same for a name as for a page. */
const shortText = 64

/** @returns null for a text with anything in it besides ASCII */
function ascii(text: string): Uint8Array | null {
  const bytes = new Uint8Array(text.length)
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code > 0x7f) return null
    bytes[i] = code
  }
  return bytes
}

const pairs = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'))

export function hex(bytes: Uint8Array): string {
  let text = ''
  for (const byte of bytes) text += pairs[byte]
  return text
}

/** @throws CryptoError `malformed` for anything but pairs of lower-case hex digits */
export function fromHex(text: string): Uint8Array {
  if (!/^(?:[0-9a-f]{2})*$/.test(text)) throw new CryptoError('malformed', 'not lower-case hex')
  return Uint8Array.from({ length: text.length / 2 }, (_, i) => Number.parseInt(text.slice(2 * i, 2 * i + 2), 16))
}

/** RFC 4648 section 5, URL-safe, without padding. */
export const base64url = (bytes: Uint8Array): string =>
  sodium.to_base64(bytes, sodium.base64_variants.URLSAFE_NO_PADDING)

/** @throws CryptoError `malformed` for anything that is not canonical base64url without padding */
export function fromBase64url(text: string): Uint8Array {
  try {
    const bytes = sodium.from_base64(text, sodium.base64_variants.URLSAFE_NO_PADDING)
    if (base64url(bytes) === text) return bytes
  } catch {
    // refused below, together with non-canonical spellings
  }
  throw new CryptoError('malformed', 'not base64url')
}

const unsigned = (value: number, sizeBytes: 1 | 4 | 8): Uint8Array => {
  const out = new Uint8Array(sizeBytes)
  const to = new Writer(out)
  if (sizeBytes === 1) to.u8(value)
  else if (sizeBytes === 4) to.u32(value)
  else to.u64(value)
  return out
}

/** Into four bytes that are there. */
function writeU32(out: Uint8Array, offset: number, value: number): void {
  out[offset] = value >>> 24
  out[offset + 1] = value >>> 16
  out[offset + 2] = value >>> 8
  out[offset + 3] = value
}

/**
 * Writes the canonical encoding into bytes that are there, from an offset up to an end.
 * @throws RangeError where they end, and for a number or a text that has no encoding
 */
export class Writer {
  readonly #bytes: Uint8Array
  readonly #end: number
  #offset: number

  constructor(bytes: Uint8Array, offset = 0, end = bytes.length) {
    this.#bytes = bytes
    this.#offset = offset
    this.#end = end
  }

  /** Where the next byte goes. */
  get offset(): number {
    return this.#offset
  }

  /** @returns where the bytes begin that it has just made room for */
  #skip(sizeBytes: number): number {
    const start = this.#offset
    if (sizeBytes > this.#end - start) throw new RangeError('more is written than there is room for')
    this.#offset = start + sizeBytes
    return start
  }

  u8(value: number): void {
    checkUnsigned(value, 2 ** 8)
    this.#bytes[this.#skip(1)] = value
  }

  u32(value: number): void {
    checkUnsigned(value, 2 ** 32)
    writeU32(this.#bytes, this.#skip(4), value)
  }

  u64(value: number): void {
    checkUnsigned(value, 2 ** 53)
    const start = this.#skip(8)
    writeU32(this.#bytes, start, Math.floor(value / 2 ** 32))
    writeU32(this.#bytes, start + 4, value % 2 ** 32)
  }

  /** As they are, without a length. */
  bytes(bytes: Uint8Array): void {
    this.#bytes.set(bytes, this.#skip(bytes.length))
  }

  field(bytes: Uint8Array): void {
    this.u32(bytes.length)
    this.bytes(bytes)
  }

  /** What the work writes, behind its length. */
  fieldOf(write: (to: this) => void): void {
    const start = this.#skip(4)
    write(this)
    writeU32(this.#bytes, start, this.#offset - start - 4)
  }

  zeros(sizeBytes: number): void {
    const start = this.#skip(sizeBytes)
    this.#bytes.fill(0, start, start + sizeBytes)
  }

  /** UTF-8 behind its length. @throws RangeError for a lone surrogate, which no UTF-8 can say */
  text(text: string, maximumBytes = 0xffff_ffff): void {
    const start = this.#skip(4)
    const sizeBytes = text.length <= shortText && this.#ascii(text) ? text.length : this.#utf8(text)
    if (sizeBytes > maximumBytes) throw new RangeError(`a text is at most ${maximumBytes} bytes`)
    this.#offset = start + 4 + sizeBytes
    writeU32(this.#bytes, start, sizeBytes)
  }

  /** @returns false for a text with anything in it besides ASCII */
  #ascii(text: string): boolean {
    const start = this.#offset
    if (text.length > this.#end - start) return false
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i)
      if (code > 0x7f) return false
      this.#bytes[start + i] = code
    }
    return true
  }

  #utf8(text: string): number {
    if (!text.isWellFormed()) throw new RangeError('text is not well-formed Unicode')
    const { read, written } = encoder.encodeInto(text, this.#bytes.subarray(this.#offset, this.#end))
    if (read < text.length) throw new RangeError('more is written than there is room for')
    return written
  }
}

function checkUnsigned(value: number, limit: number): void {
  if (!Number.isSafeInteger(value) || value < 0 || value >= limit) throw new RangeError(`${value} does not fit`)
}

export const u8 = (value: number): Uint8Array => unsigned(value, 1)
export const u32 = (value: number): Uint8Array => unsigned(value, 4)
/** 8 bytes; values up to 2^53 - 1, which is what a JavaScript number counts exactly. */
export const u64 = (value: number): Uint8Array => unsigned(value, 8)
export const field = (bytes: Uint8Array): Uint8Array => fields(nothing, [bytes])
export const textField = (text: string): Uint8Array => field(utf8(text))

const nothing = new Uint8Array()

/** The head as it is, then each part behind its length: all into one allocation. */
export function fields(head: Uint8Array, parts: readonly Uint8Array[]): Uint8Array {
  let size = head.length
  for (const part of parts) {
    if (part.length > 0xffff_ffff) throw new RangeError('a field is at most 4 GiB')
    size += 4 + part.length
  }
  const out = new Uint8Array(size)
  out.set(head)
  let offset = head.length
  for (const part of parts) {
    writeU32(out, offset, part.length)
    out.set(part, offset + 4)
    offset += 4 + part.length
  }
  return out
}

/** The number in bytes that are there; whoever asks has made sure that they are. */
export function unsignedAt(bytes: Uint8Array, offset: number, sizeBytes: number): number {
  let value = 0
  for (let i = offset; i < offset + sizeBytes; i++) value = value * 256 + (bytes[i] ?? 0)
  return value
}

/** Reads the canonical encoding; every read checks its length first and throws CryptoError `malformed`. */
export class Reader {
  readonly #bytes: Uint8Array
  #offset = 0

  /** A Node Buffer is looked at as the plain array it is, for its `slice` does not copy. */
  constructor(bytes: Uint8Array) {
    const isPlain = bytes.constructor === Uint8Array
    this.#bytes = isPlain ? bytes : new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length)
  }

  get offset(): number {
    return this.#offset
  }

  /** A copy of the next bytes, so that nothing decoded keeps a larger buffer alive or changes with it. */
  take(sizeBytes: number): Uint8Array {
    const start = this.#skip(sizeBytes)
    return this.#bytes.slice(start, this.#offset)
  }

  /** The next bytes as they lie: for what is used up before the buffer changes, and for nearly all of a buffer. */
  look(sizeBytes: number): Uint8Array {
    const start = this.#skip(sizeBytes)
    return this.#bytes.subarray(start, this.#offset)
  }

  /** @returns where the bytes begin that it has just moved past */
  #skip(sizeBytes: number): number {
    if (sizeBytes > this.#bytes.length - this.#offset) throw new CryptoError('malformed', 'ends too early')
    const start = this.#offset
    this.#offset += sizeBytes
    return start
  }

  #unsigned(sizeBytes: number): number {
    const value = unsignedAt(this.#bytes, this.#skip(sizeBytes), sizeBytes)
    if (!Number.isSafeInteger(value)) throw new CryptoError('malformed', 'number too large')
    return value
  }

  u8(): number {
    return this.#unsigned(1)
  }

  u32(): number {
    return this.#unsigned(4)
  }

  u64(): number {
    return this.#unsigned(8)
  }

  field(maximumBytes: number): Uint8Array {
    return this.take(this.#length(maximumBytes))
  }

  /** A field as it lies, see `look`. */
  lookField(maximumBytes: number): Uint8Array {
    return this.look(this.#length(maximumBytes))
  }

  #length(maximumBytes: number): number {
    const size = this.u32()
    if (size > maximumBytes) throw new CryptoError('malformed', 'field too long')
    return size
  }

  text(maximumBytes: number): string {
    return fromUtf8(this.lookField(maximumBytes))
  }

  /** A byte that says whether something follows: 0 or 1, nothing else. */
  flag(): boolean {
    const value = this.u8()
    if (value > 1) throw new CryptoError('malformed', 'flag is neither 0 nor 1')
    return value === 1
  }

  end(): void {
    if (this.#offset !== this.#bytes.length) throw new CryptoError('malformed', 'trailing bytes')
  }
}

/** Decodes one whole value: what is left over after `read` is refused. */
export function decode<T>(bytes: Uint8Array, read: (reader: Reader) => T): T {
  const reader = new Reader(bytes)
  const value = read(reader)
  reader.end()
  return value
}
