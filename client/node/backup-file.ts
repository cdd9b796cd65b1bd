import {
  closeSync,
  constants,
  fstatSync,
  fsyncSync,
  lstatSync,
  openSync,
  readdirSync,
  readSync,
  rmSync,
  writeSync,
} from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { backupHeadSizeBytes, isBackupHead, sealedBackupPieceSizeBytes } from '../../crypto/backup.ts'
import { systemFault } from '../../server/disk/storage.ts'
import { renameNew, syncPath, unfinishedName } from '../../server/disk/whole-file.ts'
import { ClientError } from '../device/errors.ts'

/** The file is for its owner alone. */
const mode = 0o600

/**
 * Before anybody is asked for a passphrase.
 * @throws ClientError `bad-file` where something has that name, whatever it is
 */
export function checkNoFile(path: string): void {
  if (lstatSync(path, { throwIfNoEntry: false }))
    throw new ClientError('bad-file', `there is something called ${path} already, and it is left as it is`)
}

/**
 * A file that is whole and on disk, or not there. What runs have left of it that were killed is removed.
 * @throws ClientError `bad-file`; StorageError
 */
export function writeBackupFile(path: string, pieces: Iterable<Uint8Array>): void {
  const temporary = unfinishedName(path, String(process.pid))
  try {
    checkNoFile(path)
    removeLeftovers(path)
    try {
      writePieces(temporary, pieces)
      renameNew(temporary, path)
      syncPath(dirname(path))
    } finally {
      rmSync(temporary, { force: true })
    }
  } catch (error) {
    throw systemFault(error, path) ?? error
  }
}

function writePieces(path: string, pieces: Iterable<Uint8Array>): void {
  // never through a link that somebody else has put there
  const file = openSync(path, 'wx', mode)
  try {
    for (const piece of pieces)
      for (let written = 0; written < piece.length;) written += writeSync(file, piece, written)
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
}

function removeLeftovers(path: string): void {
  const begin = unfinishedName(basename(path), '')
  for (const name of readdirSync(dirname(path))) {
    const pid = name.startsWith(begin) ? /^[1-9]\d*$/.exec(name.slice(begin.length))?.[0] : undefined
    if (pid !== undefined && !isAlive(Number(pid))) rmSync(join(dirname(path), name), { force: true })
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

/** A backup that lies there, and has not been opened yet. */
export interface BackupFile {
  readonly head: Uint8Array
  /** how many sealed pieces there are */
  readonly count: number
  /** They are read when they are asked for. @throws ClientError `bad-file` where they are gone by then */
  pieces(): Generator<Uint8Array>
  close(): void
}

/** @throws ClientError `bad-file` for what is no file, and no backup; StorageError */
export function openBackupFile(path: string): BackupFile {
  try {
    // a pipe would be waited for, and a link is followed
    const file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
    try {
      return backupIn(path, file)
    } catch (error) {
      closeSync(file)
      throw error
    }
  } catch (error) {
    throw systemFault(error, path) ?? error
  }
}

function backupIn(path: string, file: number): BackupFile {
  const status = fstatSync(file)
  if (!status.isFile()) throw new ClientError('bad-file', `${path} is no file`)
  const head = read(file, 0, Math.min(status.size, backupHeadSizeBytes))
  if (!head || !isBackupHead(head)) throw new ClientError('bad-file', `${path} is no backup that this version made`)
  const count = (status.size - backupHeadSizeBytes) / sealedBackupPieceSizeBytes
  if (!Number.isSafeInteger(count) || count < 1)
    throw new ClientError('bad-file', `${path} is no whole backup: a part of it is missing, or something was added`)
  return {
    head,
    count,
    *pieces() {
      for (let i = 0; i < count; i++) {
        const piece = read(file, backupHeadSizeBytes + i * sealedBackupPieceSizeBytes, sealedBackupPieceSizeBytes)
        if (!piece) throw new ClientError('bad-file', `${path} has become shorter while it was read`)
        yield piece
      }
    },
    close: () => closeSync(file),
  }
}

/** @returns null where there are not so many */
function read(file: number, at: number, sizeBytes: number): Uint8Array | null {
  const bytes = new Uint8Array(sizeBytes)
  for (let done = 0; done < sizeBytes;) {
    const some = readSync(file, bytes, done, sizeBytes - done, at + done)
    if (some === 0) return null
    done += some
  }
  return bytes
}
