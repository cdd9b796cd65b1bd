import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { describe, expect, it } from 'vitest'
import { base64url } from '../../crypto/bytes.ts'
import { messageKeyEscrow } from '../../crypto/access/message-key-escrow.ts'
import { createAccount } from '../../crypto/identity.ts'
import { relayErrors } from '../../server/api.ts'
import { seededRandom } from '../support/random.ts'
import { listening, operatorToken, postOffice } from '../support/relay.ts'
import { accountOf } from '../support/relay-account.ts'

const json = { 'content-type': 'application/json' }
const asOperator = { ...json, authorization: `Bearer ${operatorToken}` }
const someList = (user: string) => base64url(createAccount(user, seededRandom(user)).signedList)
const off = JSON.stringify({ mode: 'none', parameters: '' })

/** A listening relay; `ask` gives status and body of an answer, an error only if it has the form of the specification. */
async function served(seed: string) {
  const office = await postOffice(seed)
  const url = await listening(office.local)
  async function ask(method: string, path: string, body?: string, headers: Record<string, string> = json) {
    const response = await fetch(url + path, { method, headers, ...(body === undefined ? {} : { body }) })
    return [response.status, await response.json()] as const
  }
  /** the code of a refusal, whose status must be the code's own */
  async function refusal(...request: Parameters<typeof ask>): Promise<string> {
    const [status, body] = await ask(...request)
    const { code, message, ...more } = body as { code: keyof typeof relayErrors; message: string }
    expect([status, typeof message, more]).toEqual([relayErrors[code], 'string', {}])
    return code
  }
  const register = (body: string) => refusal('POST', '/v1/accounts', body)
  const change = (body: string, headers = asOperator) => refusal('PUT', '/v1/access', body, headers)
  return { ...office, url, ask, refusal, register, change }
}

describe('what anybody may ask', () => {
  it('is answered as the specification says', async () => {
    const { ask, chain } = await served('answers')
    const carol = accountOf('carol', 8, seededRandom('carol'))
    const list = JSON.stringify({ list: base64url(carol.signedList) })
    expect(await ask('GET', '/v1/relay')).toEqual([200, { policyKey: base64url(chain.pair.public) }])
    for (let i = 0; i < 2; i++) expect(await ask('POST', '/v1/accounts', list)).toEqual([201, {}])
    const links = [base64url(chain.head.bytes)]
    expect(await ask('GET', '/v1/policies?after=0')).toEqual([200, { links }])
    expect(await ask('GET', '/v1/policies?after=4294967295')).toEqual([200, { links: [] }])
    const status = { epoch: 1, mode: 'none', since: 1, archive: false }
    expect(await ask('GET', '/v1/access')).toEqual([200, status])
    expect(await ask('PUT', '/v1/access', off, asOperator)).toMatchObject([200, { epoch: 2, mode: 'none' }])
  })

  it('is a route that there is', async () => {
    const { refusal } = await served('routes')
    const routes = [
      '/',
      '/v1',
      '/v1/',
      '/v1/relay/',
      '/v2/relay',
      '/V1/RELAY',
      '/v1/accounts/alice',
      '/v1/relay%00',
      '//',
    ]
    for (const path of [...routes, '/v1/../etc/passwd', '/v1/socket', '/__proto__'])
      expect([path, await refusal('GET', path)]).toEqual([path, 'not-found'])
    for (const method of ['POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS'])
      expect([method, await refusal(method, '/v1/relay', undefined, {})]).toEqual([method, 'not-found'])
    for (const path of ['/v1/%zz', '/%', '/v1/%c0%af'])
      expect([path, await refusal('GET', path)]).toEqual([path, 'bad-request'])
  })

  it('comes from no page of another site', async () => {
    const { refusal, url, ask } = await served('origins')
    const port = new URL(url).port
    for (const origin of [
      'http://evil.example',
      'null',
      `http://evil.example:${port}`,
      'http://127.0.0.1',
      'nonsense',
      '',
    ])
      for (const [method, path] of [
        ['GET', '/v1/relay'],
        ['PUT', '/v1/access'],
        ['POST', '/v1/accounts'],
        ['GET', '/none'],
      ] as const)
        expect([origin, await refusal(method, path, undefined, { origin })]).toEqual([origin, 'foreign-origin'])
    expect((await ask('GET', '/v1/relay', undefined, { origin: url }))[0]).toBe(200)
  })

  it('is answered in plain words when it is no HTTP at all', async () => {
    const { url, ask } = await served('no http')
    const socket = connect(Number(new URL(url).port), '127.0.0.1')
    socket.end('\u0016\u0003\u0001 HELLO\r\n\r\n')
    expect(await text(socket)).toMatch(/^HTTP\/1.1 400 Bad Request/)
    expect((await ask('GET', '/v1/relay'))[0]).toBe(200)
  })
})

describe('the chain of policies', () => {
  it('is asked for by one number', async () => {
    const { refusal } = await served('policies')
    const wrong = ['', '?', '?after=-1', '?after=1.5', '?after=x', '?after=4294967296', '?after=1e400', '?after=NaN']
    const more = [
      '?after=1&after=2',
      '?after=1&more=1',
      '?after=1&__proto__=1',
      '?after=1&constructor=1',
      '?after[]=1',
      '?After=1',
    ]
    for (const query of [...wrong, ...more])
      expect([query, await refusal('GET', `/v1/policies${query}`)]).toEqual([query, 'bad-request'])
  })
})

