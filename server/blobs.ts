import { setImmediate as othersComeFirst } from 'node:timers/promises'
import { type BlobId, blobMaximumBytes } from '../crypto/attachment.ts'
import { hex } from '../crypto/bytes.ts'
import { blobPartMaximumBytes, type BlobState, RelayError } from './api.ts'
import { whenFree } from './patience.ts'
import { isWhole } from './store/blob-room.ts'
import type { BlobAges, BlobRoom, NewBlob, Store } from './store/store.ts'
import type { BlobFiles } from './disk/blob-files.ts'

/** Running time for which a blob is kept, as mail is, once it has come whole; and how long its next part may take to come. */
const lifetimeMs = 30 * 24 * 3600 * 1000
const unfinishedLifetimeMs = 24 * 3600 * 1000
/** How long its first part may take. */
const untouchedLifetimeMs = 3600 * 1000
/** So many go in one transaction, and so many files are looked at, before others are heard: a few milliseconds. */
const atOnce = 256

/**
 * Blobs: encrypted files that devices leave for each other. The relay knows of each who has left it, how large it is, when it came,
 * and when it is fetched. Whoever knows its id may fetch it; only the account that has reserved it may remove it.
 */
export interface Blobs {
  /** @throws RelayError `too-large` | `out-of-order` for an id that is taken, or was | `blobs-full` */
  reserve(owner: string, id: BlobId, sizeBytes: number): Promise<void>
  /** @throws RelayError `not-found` */
  state(id: BlobId): Promise<BlobState>
  /**
   * The next part of a blob: on disk when it resolves. What is there already is no error.
   * @throws RelayError `not-found` | `out-of-order` where it does not go on from what is there | `too-large`
   *   | `blobs-full`, which takes nothing of what is there away
   */
  put(id: BlobId, at: number, bytes: Uint8Array): Promise<void>
  /** @returns up to 256 KiB, of one that is whole. @throws RelayError `not-found` */
  read(id: BlobId, at: number): Promise<Uint8Array>
  /** One that is not there is no error. @throws RelayError `not-found` for somebody else's */
  remove(owner: string, id: BlobId): Promise<void>
  /**
   * Removes what is too old, and files of which the store does not know. What the archive lacks of the others is put there: they
   * may have come before there was one.
   * @returns how many blobs went
   */
  expire(): Promise<number>
}

/**
 * @param running milliseconds of running time
 * @param failed is told what could not be done about one file, while all others are seen to
 */
