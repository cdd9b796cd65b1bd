import fs, { readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { archiveMagic, decodeRecord, splitRecords } from '../../crypto/access/archive.ts'
import type { RecordedEnvelope } from '../../crypto/access/mode.ts'
import { utf8 } from '../../crypto/bytes.ts'
import type { DeviceId } from '../../crypto/keys.ts'
import type { DeviceAddress, Submission } from '../../server/api.ts'
import { type Archive, openArchive } from '../../server/archive.ts'
import { folder } from '../support/relay-folder.ts'
import { addressOf, answerTo, faultyDisk, inProcess, postOffice, signIn, startTime } from '../support/relay.ts'

/** What a reader makes of an archive, and how many bytes behind its last whole record there are. */
function read(path: string) {
  const bytes = readFileSync(path)
  expect(bytes.subarray(0, archiveMagic.length)).toEqual(Buffer.from('doormat archive 1\n'))
  const { records, usedBytes } = splitRecords(bytes.subarray(archiveMagic.length))
  return { records: records.map(decodeRecord), left: bytes.length - archiveMagic.length - usedBytes }
}

const record = (text: string): RecordedEnvelope => ({
  time: startTime,
  fromUser: 'alice',
  fromDevice: new Uint8Array(32).fill(1) as DeviceId,
  toUser: 'bob',
  toDevice: new Uint8Array(32).fill(2) as DeviceId,
  bytes: utf8(text),
})

function write(archive: Archive, ...texts: readonly string[]): void {
  for (const text of texts) archive.append(record(text))
  archive.flush()
}

const textsIn = (path: string) => read(path).records.map(({ bytes }) => new TextDecoder().decode(bytes))

type Calls = Pick<typeof fs, 'writeSync' | 'ftruncateSync' | 'fdatasyncSync'>

/** Until the test is over, or what is returned is called, these take the place of the system's. */
function instead(calls: Partial<Calls>): () => void {
  const { writeSync, ftruncateSync, fdatasyncSync } = fs
  const put = (some: Partial<Calls>) => {
    Object.assign(fs, some)
    syncBuiltinESMExports()
  }
  const restore = () => put({ writeSync, ftruncateSync, fdatasyncSync })
  put(calls)
  onTestFinished(restore)
  return restore
}

const fails = (code: string) => () => {
  throw Object.assign(new Error(code), { code })
}

/** Lets writes go through until so many bytes are written, then none. */
function fillDiskAfter(sizeBytes: number): () => void {
  const { writeSync } = fs
  let room = sizeBytes
  const writeSome = (file: number, bytes: Uint8Array, offset: number) => {
    if (room === 0) throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' })
    const written = writeSync(file, bytes, offset, Math.min(room, bytes.length - offset))
    room -= written
    return written
  }
  return instead({ writeSync: writeSome as typeof writeSync })
}

describe('an archive', () => {
  it('holds what the relay accepted, in that order, as it was, and nothing that it refused', async () => {
    const path = join(folder(), 'passed.archive')
    const archive = openArchive(path)
    const { relay, alice, bob, toBob, toAlice, clock } = await postOffice('archive', inProcess, { archive })
    const [alices, bobs] = [await signIn(relay, alice), await signIn(relay, bob)]
    const [first, second] = [toBob(1, 'first'), toBob(2, 'second')]
    bob.receive(first.envelope)
    const reply = toAlice(1, 'reply')
    await alices.connection.submit(first)
    expect(await answerTo(alices.connection.submit({ ...second, counter: 3 }))).toBe('out-of-order')
    expect(await answerTo(alices.connection.submit({ ...second, envelope: utf8('garbage') }))).toBe('bad-envelope')
    clock.now += 5
    for (const { connection, letter } of [
      { ...bobs, letter: reply },
      { ...alices, letter: second },
      { ...alices, letter: first },
    ])
      await connection.submit(letter)
    const [fromAlice, fromBob] = [addressOf(alice), addressOf(bob)]
    const recorded = (time: number, from: DeviceAddress, { to, envelope: bytes }: Submission) => ({
      time,
      fromUser: from.user,
      fromDevice: from.device,
      toUser: to.user,
      toDevice: to.device,
      bytes,
    })
    expect(read(path)).toEqual({
      records: [
        recorded(startTime, fromAlice, first),
        recorded(startTime + 5, fromBob, reply),
        recorded(startTime + 5, fromAlice, second),
      ],
      left: 0,
    })
    expect((await relay.access()).archive).toBe(true)
  })

  it('is on disk before anybody is told that the relay has accepted', async () => {
    const path = join(folder(), 'passed.archive')
    const { relay, alice, toBob } = await postOffice('before', inProcess, { archive: openArchive(path) })
    const { connection } = await signIn(relay, alice)
    for (const counter of [1, 2, 3]) {
      await connection.submit(toBob(counter, 'now'))
      expect(read(path).records).toHaveLength(counter)
    }
  })

  it('holds an envelope twice, and whole, when the commit failed that followed', async () => {
    const path = join(folder(), 'passed.archive')
    const disk = faultyDisk()
    const { relay, alice, toBob } = await postOffice('twice', inProcess, {
      archive: openArchive(path),
      around: disk.around,
    })
    const { connection } = await signIn(relay, alice)
    const letters = [toBob(1, 'one'), toBob(2, 'two')]
    disk.full = true
    await expect(Promise.all(letters.map((letter) => connection.submit(letter)))).rejects.toThrow('disk is full')
    disk.full = false
    for (const letter of letters) await connection.submit(letter)
    const [one, two] = letters.map(({ envelope }) => envelope)
    expect(read(path).records.map(({ bytes }) => bytes)).toEqual([one, two, one, two])
  })

  it('stays readable when the disk is full in the middle of a record', () => {
    for (const room of [0, 1, 3, 4, 50, 200]) {
      const path = join(folder(), 'passed.archive')
      const archive = openArchive(path)
      write(archive, 'before')
      const makeRoom = fillDiskAfter(room)
      expect(() => write(archive, 'lost one', 'lost other')).toThrow('no space left')
      makeRoom()
      write(archive, 'after')
      archive.close()
      expect(textsIn(path)).toEqual(['before', 'after'])
      openArchive(path).close()
    }
  })
})

describe('an archive on a disk that fails', () => {
  it('has all of it synced before the store commits, and nothing that could not be', async () => {
    const path = join(folder(), 'passed.archive')
    const archive = openArchive(path)
    const { relay, alice, toBob, store } = await postOffice('not synced', inProcess, { archive })
    const { connection } = await signIn(relay, alice)
    const letters = [toBob(1, 'one'), toBob(2, 'two')]
    const restore = instead({ fdatasyncSync: fails('EIO') })
    await expect(connection.submit(letters[0] as Submission)).rejects.toThrow('EIO')
    expect([read(path), await store.sentTo(1, 2)]).toEqual([{ records: [], left: 0 }, 0])
    restore()
    for (const letter of letters) await connection.submit(letter)
    expect(read(path).records.map(({ bytes }) => bytes)).toEqual(letters.map(({ envelope }) => envelope))
  })

  it('takes nothing behind a piece that could not be cut off, until it is', () => {
    const path = join(folder(), 'passed.archive')
    const archive = openArchive(path)
    write(archive, 'before')
    const { writeSync } = fs
    let written = 0
    const aPiece = (file: number, bytes: Uint8Array) =>
      written++ === 0 ? writeSync(file, bytes, 0, 50) : fails('EIO')()
    const repaired = instead({ writeSync: aPiece as typeof writeSync, ftruncateSync: fails('EIO') })
    expect(() => write(archive, 'lost')).toThrow('EIO')
    repaired()
    const notYet = instead({ ftruncateSync: fails('EROFS') })
    expect(() => write(archive, 'not taken')).toThrow('EROFS')
    notYet()
    write(archive, 'after')
    archive.close()
    expect(textsIn(path)).toEqual(['before', 'after'])
    openArchive(path).close()
  })
})

describe('an archive that a relay takes up again', () => {
  it('goes on behind its last whole record, at whatever byte it was cut off', () => {
    const path = join(folder(), 'passed.archive')
    const begun = openArchive(path)
    write(begun, 'first')
    const whole = statSync(path).size
    write(begun, 'cut off')
    begun.close()
    const bytes = readFileSync(path)
    for (let size = whole; size < bytes.length; size++) {
      writeFileSync(path, bytes)
      truncateSync(path, size)
      const again = openArchive(path)
      expect(statSync(path).size).toBe(whole)
      write(again, 'next')
      again.close()
      expect([textsIn(path), read(path).left]).toEqual([['first', 'next'], 0])
    }
  })

  it('loses nothing of a long one', () => {
    const path = join(folder(), 'passed.archive')
    const long = openArchive(path)
    const texts = Array.from({ length: 120 }, (_, i) => `${i}`.padEnd(100_000))
    write(long, ...texts)
    long.close()
    writeFileSync(path, Buffer.from([0, 0, 1, 0, 1, 2, 3]), { flag: 'a' })
    const again = openArchive(path)
    write(again, 'next')
    again.close()
    expect(textsIn(path)).toEqual([...texts, 'next'])
  })

  it('goes on where a relay was killed while it began the file', () => {
    const path = join(folder(), 'passed.archive')
    for (let size = 0; size <= archiveMagic.length; size++) {
      writeFileSync(path, archiveMagic.subarray(0, size))
      openArchive(path).close()
      expect(readFileSync(path)).toEqual(Buffer.from(archiveMagic))
    }
  })

  it('is refused, and left as it is, when it is something else or damaged', () => {
    const path = join(folder(), 'passed.archive')
    const damaged = Buffer.concat([archiveMagic, Buffer.from([255, 255, 255, 255]), Buffer.alloc(100)])
    const foreign = ['doormat archive 2\n', 'x', '{"json":true}', 'SQLite format 3\u0000 and what follows'].map(
      (text) => Buffer.from(text),
    )
    for (const bytes of [...foreign, damaged]) {
      writeFileSync(path, bytes)
      expect(() => openArchive(path)).toThrow(/not an archive|damaged/)
      expect(readFileSync(path)).toEqual(bytes)
    }
  })
})
