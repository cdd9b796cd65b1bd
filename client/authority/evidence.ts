import { closeSync, openSync, readSync, statSync } from 'node:fs'
import { archiveMagic, decodeRecord, recordName, splitRecords } from '../../crypto/access/archive.ts'
import type { RecordedEnvelope } from '../../crypto/access/mode.ts'
import { base64url, concat, equal } from '../../crypto/bytes.ts'
import { CryptoError } from '../../crypto/errors.ts'
import { checkName } from '../../crypto/identity.ts'
import { type DeviceId, keySizeBytes, sized } from '../../crypto/keys.ts'
import { NoDatabase, type OpenedCopy, openCopy } from '../../server/sqlite-copy.ts'
import { StorageError } from '../../server/disk/storage.ts'
import { AuthorityError } from './errors.ts'

/** What somebody on the way has recorded, in the order in which it passed. */
export type Evidence = Generator<RecordedEnvelope, Ending>

/** What is to be said of evidence once all that is there has been read. */
export interface Ending {
  readonly cutOffBytes: number
  /** why the latest of it may be missing, where nobody can tell how much: a sentence */
  readonly lacks?: string
}

/** The same evidence; how it ended is told to somebody else too. */
export function* noting(evidence: Evidence, note: (ending: Ending) => void): Evidence {
  const ending = yield* evidence
  note(ending)
  return ending
}

/** What somebody has to be told who takes it for all that there is: a sentence; null where it is whole. */
export const incompleteness = ({ cutOffBytes, lacks }: Ending): string | null =>
  lacks ??
  (cutOffBytes > 0 ? `the archive ends in the middle of a record; its last ${cutOffBytes} bytes are skipped` : null)

const pieceSizeBytes = 1024 * 1024
/** A relay whose commit failed may have written an envelope down twice, within what one device had under way. */
const recentlySeen = 4096

/**
 * Reads an archive piece by piece, whatever its size. An envelope that stands there twice between the same two devices is
 * given once.
 * @throws AuthorityError `bad-evidence`
 */
export function* archiveEvidence(path: string): Evidence {
  const file = openFile(path)
  try {
    const magic = read(file, archiveMagic.length)
    if (!equal(magic, archiveMagic)) throw new AuthorityError('bad-evidence', `${path} is not an archive of doormat`)
    const seen = new Set<string>()
    let rest: Uint8Array = new Uint8Array()
    let position = archiveMagic.length
    for (;;) {
      const piece = read(file, pieceSizeBytes)
      if (piece.length === 0) {
        splitAt(rest, path, position)
        return { cutOffBytes: rest.length }
      }
      const bytes = concat(rest, piece)
      const { records, usedBytes } = splitAt(bytes, path, position)
      let start = position
      for (const record of records) {
        const recorded = decodeAt(record, path, start)
        start += 4 + record.length
        if (remember(seen, base64url(recordName(recorded)))) yield recorded
      }
      rest = bytes.slice(usedBytes)
      position += usedBytes
    }
  } finally {
    closeSync(file)
  }
}

/** An archive that is still being written: what has come since the last look, each envelope once. */
export interface GrowingArchive {
  /** @throws AuthorityError `bad-evidence` */
  more(): readonly RecordedEnvelope[]
  close(): void
}

export function followArchive(path: string): GrowingArchive {
  const file = openFile(path)
  const seen = new Set<string>()
  let rest: Uint8Array = new Uint8Array()
  let position = 0
  function* pieces(): Generator<Uint8Array> {
    for (let piece = read(file, pieceSizeBytes); piece.length > 0; piece = read(file, pieceSizeBytes)) yield piece
  }
  return {
    more() {
      const found: RecordedEnvelope[] = []
      for (const piece of pieces()) {
        rest = concat(rest, piece)
        if (position === 0) {
          if (rest.length < archiveMagic.length) continue
          if (!equal(rest.subarray(0, archiveMagic.length), archiveMagic))
            throw new AuthorityError('bad-evidence', `${path} is not an archive of doormat`)
          rest = rest.slice(archiveMagic.length)
          position = archiveMagic.length
        }
        const { records, usedBytes } = splitAt(rest, path, position)
        for (const record of records) {
          const recorded = decodeAt(record, path, position)
          if (remember(seen, base64url(recordName(recorded)))) found.push(recorded)
        }
        rest = rest.slice(usedBytes)
        position += usedBytes
      }
      return found
    },
    close: () => closeSync(file),
  }
}

function openFile(path: string): number {
  try {
    if (statSync(path).isDirectory()) throw new AuthorityError('bad-evidence', `${path} is a folder, and not a file`)
    return openSync(path, 'r')
  } catch (error) {
    throw fileFault(error, path) ?? error
  }
}

