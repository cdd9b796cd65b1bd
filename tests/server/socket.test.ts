import type { Socket } from 'node:net'
import { describe, expect, it } from 'vitest'
import { base64url, concat, field, textField, u32, u64, u8 } from '../../crypto/bytes.ts'
import { encodePrekey } from '../../crypto/prekeys.ts'
import { encodeDelivery, encodeSubmission, frameMaximumBytes } from '../../server/api.ts'
import { seededRandom } from '../support/random.ts'
import { inProcess, listening, type PostOffice, postOffice } from '../support/relay.ts'
import { type Frame, rawSocket, upgradeRefused } from '../support/relay-socket.ts'
import { isLong } from '../support/long.ts'
import { sizesIn } from '../support/stored.ts'

type Anything = Frame | string | Uint8Array

/** A listening relay, and Alice's ways in; `stillServes` is how it shows that others are served on. */
async function opened(seed: string) {
  const office = await postOffice(seed, inProcess, {
    limits: { socketsOfDevice: 1000, requests: { burst: 100_000, perSecond: 0 } },
  })
  const url = await listening(office.local, undefined, { httpRequests: { burst: 100_000, perSecond: 0 } })
  const bystander = await (await rawSocket(url)).signIn(office.bob.device)
  let asked = 0
  return {
    ...office,
    url,
    signedIn: async () => (await rawSocket(url)).signIn(office.alice.device),
    stillServes: async () => (await bystander.ask({ type: 'count-prekeys', ref: ++asked }))['type'] === 'prekey-counts',
  }
}

/** What the relay says last to each of these, each on a connection of its own, and the code with which it closes. */
async function lastWordsTo(office: Awaited<ReturnType<typeof opened>>, frames: ReadonlyMap<string, Anything>) {
  const said = [...frames].map(async ([name, frame]) => {
    const { said, code } = await (await office.signedIn()).lastWords(frame)
    return [name, `${String(said?.['type'])} ${String(said?.['ref'])} ${String(said?.['code'])}, then ${code}`] as const
  })
  return new Map(await Promise.all(said))
}

const ended = 'refused null bad-request, then 1008'
const allEnded = (frames: ReadonlyMap<string, Anything>) => new Map([...frames.keys()].map((name) => [name, ended]))
const named = (frames: readonly string[]) => new Map(frames.map((frame) => [frame.slice(0, 80), frame]))

describe('a frame', () => {
  it('may be 131,072 bytes', async () => {
    const office = await opened('limit')
    const socket = await office.signedIn()
    expect(frameMaximumBytes).toBe(131_072)
    socket.send('{"type":"count-prekeys","ref":1}'.padEnd(131_072))
    expect((await socket.frame(({ ref }) => ref === 1))['type']).toBe('prekey-counts')
    expect((await socket.lastWords(new Uint8Array(131_072))).said).toMatchObject({ ref: null, code: 'bad-request' })
  })

  it('ends its connection, and no other, when it is a byte longer', async () => {
    const office = await opened('one past')
    for (const frame of ['{"type":"count-prekeys","ref":1}'.padEnd(131_073), new Uint8Array(131_073)])
      expect(await (await office.signedIn()).lastWords(frame)).toEqual({
        said: { type: 'ready' },
        code: 1009,
      })
    expect(await office.stillServes()).toBe(true)
  })

  it('may come in pieces, up to the same length', async () => {
    const office = await opened('pieces')
    const [socket, greedy] = [await office.signedIn(), await office.signedIn()]
    for (const piece of ['{"type":"count', '-prekeys",', '"ref":1']) socket.ws.send(piece, { fin: false })
    socket.send('}')
    expect((await socket.frame(({ ref }) => ref === 1))['type']).toBe('prekey-counts')
    for (let i = 0; i < 3; i++) greedy.ws.send(' '.repeat(60_000), { fin: false })
    expect(await greedy.closed).toBe(1009)
    expect(await office.stillServes()).toBe(true)
  })

  it('may come in 128 pieces, and in no more', async () => {
    const office = await opened('crumbs')
    const [socket, greedy] = [await office.signedIn(), await office.signedIn()]
    for (let i = 1; i < 128; i++) for (const one of [socket, greedy]) one.ws.send(' ', { fin: false })
    socket.send('{"type":"count-prekeys","ref":1}')
    expect((await socket.frame(({ ref }) => ref === 1))['type']).toBe('prekey-counts')
    for (let i = 0; i < 2; i++) greedy.ws.send(' ', { fin: false })
    expect(await greedy.closed).toBe(1008)
    expect(await office.stillServes()).toBe(true)
  })

  it('may come in some thousand packets, and not in one for each of its bytes', async () => {
    const office = await opened('trickle')
    const socket = await office.signedIn()
    const wire = (socket.ws as unknown as { _socket: Socket })._socket.setNoDelay()
    // the head of a masked binary frame of 131,072 bytes
    wire.write(Uint8Array.of(0x82, 0xff, 0, 0, 0, 0, 0, 2, 0, 0, 1, 2, 3, 4))
    let packets = 0
    for (; packets < 131_071 && socket.ws.readyState === socket.ws.OPEN; packets++) {
      wire.write(Uint8Array.of(0))
      await new Promise(setImmediate)
    }
    expect(await socket.closed).toBe(1008)
    expect([packets > 4096, packets < 131_071]).toEqual([true, true])
    expect(await office.stillServes()).toBe(true)
  })

  it('is not compressed', async () => {
    const office = await opened('deflate')
    const socket = await rawSocket(office.url, { perMessageDeflate: true })
    expect(socket.ws.extensions).toBe('')
  })
})

