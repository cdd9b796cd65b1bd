import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { PassThrough } from 'node:stream'
import { pino } from 'pino'
import { describe, expect, it, onTestFinished } from 'vitest'
import { base64url } from '../../crypto/bytes.ts'
import { answerChallenge } from '../../crypto/identity.ts'
import { buildApp } from '../../server/app.ts'
import { createHoldings } from '../../server/holdings.ts'
import { defaultLimits, type Limits } from '../../server/limits.ts'
import type { Store } from '../../server/store/store.ts'
import { at } from '../support/at.ts'
import { certificate } from '../support/certificate.ts'
import { seededRandom } from '../support/random.ts'
import { createEar } from '../support/relay-ear.ts'
import { accountOf } from '../support/relay-account.ts'
import { addressOf, answerTo, inProcess, overNetwork, postOffice, signIn } from '../support/relay.ts'
import { type RawSocket, rawSocket } from '../support/relay-socket.ts'
import { untilTrue } from '../support/slow-store.ts'
import { post } from '../support/stored.ts'

const mebibyte = 1024 * 1024

/** A listening relay, somebody who is served by it all the while, and ways to it that no client takes. */
async function besieged(seed: string, limits: Partial<Limits> = {}) {
  const many = {
    socketsOfDevice: 1000,
    requests: { burst: 1e6, perSecond: 0 },
    httpRequests: { burst: 1e6, perSecond: 0 },
  }
  const given = { ...defaultLimits, ...many, ...limits }
  const office = await postOffice(seed, inProcess, { limits: given })
  const app = await buildApp(office.local, pino({ level: 'silent' }), null, given)
  onTestFinished(() => app.close())
  const url = await app.listen({ host: '127.0.0.1', port: 0 })
  const bystander = await (await rawSocket(url)).signIn(office.alice.device)
  /** until the relay has done what it had to do before this, and what came of that */
  const settled = async () => {
    for (let i = 0; i < 20; i++) await bystander.settled()
  }
  async function knock(words = ''): Promise<Socket> {
    const { port, hostname } = new URL(url)
    const socket = connect(Number(port), hostname)
    onTestFinished(() => void socket.destroy())
    socket.on('error', () => socket.destroy())
    await once(socket, 'connect')
    socket.write(words)
    return socket
  }
  return {
    ...office,
    limits: given,
    app,
    url,
    bystander,
    settled,
    knock,
    signedIn: () => rawSocket(url).then((socket) => socket.signIn(office.bob.device)),
  }
}

const wireOf = ({ ws }: RawSocket) => (ws as unknown as { _socket: Socket })._socket
const firstWords = async (socket: Socket) => String((await once(socket, 'data'))[0])
const isOpen = ({ ws }: RawSocket) => ws.readyState === ws.OPEN
/** the head of a masked binary frame of 131,072 bytes */
const frameHead = Uint8Array.of(0x82, 0xff, 0, 0, 0, 0, 0, 2, 0, 0, 1, 2, 3, 4)

const put = (path: string, sizeBytes: number, more = '') =>
  `PUT ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\n${more}Content-Type: application/json\r\nContent-Length: ${sizeBytes}\r\n\r\n`

describe('what is held for connections', () => {
  /** Connections that hold so much each, and whether they are still there at the end of the turn. */
  function holding(maximumBytes: number, ...sizes: number[]) {
    const holdings = createHoldings(maximumBytes)
    const connections = sizes.map(() => new PassThrough())
    for (const [i, bytes] of sizes.entries()) holdings.change(at(connections, i), bytes)
    const there = async () => {
      await new Promise(setImmediate)
      return connections.map(({ destroyed }) => !destroyed)
    }
    return { holdings, connections, there }
  }

  it('may be the maximum; beyond it those go that hold most, and of these the first', async () => {
    expect(await holding(10, 4, 5, 1).there()).toEqual([true, true, true])
    expect(await holding(10, 4, 1, 5, 1).there()).toEqual([true, true, false, true])
    expect(await holding(10, 4, 1, 4, 4).there()).toEqual([false, true, true, true])
    expect(await holding(10, 1, 11, 9, 1).there()).toEqual([true, false, false, true])
  })

  it('may be more within a turn', async () => {
    const { holdings, connections, there } = holding(10, 4, 11)
    holdings.change(at(connections, 1), -6)
    expect(await there()).toEqual([true, true])
  })

  it('is nothing any more for one that has closed, whatever is said of it later', async () => {
    const { holdings, connections, there } = holding(10, 9, 0)
    const [first, other] = [at(connections, 0), at(connections, 1)]
    first.destroy()
    await once(first, 'close')
    holdings.change(first, 9)
    holdings.change(first, -20)
    holdings.change(other, 10)
    expect(await there()).toEqual([false, true])
    holdings.change(other, 1)
    expect(await there()).toEqual([false, false])
  })
})

