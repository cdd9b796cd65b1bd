/*
 * The write-ahead log of an SQLite database, as far as is needed to tell whether it is whole and belongs to it.
 * https://www.sqlite.org/fileformat2.html#the_write_ahead_log
 */

const headSizeBytes = 32
const frameHeadSizeBytes = 24
/** the lowest bit says in which order the bytes of a checksum's words are */
const magic = 0x377f0682
/** how often the database's first page was changed */
const changeCounterAt = 24

export interface LogState {
  /** what of it has not been committed, or cannot be read; what stands there from before it was begun anew is not counted */
  readonly brokenBytes: number
  readonly pageSizeBytes: number
  /** the change counters of the first and last copies of the database's first page that were committed */
  readonly counters: readonly [number, number] | null
}

/** @returns null for bytes that are not even the head of a log */
export function logState(log: Buffer): LogState | null {
  if (log.length < headSizeBytes) return null
  const first = log.readUInt32BE(0)
  if ((first & ~1) >>> 0 !== magic) return null
  const bigEndian = (first & 1) === 1
  const pageSizeBytes = log.readUInt32BE(8)
  let sum = checksum(log, 0, 24, [0, 0], bigEndian)
  if (!isAt(sum, log, 24) || pageSizeBytes < 512) return null
  const salt = log.subarray(16, 24)
  const frameSizeBytes = frameHeadSizeBytes + pageSizeBytes
  let committedEnd = headSizeBytes
  let counters: [number, number] | null = null
  let uncommitted: number | null = null
  let at = headSizeBytes
  for (; at + frameSizeBytes <= log.length; at += frameSizeBytes) {
    if (!log.subarray(at + 8, at + 16).equals(salt)) {
      // frames from before the log was begun anew: they have long been in the database
      return { brokenBytes: at - committedEnd, pageSizeBytes, counters }
    }
    sum = checksum(log, at, 8, sum, bigEndian)
    sum = checksum(log, at + frameHeadSizeBytes, pageSizeBytes, sum, bigEndian)
    if (!isAt(sum, log, at + 16)) break
    if (log.readUInt32BE(at) === 1) uncommitted = log.readUInt32BE(at + frameHeadSizeBytes + changeCounterAt)
    if (log.readUInt32BE(at + 4) === 0) continue
    committedEnd = at + frameSizeBytes
    if (uncommitted !== null) counters = [counters?.[0] ?? uncommitted, uncommitted]
  }
  return { brokenBytes: log.length - committedEnd, pageSizeBytes, counters }
}

/** Two sums over pairs of words of 32 bits. */
function checksum(
  bytes: Buffer,
  start: number,
  sizeBytes: number,
  [one, other]: readonly [number, number],
  bigEndian: boolean,
): readonly [number, number] {
  const word = (at: number) => (bigEndian ? bytes.readUInt32BE(at) : bytes.readUInt32LE(at))
  let [a, b] = [one, other]
  for (let at = start; at < start + sizeBytes; at += 8) {
    a = (a + word(at) + b) >>> 0
    b = (b + word(at + 4) + a) >>> 0
  }
  return [a, b]
}

const isAt = ([a, b]: readonly [number, number], log: Buffer, at: number) =>
  log.readUInt32BE(at) === a && log.readUInt32BE(at + 4) === b
