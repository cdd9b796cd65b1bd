import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { type Attachment, type BlobId, blobSize } from '../../crypto/attachment.ts'
import { equal, hex } from '../../crypto/bytes.ts'
import { named, saveAttachment } from '../../client/node/saving.ts'
import { outgoingSpool } from '../../client/node/spools.ts'
import { databaseIn, hostAt } from '../../client/node/store.ts'
import { sqliteTables } from '../../client/device/sqlite/tables.ts'
import { storeOn } from '../../client/device/store.ts'
import { createUploaded } from '../../client/device/uploaded.ts'
import { SpoolError, spoolFile } from '../../client/device/transfer.ts'
import type { HistoryMessage } from '../../client/device/history-entries.ts'
import { type Relay, RelayError } from '../../server/api.ts'
import { hangMs } from '../support/hang.ts'
import { seededRandom } from '../support/random.ts'
import { smallDisk } from '../support/small-disk.ts'
import { signIn } from '../support/relay.ts'
import { folder } from '../support/relay-folder.ts'
import { createWorld, type Person } from '../support/world.ts'
import { contentsOf } from '../support/world-forge.ts'

const random = seededRandom('attachments')
const silent = () => undefined
/** beyond any that a system gives */
const deadPid = 2 ** 30

/** As `doormat send --file` does. */
async function give(
  from: Person,
  to: string,
  bytes: Uint8Array,
  text = '',
  name = 'notes.txt',
): Promise<HistoryMessage> {
  const read = async (at: number, sizeBytes: number) => bytes.subarray(at, at + sizeBytes)
  const source = { name, type: 'text/plain', sizeBytes: bytes.length, read }
  return from.device.writeFile(to, text, await spoolFile(from.device.spool, source, from.random))
}

const fileFrom = (person: Person, peer: string) =>
  person.device.history.attached().findLast((message) => message.peer === peer)?.attachment ?? null

/** As `doormat save` does. @returns the path */
async function take(person: Person, peer: string, into: string, name = 'notes.txt'): Promise<string> {
  const attachment = fileFrom(person, peer)
  if (!attachment) throw new Error('there is no file')
  return saveAttachment(person.wire, person.home, attachment, into, name, silent)
}

/** Waits until the relay has it no more. */
const untilGone = (relay: Pick<Relay, 'blob'>, blob: BlobId) =>
  vi.waitFor(() => expect(relay.blob(blob)).rejects.toMatchObject({ code: 'not-found' }), { timeout: hangMs })

const outgoing = ({ home }: Person) => outgoingSpool(home).ids()

