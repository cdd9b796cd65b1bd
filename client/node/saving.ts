import { type FileHandle, link, lstat, open, rename, rm } from 'node:fs/promises'
import { extname, join, resolve } from 'node:path'
import type { Attachment } from '../../crypto/attachment.ts'
import { CryptoError } from '../../crypto/errors.ts'
import type { Relay } from '../../server/api.ts'
import { StorageError, systemFault } from '../../server/disk/storage.ts'
import { syncPath, unfinishedName } from '../../server/disk/whole-file.ts'
import { fetchBlob, openSpooled, type Progress, type SpoolFiles } from '../device/transfer.ts'
import { claimIncoming } from './spools.ts'

/**
 * Fetches the file of a message and writes it into a folder, under that name or one beside it: nothing that is there is written over.
 * A run that was stopped is gone on with, and what it had left in a folder is removed.
 * @param home the device's folder
 * @param name safe, as a name in that folder
 * @returns its path
 * @throws RelayError `not-found` where the relay does not have it; CryptoError `not-authentic` | `malformed`; StorageError
 */
export async function saveAttachment(
  relay: Pick<Relay, 'readBlob'>,
  home: string,
  attachment: Attachment,
  folder: string,
  name: string,
  progress: Progress,
): Promise<string> {
  try {
    const { mark, spool, leaves, release } = await claimIncoming(home, attachment.blob)
    // not under its own name, which may be as long as a file system takes
    const temporary = unfinishedName(resolve(folder, 'doormat'), `save-${mark}`)
    try {
      await leaves(temporary)
      const file = await fetchTo(temporary, relay, spool, attachment, progress)
      try {
        const path = await named(temporary, file, folder, name)
        await spool.remove(attachment.blob)
        return path
      } finally {
        await file.close()
      }
    } finally {
      await rm(temporary, { force: true })
      await release()
    }
  } catch (error) {
    throw systemFault(error, folder) ?? error
  }
}

/** What a run before this one has fetched may have been damaged since: it is fetched anew before the relay is accused of anything. */
async function fetchTo(
  path: string,
  relay: Pick<Relay, 'readBlob'>,
  spool: SpoolFiles,
  attachment: Attachment,
  progress: Progress,
): Promise<FileHandle> {
  for (let isResumed = (await spool.size(attachment.blob)) > 0; ; isResumed = false) {
    await fetchBlob(relay, spool, attachment, progress)
    try {
      return await decryptTo(path, spool, attachment)
    } catch (error) {
      if (!(error instanceof CryptoError) || !isResumed) throw error
    }
  }
}

/** @returns it, open */
async function decryptTo(path: string, spool: SpoolFiles, attachment: Attachment): Promise<FileHandle> {
  await rm(path, { force: true })
  // never through a link that somebody else has put there
  const file = await open(path, 'wx', 0o600)
  try {
    await openSpooled(spool, attachment, (bytes) => file.writeFile(bytes))
    await file.datasync()
    return file
  } catch (error) {
    await file.close()
    throw error
  }
}

/** What disks say that have no links. */
const hasNoLinks = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EINVAL', 'EMLINK'])
const codeOf = (error: unknown) => String((error as NodeJS.ErrnoException).code)

/**
 * `photo.jpg`, then `photo-2.jpg` and so on, whichever is free.
 * @param file what has been written to `temporary`
 * @param linked gives a file a second name, and takes it from no other file
 * @throws StorageError where something else lies at `temporary` now
 */
export async function named(
  temporary: string,
  file: FileHandle,
  folder: string,
  name: string,
  linked = link,
): Promise<string> {
  const end = extname(name)
  for (let number = 1; ; number++) {
    const path = join(folder, number === 1 ? name : `${name.slice(0, name.length - end.length)}-${number}${end}`)
    if (!(await isAt(file, temporary)))
      throw new StorageError(`somebody else has removed or replaced this file while it was written: ${temporary}`)
    if (!(await takesName(temporary, path, linked))) continue
    syncPath(folder)
    return path
  }
}

/** Before it gets its name, and not after: some file systems over a network give each name of a file another number. */
async function isAt(file: FileHandle, path: string): Promise<boolean> {
  const ours = await file.stat({ bigint: true })
  const there = await lstat(path, { bigint: true }).catch(() => null)
  return ours.ino === there?.ino && ours.dev === there.dev
}

/** @returns false where something has that name */
async function takesName(temporary: string, path: string, linked: typeof link): Promise<boolean> {
  try {
    await linked(temporary, path)
    return true
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false
    if (!hasNoLinks.has(codeOf(error))) throw error
  }
  try {
    // an empty file of one's own holds the name until the whole one takes its place: a name that somebody else has is never taken
    await (await open(path, 'wx', 0o600)).close()
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false
    throw error
  }
  await rename(temporary, path)
  return true
}