export function createBlobs(
  store: Store,
  files: BlobFiles,
  room: BlobRoom,
  running: () => number,
  failed: (error: unknown) => void,
): Blobs {
  /** what is being done, by id: the next part waits for the one before, and so does a removal */
  const busy = new Map<string, Promise<unknown>>()
  /** what is being written, and not yet counted by the store */
  const coming = { count: 0, bytes: 0 }

  async function known(id: BlobId) {
    const blob = await store.blob(id)
    if (!blob) throw notFound()
    return blob
  }

  async function checkRoom(count: number, bytes: number): Promise<void> {
    const used = await store.blobUse()
    if (used.count + coming.count + count > room.countOfAll || used.bytes + coming.bytes + bytes > room.bytesOfAll)
      throw new RelayError('blobs-full', 'the relay has no room left for files: there is some again when old ones go')
  }

  /** Has room taken while something is written. @throws RelayError `blobs-full`, before that */
  async function withRoom(count: number, bytes: number, work: () => Promise<void>): Promise<void> {
    coming.count += count
    coming.bytes += bytes
    try {
      await checkRoom(0, 0)
      await work()
    } finally {
      coming.count -= count
      coming.bytes -= bytes
    }
  }

  async function drop(id: BlobId, staysCounted: boolean): Promise<void> {
    await whenFree(() => store.removeBlob(id, staysCounted))
    await files.remove(id)
  }

  async function append(id: BlobId, at: number, bytes: Uint8Array): Promise<void> {
    const { sizeBytes, receivedBytes } = await known(id)
    const end = at + bytes.length
    if (end <= receivedBytes) return
    if (at !== receivedBytes) throw new RelayError('out-of-order', `the next part begins at ${receivedBytes}`)
    if (end > sizeBytes) throw new RelayError('too-large', 'this is more than was reserved')
    await withRoom(at === 0 ? 1 : 0, bytes.length, async () => {
      // It came whole before, and the store does not know it any more. Nobody can put anything else in its place.
      const isKept = files.isKept(id)
      if (!isKept) {
        if ((await files.size(id)) < at) {
          // The row of a file that somebody has cut or taken away: nothing goes behind the hole, and it can begin again.
          await drop(id, false)
          throw notFound()
        }
        await files.write(id, at, bytes)
      }
      const done = isKept ? sizeBytes : end
      // before anybody can be told that it is there
      if (done === sizeBytes) await files.keep(id, sizeBytes)
      if (!(await whenFree(() => store.growBlob(id, at, done, running()))))
        throw new RelayError('out-of-order', 'another part has come meanwhile')
    })
  }

  /** @param ids the work waits for all that came before for any of them, and what comes later for any of them waits for it */
  async function inTurn<T>(ids: readonly BlobId[], work: () => Promise<T>): Promise<T> {
    const keys = ids.map(hex)
    const mine = Promise.allSettled(keys.map((key) => busy.get(key) ?? Promise.resolve())).then(work)
    for (const key of keys) busy.set(key, mine)
    try {
      return await mine
    } finally {
      for (const key of keys) if (busy.get(key) === mine) busy.delete(key)
    }
  }

  async function reserve(blob: NewBlob): Promise<void> {
    if (!(await store.blob(blob.id))) {
      if (files.isKept(blob.id)) throw taken()
      await checkRoom(1, blob.sizeBytes)
    }
    const outcome = await whenFree(() => store.reserveBlob(blob, room))
    if (outcome === 'taken') throw taken()
    if (outcome !== 'done') throw new RelayError('blobs-full', refusals[outcome])
  }

  async function sweep(id: BlobId): Promise<void> {
    const blob = await store.blob(id)
    if (!blob) await files.remove(id)
    else if (isWhole(blob) && !files.isKept(id)) await files.keep(id, blob.sizeBytes)
  }

  /** Row and file go in one turn, or somebody could reserve the id in between, and have the old file for the new blob. */
  async function expire(ids: readonly BlobId[], ages: BlobAges): Promise<number> {
    const gone = await whenFree(() => store.expireBlobs(ids, ages))
    for (const id of gone) await files.remove(id).catch(failed)
    return gone.length
  }

  return {
    async reserve(owner, id, sizeBytes) {
      if (sizeBytes > blobMaximumBytes) throw new RelayError('too-large', `a blob is at most ${blobMaximumBytes} bytes`)
      await inTurn([id], () => reserve({ id, owner, sizeBytes, sinceMs: running() }))
    },
    async state(id) {
      const { sizeBytes, receivedBytes } = await known(id)
      return { sizeBytes, receivedBytes }
    },
    async put(id, at, bytes) {
      if (bytes.length === 0 || bytes.length > blobPartMaximumBytes)
        throw new RelayError('too-large', `a part is 1 to ${blobPartMaximumBytes} bytes`)
      await inTurn([id], () => append(id, at, bytes))
    },
    async read(id, at) {
      const { sizeBytes, receivedBytes } = await known(id)
      if (receivedBytes < sizeBytes) throw notFound()
      const wanted = Math.max(0, Math.min(blobPartMaximumBytes, sizeBytes - at))
      const bytes = await files.read(id, at, wanted)
      // the row of a file that somebody has taken away
      if (bytes.length < wanted) throw notFound()
      return bytes
    },
    async remove(owner, id) {
      await inTurn([id], async () => {
        const blob = await store.blob(id)
        if (!blob) return
        if (blob.owner !== owner) throw notFound()
        // what stays on the disk goes on counting
        await drop(id, files.isKept(id))
      })
    },
    async expire() {
      const now = running()
      const ages = {
        wholeMs: now - lifetimeMs,
        unfinishedMs: now - unfinishedLifetimeMs,
        untouchedMs: now - untouchedLifetimeMs,
      }
      let gone = 0
      for (let last = atOnce; last === atOnce;) {
        const ids = await store.oldBlobs(ages, atOnce)
        gone += await inTurn(ids, () => expire(ids, ages))
        last = ids.length
        await othersComeFirst()
      }
      for (const [i, id] of files.ids().entries()) {
        if (i % atOnce === atOnce - 1) await othersComeFirst()
        await inTurn([id], () => sweep(id)).catch(failed)
      }
      return gone
    },
  }
}

const refusals = {
  'owner-full': 'this account has left as many files as it may: each goes 30 days after it came',
  'owner-open': 'too many files of this account have not come whole: there is room when one has, or after a day',
} as const

const taken = () => new RelayError('out-of-order', 'another blob has this id, or had it')
const notFound = () => new RelayError('not-found', 'there is no such file here, or not any more')
