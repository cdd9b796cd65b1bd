import type { AddressInfo } from 'node:net'
import { createServer } from 'node:http'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { type WebSocket, WebSocketServer } from 'ws'
import { answerChallenge, createAccount } from '../../crypto/identity.ts'
import { type Connection, type Relay, RelayError, toJson } from '../../server/api.ts'
import { relayAt } from '../../client/node/relay.ts'
import { seededRandom } from '../support/random.ts'
import { hangMs } from '../support/hang.ts'

const random = seededRandom('nonsense')
const { device } = createAccount('alice', random)
const challenge = { type: 'challenge', challenge: random(32), policyKey: random(32) }
const polluting = '"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}'

/** Frames that no relay sends. */
const nonsense: readonly (string | Uint8Array)[] = [
  '',
  'null',
  '[]',
  '{}',
  '"ready"',
  '{"type":"ready"',
  '{"type":"__proto__"}',
  '{"type":"toString","ref":1}',
  `{${polluting}}`,
  `{"type":"done","ref":-1,${polluting}}`,
  '{"type":"refused","ref":1,"code":"constructor","message":""}',
  '{"type":"policy","link":"="}',
  `{"type":"policy","link":${'['.repeat(50_000)}`,
  '\ufffd\u0000',
  new Uint8Array(),
  new Uint8Array([2]),
  random(400),
]

interface Script {
  /** in place of the challenge, of the welcome, or after it */
  readonly insteadOf?: 'challenge' | 'ready'
  /** what a question is answered with; takes its ref */
  answer?: (ref: number) => string
}

/** A relay over the network that says what the test says, and the way to it. */
async function relaySaying(frame: string | Uint8Array, { insteadOf, answer }: Script) {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' })
  const say = (socket: WebSocket, what: string | Uint8Array) => socket.send(what, { binary: typeof what !== 'string' })
  server.on('connection', (socket) => {
    say(socket, insteadOf === 'challenge' ? frame : toJson(challenge))
    socket.once('message', () => {
      if (insteadOf === 'ready') return say(socket, frame)
      say(socket, '{"type":"ready"}')
      if (!answer) return say(socket, frame)
      socket.on('message', (data) => {
        const { ref } = JSON.parse((data as Buffer).toString()) as { ref: number }
        say(socket, answer(ref))
      })
    })
  })
  onTestFinished(() => {
    for (const socket of server.clients) socket.terminate()
    server.close()
  })
  await new Promise((resolve) => server.once('listening', resolve))
  const closed = vi.fn<(error: RelayError | null) => void>()
  const delivered = vi.fn<() => void>()
  const connect = () =>
    relayAt(`http://127.0.0.1:${(server.address() as AddressInfo).port}`).connect(
      (key, given) => answerChallenge(device, key, given),
      { ready: () => undefined, deliver: delivered, policy: delivered, closed },
    )
  return { connect, closed, delivered }
}

const fault = async (attempt: Promise<unknown>) => {
  const error: unknown = await attempt.then(
    () => 'none',
    (thrown: unknown) => thrown,
  )
  return error instanceof RelayError ? error.code : error
}

describe('a frame of nonsense', () => {
  it.each(['challenge', 'ready'] as const)('in the place of %s makes no connection', async (insteadOf) => {
    for (const frame of nonsense) {
      const { connect } = await relaySaying(frame, { insteadOf })
      expect(['internal', 'bad-request'], String(frame).slice(0, 80)).toContain(await fault(connect()))
    }
    expect('polluted' in {}).toBe(false)
  })

  it('in the middle of a connection ends it, and nothing of it is delivered', async () => {
    for (const frame of nonsense) {
      const { connect, closed, delivered } = await relaySaying(frame, {})
      await connect()
      await vi.waitFor(() => expect(closed).toHaveBeenCalledTimes(1), { timeout: hangMs })
      expect(['internal', 'bad-request'], String(frame).slice(0, 80)).toContain(closed.mock.calls[0]?.[0]?.code)
      expect(delivered).not.toHaveBeenCalled()
    }
    expect('polluted' in {}).toBe(false)
  })
})

describe('an answer of nonsense', () => {
  const questions: Record<string, (connection: Connection) => Promise<unknown>> = {
    'a device list': (connection) => connection.devices('bob'),
    'a bundle': (connection) => connection.bundle({ user: 'bob', device: device.record.id }),
    'counters': (connection) => connection.sent(),
    'a count of prekeys': (connection) => connection.countPrekeys(),
    'a word that prekeys were taken': (connection) => connection.publishPrekeys([], false),
  }
  const answers: readonly ((ref: number) => string)[] = [
    (ref) => `{"type":"device-list","ref":${ref},"list":["AAAA"]}`,
    (ref) => `{"type":"device-list","ref":${ref},"list":"${'A'.repeat(20_000)}"}`,
    (ref) => `{"type":"prekey-bundle","ref":${ref},"bundle":{"__proto__":"AAAA"}}`,
    (ref) => `{"type":"prekey-counts","ref":${ref},"oneTime":-1,"kemOneTime":0.5}`,
    (ref) => `{"type":"prekey-counts","ref":${ref},"oneTime":1e400,"kemOneTime":0}`,
    (ref) => `{"type":"sent-counters","ref":${ref},"counters":[{"user":"../bob"}]}`,
    (ref) => `{"type":"sent-counters","ref":${ref},"counters":{"length":1}}`,
    (ref) => `{"type":"policy","ref":${ref},"link":{}}`,
  ]

  it.each(Object.entries(questions))('in the place of %s is a fault of the relay', async (_what, ask) => {
    for (const answer of answers) {
      const { connect } = await relaySaying('', { answer })
      expect(await fault(ask(await connect())), answer(1).slice(0, 80)).toBe('internal')
    }
  })

  it('of another kind than the question is a fault of the relay too', async () => {
    for (const [what, ask] of Object.entries(questions)) {
      const answer = (ref: number) => `{"type":"challenge","ref":${ref},"challenge":"AA","policyKey":"AA"}`
      expect(await fault(ask(await (await relaySaying('', { answer })).connect())), what).toBe('internal')
      const other = what.startsWith('a word') ? '"prekey-counts","oneTime":0,"kemOneTime":0' : '"done"'
      const wrong = (ref: number) => `{"type":${other},"ref":${ref},${polluting}}`
      expect(await fault(ask(await (await relaySaying('', { answer: wrong })).connect())), what).toBe('internal')
    }
    expect('polluted' in {}).toBe(false)
  })

  it('by HTTP is a fault of the relay, and pollutes nothing', async () => {
    const said = { text: '' }
    const server = createServer((_request, response) => void response.end(said.text))
    await new Promise<void>((listening) => void server.listen(0, '127.0.0.1', listening))
    onTestFinished(() => void server.close())
    const relay = relayAt(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
    const asking: ((relay: Relay) => Promise<unknown>)[] = [
      (one) => one.policyKey(),
      (one) => one.policies(0),
      (one) => one.access(),
      (one) => one.blob(random(32) as never),
      (one) => one.readNote(random(32) as never, 1),
    ]
    for (const text of ['', 'null', '[]', `{${polluting}}`, '{"policyKey":"AA","links":[1],"note":7,"epoch":-1}']) {
      said.text = text
      for (const ask of asking) expect(await fault(ask(relay)), text).toBe('internal')
    }
    expect('polluted' in {}).toBe(false)
  })
})
