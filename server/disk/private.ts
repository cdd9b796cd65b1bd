import { accessSync, chmodSync, constants, existsSync, lstatSync, mkdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { StorageError } from './storage.ts'

/*
 * What its owner alone may read: kept by relay, device and order desk. A folder that was there before keeps its mode, for others
 * may have a use for it; what matters is that nobody else can put a file in the place of one of ours.
 */

const writableByOthers = 0o022
const openToOthers = 0o077

/**
 * A folder for keys, made with mode 0700 if it is not there.
 * @throws StorageError where it belongs to somebody else, or others can write in it
 */
export function privateFolder(path: string): void {
  mkdirSync(path, { recursive: true, mode: 0o700 })
  // SQLite does not say when the reason is a disk that can only be read
  accessSync(path, constants.W_OK)
  const { mode, uid } = statSync(path)
  const own = `the same with ${join(path, 'doormat')}, which will be made for you alone`
  if (mode & writableByOthers) throw new StorageError(`others can write in ${path}, so it is no place for keys`, own)
  if (isOfSomebodyElse(uid)) throw new StorageError(`${path} belongs to somebody else, so it is no place for keys`)
}

/** The administrator may look after files of other users. */
const isOfSomebodyElse = (uid: number) => {
  const ours = process.geteuid?.() ?? 0
  return ours !== 0 && uid !== ours
}

/** Makes an empty file if there is none. An existing one becomes readable for its owner alone. */
export function privateFile(path: string): string {
  if (existsSync(path)) ownersAlone(path)
  else writeFileSync(path, '', { mode: 0o600, flag: 'wx' })
  return path
}

/** SQLite makes its log files with the mode of the database, so the database is made first. */
export function privateDatabase(path: string): string {
  for (const log of ['-wal', '-shm']) ownersAlone(path + log)
  return privateFile(path)
}

/** A copied or unpacked file may have come with another mode. The target of a link keeps its mode. */
export function ownersAlone(path: string): void {
  const status = lstatSync(path, { throwIfNoEntry: false })
  if (status?.isFile() && status.mode & openToOthers && status.uid === process.geteuid?.()) chmodSync(path, 0o600)
}
