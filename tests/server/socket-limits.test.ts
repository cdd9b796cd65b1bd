import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { pino } from 'pino'
import { describe, expect, it, onTestFinished } from 'vitest'
import { relayAt } from '../../client/node/relay.ts'
import { encodeSubmission } from '../../server/api.ts'
import { buildApp } from '../../server/app.ts'
import { defaultLimits, type Limits } from '../../server/limits.ts'
import { mailboxMaximumMessages } from '../../server/store/mailroom.ts'
import { accountOf } from '../support/relay-account.ts'
import { addressOf, inProcess, postOffice, signIn } from '../support/relay.ts'
import { rawSocket, upgradeRefused } from '../support/relay-socket.ts'
import { post } from '../support/stored.ts'

/** A listening relay with limits of the test's own; `buffered` is what it holds for readers that do not read. */
async function limited(seed: string, limits: Partial<Limits> = {}) {
  const office = await postOffice(seed, inProcess, { limits })
  const app = await buildApp(office.local, pino({ level: 'silent' }), null, { ...defaultLimits, ...limits })
  onTestFinished(() => app.close())
  const url = await app.listen({ host: '127.0.0.1', port: 0 })
  const buffered = () => Math.max(...[...app.websocketServer.clients].map(({ bufferedAmount }) => bufferedAmount))
  return { ...office, url, buffered, sockets: app.websocketServer.clients }
}

const tooMany = { type: 'refused', ref: null, code: 'too-many' }

describe('acknowledgements', () => {
  it('may come so many at once; one past that ends the connection, and no other', async () => {
    const { url, alice, bob } = await limited('acknowledging', { acknowledgements: { burst: 5, perSecond: 0 } })
    const [alices, bobs] = [
      await (await rawSocket(url)).signIn(alice.device),
      await (await rawSocket(url)).signIn(bob.device),
    ]
    for (let i = 0; i < 5; i++) bobs.send({ type: 'acknowledge', sequence: 1 })
    await bobs.settled()
    const { said, code } = await bobs.lastWords({ type: 'acknowledge', sequence: 1 })
    expect([said, code]).toMatchObject([tooMany, 1008])
    await alices.settled()
  })
})

describe('envelopes that are too many', () => {
  const limits = { submissions: { burst: 5, perSecond: 0 }, refusedSubmissions: { burst: 20, perSecond: 0 } }

  it('are refused so many times; one past that ends the connection, and no other', async () => {
    const { url, alice, bob, toBob } = await limited('handing in', limits)
    const [alices, bobs] = [
      await (await rawSocket(url)).signIn(alice.device),
      await (await rawSocket(url)).signIn(bob.device),
    ]
    const letter = { ...toBob(1, 'not in its turn'), counter: 1000 }
    for (let ref = 1; ref <= 25; ref++) alices.send(encodeSubmission(ref, letter))
    const last = await alices.frame(({ ref }) => ref === 25)
    expect([alices.frames[1]?.['code'], last['code']]).toEqual(['too-many', 'too-many'])
    const { said, code } = await alices.lastWords(encodeSubmission(26, letter))
    expect([said, code]).toMatchObject([tooMany, 1008])
    expect(alices.frames.filter((frame) => frame['code'] === 'too-many')).toHaveLength(22)
    await bobs.settled()
  })

  it('refused for another reason end nothing, however many there are', async () => {
    const { url, alice, bob, store, clock, toBob } = await limited('a full box', {
      submissions: { burst: 3000, perSecond: 0 },
      refusedSubmissions: { burst: 0, perSecond: 0 },
      refusals: { burst: 0, perSecond: 0 },
    })
    const half = mailboxMaximumMessages / 2
    const mail = Array.from({ length: half }, () => new Uint8Array(1))
    await post(store, addressOf(alice), addressOf(bob), mail, clock.now)
    const alices = await (await rawSocket(url)).signIn(alice.device)
    const letter = { ...toBob(1, 'no room'), counter: half + 1 }
    for (let ref = 1; ref <= 1000; ref++) alices.send(encodeSubmission(ref, letter))
    for (let ref = 1001; ref <= 2000; ref++) alices.send(encodeSubmission(ref, { ...letter, counter: 1_000_000 }))
    expect(await alices.frame(({ ref }) => ref === 1000)).toMatchObject({ code: 'mailbox-full' })
    expect(await alices.frame(({ ref }) => ref === 2000)).toMatchObject({ code: 'out-of-order' })
    await alices.settled()
  })
})

describe('what nobody asked for', () => {
  it.each(['ping', 'pong'] as const)('is borne so many times, and then ends the connection: a %s', async (what) => {
    const { url, alice, bob } = await limited(`disturbing ${what}`, { refusals: { burst: 20, perSecond: 0 } })
    const [alices, bobs] = [
      await (await rawSocket(url)).signIn(alice.device),
      await (await rawSocket(url)).signIn(bob.device),
    ]
    for (let i = 0; i < 20; i++) bobs.ws[what]('hello')
    await bobs.settled()
    bobs.ws[what]('hello')
    expect([await bobs.closed, bobs.frames.at(-1)]).toMatchObject([1008, tooMany])
    await alices.settled()
  })

  it.each(['ping', 'pong'] as const)('ends the connection of a stranger: a %s', async (what) => {
    const { url, bob } = await limited(`a disturbing stranger ${what}`)
    const [stranger, brief] = [await rawSocket(url), await rawSocket(url)]
    for (let i = 0; i < 10; i++) brief.ws[what]('hello')
    await (await brief.signIn(bob.device)).settled()
    for (let i = 0; i < 11; i++) stranger.ws[what]('hello')
    expect([await stranger.closed, stranger.frames.at(-1)]).toMatchObject([1008, tooMany])
  })

  it('is read no longer where a connection is ended, if it is much', async () => {
    const { url, alice, bob, sockets } = await limited('late', { acknowledgements: { burst: 0, perSecond: 0 } })
    const [alices, bobs] = [
      await (await rawSocket(url)).signIn(alice.device),
      await (await rawSocket(url)).signIn(bob.device),
    ]
    let heard = 0
    for (const socket of sockets) socket.on('message', () => (heard += 1))
    const { _socket: wire } = bobs.ws as unknown as { _socket: Socket }
    // it does not hear that it is over, and goes on
    wire.pause()
    const frame = Buffer.concat([Uint8Array.of(0x81, 0xfe, 0x40, 0, 0, 0, 0, 0), Buffer.alloc(0x4000, ' ')])
    bobs.send({ type: 'acknowledge', sequence: 1 })
    for (let i = 0; i < 4000; i++) wire.write(frame)
    await bobs.closed
    expect(heard * 0x4000).toBeLessThan(2 * 1024 * 1024)
    await alices.settled()
  })
})

