import { once } from 'node:events'
import { type IncomingMessage, request } from 'node:http'
import type { Socket } from 'node:net'
import { Writable } from 'node:stream'
import { text } from 'node:stream/consumers'
import fc from 'fast-check'
import { pino } from 'pino'
import { describe, expect, it } from 'vitest'
import { base64url } from '../../crypto/bytes.ts'
import { encodePrekey } from '../../crypto/prekeys.ts'
import { relayAt } from '../../client/node/relay.ts'
import { encodeSubmission, relayErrors, type RelayErrorCode, toDeviceSchema } from '../../server/api.ts'
import { at } from '../support/at.ts'
import { person } from '../support/couple.ts'
import { counting, mutationsOf, parameters, patience } from '../support/fuzz.ts'
import { hostileFrames, hostileText } from '../support/hostile.ts'
import { seededRandom } from '../support/random.ts'
import { inProcess, listening, operatorToken, type PostOffice, postOffice, readBy, signIn } from '../support/relay.ts'
import { type Frame, type RawSocket, rawSocket } from '../support/relay-socket.ts'

const count = counting()

/** A log of which only the faults are kept. */
function faultLog() {
  const faults: string[] = []
  const stream = new Writable({
    write(line: Buffer, _encoding, done) {
      faults.push(line.toString())
      done()
    },
  })
  return { faults, logger: pino({ level: 'error' }, stream) }
}

const carol = person('carol', seededRandom('carol'))
const carolsPrekeys = carol.prekeys
const list = base64url(carol.signedList)
const key = base64url(new Uint8Array(32).fill(7))

/** No talk is refused for what those before it have cost. */
const plenty = { burst: 1e9, perSecond: 1 }
const generous = { requests: plenty, httpRequests: plenty, submissions: plenty }

const bodies: readonly Frame[] = [
  { list },
  { list: base64url(person('dave', seededRandom('dave')).signedList) },
  { mode: 'none', parameters: '' },
  { mode: 'message-key-escrow', parameters: base64url(new Uint8Array(1216)) },
]

/** Two honest people, online before anybody else comes; `goesOn` is how they show that they are served as before. */
async function honest(office: PostOffice, relay = office.relay) {
  const [alice, bob] = [await signIn(relay, office.alice), await signIn(relay, office.bob)]
  let [sent, seen] = [0, 0]
  return {
    async goesOn(): Promise<void> {
      await alice.connection.submit(office.toBob(++sent, `still here ${sent}`))
      for (;;) {
        const { from, sequence, envelope } = at(await bob.delivered(++seen), -1)
        await bob.connection.acknowledge(sequence)
        if (from.user === 'alice') return expect(readBy(office.bob, [{ envelope }])).toEqual([`still here ${sent}`])
      }
    },
  }
}

/** A request as it is given, on a connection of its own: no address or header is mended on the way. */
async function ask(
  url: string,
  method: string,
  path: string,
  headers: Record<string, string>,
  body: string | Buffer | null,
) {
  const size = body === null ? {} : { 'content-length': String(Buffer.byteLength(body)) }
  const asking = request(url, { method, path, headers: { ...headers, ...size }, agent: false })
  asking.end(body ?? undefined)
  const [answer] = (await once(asking, 'response')) as [IncomingMessage]
  return { status: answer.statusCode ?? 0, said: await text(answer) }
}

describe('a relay that is asked anything over HTTP', () => {
  const pathPart = fc.oneof(
    fc.constantFrom('/v1/relay', '/v1/accounts', '/v1/policies', '/v1/access', '/v1/socket', '/', '/v1/'),
    fc.webPath().map((path) => `/${path}`),
    hostileText.map((text) => `/${encodeURIComponent(text.toWellFormed())}`),
    fc.constantFrom('/v1/%zz', '/v1/%c0%af', '/__proto__', '/v1/../../etc/passwd', '//', '/v1/relay%00'),
  )
  const query = fc.oneof(
    fc.constantFrom('', '?after=0', '?after=', '?after=-1', '?after=1&after=2', '?__proto__[a]=1', '?after[]=1', '?%'),
    fc.webQueryParameters().map((text) => `?${text}`),
    hostileText.map((text) => `?after=${encodeURIComponent(text.toWellFormed())}`),
  )
  const asked = fc.record({
    method: fc.constantFrom('GET', 'POST', 'PUT', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'HEAD'),
    path: pathPart,
    query,
    body: fc.option(
      fc.oneof(
        hostileFrames(bodies),
        hostileFrames(bodies),
        fc.uint8Array().map((some) => Buffer.from(some)),
      ),
    ),
    type: fc.constantFrom('application/json', 'application/json', 'application/json; charset=x', 'text/plain', 'x', ''),
    authorization: fc.option(
      fc.oneof(
        fc.constant(`Bearer ${operatorToken}`),
        hostileText.map((text) => `Bearer ${encodeURIComponent(text.toWellFormed())}`),
      ),
    ),
    encoding: fc.constantFrom('', '', '', 'gzip', 'identity'),
  })

  it('answers with a documented code, and never that it failed', { timeout: patience(10) }, async () => {
    const office = await postOffice('fuzzed over HTTP', inProcess, { limits: generous })
    const { faults, logger } = faultLog()
    const url = await listening(office.local, logger, generous)
    const { goesOn } = await honest(office)
    const counted = count('requests over HTTP')
    await fc.assert(
      fc.asyncProperty(asked, async ({ method, path, query, body, type, authorization, encoding }) => {
        const headers = {
          ...(type === '' ? {} : { 'content-type': type }),
          ...(authorization === null ? {} : { authorization }),
          ...(encoding === '' ? {} : { 'content-encoding': encoding }),
        }
        const { status, said } = await ask(url, method, `${path}${query}`, headers, body)
        const isTaken = status === 200 || status === 201
        counted(isTaken)
        expect(status).toBeLessThan(500)
        if (isTaken || method === 'HEAD') return
        const { code, message, ...more } = JSON.parse(said) as { code: RelayErrorCode; message: string }
        expect([relayErrors[code], typeof message, more]).toEqual([status, 'string', {}])
      }),
      parameters(10),
    )
    expect(faults).toEqual([])
    expect('polluted' in {}).toBe(false)
    await goesOn()
  })
})