describe('a body', () => {
  it.each([
    ['POST', '/v1/taps'],
    ['PUT', '/v1/access'],
  ])('of %s %s is not waited for without the token of the operator', async (method, path) => {
    const { app, knock } = await besieged(`a body ${path}`)
    Object.assign(app.server, { requestTimeout: 3000 })
    for (const more of ['', 'Authorization: Bearer a-guess\r\n']) {
      const answer = await firstWords(await knock(put(path, 20_000, more).replace('PUT', method)))
      expect(answer).toMatch(/^HTTP\/1.1 403 [^]*not-the-operator/)
    }
  })

  it.each([
    ['/v1/accounts', 'POST', 4096],
    [`/v1/links/${base64url(new Uint8Array(32))}/1`, 'PUT', 87_446],
  ])('for %s is refused by what it says of its length, before it comes', async (path, method, mostBytes) => {
    const { app, knock } = await besieged(`too long ${path}`)
    Object.assign(app.server, { requestTimeout: 3000 })
    const answer = await firstWords(await knock(put(path, mostBytes + 1).replace('PUT', method)))
    expect(answer).toMatch(/^HTTP\/1.1 413 [^]*too-large/)
  })

  it('that does not end is let go, largest and oldest first, when all together hold more than 32 MiB', async () => {
    const { settled, knock, relay, url } = await besieged('half notes')
    const sizeBytes = 80_000
    const sockets: Socket[] = []
    for (let i = 0; i < 440; i++) {
      sockets.push(await knock(put(`/v1/links/${base64url(new Uint8Array(32).fill(i))}/1`, sizeBytes + 1)))
      sockets.at(-1)?.write('x'.repeat(sizeBytes))
    }
    await settled()
    const there = sockets.filter(({ readyState }) => readyState === 'open')
    expect(there.length * sizeBytes).toBeLessThanOrEqual(32 * mebibyte)
    expect([there.length > 300, sockets[0]?.readyState, sockets.at(-1)?.readyState]).toEqual([true, 'closed', 'open'])
    expect((await fetch(`${url}/v1/relay`)).status).toBe(200)
    expect(await answerTo(relay.policyKey())).toBe('done')
  })
})

describe('somebody who has not said who they are', () => {
  it('may say 4,096 bytes on a socket, and no more', async () => {
    const { url, settled } = await besieged('long introductions')
    const [brief, long] = [await rawSocket(url), await rawSocket(url)]
    for (const [socket, sizeBytes] of [
      [brief, 4000],
      [long, 4097],
    ] as const)
      wireOf(socket).write(Buffer.concat([frameHead, new Uint8Array(sizeBytes)]))
    await settled()
    expect([brief, long].map(isOpen)).toEqual([true, false])
  })

  it('has one of so many connections, of whatever kind; who comes next gets that of whoever has waited longest', async () => {
    const { url, settled, knock, bystander, signedIn } = await besieged('at the door', { strangers: 3 })
    const [mute, halfway] = [await knock(), await knock('GET /v1/relay HTTP/1.1\r\nHo')]
    const device = await signedIn()
    const socket = await rawSocket(url)
    await settled()
    expect([mute, halfway].map(({ readyState }) => readyState)).toEqual(['open', 'open'])
    const [later, last] = [await knock(), await knock()]
    await settled()
    expect([mute, halfway, later, last].map(({ readyState }) => readyState)).toEqual([
      'closed',
      'closed',
      'open',
      'open',
    ])
    expect([bystander, device, socket].map(isOpen)).toEqual([true, true, true])
  })

  it('is a device once it has said so, inside TLS too', async () => {
    const { local, bob, alice, limits } = await besieged('introduced', { strangers: 1 })
    const made = certificate('relay', { names: ['127.0.0.1'] })
    const app = await buildApp(local, pino({ level: 'silent' }), made, limits)
    onTestFinished(() => app.close())
    const url = await app.listen({ host: '127.0.0.1', port: 0 })
    const dial = () => rawSocket(url, { rejectUnauthorized: false })
    const device = await (await dial()).signIn(bob.device)
    const stranger = await dial()
    const other = await (await dial()).signIn(alice.device)
    expect(await stranger.closed).toBe(1006)
    await other.settled()
    expect(isOpen(device)).toBe(true)
  })

  it('leaves no challenge behind with the connection that it was for', async () => {
    const { app, url, local, bob, chain } = await besieged('a challenge')
    const socket = await rawSocket(url)
    const { challenge } = socket
    socket.ws.close()
    await socket.closed
    while (app.websocketServer.clients.size > 1) await new Promise(setImmediate)
    const answer = answerChallenge(bob.device, chain.pair.public, challenge)
    const admitted = (async () => local.admit(challenge, answer, createEar().listener))()
    expect(await answerTo(admitted)).toBe('challenge-spent')
  })
})

