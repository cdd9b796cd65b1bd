import { closeSync, fsyncSync, mkdirSync, openSync, readdirSync, renameSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { isUnfinished, type Staged, syncPath, unfinishedName } from '../../server/disk/whole-file.ts'
import { safeJson } from '../words/visible.ts'

/** What is read with a key is for nobody else. */
const forItsOwner = { folder: 0o700, file: 0o600 } as const

/** A folder that is being filled: its files are on disk, and get their names together at the end. */
export interface StagedFolder extends Staged {
  /** Of a file whose pieces end with an error nothing stays. */
  write(name: string, pieces: Iterable<string | Uint8Array>): void
  /** Where one lies until it gets its name. */
  stagedAt(name: string): string
}

/** Text comes in lines; so many bytes of them are written at a time. */
const bufferBytes = 64 * 1024

/**
 * A folder for as much as there is: no file is ever whole in memory. What a run has left that was stopped goes.
 * @param isOurs whether a file of this name can be such a left one
 * @param mark says which run this is
 */
export function stagedFolder(folder: string, isOurs: (name: string) => boolean, mark: string): StagedFolder {
  const made = mkdirSync(folder, { recursive: true, mode: forItsOwner.folder })
  for (const name of readdirSync(folder)) if (isUnfinished(name) && isOurs(name)) rmSync(join(folder, name))
  const names: string[] = []
  const stagedAt = (name: string) => unfinishedName(join(folder, name), mark)
  return {
    stagedAt,
    write(name, pieces) {
      names.push(name)
      try {
        writePieces(stagedAt(name), pieces)
      } catch (error) {
        rmSync(stagedAt(name), { force: true })
        names.pop()
        throw error
      }
    },
    commit() {
      for (const name of names) renameSync(stagedAt(name), join(folder, name))
      syncPath(folder)
    },
    discard() {
      for (const name of names) rmSync(stagedAt(name), { force: true })
      if (made !== undefined) rmSync(made, { recursive: true, force: true })
    },
  }
}

/** One value on each line: the list as a whole may be more than fits into one string. */
export function* jsonList(values: Iterable<unknown>): Generator<string> {
  let separator = '[\n'
  for (const value of values) {
    yield `${separator}${safeJson(value)}`
    separator = ',\n'
  }
  yield separator === '[\n' ? '[\n\n]\n' : '\n]\n'
}

function writePieces(path: string, pieces: Iterable<string | Uint8Array>): void {
  // never through a link that somebody else has put there
  const file = openSync(path, 'wx', forItsOwner.file)
  try {
    for (const bytes of gathered(pieces))
      for (let written = 0; written < bytes.length;) written += writeSync(file, bytes, written)
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
}

function* gathered(pieces: Iterable<string | Uint8Array>): Generator<Uint8Array> {
  let waiting: Uint8Array[] = []
  let sizeBytes = 0
  for (const piece of pieces) {
    const bytes = typeof piece === 'string' ? Buffer.from(piece) : piece
    waiting.push(bytes)
    sizeBytes += bytes.length
    if (sizeBytes < bufferBytes) continue
    yield Buffer.concat(waiting)
    waiting = []
    sizeBytes = 0
  }
  yield Buffer.concat(waiting)
}