describe('sockets that have not said who they are', () => {
  it('are so many at once; when one more comes, the one that has waited longest goes', async () => {
    const { url, alice, bob } = await limited('waiting room', { socketsUnauthenticated: 3 })
    const [first, second, third] = [await rawSocket(url), await rawSocket(url), await rawSocket(url)]
    await third.signIn(alice.device)
    const [fourth, fifth] = [await rawSocket(url), await rawSocket(url)]
    expect([await first.closed, first.frames.at(-1)]).toMatchObject([1008, tooMany])
    expect([second, fourth, fifth].flatMap(({ frames }) => frames)).toEqual([])
    await second.signIn(bob.device)
    await fifth.signIn(bob.device)
    await third.settled()
  })
})

describe('all sockets together', () => {
  it('are so many; the next is refused before it is one, until there is room', async () => {
    const { url, alice, bob, relay, random, sockets } = await limited('a full house', { sockets: 3 })
    await relay.register(accountOf('carol', 1, random).signedList)
    const people = [alice, bob, alice].map(async ({ device }) => (await rawSocket(url)).signIn(device))
    const [first, second] = await Promise.all(people)
    const refusal = await upgradeRefused(url, {})
    expect([refusal?.status, JSON.parse(refusal?.body ?? '')]).toMatchObject([429, { code: 'too-many' }])
    await expect(signIn(relayAt(url), bob)).rejects.toMatchObject({ code: 'too-many' })
    first?.ws.close()
    while (sockets.size > 2) await new Promise(setImmediate)
    await signIn(relayAt(url), bob)
    await second?.settled()
  })

  it('and whoever else is connected are dropped beyond a number', async () => {
    const { url } = await limited('crowd at the door', { connections: 2 })
    const { port, hostname } = new URL(url)
    const knock = async () => {
      const socket = connect(Number(port), hostname)
      onTestFinished(() => void socket.destroy())
      await once(socket, 'connect')
      return socket
    }
    const [one, other] = [await knock(), await knock()]
    const third = await knock()
    third.on('error', () => third.destroy())
    await once(third, 'close')
    expect([one.readyState, other.readyState]).toEqual(['open', 'open'])
  })
})

describe('a reader that has stalled', () => {
  const overhead = 256 * 100

  it('costs 1 MiB at most while mail for it comes in, and gets all of it when it reads again', async () => {
    const { url, alice, bob, toBob, buffered } = await limited('a flood', {
      submissions: { burst: 10_000, perSecond: 0 },
    })
    const [alices, bobs] = [
      await (await rawSocket(url)).signIn(alice.device),
      await (await rawSocket(url)).signIn(bob.device),
    ]
    bobs.ws.pause()
    let most = 0
    for (let counter = 1; counter <= 400; counter++) {
      alices.send(encodeSubmission(counter, toBob(counter, 'x'.repeat(60_000))))
      if (counter % 20 === 0) await alices.settled()
      most = Math.max(most, buffered())
    }
    expect(most).toBeLessThanOrEqual(1024 * 1024 + overhead)
    bobs.ws.resume()
    for (let read = 0; read < 400;) {
      const mail = await bobs.delivered(read + 1)
      read = mail.length
      bobs.send({ type: 'acknowledge', sequence: read })
    }
    expect(bobs.mail.map(({ sequence }) => sequence)).toEqual(Array.from({ length: 400 }, (_, i) => i + 1))
  })

  it('costs 4 MiB and one frame at most when it acknowledges all the same, and then its connection', async () => {
    const { url, alice, bob, store, clock, buffered } = await limited('a liar')
    const sizeBytes = 100_000
    const mail = Array.from({ length: 300 }, () => new Uint8Array(sizeBytes))
    await post(store, addressOf(alice), addressOf(bob), mail, clock.now)
    const [alices, bobs] = [
      await (await rawSocket(url)).signIn(alice.device),
      await (await rawSocket(url)).signIn(bob.device),
    ]
    bobs.ws.pause()
    let most = 0
    for (let sequence = 1; sequence <= 300; sequence++) {
      bobs.send({ type: 'acknowledge', sequence })
      await alices.settled()
      most = Math.max(most, buffered())
    }
    expect(most).toBeGreaterThan(4 * 1024 * 1024)
    expect(most).toBeLessThanOrEqual(4 * 1024 * 1024 + sizeBytes + 1000)
    bobs.ws.resume()
    expect([await bobs.closed, bobs.frames.at(-1)]).toMatchObject([1008, { ref: null, code: 'too-slow' }])
  })
})
