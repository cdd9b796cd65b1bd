import { constants, existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs'
import { copyFile, type FileHandle, link, open, rename, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { concat, fromHex, hex } from '../../crypto/bytes.ts'
import type { BlobId } from '../../crypto/attachment.ts'
import { privateFolder } from './private.ts'
import { isUnfinished, syncPath, unfinishedName } from './whole-file.ts'

/** Where the bytes of blobs lie. Which there are, and how much of each counts, a store knows. */
export interface BlobFiles {
  /**
   * Writes from there on, and cuts off what stands behind. A first part, at 0, begins a new file whatever was there before, and
   * nothing is ever written into a file that an archive has too. The bytes are on disk when it resolves.
   * @param at at most what `size` says: a file has no holes
   */
  write(id: BlobId, at: number, bytes: Uint8Array): Promise<void>
  /** @returns fewer bytes where there are no more */
  read(id: BlobId, at: number, sizeBytes: number): Promise<Uint8Array>
  /** How many bytes there are; 0 where there is no such file. */
  size(id: BlobId): Promise<number>
  /**
   * Puts one that is whole where it stays for good, if the relay keeps an archive: on disk when it resolves. What is kept
   * under an id is never replaced.
   * @throws Error where there are more bytes than that, or fewer: nothing is kept then
   */
  keep(id: BlobId, sizeBytes: number): Promise<void>
  isKept(id: BlobId): boolean
  /** One that is not there is no error. */
  remove(id: BlobId): Promise<void>
  ids(): readonly BlobId[]
}

/** Where the blobs of an archive lie. */
export const blobsBeside = (archive: string): string => `${archive}.blobs`

const idName = /^[0-9a-f]{64}$/

/**
 * One file a blob, named by its id in hex, in a folder for the owner alone.
 * @param folder is made when the first blob comes
 * @param archive where blobs are kept for good, on the same disk if that can be; null without an archive
 */
export function blobFilesIn(folder: string, archive: string | null): BlobFiles {
  const pathOf = (id: BlobId) => join(folder, hex(id))
  const keptAt = (id: BlobId) => archive && join(archive, hex(id))
  const swept = new Set<string>()

  /** What a relay has left that was killed while it copied. */
  function sweep(path: string): void {
    if (swept.has(path)) return
    for (const name of readdirSync(path)) if (isUnfinished(name)) rmSync(join(path, name))
    swept.add(path)
  }

  async function size(id: BlobId): Promise<number> {
    try {
      return (await stat(pathOf(id))).size
    } catch (error) {
      if (isMissing(error)) return 0
      throw error
    }
  }

  return {
    async write(id, at, bytes) {
      const isFirst = !existsSync(folder)
      privateFolder(folder)
      if (isFirst) syncPath(dirname(folder))
      sweep(folder)
      const file = at === 0 ? await anew(pathOf(id)) : await alone(pathOf(id))
      try {
        await file.truncate(at)
        for (let done = 0; done < bytes.length;)
          done += (await file.write(bytes, done, bytes.length - done, at + done)).bytesWritten
        await file.datasync()
      } finally {
        await file.close()
      }
      if (at === 0) syncPath(folder)
    },
    async read(id, at, sizeBytes) {
      const file = await opened(pathOf(id))
      if (!file) return new Uint8Array()
      try {
        const bytes = new Uint8Array(sizeBytes)
        let done = 0
        for (let last = 1; last > 0 && done < sizeBytes; done += last)
          last = (await file.read(bytes, done, sizeBytes - done, at + done)).bytesRead
        return bytes.subarray(0, done)
      } finally {
        await file.close()
      }
    },
    size,
    async keep(id, sizeBytes) {
      const path = keptAt(id)
      if (archive === null || path === null) return
      if (mkdirSync(archive, { recursive: true, mode: 0o700 })) syncPath(dirname(archive))
      sweep(archive)
      if (!existsSync(path)) {
        checkWhole(await size(id), sizeBytes)
        await keepAt(pathOf(id), path)
      }
      // also where it was there: whoever put it there may have been stopped before this
      syncPath(archive)
    },
    isKept(id) {
      const path = keptAt(id)
      return path !== null && existsSync(path)
    },
    remove: (id) => rm(pathOf(id), { force: true }),
    ids: () =>
      existsSync(folder)
        ? readdirSync(folder)
            .filter((name) => idName.test(name))
            .map((name) => fromHex(name) as BlobId)
        : [],
  }
}

async function opened(path: string): Promise<FileHandle | null> {
  try {
    return await open(path, 'r')
  } catch (error) {
    if (isMissing(error)) return null
    throw error
  }
}

const isMissing = (error: unknown): boolean => (error as NodeJS.ErrnoException).code === 'ENOENT'

/**
 * The same file under another name; where that disk has no links, or is another one, a copy, which gets its name when all of it
 * is on the disk.
 */
async function keepAt(from: string, to: string): Promise<void> {
  try {
    await link(from, to)
  } catch {
    await copyTo(to, from)
  }
}

async function copyTo(to: string, from: string): Promise<void> {
  const copy = unfinishedName(to, String(process.pid))
  try {
    await copyFile(from, copy)
    syncPath(copy)
    await rename(copy, to)
  } finally {
    await rm(copy, { force: true })
  }
}

/** The archive may have the file that is there under this name: only the name is taken from it. */
async function anew(path: string): Promise<FileHandle> {
  await rm(path, { force: true })
  return open(path, constants.O_RDWR | constants.O_CREAT | constants.O_EXCL, 0o600)
}

/**
 * A file whose last part was archived, but never counted, has a second name in the archive. A relay that was started again without
 * that archive must not write through it.
 */
async function alone(path: string): Promise<FileHandle> {
  if ((await stat(path)).nlink > 1) {
    await copyTo(path, path)
    syncPath(dirname(path))
  }
  return open(path, constants.O_RDWR)
}

function checkWhole(thereBytes: number, sizeBytes: number): void {
  if (thereBytes !== sizeBytes)
    throw new Error(`a blob of ${sizeBytes} bytes has a file of ${thereBytes}: it is not archived`)
}

/** For a relay that ends with its process. */
export function blobFilesInMemory(kept: Map<string, Uint8Array> | null = null): BlobFiles {
  const files = new Map<string, Uint8Array>()
  return {
    async write(id, at, bytes) {
      const before = (files.get(hex(id)) ?? new Uint8Array()).subarray(0, at)
      files.set(hex(id), concat(before, bytes))
    },
    read: async (id, at, sizeBytes) => (files.get(hex(id)) ?? new Uint8Array()).slice(at, at + sizeBytes),
    size: async (id) => files.get(hex(id))?.length ?? 0,
    async keep(id, sizeBytes) {
      if (kept === null || kept.has(hex(id))) return
      const file = files.get(hex(id)) ?? new Uint8Array()
      checkWhole(file.length, sizeBytes)
      kept.set(hex(id), file)
    },
    isKept: (id) => kept?.has(hex(id)) ?? false,
    remove: async (id) => void files.delete(hex(id)),
    ids: () => [...files.keys()].map((name) => fromHex(name) as BlobId),
  }
}