/** @returns whether it is new */
function remember(seen: Set<string>, key: string): boolean {
  if (seen.has(key)) return false
  seen.add(key)
  const [oldest] = seen
  if (seen.size > recentlySeen && oldest !== undefined) seen.delete(oldest)
  return true
}

/**
 * Reads a copy of a relay's store: the mail that nobody has collected yet. Nothing is written beside it.
 * @throws AuthorityError `bad-evidence`, and what the file system says
 */
export function* storeEvidence(path: string): Evidence {
  const copy = opened(path)
  const { database, lacks } = copy
  try {
    const rows = database
      .prepare(
        `SELECT mail.time, sender.user AS fromUser, sender.id AS fromDevice, recipient.user AS toUser, recipient.id AS toDevice, envelope
         FROM mail JOIN device AS sender ON sender.row = mail.sender JOIN device AS recipient ON recipient.row = mail.device ORDER BY mail.rowid`,
      )
      .iterate()
    for (const row of rows as Iterable<Record<string, unknown>>) {
      yield {
        time: Number(row['time']),
        fromUser: checkName(String(row['fromUser'])),
        fromDevice: sized<DeviceId>(blob(row['fromDevice']), keySizeBytes),
        toUser: checkName(String(row['toUser'])),
        toDevice: sized<DeviceId>(blob(row['toDevice']), keySizeBytes),
        bytes: blob(row['envelope']),
      }
    }
    return lacks === null ? { cutOffBytes: 0 } : { cutOffBytes: 0, lacks: lackingLatest(path, lacks) }
  } catch (error) {
    // of a relay that has just begun, even the tables are in the log
    if (lacks !== null && isNoSuchTable(error) && isEmpty(database))
      return { cutOffBytes: 0, lacks: lackingLatest(path, lacks) }
    throw storeFault(error, path) ?? error
  } finally {
    copy.close()
  }
}

const lackingLatest = (path: string, lacks: string) =>
  `${path} may lack the latest mail: ${lacks}. A running relay keeps it in both files: copy them together, or stop the relay first`

const isNoSuchTable = (error: unknown): boolean => error instanceof Error && /no such table/.test(error.message)

const isEmpty = (database: OpenedCopy['database']): boolean =>
  Number(database.prepare('SELECT count(*) AS count FROM sqlite_master').get()?.['count']) === 0

function opened(path: string): OpenedCopy {
  try {
    return openCopy(path)
  } catch (error) {
    if (error instanceof NoDatabase)
      throw new AuthorityError('bad-evidence', `${path} is not the store of a doormat relay: it ${error.why}`)
    if (error instanceof StorageError) throw new AuthorityError('bad-evidence', error.message)
    throw storeFault(error, path) ?? fileFault(error, path) ?? error
  }
}

/** What SQLite says of a file, and what was found in its rows, in words; null for anything else. */
function storeFault(error: unknown, path: string): AuthorityError | null {
  if (error instanceof CryptoError)
    return new AuthorityError('bad-evidence', `${path} is damaged: one of its rows is ${error.code}`)
  if (!(error instanceof Error) || !('code' in error) || error.code !== 'ERR_SQLITE_ERROR') return null
  const why = /no such (table|column)/.test(error.message)
    ? 'is not the store of a doormat relay: it has other tables'
    : /malformed|corrupt|not a database/.test(error.message)
      ? 'is damaged; what could be read of it has been read'
      : `cannot be read: ${error.message}`
  return new AuthorityError('bad-evidence', `${path} ${why}`)
}

/** What is no file at all; null for what the file system says of one that is there. */
function fileFault(error: unknown, path: string): AuthorityError | null {
  const code = error instanceof Error && 'code' in error ? error.code : null
  if (code === 'ENOENT') return new AuthorityError('bad-evidence', `there is no ${path}`)
  if (code === 'EISDIR') return new AuthorityError('bad-evidence', `${path} is a folder, and not a file`)
  return null
}

/** A number in its place would be taken for a size, and as much memory made. */
function blob(value: unknown): Uint8Array {
  if (!(value instanceof Uint8Array)) throw new CryptoError('malformed', 'not bytes')
  return new Uint8Array(value)
}

function read(file: number, sizeBytes: number): Uint8Array {
  const piece = new Uint8Array(sizeBytes)
  return piece.subarray(0, readSync(file, piece, 0, sizeBytes, null))
}

const splitAt = (bytes: Uint8Array, path: string, position: number) =>
  orDamaged(() => splitRecords(bytes), path, position)
const decodeAt = (record: Uint8Array, path: string, position: number) =>
  orDamaged(() => decodeRecord(record), path, position)

function orDamaged<T>(work: () => T, path: string, position: number): T {
  try {
    return work()
  } catch (error) {
    if (error instanceof CryptoError)
      throw new AuthorityError(
        'bad-evidence',
        `${path} is damaged at byte ${position}; what stands before it can be read`,
      )
    throw error
  }
}
