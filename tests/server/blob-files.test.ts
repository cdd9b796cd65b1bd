import {
  appendFileSync,
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { pino } from 'pino'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { BlobId } from '../../crypto/attachment.ts'
import { base64url, equal, hex } from '../../crypto/bytes.ts'
import { type BlobFiles, blobFilesIn, blobFilesInMemory } from '../../server/disk/blob-files.ts'
import { createBlobs } from '../../server/blobs.ts'
import { unfinishedName } from '../../server/disk/whole-file.ts'
import { openRelay } from '../../server/relay.ts'
import { report } from '../../server/report.ts'
import { defaultLimits } from '../../server/limits.ts'
import { openSqliteStore } from '../../server/store/sqlite-store.ts'
import type { Store } from '../../server/store/store.ts'
import { seededRandom } from '../support/random.ts'
import { folder } from '../support/relay-folder.ts'
import { answerTo, listening, postOffice, signIn } from '../support/relay.ts'
import { smallDisk } from '../support/small-disk.ts'

const random = seededRandom('blob files')
const dayMs = 24 * 3600 * 1000
const newId = () => random(32) as BlobId
const makers: Readonly<Record<string, () => BlobFiles>> = {
  'on a disk': () => blobFilesIn(join(folder(), 'blobs'), null),
  'in memory': () => blobFilesInMemory(),
}

describe.each(Object.entries(makers))('files of blobs %s', (_where, make) => {
  it('give back what was written, from anywhere', async () => {
    const [files, id, bytes] = [make(), newId(), random(1000)]
    await files.write(id, 0, bytes.subarray(0, 600))
    await files.write(id, 600, bytes.subarray(600))
    expect(equal(await files.read(id, 0, 1000), bytes)).toBe(true)
    expect(equal(await files.read(id, 590, 20), bytes.subarray(590, 610))).toBe(true)
    expect(await files.read(id, 990, 100)).toHaveLength(10)
    expect(await files.read(id, 1000, 100)).toHaveLength(0)
    expect([await files.size(id), await files.size(newId())]).toEqual([1000, 0])
  })

  it('write over a part that nobody was told of', async () => {
    const [files, id] = [make(), newId()]
    await files.write(id, 0, new Uint8Array(100).fill(1))
    await files.write(id, 50, new Uint8Array(20).fill(2))
    expect([...new Set(await files.read(id, 50, 20))]).toEqual([2])
    expect([...new Set(await files.read(id, 0, 50))]).toEqual([1])
  })

  it('begin anew with a first part, and end with the last that was written', async () => {
    const [files, id] = [make(), newId()]
    await files.write(id, 0, random(100))
    await files.write(id, 0, new Uint8Array(10).fill(1))
    expect([...(await files.read(id, 0, 200))]).toEqual(Array(10).fill(1))
    await files.write(id, 10, random(90))
    await files.write(id, 10, new Uint8Array(5).fill(2))
    expect(await files.size(id)).toBe(15)
  })

  it('name those that there are, and remove them', async () => {
    const [files, one, other] = [make(), newId(), newId()]
    expect(files.ids()).toEqual([])
    for (const id of [one, other]) await files.write(id, 0, random(5))
    expect(files.ids().map(hex).sort()).toEqual([one, other].map(hex).sort())
    await files.remove(one)
    await files.remove(one)
    expect(files.ids().map(hex)).toEqual([hex(other)])
  })
})

describe('files of blobs on a disk', () => {
  it('are for their owner alone, and nothing else in the folder is one', async () => {
    const place = join(folder(), 'blobs')
    const files = blobFilesIn(place, null)
    const id = newId()
    await files.write(id, 0, random(5))
    expect([statSync(place).mode & 0o777, statSync(join(place, hex(id))).mode & 0o777]).toEqual([0o700, 0o600])
    writeFileSync(join(place, 'notes.txt'), 'mine')
    expect(files.ids().map(hex)).toEqual([hex(id)])
  })

  it('stay in the archive when they go', async () => {
    const place = folder()
    const files = blobFilesIn(join(place, 'blobs'), join(place, 'archive.blobs'))
    const [id, bytes] = [newId(), random(300)]
    await files.write(id, 0, bytes)
    expect(existsSync(join(place, 'archive.blobs'))).toBe(false)
    await files.keep(id, 300)
    await files.keep(id, 300)
    await files.remove(id)
    expect(readdirSync(join(place, 'archive.blobs'))).toEqual([hex(id)])
    expect(equal(readFileSync(join(place, 'archive.blobs', hex(id))), bytes)).toBe(true)
  })
})

const archives: Readonly<Record<string, () => { files: BlobFiles; kept: () => number }>> = {
  'on a disk'() {
    const archive = join(folder(), 'archive.blobs')
    return { files: blobFilesIn(join(folder(), 'blobs'), archive), kept: () => readdirSync(archive).length }
  },
  'in memory'() {
    const kept = new Map<string, Uint8Array>()
    return { files: blobFilesInMemory(kept), kept: () => kept.size }
  },
}

describe('the archive of blobs', () => {
  it.each(Object.entries(archives))('takes nothing that has not the size of its blob, %s', async (_where, make) => {
    const [{ files, kept }, id] = [make(), newId()]
    await files.write(id, 0, random(10))
    for (const sizeBytes of [9, 11]) await expect(files.keep(id, sizeBytes)).rejects.toThrow('has a file of 10')
    await expect(files.keep(newId(), 10)).rejects.toThrow('has a file of 0')
    expect([kept(), files.isKept(id)]).toEqual([0, false])
    await files.keep(id, 10)
    expect([kept(), files.isKept(id)]).toEqual([1, true])
  })

  it('is never written into: what has a name there too is copied before another part comes', async () => {
    const place = folder()
    const [blobs, archive] = [join(place, 'blobs'), join(place, 'archive.blobs')]
    const [id, bytes] = [newId(), random(500)]
    const keeping = blobFilesIn(blobs, archive)
    await keeping.write(id, 0, bytes)
    await keeping.keep(id, 500)
    const without = () => blobFilesIn(blobs, null)
    writeFileSync(join(blobs, unfinishedName(hex(id), '77')), 'half')
    await without().write(id, 200, new Uint8Array(300))
    expect(equal(readFileSync(join(archive, hex(id))), bytes)).toBe(true)
    expect(readFileSync(join(blobs, hex(id)))).toEqual(Buffer.concat([bytes.subarray(0, 200), Buffer.alloc(300)]))
    expect(readdirSync(blobs)).toEqual([hex(id)])
    const other = newId()
    linkSync(join(archive, hex(id)), join(blobs, hex(other)))
    await without().write(other, 0, new Uint8Array(500))
    expect(equal(readFileSync(join(archive, hex(id))), bytes)).toBe(true)
  })

  it('has no part of a file under its name where the disk was full, and all of it later', async ({ skip }) => {
    const disk = await smallDisk(2)
    if (!disk) return skip('this system lets nobody make a disk')
    onTestFinished(() => disk.remove())
    const archive = disk.outside('archive.blobs')
    const files = blobFilesIn(join(folder(), 'blobs'), archive)
    const [id, bytes] = [newId(), random(1_000_000)]
    await files.write(id, 0, bytes)
    mkdirSync(archive)
    disk.fill()
    await expect(files.keep(id, 1_000_000)).rejects.toThrow('ENOSPC')
    expect([files.isKept(id), readdirSync(archive)]).toEqual([false, []])
    disk.empty()
    await files.keep(id, 1_000_000)
    expect(files.isKept(id)).toBe(true)
    expect(equal(readFileSync(join(archive, hex(id))), bytes)).toBe(true)
  })

  it('loses what a relay has left there that was killed while it copied, and nothing else', async () => {
    const place = folder()
    const archive = join(place, 'archive.blobs')
    const [id, other] = [newId(), newId()]
    mkdirSync(archive)
    for (const name of [unfinishedName(hex(other), '77'), hex(other), 'notes.txt'])
      writeFileSync(join(archive, name), 'half')
    const files = blobFilesIn(join(place, 'blobs'), archive)
    for (const blob of [id, other]) await files.write(blob, 0, random(9))
    for (const blob of [id, other]) await files.keep(blob, 9)
    expect(readdirSync(archive).sort()).toEqual([hex(id), hex(other), 'notes.txt'].sort())
    expect(readFileSync(join(archive, hex(other)), 'utf8')).toBe('half')
  })
})

describe('a relay', () => {
  it('lets nobody put another file in the place of one that it has kept, also after a restart', async () => {
    const place = folder()
    const files = () => blobFilesIn(join(place, 'blobs'), join(place, 'archive.blobs'))
    const first = await postOffice('once kept', undefined, { blobFiles: files() })
    const [id, other, bytes] = [newId(), newId(), random(500)]
    const { connection } = await signIn(first.relay, first.alice)
    for (const blob of [id, other]) {
      await connection.reserveBlob(blob, 500)
      await first.relay.putBlob(blob, 0, bytes)
    }
    await connection.removeBlob(id)
    // as one that begins with an empty store, and as one that begins with this one
    const second = await postOffice('once kept', undefined, { blobFiles: files() })
    const third = await openRelay({ ...first.parts, blobFiles: files() })
    for (const relay of [second.relay, third]) {
      const again = (await signIn(relay, first.alice)).connection
      expect(await answerTo(again.reserveBlob(id, 500))).toBe('out-of-order')
      expect(await answerTo(relay.putBlob(id, 0, random(500)))).toBe('not-found')
    }
    expect(readdirSync(join(place, 'archive.blobs')).sort()).toEqual([id, other].map(hex).sort())
    expect(equal(readFileSync(join(place, 'archive.blobs', hex(id))), bytes)).toBe(true)
  })

  it('that begins to keep an archive puts there what it has', async () => {
    const place = folder()
    const [blobs, archive] = [join(place, 'blobs'), join(place, 'archive.blobs')]
    const first = await postOffice('no archive yet', undefined, { blobFiles: blobFilesIn(blobs, null) })
    const { connection } = await signIn(first.relay, first.alice)
    const [whole, part] = [newId(), newId()]
    for (const id of [whole, part]) await connection.reserveBlob(id, 500)
    await first.relay.putBlob(whole, 0, random(500))
    await first.relay.putBlob(part, 0, random(499))
    const second = await openRelay({ ...first.parts, blobFiles: blobFilesIn(blobs, archive) })
    await second.expire()
    expect(readdirSync(archive)).toEqual([hex(whole)])
  })

  it('removes old mail and all other files where one file of a blob cannot be removed, and says so', async () => {
    const place = folder()
    const blobs = join(place, 'blobs')
    const faults: unknown[] = []
    const office = await postOffice('a stubborn file', undefined, { blobFiles: blobFilesIn(blobs, null) })
    const local = await openRelay({ ...office.parts, failed: (error) => void faults.push(error) })
    // no file at all; one on each side of it
    const names = ['0', '8', 'f'].map((digit) => digit.repeat(64))
    mkdirSync(join(blobs, '8'.repeat(64)), { recursive: true })
    for (const name of names) if (!name.startsWith('8')) writeFileSync(join(blobs, name), 'lost')
    const { connection } = await signIn(local, office.alice)
    await connection.submit(office.toBob(1, 'an old message'))
    for (let day = 0; day <= 30; day++) {
      office.clock.now += 24 * 3600 * 1000
      expect(await local.expire()).toBe(day < 30 ? 0 : 1)
    }
    expect(readdirSync(blobs)).toEqual(['8'.repeat(64)])
    expect(faults).toHaveLength(31)
  })

  it('starts though its store cannot let go of blobs, and says so', async () => {
    const faults: unknown[] = []
    const broken = new Error('no table')
    const { parts } = await postOffice('broken blobs', undefined, {
      around: (store) => ({ ...store, oldBlobs: () => Promise.reject(broken) }),
    })
    const local = await openRelay({ ...parts, failed: (error) => void faults.push(error) })
    expect(await local.expire()).toBe(0)
    expect(faults).toEqual([broken])
  })

  it('names no blob in its log, whatever goes wrong with its file', async () => {
    const place = folder()
    const blobs = join(place, 'blobs')
    const lines: string[] = []
    const log = pino({ base: undefined }, { write: (line) => void lines.push(line) })
    const office = await postOffice('a log', undefined, { blobFiles: blobFilesIn(blobs, null) })
    const url = await listening(office.local, log)
    const id = newId()
    const { connection } = await signIn(office.relay, office.alice)
    await connection.reserveBlob(id, 500)
    mkdirSync(join(blobs, hex(id)), { recursive: true })
    const part = { method: 'PUT', headers: { 'content-type': 'application/octet-stream' }, body: new Uint8Array(5) }
    expect((await fetch(`${url}/v1/blobs/${base64url(id)}/0`, part)).status).toBe(500)
    expect(lines.join()).toContain('EISDIR')
    const full = Object.assign(new Error('no space'), { code: 'ENOSPC', path: join(blobs, hex(id)) })
    report(log, full, 'a request failed')
    expect(lines.at(-1)).toContain(`the disk is full: ${blobs}`)
    for (const form of [hex(id), base64url(id)]) expect(lines.join()).not.toContain(form)
  })

  it('keeps a blob in the archive before anybody can have it, and removes what its store does not know', async () => {
    const place = folder()
    const [blobs, archive] = [join(place, 'blobs'), join(place, 'archive.blobs')]
    const blobFiles = blobFilesIn(blobs, archive)
    const { relay, local, alice } = await postOffice('archive of blobs', undefined, { blobFiles })
    const { connection } = await signIn(relay, alice)
    const [id, lost, bytes] = [newId(), newId(), random(500)]
    await connection.reserveBlob(id, 500)
    await relay.putBlob(id, 0, bytes.subarray(0, 499))
    expect(existsSync(archive)).toBe(false)
    await relay.putBlob(id, 499, bytes.subarray(499))
    expect(equal(readFileSync(join(archive, hex(id))), bytes)).toBe(true)
    await blobFiles.write(lost, 0, random(9))
    await local.expire()
    expect(readdirSync(blobs)).toEqual([hex(id)])
    await connection.removeBlob(id)
    expect([readdirSync(blobs), readdirSync(archive)]).toEqual([[], [hex(id)]])
  })

  /** Blobs on a disk, over a store that lets something happen right after a row has gone. */
  function afterTheRow() {
    const place = folder()
    const [blobs, archive] = [join(place, 'blobs'), join(place, 'archive.blobs')]
    const kept = openSqliteStore(':memory:')
    onTestFinished(() => kept.close())
    const state = { now: 0, meanwhile: (): Promise<unknown> => Promise.resolve(), faults: [] as unknown[] }
    const happened: Promise<unknown>[] = []
    async function andThen<T>(answer: Promise<T>): Promise<T> {
      const answered = await answer
      happened.push(state.meanwhile())
      // whoever has no turn to wait for is done by then: a store in memory and a reservation wait for nothing but promises
      await setImmediate()
      return answered
    }
    /** whether each reservation has met a file */
    const met: boolean[] = []
    const store: Store = {
      ...kept,
      expireBlobs: (...asked) => andThen(kept.expireBlobs(...asked)),
      removeBlob: (...asked) => andThen(kept.removeBlob(...asked)),
      reserveBlob(...asked) {
        met.push(existsSync(join(blobs, hex(asked[0].id))))
        return kept.reserveBlob(...asked)
      },
    }
    const started = (keeps: boolean) =>
      createBlobs(
        store,
        blobFilesIn(blobs, keeps ? archive : null),
        defaultLimits.blobs,
        () => state.now,
        (error) => void state.faults.push(error),
      )
    const inArchive = (id: BlobId) => readFileSync(join(archive, hex(id)))
    return { state, kept, met, happened, started, blobs, archive, inArchive }
  }

  it.each(['expire', 'remove'] as const)('lets no reservation meet the file of a blob before it: %s', async (how) => {
    const { state, met, happened, started, inArchive } = afterTheRow()
    const [id, next, relay] = [newId(), random(5000), started(true)]
    await relay.reserve('mallory', id, 50_000)
    await relay.put(id, 0, random(40_000))
    state.now += dayMs + 1
    state.meanwhile = () => relay.reserve('mallory', id, next.length)
    await (how === 'expire' ? relay.expire() : relay.remove('mallory', id))
    expect(happened).toHaveLength(1)
    await Promise.all(happened)
    expect(met).toEqual([false, false])
    await relay.put(id, 0, next)
    for (const bytes of [await relay.read(id, 0), inArchive(id)]) expect(equal(bytes, next)).toBe(true)
  })

  it('leaves what it has archived as it is when it is started without the archive, and the id is reserved again', async () => {
    const { state, happened, started, inArchive } = afterTheRow()
    const [id, first, next] = [newId(), random(4096), random(4096)]
    const keeping = started(true)
    await keeping.reserve('mallory', id, 4096)
    await keeping.put(id, 0, first)
    state.now += 31 * dayMs
    const relay = started(false)
    state.meanwhile = () => relay.reserve('mallory', id, 4096)
    expect(await relay.expire()).toBe(1)
    await Promise.all(happened)
    await relay.put(id, 0, next)
    expect(equal(await relay.read(id, 0), next)).toBe(true)
    expect(equal(inArchive(id), first)).toBe(true)
  })

  it.each([true, false])(
    'that was killed between row and file begins a new file (with an archive: %s)',
    async (keeps) => {
      const { kept, started, inArchive, archive } = afterTheRow()
      const [id, first, next] = [newId(), random(4096), random(1000)]
      const before = started(!keeps)
      await before.reserve('mallory', id, 4096)
      await before.put(id, 0, first)
      await kept.removeBlob(id, false)
      const relay = started(keeps)
      await relay.reserve('mallory', id, next.length)
      await relay.put(id, 0, next)
      expect(equal(await relay.read(id, 0), next)).toBe(true)
      expect(readdirSync(archive)).toEqual([hex(id)])
      expect(equal(inArchive(id), keeps ? next : first)).toBe(true)
    },
  )

  it('archives no file that is longer than its blob, says so, and archives all others', async () => {
    const { state, started, blobs, archive } = afterTheRow()
    const ids = [newId(), newId(), newId()]
    const before = started(false)
    for (const id of ids) {
      await before.reserve('mallory', id, 10)
      await before.put(id, 0, random(10))
    }
    appendFileSync(join(blobs, hex(ids[1] as BlobId)), 'more')
    await started(true).expire()
    expect(readdirSync(archive).sort()).toEqual([ids[0], ids[2]].map((id) => hex(id as BlobId)).sort())
    expect(state.faults.map(String)).toEqual(['Error: a blob of 10 bytes has a file of 14: it is not archived'])
  })

  it('has a blob begin again when a part of its file is gone', async () => {
    const { started, blobs } = afterTheRow()
    const [id, bytes, relay] = [newId(), random(500), started(false)]
    await relay.reserve('alice', id, 500)
    await relay.put(id, 0, bytes.subarray(0, 300))
    truncateSync(join(blobs, hex(id)), 299)
    expect(await answerTo(relay.put(id, 300, bytes.subarray(300)))).toBe('not-found')
    await relay.reserve('alice', id, 500)
    expect((await relay.state(id)).receivedBytes).toBe(0)
    await relay.put(id, 0, bytes)
    expect(equal(await relay.read(id, 0), bytes)).toBe(true)
  })

  it('goes on where the store says, whatever a power cut has left in the file', async () => {
    const blobs = join(folder(), 'blobs')
    const blobFiles = blobFilesIn(blobs, null)
    const { relay, alice } = await postOffice('power cut', undefined, { blobFiles })
    const { connection } = await signIn(relay, alice)
    const [id, bytes] = [newId(), random(500)]
    await connection.reserveBlob(id, 500)
    await relay.putBlob(id, 0, bytes.subarray(0, 200))
    await blobFiles.write(id, 200, random(100))
    expect(await relay.blob(id)).toEqual({ sizeBytes: 500, receivedBytes: 200 })
    await relay.putBlob(id, 200, bytes.subarray(200))
    expect(equal(await relay.readBlob(id, 0), bytes)).toBe(true)
  })
})