describe('devices', () => {
  it('that do not read hold so much all together, and those who read lose nothing', async () => {
    const limits = { bytesForDevices: 24 * mebibyte }
    const { app, store, alice, bob, clock, bystander, signedIn } = await besieged('deaf crowd', limits)
    const mail = Array.from({ length: 120 }, () => new Uint8Array(100_000))
    await post(store, addressOf(alice), addressOf(bob), mail, clock.now, 0)
    const deaf: RawSocket[] = []
    for (let i = 0; i < 16; i++) {
      deaf.push(await signedIn())
      deaf.at(-1)?.ws.pause()
    }
    const reader = await signedIn()
    const held = () => [...app.websocketServer.clients].reduce((sum, { bufferedAmount }) => sum + bufferedAmount, 0)
    let most = 0
    for (let read = 0; read < 120;) {
      read = (await reader.delivered(read + 1)).length
      reader.send({ type: 'acknowledge', sequence: read })
      await bystander.settled()
      most = Math.max(most, held())
    }
    // and what is put out in one turn: a window of mail for each of them
    expect(most).toBeLessThanOrEqual((24 + 17) * mebibyte)
    expect(most).toBeGreaterThan(8 * mebibyte)
    expect([isOpen(bystander), isOpen(reader)]).toEqual([true, true])
  })

  it('that do not end their frames hold so much all together, and then the largest goes', async () => {
    const { bystander, settled, signedIn } = await besieged('half frames', { bytesForDevices: 4 * mebibyte })
    const sizeBytes = 120_000
    const sockets = []
    for (let i = 0; i < 60; i++) {
      const socket = await signedIn()
      wireOf(socket).write(Buffer.concat([frameHead, new Uint8Array(sizeBytes)]))
      sockets.push(socket)
    }
    await settled()
    const there = sockets.filter(isOpen).length
    expect(there * sizeBytes).toBeLessThanOrEqual(4 * mebibyte)
    expect([there > 20, isOpen(bystander)]).toEqual([true, true])
  })

  it('that hand in while another program holds the store wait with little, and none of it is lost', async () => {
    const state = { isHeld: false, most: 0 }
    const around = (store: Store): Store => ({
      ...store,
      async commit(batch) {
        state.most = Math.max(
          state.most,
          batch.postings.reduce((sum, { envelope }) => sum + envelope.length, 0),
        )
        if (state.isHeld) throw Object.assign(new Error('database is locked'), { code: 'ERR_SQLITE_ERROR', errcode: 5 })
        return store.commit(batch)
      },
    })
    const { relay, bob } = await postOffice('held for all', overNetwork, { around })
    const carol = accountOf('carol', 8, seededRandom('carol'))
    await relay.register(carol.signedList)
    const ears = []
    for (let i = 0; i < 8; i++) ears.push(await signIn(relay, carol.device(i)))
    state.isHeld = true
    const envelope = new Uint8Array(99 * 1024)
    const asked = ears.flatMap(({ connection }) =>
      Array.from({ length: 40 }, (_, i) =>
        answerTo(connection.submit({ to: addressOf(bob), counter: i + 1, envelope })),
      ),
    )
    // nobody is told before the store is free, and everybody is heard as far as there is room
    await untilTrue(() => state.most > 8 * mebibyte)
    for (let i = 0; i < 20; i++) await relay.access()
    expect(state.most).toBeLessThan(8 * 1.3 * mebibyte)
    state.isHeld = false
    expect(new Set(await Promise.all(asked))).toEqual(new Set(['bad-envelope', 'out-of-order']))
  })

  it('that end their frames hold nothing, however many came', async () => {
    const { bystander, signedIn } = await besieged('whole frames', { bytesForDevices: 300_000 })
    const sockets = await Promise.all([signedIn(), signedIn(), signedIn()])
    for (let ref = 1; ref <= 50; ref++)
      for (const socket of sockets) socket.send(`{"type":"count-prekeys","ref":${ref}}`.padEnd(20_000))
    for (const socket of sockets) await socket.frame(({ ref }) => ref === 50)
    await bystander.settled()
    expect(sockets.map(isOpen)).toEqual([true, true, true])
  })
})