describe('a message with a file', () => {
  it('arrives with it, and what was waiting to go out is gone', async () => {
    const world = await createWorld('a file')
    const [alice, bob] = await world.couple()
    const bytes = random(700_000)
    const message = await give(alice, 'bob', bytes, 'the plans')
    expect(message).toMatchObject({ state: 'uploading', text: 'the plans' })
    await bob.untilRead('alice', 'the plans')
    await alice.untilSent('bob')
    const path = await take(bob, 'alice', folder())
    expect(equal(readFileSync(path), bytes)).toBe(true)
    expect([outgoing(alice), readdirSync(join(bob.home, 'incoming'))]).toEqual([[], []])
  })

  it('may say nothing else, and is sent where texts go ahead of it', async () => {
    const world = await createWorld('a file and texts')
    const [alice, bob] = await world.couple()
    await alice.tell(bob, 'first')
    alice.wire.cutAt('putBlob', 'before')
    await give(alice, 'bob', random(300_000))
    alice.write('bob', 'second')
    await bob.until('to have the file', () => fileFrom(bob, 'alice') !== null)
    expect(bob.texts('alice').filter((text) => text !== '')).toEqual(['first', 'second'])
    expect(bob.notices('gap')).toEqual([])
  })

  it('reaches the own other devices of whoever sends it', async () => {
    const world = await createWorld('own devices')
    const [alice, bob] = await world.couple()
    const tablet = await world.link(alice)
    await tablet.goOnline()
    const bytes = random(5000)
    await give(alice, 'bob', bytes, 'see')
    await bob.untilRead('alice', 'see')
    await tablet.until('to have the copy', () => fileFrom(tablet, 'bob') !== null)
    for (const [person, peer] of [
      [tablet, 'bob'],
      [bob, 'alice'],
    ] as const)
      expect(equal(readFileSync(await take(person, peer, folder())), bytes)).toBe(true)
  })

  it('goes out however the way breaks, and its device is killed, once', async () => {
    const world = await createWorld('breaks')
    const [alice, bob] = await world.couple()
    const bytes = random(1_500_000)
    await give(alice, 'bob', bytes, 'at last')
    for (const [step, when] of [
      ['reserveBlob', 'after'],
      ['putBlob', 'before'],
      ['putBlob', 'after'],
      ['blob', 'after'],
      ['putBlob', 'after'],
    ] as const) {
      alice.wire.cutAt(step, when)
      await alice.restart()
      alice.tryToGoOnline()
      await alice.until('for the cut', () => alice.wire.cutsAhead === 0)
    }
    await bob.untilRead('alice', 'at last')
    expect(bob.texts('alice')).toEqual(['at last'])
    expect(equal(readFileSync(await take(bob, 'alice', folder())), bytes)).toBe(true)
  })

  it('waits where the relay has no room, says so once, and goes out when there is', async () => {
    const world = await createWorld('no room')
    const [alice, bob] = await world.couple()
    alice.wire.lies.reserveBlob = () => {
      throw new RelayError('blobs-full', 'no room')
    }
    await give(alice, 'bob', random(1000), 'patience')
    await alice.untilNoticed('not-sent')
    expect(alice.notices('not-sent')).toMatchObject([{ peer: 'bob', text: 'blobs-full' }])
    delete alice.wire.lies.reserveBlob
    world.later(2000)
    await bob.untilRead('alice', 'patience')
    expect(alice.notices('not-sent')).toHaveLength(1)
  })

  it('is not sent where its file is neither here nor at the relay', async () => {
    const world = await createWorld('lost')
    const [alice, bob] = await world.couple()
    await alice.goOffline()
    await give(alice, 'bob', random(1000), 'lost')
    for (const id of outgoing(alice)) await outgoingSpool(alice.home).remove(id)
    await alice.goOnline()
    await alice.untilNoticed('not-sent')
    expect(alice.written('bob')).toMatchObject([{ state: 'failed', text: 'lost' }])
    await alice.tell(bob, 'but this')
    expect(bob.texts('alice')).toEqual(['but this'])
  })

  it.each([
    [
      'cannot be read',
      (path: string) => (rmSync(path), symlinkSync(path, path)),
      'the links in this path lead in a circle: ',
    ],
    [
      'is damaged',
      (path: string) => writeFileSync(path, readFileSync(path).fill(0, 700, 701).fill(1, 701, 702)),
      'damaged: ',
    ],
    ['is cut off', (path: string) => truncateSync(path, 1000), 'the encrypted file is damaged: '],
    ['is gone', (path: string) => rmSync(path), 'the encrypted file is gone: '],
  ] as const)('whose file %s fails and says where that lies; all else goes on', async (_what, harm, said) => {
    const world = await createWorld(`harmed ${said}`)
    const [alice, bob] = await world.couple()
    await alice.goOffline()
    const { attachment } = await give(alice, 'bob', random(300_000), 'harmed')
    const path = join(alice.home, 'outgoing', hex(attachment?.blob ?? new Uint8Array()))
    harm(path)
    await give(alice, 'bob', random(1000), 'whole')
    await alice.goOnline()
    await bob.untilRead('alice', 'whole')
    await alice.tell(bob, 'and this')
    expect(alice.written('bob').map(({ text, state }) => [text, state === 'failed'])).toEqual([
      ['harmed', true],
      ['whole', false],
      ['and this', false],
    ])
    const told = alice.notices('not-sent').map(({ text }) => text)
    expect(told).toEqual([expect.stringContaining(said)])
    expect(told[0]).toContain(path)
  })

  it.each([
    ['reserveBlob', 'bad-certificate'],
    ['putBlob', 'bad-certificate'],
    ['putBlob', 'foreign-host'],
    ['putBlob', 'not-found'],
    ['blob', 'not-found'],
    ['putBlob', 'out-of-order'],
    ['reserveBlob', 'out-of-order'],
    ['putBlob', 'unreachable'],
    ['putBlob', 'internal'],
  ] as const)('waits where %s says %s, and goes out later, reserved once more', async (step, code) => {
    const world = await createWorld(`${step} ${code}`)
    const [alice, bob] = await world.couple()
    alice.wire.lies[step] = () => {
      throw new RelayError(code, 'not now')
    }
    const bytes = random(200_000)
    await give(alice, 'bob', bytes, 'later')
    for (let times = 1; times <= 2; times++) {
      await alice.until('for the upload to be tried', () => alice.wire.asked(step) >= times)
      world.later(3000)
    }
    expect(alice.states('bob').at(-1)).toBe('uploading')
    expect(outgoing(alice)).not.toEqual([])
    delete alice.wire.lies[step]
    world.later(100_000)
    await bob.untilRead('alice', 'later')
    expect(alice.wire.asked('reserveBlob')).toBeGreaterThan(2)
    expect(equal(readFileSync(await take(bob, 'alice', folder())), bytes)).toBe(true)
    expect(alice.notices('not-sent').map(({ text }) => text)).toEqual(code === 'unreachable' ? [] : [code])
  })

  it('waits where its file cannot be read just now', async () => {
    const world = await createWorld('busy')
    const [alice, bob] = await world.couple()
    await alice.goOffline()
    await give(alice, 'bob', random(1000), 'later')
    let tries = 0
    const size = vi.spyOn(alice.device.spool, 'size').mockImplementation(async () => {
      tries += 1
      throw new SpoolError('too many files are open', true)
    })
    await alice.goOnline()
    await alice.until('for the file to be looked at', () => tries > 0)
    // it is told when it does not pass
    world.later(2000)
    await alice.untilNoticed('not-sent')
    size.mockRestore()
    world.later(100_000)
    await bob.untilRead('alice', 'later')
    expect(alice.notices('not-sent')).toMatchObject([{ text: 'too many files are open' }])
  })

  it.each([
    ['bad-request', [expect.stringContaining('this relay takes no files yet')]],
    ['unreachable', []],
  ] as const)(
    'is offered less and less often to a relay that ends the connection with %s instead',
    async (code, told) => {
      const world = await createWorld(`ends with ${code}`)
      const [alice, bob] = await world.couple()
      await alice.goOffline()
      world.stopClock()
      let asked = 0
      const faults = new Set<string>()
      alice.tryToGoOnline({
        ...alice.wire,
        async connect(answer, listener) {
          const connection = await alice.wire.connect(answer, listener)
          return {
            ...connection,
            async reserveBlob() {
              asked += 1
              connection.close()
              const error = new RelayError(code, 'the raw words of the relay')
              listener.closed(error)
              throw error
            },
          }
        },
      })
      await give(alice, 'bob', random(1000), 'a file')
      const untilAsked = async (times: number) => {
        await alice.until(`to offer it ${times} times`, () => {
          if (alice.online.fault) faults.add(alice.online.fault.message)
          return asked >= times
        })
        // what goes out now goes over a new connection
        await alice.until('to be online', () => alice.online.state === 'online')
        await alice.tell(bob, `a text after ${times}`)
        expect(asked).toBe(times)
      }
      await untilAsked(1)
      world.later(1_500)
      await untilAsked(2)
      // twice as long as before
      world.later(1_500)
      await alice.tell(bob, 'another text')
      expect(asked).toBe(2)
      world.later(1_000)
      await untilAsked(3)
      expect(alice.notices('not-sent').map(({ text }) => text)).toEqual(told)
      if (code === 'bad-request') expect([...faults]).toEqual([])
      await alice.goOffline()
      world.later(10_000)
      await alice.goOnline()
      await bob.untilRead('alice', 'a file')
    },
  )

  it('whose ciphertext goes while it is handed in fails for that reason', async () => {
    const world = await createWorld('goes meanwhile')
    const [alice] = await world.couple()
    alice.wire.lies.putBlob = () => {
      for (const id of outgoing(alice)) rmSync(alice.device.spool.place(id))
    }
    const { attachment } = await give(alice, 'bob', random(700_000), 'gone')
    await alice.untilNoticed('not-sent')
    const path = alice.device.spool.place(attachment?.blob as BlobId)
    expect(alice.notices('not-sent')).toMatchObject([{ text: `the encrypted file is gone: ${path}` }])
    expect(alice.states('bob')).toEqual(['failed'])
  })

  it('that finds no room for another id waits, and leaves nothing behind', async () => {
    const world = await createWorld('no room for a copy')
    const [alice, bob] = await world.couple()
    await alice.goOffline()
    const { attachment } = await give(alice, 'bob', random(1000), 'taken')
    const { connection } = await signIn(world.relay, bob.device.self)
    await connection.reserveBlob(attachment?.blob as BlobId, 1000)
    let tries = 0
    const copy = vi.spyOn(alice.device.spool, 'copy').mockImplementation(async () => {
      tries += 1
      throw new SpoolError('the disk is full', true)
    })
    await alice.goOnline()
    for (let times = 1; times <= 2; times++) {
      await alice.until('to try to copy it', () => tries >= times)
      world.later(3000)
    }
    await alice.untilNoticed('not-sent')
    expect(alice.notices('not-sent')).toMatchObject([{ text: 'the disk is full' }])
    expect(alice.states('bob')).toEqual(['uploading'])
    copy.mockRestore()
    world.later(100_000)
    await alice.until('to offer it under another id', () => alice.wire.asked('reserveBlob') > 2)
    world.later(100_000)
    await bob.untilRead('alice', 'taken')
  })

  it('is seen by other processes of its device on its way', async () => {
    const world = await createWorld('seen')
    const [alice, bob] = await world.couple()
    let goOn = () => {}
    alice.wire.lies.putBlob = () => new Promise<void>((resolve) => (goOn = resolve))
    const { row } = await give(alice, 'bob', random(200_000), 'seen')
    await alice.until('for the first part', () => alice.wire.asked('putBlob') === 1)
    const other = storeOn(sqliteTables(databaseIn(alice.home)), hostAt(alice.home))
    onTestFinished(() => other.close())
    const seen = createUploaded(other)
    await vi.waitFor(() => expect(seen.now()).toEqual({ row, done: 0, of: blobSize(200_000) }), { timeout: hangMs })
    goOn()
    await vi.waitFor(() => expect(seen.now()?.done).toBe(16 * 1024), { timeout: hangMs })
    delete alice.wire.lies.putBlob
    goOn()
    await bob.untilRead('alice', 'seen')
    expect(seen.now()).toBeNull()
  })

  it('is handed in from its beginning to a relay that has forgotten it', async () => {
    const world = await createWorld('forgotten by the relay')
    const [alice, bob] = await world.couple()
    const bytes = random(700_000)
    const { connection } = await signIn(world.relay, alice.device.self)
    let forgot = 0
    alice.wire.lies.putBlob = async () => {
      const [id] = outgoing(alice)
      if (id && forgot++ === 2) await connection.removeBlob(id)
    }
    await give(alice, 'bob', bytes, 'once more')
    await alice.until('for the relay to forget', () => forgot > 2)
    await bob.untilRead('alice', 'once more')
    expect(equal(readFileSync(await take(bob, 'alice', folder())), bytes)).toBe(true)
    expect(alice.notices('not-sent')).toEqual([])
  })

  it('goes under another id where somebody else has the one that was drawn', async () => {
    const world = await createWorld('taken')
    const [alice, bob] = await world.couple()
    await alice.goOffline()
    const bytes = random(200_000)
    const { attachment } = await give(alice, 'bob', bytes, 'taken')
    const { connection } = await signIn(world.relay, bob.device.self)
    await connection.reserveBlob(attachment?.blob as BlobId, 1000)
    await alice.goOnline()
    await alice.until('for the refusal', () => alice.wire.asked('reserveBlob') > 0)
    world.later(2000)
    await bob.untilRead('alice', 'taken')
    expect(equal(readFileSync(await take(bob, 'alice', folder())), bytes)).toBe(true)
    await vi.waitFor(() => expect(outgoing(alice)).toEqual([]), { timeout: hangMs })
    expect(alice.notices('not-sent')).toEqual([])
  })

  it('fails where the relay will never take it, and leaves nothing here or there', async () => {
    const world = await createWorld('never')
    const [alice] = await world.couple()
    alice.wire.lies.putBlob = () => {
      throw new RelayError('too-large', 'no')
    }
    const { attachment } = await give(alice, 'bob', random(1000), 'never')
    await alice.untilNoticed('not-sent')
    await alice.until('to have removed it', () => alice.wire.asked('removeBlob') > 0 && outgoing(alice).length === 0)
    expect(alice.states('bob').at(-1)).toBe('failed')
    await untilGone(world.relay, attachment?.blob as BlobId)
  })

  it('to nobody is taken from the relay again', async () => {
    const world = await createWorld('to nobody')
    const [alice] = await world.couple()
    const { attachment } = await give(alice, 'nobody', random(1000), 'is anybody there?')
    await alice.untilNoticed('not-sent')
    await alice.until('to have removed it', () => alice.wire.asked('removeBlob') > 0)
    await untilGone(world.relay, attachment?.blob as BlobId)
  })

  it('is handed in by one connection at a time, and by none when its device has stopped', async () => {
    const world = await createWorld('stopped')
    const [alice, bob] = await world.couple()
    let answer = () => {}
    alice.wire.lies.putBlob = () => new Promise<void>((resolve) => (answer = resolve))
    await give(alice, 'bob', random(700_000), 'stopped')
    await alice.until('for the first part', () => alice.wire.asked('putBlob') === 1)
    await alice.goOffline()
    answer()
    await new Promise((resolve) => setTimeout(resolve, 50))
    expect(alice.wire.asked('putBlob')).toBe(1)
    delete alice.wire.lies.putBlob
    await alice.goOnline()
    await bob.untilRead('alice', 'stopped')
  })

  it('that finds no room holds up no other, and is told of once, however often its device is started', async () => {
    const world = await createWorld('no room for one')
    const [alice, bob] = await world.couple()
    await alice.goOffline()
    const { attachment } = await give(alice, 'bob', random(100_000), 'large')
    alice.wire.lies.blob = ((state: { sizeBytes: number }) => {
      if (state.sizeBytes > 50_000) throw new RelayError('blobs-full', 'no room')
      return state
    }) as never
    for (const text of ['first', 'second']) {
      await give(alice, 'bob', random(1000), text)
      await alice.restart()
      await alice.goOnline()
      const tried = alice.wire.asked('blob')
      await bob.untilRead('alice', text)
      await alice.until('to try again', () => alice.wire.asked('blob') > tried + (text === 'first' ? 0 : 1))
      await alice.goOffline()
    }
    expect(alice.notices('not-sent')).toMatchObject([{ text: 'blobs-full' }])
    expect(outgoing(alice).map(hex)).toEqual([hex(attachment?.blob as BlobId)])
  })

  it('is found at the relay where the store is older than its upload', async () => {
    const world = await createWorld('older')
    const [alice, bob] = await world.couple()
    await alice.goOffline()
    const bytes = random(1000)
    const { attachment } = await give(alice, 'bob', bytes, 'found')
    if (!attachment) throw new Error('no file')
    const spool = outgoingSpool(alice.home)
    const { connection } = await signIn(world.relay, alice.device.self)
    await connection.reserveBlob(attachment.blob, await spool.size(attachment.blob))
    await world.relay.putBlob(attachment.blob, 0, await spool.read(attachment.blob, 0, 10_000))
    connection.close()
    await spool.remove(attachment.blob)
    await alice.goOnline()
    await bob.untilRead('alice', 'found')
    expect(equal(readFileSync(await take(bob, 'alice', folder())), bytes)).toBe(true)
  })
})