describe('a registration', () => {
  it('has one list, in base64url, of 2,048 bytes at most', async () => {
    const { register, ask } = await served('bodies')
    const list = someList('carol')
    const lists = [
      '',
      'A',
      `${list}=`,
      ` ${list}`,
      `${list}\n`,
      list.slice(0, -1),
      list.replace(/.$/, '!'),
      'A'.repeat(2732),
      5,
      null,
      [list],
      {},
      true,
    ]
    const bodies = [
      ...lists.map((one) => JSON.stringify({ list: one })),
      JSON.stringify({ list, more: 1 }),
      JSON.stringify({ List: list }),
      JSON.stringify([{ list }]),
      '{}',
      '[]',
      'null',
      '5',
      '"list"',
      '',
      '{',
      `{"list":"${list}"`,
      `{"list":"${list}"}}`,
      '{"list":"\\ud800"}',
      '﻿{}',
    ]
    for (const body of bodies) expect([body, await register(body)]).toEqual([body, 'bad-request'])
    expect(await ask('POST', '/v1/accounts', JSON.stringify({ list }))).toEqual([201, {}])
  })

  it('is JSON and says so', async () => {
    const { refusal } = await served('content types')
    const body = JSON.stringify({ list: someList('carol') })
    const types = [
      'text/plain',
      'application/x-www-form-urlencoded',
      'multipart/form-data',
      'application/xml',
      'nonsense',
    ]
    for (const type of types)
      expect([type, await refusal('POST', '/v1/accounts', body, { 'content-type': type })]).toEqual([
        type,
        'bad-request',
      ])
  })

  it('does not take a name that is taken', async () => {
    const { register } = await served('taken')
    expect(await register(JSON.stringify({ list: someList('alice') }))).toBe('name-taken')
  })

  it('pollutes nothing', async () => {
    const { register } = await served('pollution')
    const list = someList('carol')
    for (const member of ['"__proto__":{"polluted":1}', '"constructor":{"prototype":{"polluted":1}}', '"prototype":1'])
      for (const body of [`{"list":"${list}",${member}}`, `{${member}}`, `{"list":{${member}}}`, `[{${member}}]`])
        expect([body, await register(body)]).toEqual([body, 'bad-request'])
    expect('polluted' in {}).toBe(false)
  })

  it('is at most 4,096 bytes long, whatever it says of its length', async () => {
    const { register, refusal, url } = await served('oversize')
    const body = JSON.stringify({ list: '' })
    expect(await register(body.padEnd(4096))).toBe('bad-request')
    expect(await register(body.padEnd(4097))).toBe('too-large')
    const stream = new ReadableStream({
      start(controller) {
        for (let i = 0; i < 3; i++) controller.enqueue(new TextEncoder().encode(' '.repeat(2000)))
        controller.close()
      },
    })
    const chunked = await fetch(`${url}/v1/accounts`, { method: 'POST', headers: json, body: stream, duplex: 'half' })
    expect(await chunked.json()).toMatchObject({ code: 'too-large' })
    expect(await refusal('PUT', '/v1/access', off.padEnd(24_577), asOperator)).toBe('too-large')
  })
})

describe('the operator’s switch', () => {
  it('asks for the token, in the header and nowhere else', async () => {
    const { change, refusal, ask } = await served('tokens')
    const headers = [
      '',
      operatorToken,
      'Bearer',
      'Bearer ',
      `Basic ${operatorToken}`,
      `Bearer ${operatorToken}x`,
      `Bearer ${operatorToken.slice(0, -1)}`,
      'Bearer null',
      'Bearer undefined',
    ]
    for (const authorization of headers)
      expect([authorization, await change(off, { ...json, authorization })]).toEqual([
        authorization,
        'not-the-operator',
      ])
    expect(await change(off, json as typeof asOperator)).toBe('not-the-operator')
    expect(await refusal('PUT', `/v1/access?token=${operatorToken}`, off, json)).toBe('not-the-operator')
    expect(
      await change(JSON.stringify({ mode: 'none', parameters: '', token: operatorToken }), json as typeof asOperator),
    ).toBe('not-the-operator')
    expect(await ask('GET', '/v1/access')).toMatchObject([200, { epoch: 1 }])
  })

  it('takes a mode that there is, with parameters of its own', async () => {
    const { change, ask } = await served('modes')
    const { parameters } = messageKeyEscrow.setup(seededRandom('custodian'))
    const on = (mode: unknown, given: unknown) => JSON.stringify({ mode, parameters: given })
    const key = base64url(parameters)
    const modes = [
      '',
      'None',
      'none ',
      '__proto__',
      'constructor',
      'm'.repeat(48),
      'm'.repeat(49),
      '\ud800',
      5,
      null,
      ['none'],
      {},
    ]
    for (const mode of modes) expect([mode, await change(on(mode, ''))]).toEqual([mode, 'bad-request'])
    const given = ['A', key, `${key}=`, 5, null, ['']]
    for (const one of given) expect([one, await change(on('none', one))]).toEqual([one, 'bad-request'])
    for (const one of [
      '',
      key.slice(4),
      `${key}AAAA`,
      base64url(new Uint8Array(1216).fill(255)),
      base64url(new Uint8Array(16_385)),
    ])
      expect(await change(on(messageKeyEscrow.id, one))).toBe('bad-request')
    for (const body of [
      off.replace('}', ',"more":1}'),
      '{}',
      '[]',
      '{"mode":"none"}',
      off.replace('}', ',"__proto__":{"mode":1}}'),
    ])
      expect([body, await change(body)]).toEqual([body, 'bad-request'])
    expect(await ask('GET', '/v1/access')).toMatchObject([200, { epoch: 1 }])
    expect(await ask('PUT', '/v1/access', on(messageKeyEscrow.id, key), asOperator)).toMatchObject([
      200,
      { epoch: 2, mode: messageKeyEscrow.id },
    ])
  })
})
