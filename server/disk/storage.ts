import { dirname } from 'node:path'

/** A file that has to be read or written cannot be. The message is for a person, and so is the next command, where there is one. */
export class StorageError extends Error {
  override readonly name = 'StorageError'
  readonly hint: string | null
  /** whether the same may work later, without the person doing anything else */
  readonly mayPass: boolean

  constructor(message: string, hint: string | null = null, mayPass = false) {
    super(message)
    this.hint = hint
    this.mayPass = mayPass
  }
}

/** SQLite's primary result codes, by what they mean to a person. */
const damaged = new Set([11, 26])
const fullOrFailing = new Set([10, 13])
const notWritable = new Set([3, 8, 14])
const inUse = new Set([5, 6])

/** What a disk has, and what may be otherwise later. */
const diskFaults: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk is full',
  EFBIG: 'the disk is full',
  EIO: 'the disk fails',
  EROFS: 'the disk can only be read',
  EACCES: 'this is not allowed',
  EPERM: 'this is not allowed',
  EMFILE: 'too many files are open',
  ENFILE: 'too many files are open',
}

/** What is wrong with what somebody has named, and stays so until they name something else. */
const pathFaults: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file or folder',
  EISDIR: 'this is a folder, and a file is needed',
  ENOTDIR: 'this is no folder, or lies in something that is none',
  EEXIST: 'there is something of that name already',
  ENOTEMPTY: 'there is something in this folder',
  ENAMETOOLONG: 'this name is too long',
  ELOOP: 'the links in this path lead in a circle',
  EBUSY: 'another program uses this',
  ETXTBSY: 'another program uses this',
  EADDRINUSE: 'another program listens there',
  EADDRNOTAVAIL: 'this is no address of this machine',
}

interface Coded extends Error {
  readonly code?: string
  readonly path?: string
  readonly errcode?: number
}

/**
 * What SQLite or the file system says, in words for a person.
 * @param path the file, where it is known
 * @returns null for what is no fault of a disk
 */
export function storageFault(error: unknown, path?: string): StorageError | null {
  if (error instanceof StorageError) return error
  if (!(error instanceof Error)) return null
  const { code = '', errcode, path: named } = error as Coded
  if (code === 'ERR_SQLITE_ERROR') return sqliteFault((errcode ?? 0) & 0xff, path)
  const said = diskFaults[code]
  if (said === undefined) return null
  return new StorageError(about(said, named), said.includes('full') ? spaceLeft(named) : null, true)
}

/**
 * The same for anything else that the operating system refuses: nobody should have to know what it calls that.
 * @returns null for what did not come from the system
 */
export function systemFault(error: unknown, path?: string): StorageError | null {
  const fault = storageFault(error, path)
  if (fault || !(error instanceof Error) || !('syscall' in error)) return fault
  const { code = '', path: named = path } = error as Coded
  // libuv says it as "CODE: words, call 'path'"
  const [, words = 'the system refuses this'] = /^[A-Z0-9_]+: ([^,]+), /.exec(error.message) ?? []
  return new StorageError(about(pathFaults[code] ?? words, named))
}

/** A file that is written gets its name only at the end; a person knows it by that. */
const about = (said: string, path: string | undefined) =>
  path === undefined ? said : `${said}: ${path.replace(/\.unfinished-[0-9a-z-]+$/, '')}`

/** Whether another program holds the store just now. */
export const isInUse = (error: unknown): boolean =>
  error instanceof Error &&
  (error as Coded).code === 'ERR_SQLITE_ERROR' &&
  inUse.has(((error as Coded).errcode ?? 0) & 0xff)

function sqliteFault(code: number, path: string | undefined): StorageError | null {
  const store = path ?? 'the store'
  if (damaged.has(code)) return new StorageError(`${store} is damaged, or is not a store of doormat`)
  if (fullOrFailing.has(code))
    return new StorageError(`${store} cannot be written: the disk is full or fails`, spaceLeft(path), true)
  if (notWritable.has(code)) return new StorageError(`${store} cannot be opened for writing`, null, true)
  if (inUse.has(code)) return new StorageError(`${store} is in use by another program`, null, true)
  return null
}

const spaceLeft = (path: string | undefined) => (path === undefined ? 'df -h' : `df -h ${dirname(path)}`)