type Sent =
  | { readonly kind: 'text' | 'first piece'; readonly data: string }
  | { readonly kind: 'binary' | 'ping' | 'no frame at all'; readonly data: Uint8Array }

function anything(submissions: readonly Uint8Array[]): fc.Arbitrary<Sent> {
  const device = base64url(carol.device.record.id)
  const prekeys = Object.values(carolsPrekeys).map((prekey) => base64url(encodePrekey(prekey)))
  const frames: readonly Frame[] = [
    { type: 'authenticate', user: 'carol', device, signature: base64url(new Uint8Array(64)), suite: 2 },
    { type: 'acknowledge', sequence: 1 },
    { type: 'publish-prekeys', ref: 1, replace: false, prekeys },
    { type: 'publish-prekeys', ref: 1, replace: true, prekeys: [key] },
    { type: 'count-prekeys', ref: 2 },
    { type: 'devices', ref: 3, user: 'bob' },
    { type: 'bundle', ref: 4, user: 'carol', device },
    { type: 'sent', ref: 5, skip: 0 },
  ]
  const said = fc.oneof(
    hostileFrames(frames),
    fc.constantFrom(...frames).map((frame) => JSON.stringify(frame)),
  )
  const bytes = fc.uint8Array({ maxLength: 125 })
  return fc.oneof(
    { weight: 6, arbitrary: said.map((data): Sent => ({ kind: 'text', data })) },
    { weight: 4, arbitrary: mutationsOf(submissions).map((data): Sent => ({ kind: 'binary', data })) },
    said.map((data): Sent => ({ kind: 'first piece', data })),
    bytes.map((data): Sent => ({ kind: 'ping', data })),
    bytes.map((data): Sent => ({ kind: 'no frame at all', data })),
  )
}

const tcpOf = ({ ws }: RawSocket) => (ws as unknown as { _socket: Socket })._socket

function send(socket: RawSocket, { kind, data }: Sent): void {
  const { ws } = socket
  if (ws.readyState !== ws.OPEN) return
  if (kind === 'ping') ws.ping(data)
  else if (kind === 'no frame at all') tcpOf(socket).write(data)
  else ws.send(data, { fin: kind !== 'first piece' })
}

describe('a relay that is told anything over a socket', () => {
  const closings = new Set([1000, 1002, 1003, 1005, 1006, 1007, 1008, 1009])

  it(
    'answers with a documented code or closes, fails at nothing, and serves others as before',
    { timeout: patience(20) },
    async () => {
      const office = await postOffice('fuzzed over a socket', inProcess, { limits: generous })
      const { faults, logger } = faultLog()
      const url = await listening(office.local, logger, generous)
      await office.relay.register(carol.signedList)
      const { goesOn } = await honest(office, relayAt(url))
      await goesOn()
      const submissions = [1, 2, 3].map((counter) =>
        encodeSubmission(counter, { ...office.toBob(counter, 'from a stranger') }),
      )
      const counted = count('talks over a socket')
      const codes = new Set<unknown>()

      const talk = fc.tuple(fc.boolean(), fc.array(anything(submissions), { minLength: 1, maxLength: 6 }))
      await fc.assert(
        fc.asyncProperty(talk, async ([signsIn, sent]) => {
          const socket = await rawSocket(url)
          if (signsIn) await socket.signIn(carol.device)
          for (const one of sent) send(socket, one)
          // what is no frame may begin one that never ends, and take in all that comes after it
          if (sent.some(({ kind }) => kind === 'no frame at all')) tcpOf(socket).end()
          const isOpen =
            signsIn &&
            (await Promise.race([socket.settled().then(() => true), socket.closed]).catch(() => false)) === true
          counted(isOpen)
          if (
            !isOpen &&
            !sent.every(({ kind }) => kind === 'ping' || kind === 'first piece' || kind === 'no frame at all')
          )
            expect(closings).toContain(await socket.closed)
          socket.ws.terminate()
          for (const frame of socket.frames) {
            expect(toDeviceSchema.safeParse(frame).success, JSON.stringify(frame)).toBe(true)
            if (frame['type'] === 'refused') codes.add(frame['code'])
          }
        }),
        parameters(20),
      )
      expect(codes).not.toContain('internal')
      expect(faults).toEqual([])
      expect('polluted' in {}).toBe(false)
      await goesOn()
    },
  )
})
