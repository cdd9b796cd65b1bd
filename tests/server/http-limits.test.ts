import { once } from 'node:events'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { pino } from 'pino'
import { describe, expect, it, onTestFinished } from 'vitest'
import { buildApp } from '../../server/app.ts'
import { messageKeyEscrow } from '../../crypto/access/message-key-escrow.ts'
import { seededRandom } from '../support/random.ts'
import { upgradeRefused } from '../support/relay-socket.ts'
import { certificate } from '../support/certificate.ts'
import { defaultLimits, type Limits } from '../../server/limits.ts'
import { inProcess, postOffice, type PostOfficeOptions } from '../support/relay.ts'

/** A listening relay, and a way to say to it what no client would. */
async function served(seed: string, limits: Partial<Limits> = {}, options: PostOfficeOptions = {}) {
  const office = await postOffice(seed, inProcess, options)
  const app = await buildApp(office.local, pino({ level: 'silent' }), null, { ...defaultLimits, ...limits })
  onTestFinished(() => app.close())
  const url = await app.listen({ host: '127.0.0.1', port: 0 })
  async function say(words: string) {
    const socket = connect(Number(new URL(url).port), '127.0.0.1')
    onTestFinished(() => void socket.destroy())
    await once(socket, 'connect')
    socket.write(words)
    return text(socket)
  }
  return { ...office, app, url, say }
}

const request = (headers: string, body = '') => `POST /v1/accounts HTTP/1.1\r\nHost: 127.0.0.1\r\n${headers}${body}`

describe('HTTP requests of all together', () => {
  it('are answered so many at once, and one past that not; what they would have used is not touched', async () => {
    const { url } = await served('rush', { httpRequests: { burst: 5, perSecond: 0 } })
    const paths = ['/v1/relay', '/v1/policies?after=0', '/v1/access', '/none', '/v1/relay', '/v1/relay', '/v1/socket']
    const said = []
    for (const path of paths) {
      const response = await fetch(url + path)
      said.push([response.status, ((await response.json()) as { code?: string }).code])
    }
    const fine = [200, undefined]
    expect(said).toEqual([fine, fine, fine, [404, 'not-found'], fine, [429, 'too-many'], [429, 'too-many']])
  })
})

describe('what a request asks for', () => {
  it('is paid by its length: a page of long links is not one request', async () => {
    const { parameters } = messageKeyEscrow.setup(seededRandom('custodian'))
    const modes = Array.from({ length: 40 }, () => ({ id: messageKeyEscrow.id, parameters }))
    const { url } = await served('long links', { httpRequests: { burst: 50, perSecond: 0 } }, { modes })
    const statuses = []
    for (let i = 0; i < 10; i++) statuses.push((await fetch(`${url}/v1/policies?after=0`)).status)
    expect([statuses[0], statuses.at(-1)]).toEqual([200, 429])
  })

  it('is paid as ten if it is a socket, whoever asks for it', async () => {
    const { url } = await served('sockets', { httpRequests: { burst: 35, perSecond: 0 } })
    const refusals = []
    for (let i = 0; i < 6; i++) refusals.push((await upgradeRefused(url, {}))?.status)
    expect(refusals).toEqual([undefined, undefined, undefined, undefined, 429, 429])
  })
})

describe('the chain of policies', () => {
  it('comes 32 links at a time', async () => {
    const modes = Array.from({ length: 65 }, () => ({ id: 'none', parameters: new Uint8Array() }))
    const { url } = await served('pages', {}, { modes })
    const counts = [0, 32, 33, 64, 65].map(async (after) => {
      const { links } = (await (await fetch(`${url}/v1/policies?after=${after}`)).json()) as { links: string[] }
      return links.length
    })
    expect(await Promise.all(counts)).toEqual([32, 32, 32, 1, 0])
  })
})

describe('a request that takes its time', () => {
  it('has ten seconds for its head, thirty for all of it, and thirty to read the answer; with TLS too', async () => {
    const { app, local } = await served('patience')
    const secured = await buildApp(local, pino({ level: 'silent' }), certificate('relay'))
    onTestFinished(() => secured.close())
    for (const { server } of [app, secured]) {
      const { headersTimeout, requestTimeout, timeout, keepAliveTimeout } = server
      expect([headersTimeout, requestTimeout, timeout, keepAliveTimeout]).toEqual([10_000, 30_000, 30_000, 10_000])
    }
  })

  it('is cut off, whether it dawdles over its head, over its body, or says nothing at all', async () => {
    const { app, say } = await served('slow')
    Object.assign(app.server, { headersTimeout: 50, requestTimeout: 100 })
    const answers = await Promise.all([
      say(request('X-Slow: ')),
      say(request('Content-Type: application/json\r\nContent-Length: 100\r\n\r\n', '{"list":"')),
      say(request('Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n', '1\r\n{\r\n')),
      say(''),
    ])
    expect(answers.map((answer) => answer.slice(0, 13))).toEqual(answers.map(() => 'HTTP/1.1 408 '))
  })
})

describe('the head of a request', () => {
  it('has 8,192 bytes', async () => {
    const { say } = await served('head')
    const of = (size: number) => say(request(`Connection: close\r\nX: ${'x'.repeat(size)}\r\n\r\n`))
    expect(await of(8000)).toMatch(/^HTTP\/1.1 400 /)
    expect(await of(8192)).toMatch(/^HTTP\/1.1 431 /)
  })
})
