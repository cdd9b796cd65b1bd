import type { Socket } from 'node:net'
import { afterEach, describe, expect, it, vi } from 'vitest'
import type { DeviceId } from '../../crypto/keys.ts'
import { encodeSubmission } from '../../server/api.ts'
import type { Limits } from '../../server/limits.ts'
import type { Store } from '../../server/store/store.ts'
import { accountOf } from '../support/relay-account.ts'
import { addressOf, inProcess, listening, postOffice, startTime } from '../support/relay.ts'
import { rawSocket, type RawSocket } from '../support/relay-socket.ts'
import { enroll, nothingElse, post, posting, sizesIn } from '../support/stored.ts'
import type { TestPerson } from '../support/couple.ts'
import type { Random } from '../../crypto/random.ts'

const windowBytes = 1024 * 1024

/** A listening relay with mail waiting for Bob, who connects. */
async function waiting(seed: string, messages: number, sizeBytes: number, limits: Partial<Limits> = {}) {
  const office = await postOffice(seed, inProcess, { limits })
  const { store, alice, bob } = office
  const mail = Array.from({ length: messages }, () => new Uint8Array(sizeBytes))
  await post(store, addressOf(alice), addressOf(bob), mail, startTime)
  const url = await listening(office.local)
  const alices = await (await rawSocket(url)).signIn(alice.device)
  const bobs = await (await rawSocket(url)).signIn(bob.device)
  return { ...office, url, alices, bobs }
}

/** A thousand people, to each of whom a device has written once. */
async function befriend(store: Store, person: TestPerson, random: Random): Promise<void> {
  const friends = Array.from({ length: 1000 }, (_, i) => ({ user: `friend-${i}`, device: random(32) as DeviceId }))
  for (const { user, device } of friends) await enroll(store, user, [device])
  const from = addressOf(person)
  const envelope = new Uint8Array(1)
  await store.commit({ ...nothingElse, postings: friends.map((to) => posting({ from, to, counter: 1, envelope })) })
}

/** What is under way to a reader that has acknowledged so far. */
async function underWay(socket: RawSocket, acknowledged: number) {
  // what there is room for after a commit is read after its answers
  for (let i = 0; i < 2; i++) await socket.settled()
  const mail = socket.mail.filter(({ sequence }) => sequence > acknowledged)
  return { messages: mail.length, bytes: mail.reduce((sum, { envelope }) => sum + envelope.length, 0) }
}

describe('mail under way to a reader that does not acknowledge it', () => {
  it('is 256 messages, and as many more as it then acknowledges, each once and in order', async () => {
    const { bobs } = await waiting('many small ones', 600, 10)
    expect(await underWay(bobs, 0)).toMatchObject({ messages: 256 })
    for (const sequence of [1, 7, 8, 200, 255]) {
      bobs.send({ type: 'acknowledge', sequence })
      expect(await underWay(bobs, sequence)).toMatchObject({ messages: 256 })
    }
    bobs.send({ type: 'acknowledge', sequence: 500 })
    expect(await underWay(bobs, 500)).toMatchObject({ messages: 100 })
    expect(bobs.mail.map(({ sequence }) => sequence)).toEqual(Array.from({ length: 600 }, (_, i) => i + 1))
  })

  it('is 1 MiB, however that is cut', async () => {
    for (const size of [65_731, 100_000, windowBytes / 16, windowBytes / 16 + 1]) {
      const { bobs } = await waiting(`large ones ${size}`, 30, size)
      const messages = Math.floor(windowBytes / size)
      for (const sequence of [0, 3]) {
        bobs.send({ type: 'acknowledge', sequence })
        expect(await underWay(bobs, sequence)).toEqual({ messages, bytes: messages * size })
      }
      bobs.send({ type: 'acknowledge', sequence: 29 })
      expect(await underWay(bobs, 29)).toMatchObject({ messages: 1 })
    }
  })

  it('does not hold up what others send and get', async () => {
    const { alices, bobs, alice, bob, toBob, toAlice } = await waiting('others', 300, 10)
    const letter = toBob(1, 'to the full reader')
    alices.send(encodeSubmission(1, letter))
    expect((await alices.frame((frame) => frame['ref'] === 1))['type']).toBe('done')
    bob.receive(letter.envelope)
    bobs.send(encodeSubmission(1, toAlice(1, 'from the full reader')))
    const [mail] = await alices.delivered(1)
    expect(mail && alice.receive(mail.envelope).text).toBe('from the full reader')
  })
})

describe('a reader that does not read', () => {
  it('is cut off when it acknowledges mail all the same', async () => {
    const { alices, bobs } = await waiting('stalled', 600, 100_000)
    bobs.ws.pause()
    for (let sequence = 10; sequence <= 600; sequence += 10) {
      bobs.send({ type: 'acknowledge', sequence })
      await alices.settled()
    }
    bobs.ws.resume()
    expect([await bobs.closed, bobs.frames.at(-1)]).toMatchObject([1008, { ref: null, code: 'too-slow' }])
    expect(bobs.mail.length).toBeLessThan(600)
    await alices.settled()
  })

  it('is cut off when it asks more than it takes in', async () => {
    const { alices, bobs, relay, random } = await waiting('greedy', 0, 0, { requests: { burst: 20_000, perSecond: 0 } })
    await relay.register(accountOf('carol', 8, random).signedList)
    bobs.ws.pause()
    for (let ref = 1; ref <= 20_000; ref++) bobs.send({ type: 'devices', ref, user: 'carol' })
    await alices.settled()
    bobs.ws.resume()
    expect([await bobs.closed, bobs.frames.at(-1)]).toMatchObject([1008, { ref: null, code: 'too-slow' }])
    expect(bobs.frames.length).toBeLessThan(20_000)
    await alices.settled()
  })

  it('is cut off when it pings without end', async () => {
    const { alices, bobs } = await waiting('pinging', 0, 0)
    bobs.ws.pause()
    for (let i = 0; i < 300_000; i++) bobs.ws.ping(new Uint8Array(125))
    expect(await bobs.closed).toBe(1006)
    await alices.settled()
  })
})