describe('a text frame that makes no sense', () => {
  const request = '{"type":"count-prekeys","ref":1'
  const key = base64url(new Uint8Array(32))

  it('ends its connection with bad-request when it is no JSON object of a known type', async () => {
    const office = await opened('no request')
    const texts = ['', ' ', '{', 'hello', 'null', '5', '"text"', '[]', '{}', `[${request}}]`, '\u0000', '﻿{}']
    const types = ['no-such-thing', '__proto__', 'constructor', 'toString', 'ready', 'done', '', ' sent', 'SENT']
    const frames = named([
      ...texts,
      ...types.map((type) => JSON.stringify({ type, ref: 1 })),
      '{"type":null,"ref":1}',
      '{"type":["sent"],"ref":1}',
      '{"type":{"toString":"sent"},"ref":1}',
      '[['.repeat(30_000) + ']]'.repeat(30_000),
    ])
    expect(await lastWordsTo(office, frames)).toEqual(allEnded(frames))
    expect(await office.stillServes()).toBe(true)
  })

  it('ends its connection with bad-request when a member is unknown, missing or of another kind', async () => {
    const office = await opened('members')
    const refs = ['-1', '1.5', '4294967296', '1e300', '"1"', 'null', '[1]', 'true']
    const users = [
      '',
      'Alice',
      '__proto__',
      'a'.repeat(33),
      'a\u0000',
      'älice',
      'alice ',
      '\ud800',
      7,
      null,
      ['alice'],
      {},
    ]
    const devices = [
      '',
      key.slice(1),
      `${key}A`,
      `${key}=`,
      `${key.slice(0, -1)}B`,
      ` ${key}`,
      `+/${key.slice(2)}`,
      5,
      null,
    ]
    const sequences = ['-1', '0.5', '9007199254740992', '"1"', 'null']
    const frames = named([
      '{"type":"count-prekeys"}',
      ...refs.map((ref) => `{"type":"count-prekeys","ref":${ref}}`),
      `${request},"more":1}`,
      `${request},"__proto__":{"ref":2}}`,
      `${request},"constructor":{"prototype":{"ref":2}}}`,
      `${request},"toString":1}`,
      '{"__proto__":{"type":"count-prekeys","ref":1}}',
      ...users.map((user) => JSON.stringify({ type: 'devices', ref: 1, user })),
      ...devices.map((device) => JSON.stringify({ type: 'bundle', ref: 1, user: 'bob', device })),
      ...sequences.map((sequence) => `{"type":"acknowledge","sequence":${sequence}}`),
      '{"type":"acknowledge","sequence":1,"ref":1}',
      '{"type":"publish-prekeys","ref":1,"replace":"yes","prekeys":[]}',
      '{"type":"publish-prekeys","ref":1,"replace":true,"prekeys":"AAAA"}',
      '{"type":"publish-prekeys","ref":1,"replace":true,"prekeys":[1]}',
      '{"type":"publish-prekeys","ref":1,"replace":true,"prekeys":{"length":1,"0":"AAAA"}}',
      JSON.stringify({
        type: 'publish-prekeys',
        ref: 1,
        replace: true,
        prekeys: Array.from({ length: 65 }, () => key),
      }),
    ])
    expect(await lastWordsTo(office, frames)).toEqual(allEnded(frames))
    expect(await office.stillServes()).toBe(true)
  })

  it('leaves no trace in objects that others use', async () => {
    const office = await opened('pollution')
    await (
      await office.signedIn()
    ).lastWords(`${request},"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}`)
    expect('polluted' in {}).toBe(false)
  })

  it('is answered by its ref when the form is right and the content is not', async () => {
    const office = await opened('by ref')
    const socket = await office.signedIn()
    const foreign = base64url(encodePrekey(office.bob.prekeys.signed))
    const answers = [
      await socket.ask({ type: 'devices', ref: 0, user: 'constructor' }),
      await socket.ask({ type: 'bundle', ref: 0xffff_ffff, user: 'bob', device: key }),
      await socket.ask({ type: 'publish-prekeys', ref: 3, replace: false, prekeys: [foreign] }),
      await socket.ask({ type: 'publish-prekeys', ref: 4, replace: false, prekeys: ['AAAA'] }),
      await socket.ask({ type: 'publish-prekeys', ref: 5, replace: false, prekeys: [] }),
    ]
    const codes = ['unknown-user', 'unknown-device', 'bad-request', 'bad-request', undefined]
    expect(answers.map(({ code }) => code)).toEqual(codes)
  })
})