it('a copy of what waits to go out is whole, or not there where the disk was full', async ({ skip }) => {
  const disk = await smallDisk(2)
  if (!disk) return skip('this system lets nobody make a disk')
  onTestFinished(() => disk.remove())
  const spool = outgoingSpool(disk.outside('home'))
  const [id, copy] = [random(32) as BlobId, random(32) as BlobId]
  const bytes = random(700_000)
  mkdirSync(disk.outside('home'))
  await spool.write(id, 0, bytes)
  disk.fill()
  await expect(spool.copy(id, copy)).rejects.toMatchObject({ name: 'SpoolError', mayPass: true })
  expect(spool.ids().map(hex)).toEqual([hex(id)])
  disk.empty()
  await spool.copy(id, copy)
  expect(equal(await spool.read(copy, 0, 1_000_000), bytes)).toBe(true)
  const missing = spool.copy(random(32) as BlobId, random(32) as BlobId)
  await expect(missing).rejects.toMatchObject({ name: 'SpoolError', mayPass: false })
})

describe('a file that is saved', () => {
  it('takes the place of nothing', async () => {
    const world = await createWorld('names')
    const [alice, bob] = await world.couple()
    await give(alice, 'bob', random(10), 'a file')
    await bob.untilRead('alice', 'a file')
    const place = folder()
    writeFileSync(join(place, 'notes.txt'), 'mine')
    mkdirSync(join(place, 'notes-2.txt'))
    expect(await take(bob, 'alice', place)).toBe(join(place, 'notes-3.txt'))
    expect(readFileSync(join(place, 'notes.txt'), 'utf8')).toBe('mine')
    expect(readdirSync(place).sort()).toEqual(['notes-2.txt', 'notes-3.txt', 'notes.txt'])
  })

  it('is whole or not there: what the relay alters is refused, and fetched anew', async () => {
    const world = await createWorld('altered')
    const [alice, bob] = await world.couple()
    const bytes = random(300_000)
    await give(alice, 'bob', bytes, 'a file')
    await bob.untilRead('alice', 'a file')
    const place = folder()
    bob.wire.lies.readBlob = (part: Uint8Array) => part.with(0, (part[0] ?? 0) ^ 1)
    await expect(take(bob, 'alice', place)).rejects.toMatchObject({ code: 'not-authentic' })
    expect(readdirSync(place)).toEqual([])
    delete bob.wire.lies.readBlob
    expect(equal(readFileSync(await take(bob, 'alice', place)), bytes)).toBe(true)
  })

  it('goes on with what a run that was killed has fetched, and removes what it has left', async () => {
    const world = await createWorld('killed')
    const [alice, bob] = await world.couple()
    const bytes = random(700_000)
    await give(alice, 'bob', bytes, 'a file')
    await bob.untilRead('alice', 'a file')
    const { blob } = fileFrom(bob, 'alice') as Attachment
    const first = await world.relay.readBlob(blob, 0)
    const begun = (mark: string) => {
      mkdirSync(join(bob.home, 'incoming', mark), { recursive: true, mode: 0o700 })
      writeFileSync(join(bob.home, 'incoming', mark, hex(blob)), first)
    }
    begun(`${deadPid}-1`)
    const [other, place] = [folder(), folder()]
    const left = (mark: string, path: string) => {
      writeFileSync(path, 'half a file')
      mkdirSync(join(bob.home, 'incoming', mark), { recursive: true, mode: 0o700 })
      writeFileSync(join(bob.home, 'incoming', mark, 'leaves'), path)
      return path
    }
    const own = left(`${deadPid}-2a`, join(other, `doormat.unfinished-save-${deadPid}-2a`))
    const living = left(`${process.ppid}-3a`, join(other, `doormat.unfinished-save-${process.ppid}-3a`))
    // what says that it is ours, and does not bear our mark
    const mine = left(`${deadPid}-4a`, join(place, 'mine.txt'))
    // nor does what cannot be removed hold up anything
    const stuck = join(place, `doormat.unfinished-save-${deadPid}-5a`)
    left(`${deadPid}-5a`, stuck)
    rmSync(stuck)
    mkdirSync(stuck)
    const asked = bob.wire.asked('readBlob')
    expect(equal(readFileSync(await take(bob, 'alice', place)), bytes)).toBe(true)
    expect(bob.wire.asked('readBlob') - asked).toBe(Math.ceil(blobSize(700_000) / first.length) - 1)
    expect([own, living, mine, stuck].map((path) => existsSync(path))).toEqual([false, true, true, true])
    expect(readdirSync(join(bob.home, 'incoming'))).toEqual([`${process.ppid}-3a`])
  })

  it('leaves alone what others have begun in the same folder, whose processes nobody here sees', async () => {
    const world = await createWorld('others')
    const [alice, bob] = await world.couple()
    await give(alice, 'bob', random(1000), 'a file')
    await bob.untilRead('alice', 'a file')
    const place = folder()
    const theirs = [`notes.txt.unfinished-save-${deadPid}-1`, `doormat.unfinished-save-${deadPid}-1a`]
    for (const name of theirs) writeFileSync(join(place, name), 'half a file')
    await take(bob, 'alice', place)
    expect(readdirSync(place).sort()).toEqual([...theirs, 'notes.txt'].sort())
  })

  it.each(['replaced', 'removed'] as const)(
    'is not said to be saved where it was %s before it had its name',
    async (how) => {
      const place = folder()
      const temporary = join(place, 'temporary')
      const file = await open(temporary, 'wx')
      rmSync(temporary)
      if (how === 'replaced') writeFileSync(temporary, 'theirs')
      await expect(named(temporary, file, place, 'a.txt')).rejects.toMatchObject({ name: 'StorageError' })
      expect(readdirSync(place)).toEqual(how === 'replaced' ? ['temporary'] : [])
      await file.close()
    },
  )

  it('is fetched anew where what was there has been damaged, before anybody is accused', async () => {
    const world = await createWorld('damaged')
    const [alice, bob] = await world.couple()
    const bytes = random(700_000)
    await give(alice, 'bob', bytes, 'a file')
    await bob.untilRead('alice', 'a file')
    const { blob } = fileFrom(bob, 'alice') as Attachment
    const place = join(bob.home, 'incoming', `${deadPid}-1`)
    mkdirSync(place, { recursive: true, mode: 0o700 })
    writeFileSync(join(place, hex(blob)), random(300_000))
    expect(equal(readFileSync(await take(bob, 'alice', folder())), bytes)).toBe(true)
  })

  it('twice at once is two files, and no alarm', async () => {
    const world = await createWorld('two at once')
    const [alice, bob] = await world.couple()
    const bytes = random(700_000)
    await give(alice, 'bob', bytes, 'a file')
    await bob.untilRead('alice', 'a file')
    const place = folder()
    let goOn = () => {}
    let parts = 0
    bob.wire.lies.readBlob = (async (part: Uint8Array) => {
      parts += 1
      // the second part of the first
      if (parts === 2) await new Promise<void>((resolve) => (goOn = resolve))
      return part
    }) as never
    const slow = take(bob, 'alice', place)
    await vi.waitFor(() => expect(parts).toBe(2), { timeout: hangMs })
    const quick = await take(bob, 'alice', place)
    goOn()
    for (const path of [quick, await slow]) expect(equal(readFileSync(path), bytes)).toBe(true)
    expect(readdirSync(place).sort()).toEqual(['notes-2.txt', 'notes.txt'])
  })

  it('takes the place of nothing on a disk without links either', async () => {
    const place = folder()
    writeFileSync(join(place, 'a.txt'), 'mine')
    const noLinks = () => Promise.reject(Object.assign(new Error('no links'), { code: 'EPERM' }))
    const temporaries = ['one', 'two', 'three'].map((text) => {
      writeFileSync(join(place, text), text)
      return join(place, text)
    })
    const paths = await Promise.all(
      temporaries.map(async (temporary) => {
        const file = await open(temporary, 'r')
        try {
          return await named(temporary, file, place, 'a.txt', noLinks)
        } finally {
          await file.close()
        }
      }),
    )
    expect(paths.map((path) => readFileSync(path, 'utf8'))).toEqual(['one', 'two', 'three'])
    expect(readFileSync(join(place, 'a.txt'), 'utf8')).toBe('mine')
    expect(readdirSync(place).sort()).toEqual(['a-2.txt', 'a-3.txt', 'a-4.txt', 'a.txt'])
  })

  it('is gone with its message: nothing on the device says where it is, or its key', async () => {
    const world = await createWorld('forgotten')
    const [alice, bob] = await world.couple()
    await give(alice, 'bob', random(10), 'a file')
    await bob.untilRead('alice', 'a file')
    const { key } = fileFrom(bob, 'alice') ?? {}
    bob.device.conversations.forget('alice', null)
    expect(fileFrom(bob, 'alice')).toBeNull()
    bob.device.store.scrub()
    await bob.leave()
    const files = readdirSync(bob.home).filter((name) => name.startsWith('device.db'))
    const all = Buffer.concat(files.map((name) => readFileSync(join(bob.home, name))))
    expect([key !== undefined, all.includes(Buffer.from(key ?? []))]).toEqual([true, false])
  })
})

it('stands in what the holder of an escrow key reads: its key, its root, and where it is', async () => {
  const world = await createWorld('escrowed')
  const [alice, bob] = await world.couple()
  await world.switchOn()
  await Promise.all([alice, bob].map((person) => person.untilNoticed('access', 2)))
  const { attachment } = await give(alice, 'bob', random(10), 'a file')
  await bob.untilRead('alice', 'a file')
  const content = contentsOf(alice, world).find((one) => one !== null)
  expect(content).toMatchObject({ attachment: { name: 'notes.txt', sizeBytes: 10 } })
  if (content?.kind !== 'text' || !content.attachment || !attachment) throw new Error('no file')
  expect(hex(content.attachment.key)).toBe(hex(attachment.key))
})
