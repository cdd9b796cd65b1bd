import { copyFile, readdir, readFile, rename, rm, rmdir, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { BlobId } from '../../crypto/attachment.ts'
import { hex } from '../../crypto/bytes.ts'
import { systemRandom } from '../../crypto/random.ts'
import { blobFilesIn } from '../../server/disk/blob-files.ts'
import { privateFolder } from '../../server/disk/private.ts'
import { syncPath } from '../../server/disk/whole-file.ts'
import { systemFault } from '../../server/disk/storage.ts'
import { type Spool, SpoolError, type SpoolFiles } from '../device/transfer.ts'

/*
 * Where the ciphertext of a device's files lies: what waits to go out, by blob id, in `outgoing`; what is being fetched in `incoming`,
 * in a folder of each process that fetches, so that two never write to one file.
 */

const [outgoing, incoming] = ['outgoing', 'incoming']

/** What the system says where it has no room for one more of something: the file itself is well. */
const passing = new Set(['EMFILE', 'ENFILE', 'ENOMEM', 'EAGAIN', 'EBUSY'])

/** Where a device's files wait to go out. */
export function outgoingSpool(home: string): Spool {
  const folder = join(home, outgoing)
  const files = blobFilesIn(folder, null)
  const place = (id: BlobId) => join(folder, hex(id))
  const readable = <T>(id: BlobId, work: Promise<T>): Promise<T> =>
    work.catch((error: unknown) => {
      throw unreadable(error, place(id))
    })
  return {
    ...files,
    place,
    read: (id, at, sizeBytes) => readable(id, files.read(id, at, sizeBytes)),
    size: (id) => readable(id, files.size(id)),
    copy: (from, to) => copied(place(from), place(to)),
  }
}

async function copied(from: string, to: string): Promise<void> {
  try {
    await copyFile(from, to)
    syncPath(to)
    syncPath(dirname(to))
  } catch (error) {
    await rm(to, { force: true }).catch(() => undefined)
    // a full disk does no harm to the file that is there
    throw unreadable(error, from, systemFault(error)?.mayPass)
  }
}

function unreadable(error: unknown, path: string, mayPass = false): unknown {
  const fault = systemFault(error, path)
  if (!fault) return error
  return new SpoolError(fault.message, mayPass || passing.has(String((error as NodeJS.ErrnoException).code)))
}

/** Marks of this process that are in use: its id, and something that nobody else has drawn, on this machine or another. */
const held = new Set<string>()
const markName = /^(\d+)-[0-9a-f]+$/
const markRandomBytes = 8

function newMark(): string {
  const mark = `${process.pid}-${hex(systemRandom(markRandomBytes))}`
  held.add(mark)
  return mark
}

/** Whether the process that has put a mark into this device's folder still works under it. */
function isHeld(mark: string): boolean {
  const pid = Number(markName.exec(mark)?.[1])
  return pid === process.pid ? held.has(mark) : isAlive(pid)
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    // one of another user
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

/** A place to fetch one blob to, which nobody else writes to. */
export interface Claim {
  readonly mark: string
  readonly spool: SpoolFiles
  /** Remembers the path of a file, with the mark in its name, that is to be removed should this process be killed. */
  readonly leaves: (path: string) => Promise<void>
  /** What has been fetched so far stays, for whoever claims it next. */
  readonly release: () => Promise<void>
}

/** Names, in the folder of a mark, what its process has been writing elsewhere. */
const leftover = 'leaves'

/** With what somebody has fetched of the blob who was stopped. */
export async function claimIncoming(home: string, blob: BlobId): Promise<Claim> {
  const all = join(home, incoming)
  const mark = newMark()
  const own = join(all, mark)
  const spool = blobFilesIn(own, null)
  async function release(): Promise<void> {
    held.delete(mark)
    await rm(join(own, leftover), { force: true }).catch(() => undefined)
    // it stays where something is in it
    await rmdir(own).catch(() => undefined)
  }
  try {
    privateFolder(own)
    for (const other of await readdir(all)) {
      if (other === mark || !markName.test(other) || isHeld(other)) continue
      // whoever takes it first has it; of several one is enough
      if ((await spool.size(blob)) === 0)
        await rename(join(all, other, hex(blob)), join(own, hex(blob))).catch(() => undefined)
      await removeLeftover(join(all, other), other)
      await rmdir(join(all, other)).catch(() => undefined)
    }
    return { mark, spool, leaves: (path) => writeFile(join(own, leftover), path, { mode: 0o600 }), release }
  } catch (error) {
    await release()
    throw error
  }
}

/** Only what bears the mark is removed. What cannot be removed is given up. */
async function removeLeftover(folder: string, mark: string): Promise<void> {
  const path = await readFile(join(folder, leftover), 'utf8').catch(() => '')
  if (path.endsWith(`-${mark}`)) await rm(path, { force: true }).catch(() => undefined)
  await rm(join(folder, leftover), { force: true }).catch(() => undefined)
}

const dayMs = 24 * 3600 * 1000
/** As long as a relay keeps a blob. */
const fetchableMs = 30 * dayMs

/**
 * Removes ciphertext that nothing will come of: what somebody began to send, and was stopped before there was a message; and what was
 * begun to be fetched, and is at no relay any more. What cannot be removed stays.
 * @param uploading blobs that messages wait for
 */
export async function sweepSpools(home: string, uploading: readonly BlobId[], now: number): Promise<void> {
  const wanted = new Set(uploading.map(hex))
  await sweep(join(home, outgoing), now - dayMs, (name) => wanted.has(name))
  const marks = await namesIn(join(home, incoming))
  for (const mark of marks.filter((name) => !isHeld(name))) {
    const folder = join(home, incoming, mark)
    await removeLeftover(folder, mark)
    await sweep(folder, now - fetchableMs, () => false)
    await rmdir(folder).catch(() => undefined)
  }
}

async function sweep(folder: string, before: number, isWanted: (name: string) => boolean): Promise<void> {
  for (const name of await namesIn(folder)) {
    const path = join(folder, name)
    const status = await stat(path).catch(() => null)
    if (status && !isWanted(name) && status.mtimeMs < before) await rm(path, { force: true }).catch(() => undefined)
  }
}

const namesIn = (folder: string): Promise<readonly string[]> => readdir(folder).catch(() => [])
