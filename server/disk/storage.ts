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

const fileFaults: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk is full',
  EFBIG: 'the disk is full',
  EIO: 'the disk fails',
  EROFS: 'the disk can only be read',
  EACCES: 'this is not allowed',
  EPERM: 'this is not allowed',
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
  const said = fileFaults[code]
  if (said === undefined) return null
  return new StorageError(
    named === undefined ? said : `${said}: ${named}`,
    said.includes('full') ? spaceLeft(named) : null,
    true,
  )
}

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