describe('an answer', () => {
  it('is at most 131,072 bytes long, however many people a device has written to', async () => {
    const { bobs, bob, random, store } = await waiting('many friends', 0, 0)
    await befriend(store, bob, random)
    const sizes: number[] = []
    for (let skip = 0; skip <= 1000; skip += 256) {
      const answer = await bobs.ask({ type: 'sent', ref: skip, skip })
      sizes.push((answer['counters'] as unknown[]).length)
      expect(JSON.stringify(answer).length).toBeLessThanOrEqual(131_072)
    }
    expect(sizes).toEqual([256, 256, 256, 232])
  })
})

describe('a page of send counters', () => {
  it('is read from the store alone: what comes before it and behind it is not', async () => {
    let read = 0
    const around = (store: Store): Store => ({
      ...store,
      async sentBy(...place) {
        const counters = await store.sentBy(...place)
        read += counters.length
        return counters
      },
    })
    const { local, bob, random, store } = await postOffice('pages', inProcess, { around })
    await befriend(store, bob, random)
    const socket = await (await rawSocket(await listening(local))).signIn(bob.device)
    const users = new Set<unknown>()
    for (let skip = 0; skip < 1000; skip += 256) {
      const { counters } = await socket.ask({ type: 'sent', ref: skip, skip })
      for (const { user } of counters as { user: string }[]) users.add(user)
    }
    expect([users.size, read]).toEqual([1000, 1000])
  })

  it('is the first, or the one behind the last that was given', async () => {
    const { bobs } = await waiting('out of order', 0, 0)
    expect(await bobs.ask({ type: 'sent', ref: 1, skip: 5 })).toMatchObject({ type: 'refused', code: 'bad-request' })
    expect(await bobs.ask({ type: 'sent', ref: 2, skip: 0 })).toMatchObject({ type: 'sent-counters', counters: [] })
    expect(await bobs.ask({ type: 'sent', ref: 3, skip: 0 })).toMatchObject({ type: 'sent-counters', counters: [] })
  })
})

describe('a connection that the relay has ended', () => {
  it('is not listened to any more', async () => {
    const { alices, bobs, toBob, toAlice, alice, bob, store, rowOf } = await waiting('last words', 0, 0)
    const letter = toBob(1, 'hello')
    bob.receive(letter.envelope)
    bobs.send('garbage')
    bobs.send(encodeSubmission(1, toAlice(1, 'too late')))
    alices.send(new Uint8Array())
    alices.send(encodeSubmission(1, letter))
    for (const socket of [alices, bobs]) {
      expect(await socket.closed).toBe(1008)
      expect(socket.frames.at(-1)).toMatchObject({ type: 'refused', ref: null, code: 'bad-request' })
    }
    expect([alices.frames.length, bobs.frames.length]).toEqual([2, 2])
    for (const person of [alice, bob]) expect(await sizesIn(store, await rowOf(person))).toEqual([])
  })
})

describe('a device that is gone without a word', () => {
  afterEach(() => vi.useRealTimers())

  it('is taken for gone when it does not answer two pings in a row', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
    const office = await postOffice('gone')
    const url = await listening(office.local)
    const gone = await (await rawSocket(url, { autoPong: false })).signIn(office.alice.device)
    const there = await (await rawSocket(url)).signIn(office.bob.device)
    vi.advanceTimersByTime(30_000)
    await Promise.all([there.pinged(), gone.pinged()])
    await there.settled()
    vi.advanceTimersByTime(30_000)
    expect(await gone.closed).toBe(1006)
    await there.settled()
  })

  it('is taken for gone when it answers what it has not read', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
    const office = await postOffice('blind')
    const url = await listening(office.local)
    const blind = await (await rawSocket(url, { autoPong: false })).signIn(office.alice.device)
    const there = await (await rawSocket(url)).signIn(office.bob.device)
    for (let i = 0; i < 2; i++) {
      const pinged = Promise.all([there.pinged(), blind.pinged()])
      vi.advanceTimersByTime(30_000)
      if (i === 0) await pinged
      for (const payload of ['', 'pong', new Uint8Array(8)]) blind.ws.pong(payload)
      for (let turn = 0; turn < 20; turn++) await there.settled()
    }
    expect(blind.ws.readyState).toBe(blind.ws.CLOSED)
  })

  it('is taken for gone when it begins a frame and does not end it, whatever it puts inside', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
    const office = await postOffice('endless')
    const url = await listening(office.local)
    const endless = await (await rawSocket(url)).signIn(office.alice.device)
    const there = await (await rawSocket(url)).signIn(office.bob.device)
    // the head of a masked binary frame of 131,072 bytes: the pongs after it are a part of it
    const { _socket: wire } = endless.ws as unknown as { _socket: Socket }
    wire.write(Uint8Array.of(0x82, 0xff, 0, 0, 0, 0, 0, 2, 0, 0, 1, 2, 3, 4))
    for (let i = 0; i < 2; i++) {
      const pinged = Promise.all([there.pinged(), endless.pinged()])
      vi.advanceTimersByTime(30_000)
      if (i === 0) await pinged
      await there.settled()
    }
    expect(await endless.closed).toBe(1006)
    await there.settled()
  })
})
