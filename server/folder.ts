import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { CannotStart } from './errors.ts'
import { openLock } from './sqlite.ts'
import { writeWhole } from './whole-file.ts'

/** Makes a folder that only its owner can read, or makes it so. */
export function privateFolder(path: string): void {
  mkdirSync(path, { recursive: true, mode: 0o700 })
  chmodSync(path, 0o700)
}

/**
 * One relay a folder: the system gives the lock back when its process ends, however it ends.
 * @returns gives it back
 * @throws CannotStart when another relay has it
 */
export function lockFolder(path: string): () => void {
  const release = openLock(privateFile(join(path, 'relay.lock')))
  if (!release) throw new CannotStart(`another relay runs in ${path}`)
  return release
}

/** SQLite makes its log files with the mode of the database, so the database is made first. */
export function privateFile(path: string): string {
  if (!existsSync(path)) writeFileSync(path, '', { mode: 0o600, flag: 'wx' })
  return path
}

/** Reads a secret of one line, or makes it at first start, for its owner's eyes only: whole and on disk, or not there. */
export function secretFile(folder: string, name: string, make: () => string): string {
  const path = join(folder, name)
  if (!existsSync(path)) writeWhole(path, `${make()}\n`, 0o600)
  return readFileSync(path, 'utf8').trim()
}
