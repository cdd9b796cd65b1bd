import {
  chmodSync,
  closeSync,
  constants,
  copyFileSync,
  existsSync,
  mkdtempSync,
  openSync,
  readFileSync,
  readSync,
  rmSync,
  statSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { type Database, openReadOnly } from './sqlite.ts'
import { StorageError } from './disk/storage.ts'
import { type LogState, logState } from './write-ahead-log.ts'

/** A database that somebody has a copy of, opened to be looked at. */
export interface OpenedCopy {
  readonly database: Database
  /** why the latest changes may be missing, after "it may lack them: "; null where it is whole */
  readonly lacks: string | null
  close(): void
}

/** @param why ends the sentence that begins with its path, or with "it" */
export class NoDatabase extends StorageError {
  readonly why: string

  constructor(path: string, why: string) {
    super(`${path} ${why}`)
    this.why = why
  }
}

const textAtFront = Buffer.from('SQLite format 3\0')
const headSizeBytes = 100
const triesMaximum = 3

/**
 * Opens a copy of a database and, if it is there, of its write-ahead log (`…-wal`), on whatever medium. Nothing is written
 * beside it: what has a log is read from a private copy of both, which is gone again at the end.
 * @throws NoDatabase | StorageError for what is cut off, or written to all the time; and what the file system says
 */
export function openCopy(path: string): OpenedCopy {
  const log = `${path}-wal`
  const head = headOf(path)
  const logSizeBytes = statSync(log, { throwIfNoEntry: false })?.size ?? null
  if (logSizeBytes === null) return openAlone(path, head.isLogged ? `there is no ${log} beside it` : null)
  if (logSizeBytes === 0) return openAlone(path, null)
  return openWithLog(path)
}

interface Head {
  /** whether changes first go to a log */
  readonly isLogged: boolean
  readonly changeCounter: number
  readonly pageSizeBytes: number
  /** whether it has fewer pages than it says; a log may have the missing ones */
  readonly isCutOff: boolean
}

/** https://www.sqlite.org/fileformat2.html#the_database_header */
function headOf(path: string): Head {
  const { size } = statSync(path)
  const head = Buffer.alloc(headSizeBytes)
  const file = openSync(path, 'r')
  try {
    readSync(file, head)
  } finally {
    closeSync(file)
  }
  if (size === 0) throw new NoDatabase(path, 'is empty')
  if (!head.subarray(0, textAtFront.length).equals(textAtFront)) throw new NoDatabase(path, 'is no SQLite database')
  // 1 stands for 65,536, which does not fit
  const pageSizeBytes = head.readUInt16BE(16) === 1 ? 65_536 : head.readUInt16BE(16)
  return {
    isLogged: head.readUInt8(19) === 2,
    changeCounter: head.readUInt32BE(24),
    pageSizeBytes,
    isCutOff: head.readUInt32BE(28) * pageSizeBytes > size,
  }
}

/** SQLite is told that nobody writes to it, and so makes no files of its own beside it. */
function openAlone(path: string, lacks: string | null): OpenedCopy {
  const address = pathToFileURL(path)
  address.searchParams.set('immutable', '1')
  if (headOf(path).isCutOff) throw new StorageError(`${path} is cut off`)
  const database = openReadOnly(address.href)
  return { database, lacks, close: () => database.close() }
}

function openWithLog(path: string): OpenedCopy {
  const { copy, lacks, remove } = copyPrivately(path)
  try {
    const database = openReadOnly(copy)
    // the log is opened with the first look; what the database has open it keeps without its names
    database.exec('SELECT 1 FROM sqlite_schema')
    removeNow(remove)
    return {
      database,
      lacks,
      close() {
        database.close()
        remove()
      },
    }
  } catch (error) {
    remove()
    throw error
  }
}

/** A copy of a database in a folder of its own, which only its owner can look into and `remove` takes away. */
export interface PrivateCopy {
  readonly copy: string
  /** as in `OpenedCopy` */
  readonly lacks: string | null
  readonly remove: () => void
}

/**
 * Copies a database with its log, where it has one that belongs to it.
 * @throws NoDatabase | StorageError as `openCopy`
 */
export function copyPrivately(path: string): PrivateCopy {
  const folder = mkdtempSync(join(tmpdir(), 'doormat-copy-'))
  const remove = () => rmSync(folder, { recursive: true, force: true })
  const copy = join(folder, basename(path))
  try {
    return { copy, lacks: lackOf(path, copy), remove }
  } catch (error) {
    remove()
    throw error
  }
}

/** Makes the copy. @returns what the copy lacks */
function lackOf(path: string, copy: string): string | null {
  const log = `${path}-wal`
  const { isLogged } = headOf(path)
  if (!existsSync(log)) {
    copyFile(path, copy)
    return isLogged ? `there is no ${log} beside it` : null
  }
  copyBoth(path, log, copy)
  const bytes = readFileSync(`${copy}-wal`)
  if (bytes.length === 0) return null
  const state = logState(bytes)
  if (state && belongsTo(state, headOf(copy)) && isSound(copy))
    return state.brokenBytes > 0 ? `${log} is cut off or damaged in its last ${state.brokenBytes} bytes` : null
  for (const end of ['-wal', '-shm']) rmSync(`${copy}${end}`, { force: true })
  copyFile(path, copy)
  return `${log} ${state ? 'belongs to another moment of it, or to another store' : 'is cut off or damaged'}`
}

/** @throws StorageError where somebody writes to it all the time */
function copyBoth(path: string, log: string, copy: string): void {
  for (let tries = 1; tries <= triesMaximum; tries++) {
    const before = stateOf(path, log)
    copyFile(path, copy)
    copyFile(log, `${copy}-wal`)
    if (stateOf(path, log) === before) return
  }
  throw new StorageError(
    `${path} is being written to: stop what writes to it, or copy it and ${log} while nothing does`,
  )
}

/** Makes a copy that can be written to, whatever may be done with the original. */
function copyFile(from: string, to: string): void {
  rmSync(to, { force: true })
  copyFileSync(from, to, constants.COPYFILE_FICLONE)
  chmodSync(to, 0o600)
}

/** Changes when the log is begun anew, or goes into the database; not when something is added to it. */
function stateOf(path: string, log: string): string {
  const { mtimeNs, size } = statSync(path, { bigint: true })
  const head = Buffer.alloc(32)
  const file = openSync(log, 'r')
  try {
    readSync(file, head)
  } finally {
    closeSync(file)
  }
  return `${mtimeNs} ${size} ${head.toString('hex')}`
}

/** Whether each copy of the first page is the same as the one before it, or the next version of it. */
const belongsTo = ({ pageSizeBytes, counters }: LogState, head: Head): boolean =>
  head.isLogged &&
  pageSizeBytes === head.pageSizeBytes &&
  (counters === null || (counters[0] - 1 <= head.changeCounter && head.changeCounter <= counters[1]))

/** Whether a database and its log make one whole. */
function isSound(path: string): boolean {
  const database = openReadOnly(path)
  try {
    return Object.values(database.prepare('PRAGMA integrity_check(1)').get() ?? {})[0] === 'ok'
  } catch {
    // so much is wrong that SQLite does not even look through it
    return false
  } finally {
    database.close()
  }
}

function removeNow(remove: () => void): void {
  try {
    remove()
  } catch {
    // tried again at the end
  }
}