describe('a binary frame that makes no sense', () => {
  const submissionOf = ({ toBob }: PostOffice) => encodeSubmission(1, toBob(1, 'short'))

  it('ends its connection with bad-request', async () => {
    const office = await opened('binary')
    const { to, counter, envelope } = office.toBob(1, 'hello')
    const whole = encodeSubmission(1, { to, counter, envelope })
    const submissionTo = (user: string, device: Uint8Array, count: Uint8Array) =>
      concat(u8(1), u32(1), textField(user), device, count, field(envelope))
    const frames = new Map<string, Uint8Array>([
      ...[0, 1, 2, 3, 255].map((kind): [string, Uint8Array] => [`kind ${kind} alone`, u8(kind)]),
      ['nothing', new Uint8Array()],
      ['another kind', concat(u8(3), whole.subarray(1))],
      ['a byte too many', concat(whole, u8(0))],
      ['a delivery', encodeDelivery({ sequence: 1, time: 1, from: to, envelope })],
      ['a name that is none', submissionTo('Bob', to.device, u64(1))],
      ['a name of 33 bytes', submissionTo('b'.repeat(33), to.device, u64(1))],
      ['a counter of 2^53', submissionTo('bob', to.device, Uint8Array.of(0, 32, 0, 0, 0, 0, 0, 0))],
      ['JSON', new TextEncoder().encode('{"type":"count-prekeys","ref":1}')],
      ...[1, 10, 100, 1000].map((size): [string, Uint8Array] => [`${size} random bytes`, seededRandom(size)(size)]),
    ])
    expect(await lastWordsTo(office, frames)).toEqual(allEnded(frames))
    expect(await office.stillServes()).toBe(true)
  })

  it('ends its connection with bad-request at whatever length a submission is cut', async () => {
    const office = await opened('cut submission')
    const whole = submissionOf(office)
    // a connection for each: here every so many lengths, in the long run all
    const step = isLong ? 1 : 17
    const lengths = Array.from({ length: Math.ceil(whole.length / step) }, (_, i) => i * step)
    for (const from of Array.from({ length: Math.ceil(lengths.length / 100) }, (_, i) => 100 * i)) {
      const cut = lengths.slice(from, from + 100).map((length) => [`${length}`, whole.subarray(0, length)] as const)
      expect(await lastWordsTo(office, new Map(cut))).toEqual(allEnded(new Map(cut)))
    }
    expect(await office.stillServes()).toBe(true)
  })

  it('is answered by its ref with bad-envelope at whatever length its envelope is cut', async () => {
    const office = await opened('cut envelope')
    const socket = await office.signedIn()
    const letter = office.toBob(1, 'short')
    const cut = (length: number) => ({ ...letter, envelope: letter.envelope.subarray(0, length) })
    for (let length = 0; length < letter.envelope.length; length++) socket.send(encodeSubmission(length, cut(length)))
    socket.send(encodeSubmission(letter.envelope.length, letter))
    expect((await socket.frame(({ ref }) => ref === letter.envelope.length))['type']).toBe('done')
    const codes = socket.frames.slice(1, -1).map(({ code }) => code)
    expect([codes.length, new Set(codes)]).toEqual([letter.envelope.length, new Set(['bad-envelope'])])
    expect(await sizesIn(office.store, await office.rowOf(office.bob))).toHaveLength(1)
  })
})

describe('the page from which a socket is opened', () => {
  const hosts = (url: string) => new URL(url).host

  it('must be one of the relay’s own, if it is a page', async () => {
    const office = await opened('origins')
    const { port } = new URL(office.url)
    const foreign = [
      'http://evil.example',
      `http://evil.example:${port}`,
      'null',
      '',
      'http://127.0.0.1:1',
      `http://127.0.0.1.evil.example:${port}`,
    ]
    for (const origin of [
      ...foreign,
      `http://${hosts(office.url)}@evil.example`,
      'file://',
      `//${hosts(office.url)}`,
    ]) {
      const refusal = await upgradeRefused(office.url, { Origin: origin })
      expect([origin, refusal?.status]).toEqual([origin, 403])
      expect(JSON.parse(refusal?.body ?? '')).toMatchObject({ code: 'foreign-origin' })
    }
  })

  it('is of another name for this machine, whatever it is called', async () => {
    const office = await opened('rebinding')
    const host = `evil.example:${new URL(office.url).port}`
    const asking: readonly Record<string, string>[] = [
      { Host: host },
      { Host: host, Origin: `http://${host}` },
      { Host: host, Origin: office.url },
    ]
    for (const headers of asking) {
      const refusal = await upgradeRefused(office.url, headers)
      expect([headers, refusal?.status]).toEqual([headers, 403])
      expect(JSON.parse(refusal?.body ?? '')).toMatchObject({ code: 'foreign-host' })
    }
  })

  it('may be the relay’s own, or none', async () => {
    const office = await opened('own origin')
    expect(await upgradeRefused(office.url, { Origin: office.url })).toBeNull()
    expect(await upgradeRefused(office.url, {})).toBeNull()
  })
})
