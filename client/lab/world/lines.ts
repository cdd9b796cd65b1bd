import { closeSync, openSync, readSync } from 'node:fs'
import { textMaximumBytes } from '../../../crypto/content.ts'
import { isUtf16, utf16Refusal, withoutMark } from '../../../server/disk/handed.ts'
import { systemFault } from '../../../server/disk/storage.ts'
import { LabError, type LabErrorCode } from './errors.ts'

/** A line of a file that could not be used. */
export interface BrokenLine {
  readonly file: string
  /** from 1 */
  readonly line: number
  /** in words, with nothing of what stands there */
  readonly problem: string
}

/** What a file gave, and what it did not. */
export interface Broken {
  /** the first of them */
  readonly broken: readonly BrokenLine[]
  /** of all of them */
  readonly brokenCount: number
}

const pieceSizeBytes = 1024 * 1024
/** Room for the longest text and a label; what is longer is not kept. */
const lineMaximumBytes = textMaximumBytes + 1024
const shownMaximum = 20
const [newline, carriageReturn] = [0x0a, 0x0d]

/** Makes the list of lines that could not be used. */
export function brokenLines(file: string): Broken & { readonly add: (line: number, problem: string) => void } {
  const broken: BrokenLine[] = []
  let count = 0
  return {
    broken,
    get brokenCount() {
      return count
    },
    add(line, problem) {
      count += 1
      if (broken.length < shownMaximum) broken.push({ file, line, problem })
    },
  }
}

/**
 * Hands over the lines of a file one by one, without their ends (LF or CR LF) and without a byte order mark; null for a
 * line that is too long to be anything. The bytes are good until the next line. Never more than a piece is in memory.
 * @throws LabError for a file that is not there or cannot be read
 */
export function forEachLine(
  path: string,
  code: LabErrorCode,
  take: (bytes: Uint8Array | null, line: number) => 'go on' | 'stop',
): void {
  const file = open(path, code)
  try {
    let line = 0
    let rest = new Uint8Array()
    let tooLong = false
    const handOver = (bytes: Uint8Array) => {
      line += 1
      const whole = tooLong || bytes.length > lineMaximumBytes ? null : withoutEnds(bytes, line)
      tooLong = false
      return take(whole, line)
    }
    for (;;) {
      const piece = read(file, path, code)
      if (piece.length === 0) break
      const bytes = rest.length === 0 ? piece : Buffer.concat([rest, piece])
      if (line === 0 && isUtf16(bytes)) throw new LabError(code, utf16Refusal(path, path)[0])
      let start = 0
      for (let end = bytes.indexOf(newline); end >= 0; end = bytes.indexOf(newline, start)) {
        if (handOver(bytes.subarray(start, end)) === 'stop') return
        start = end + 1
      }
      rest = Uint8Array.from(bytes.subarray(start))
      if (rest.length > lineMaximumBytes) {
        tooLong = true
        rest = new Uint8Array()
      }
    }
    if (rest.length > 0 || tooLong) handOver(rest)
  } finally {
    closeSync(file)
  }
}

function withoutEnds(bytes: Uint8Array, line: number): Uint8Array {
  const unmarked = line === 1 ? withoutMark(bytes) : bytes
  return unmarked.at(-1) === carriageReturn ? unmarked.subarray(0, -1) : unmarked
}

function open(path: string, code: LabErrorCode): number {
  try {
    return openSync(path, 'r')
  } catch (error) {
    throw unreadable(path, code, error)
  }
}

function read(file: number, path: string, code: LabErrorCode): Uint8Array {
  const piece = new Uint8Array(pieceSizeBytes)
  try {
    return piece.subarray(0, readSync(file, piece, 0, pieceSizeBytes, null))
  } catch (error) {
    throw unreadable(path, code, error)
  }
}

function unreadable(path: string, code: LabErrorCode, error: unknown): LabError {
  if (error instanceof Error && 'code' in error && error.code === 'ENOENT')
    return new LabError(code, `there is no ${path}`)
  return new LabError(code, `${path} cannot be read: ${systemFault(error)?.message ?? String(error)}`)
}

/** Why nothing could be used: the first line that was wrong, or what else there is to say. */
export function nothingUsable(
  path: string,
  code: LabErrorCode,
  what: string,
  { broken: [first] }: Broken,
  otherwise = 'it is empty',
): LabError {
  const reason = first ? `line ${first.line}: ${first.problem}` : otherwise
  return new LabError(code, `${path} has no ${what}: ${reason}`)
}
