import { isUtf8 } from 'node:buffer'
import { readFileSync } from 'node:fs'

/*
 * Text that people hand in: files of keys, orders, certificates and passphrases, and lines of standard input. It is UTF-8.
 * What some editors put before it, a byte order mark, is no part of it.
 */

const markSizeBytes = 3

const isMarked = (bytes: Uint8Array) => bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf
export const isUtf16 = ([first, second]: Uint8Array): boolean =>
  (first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff)

export const withoutMark = <B extends Uint8Array>(bytes: B): B =>
  isMarked(bytes) ? (bytes.subarray(markSizeBytes) as B) : bytes

/** Says that a text is in UTF-16, and which command converts it. */
export const utf16Refusal = (name: string, path: string): readonly [message: string, hint: string] => [
  `${name} is UTF-16, and has to be UTF-8`,
  `iconv -f UTF-16 -t UTF-8 ${path} > ANOTHER`,
]

/** Makes the error for a file that is no text. */
export type Refuse = (message: string, hint: string | null) => Error

/** @param path of the file, for the error */
export function handedText(bytes: Buffer, path: string, refuse: Refuse): string {
  if (isUtf16(bytes)) throw refuse(...utf16Refusal(path, path))
  const text = withoutMark(bytes)
  if (!isUtf8(text)) throw refuse(`${path} is not UTF-8`, null)
  return text.toString('utf8')
}

/** The whole file. Node names the file in what it throws only where it could not even be opened: a folder can be. */
export function bytesIn(path: string): Buffer {
  try {
    return readFileSync(path)
  } catch (error) {
    throw error instanceof Error && 'syscall' in error ? Object.assign(error, { path }) : error
  }
}

/** The whole file as text. @throws what `refuse` makes, and what the file system says */
export const readHanded = (path: string, refuse: Refuse): string => handedText(bytesIn(path), path, refuse)

/**
 * Reads a file in PEM, which may have any text around the PEM.
 * @throws what `refuse` makes, and what the file system says
 */
export function readPem(path: string, refuse: Refuse): string {
  const bytes = bytesIn(path)
  if (isUtf16(bytes)) throw refuse(...utf16Refusal(path, path))
  return withoutMark(bytes).toString('latin1')
}
