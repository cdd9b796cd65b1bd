import { connect } from 'node:net'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { pino } from 'pino'
import { describe, expect, it } from 'vitest'
import { base64url, hex, utf8 } from '../../crypto/bytes.ts'
import { answerChallenge } from '../../crypto/identity.ts'
import { accountOf } from '../support/relay-account.ts'
import { folder } from '../support/relay-folder.ts'
import { filesOf, foundIn, relayProcess, settle, upgrade } from '../support/relay-process.ts'
import { inProcess, listening, postOffice, signIn } from '../support/relay.ts'
import { authenticate, rawSocket, upgradeRefused } from '../support/relay-socket.ts'

const names = { registered: 'canary-nightingale', unknown: 'canary-goldfinch' }
const texts = ['CANARY the text of a message', 'CANARY-words']
const said = {
  path: 'canary-in-a-path',
  header: 'canary-in-a-header',
  body: 'canary-in-a-body',
  frame: 'canary-in-a-frame',
  token: 'canary-for-a-token',
  noise: 'canary-that-is-no-http',
}

/** Everything that could bring somebody's words into a log by HTTP. */
async function askBadly(url: string): Promise<void> {
  const { path, header, body, token } = said
  const json = { 'content-type': 'application/json', 'user-agent': header, 'x-forwarded-for': '203.0.113.77' }
  const ask = async (route: string, init: RequestInit) => (await fetch(url + route, init)).text()
  for (const route of [`/${path}`, `/v1/relay?${path}`, `/v1/policies?after=${path}`, `/%zz${path}`])
    await ask(route, { headers: json })
  await ask('/v1/relay', { headers: { origin: `http://${header}` } })
  for (const sent of [body, `{"${body}":1}`, `{"list":"${body}"}`, `{"list":"${base64url(utf8(body))}"}`])
    await ask('/v1/accounts', { method: 'POST', headers: json, body: sent })
  await ask('/v1/accounts', { method: 'POST', headers: { 'content-type': header }, body })
  for (const mode of ['none', body])
    await ask('/v1/access', {
      method: 'PUT',
      headers: { ...json, authorization: `Bearer ${token}` },
      body: JSON.stringify({ mode, parameters: '' }),
    })
}

/** The same by sockets, and by what is neither. */
async function speakBadly(url: string): Promise<void> {
  const { path, header, frame, noise } = said
  const frames = [frame, `{"type":"${frame}"}`, `{"type":"sent","ref":1,"${frame}":1}`, utf8(frame)]
  for (const sent of frames) await (await rawSocket(url)).lastWords(sent)
  await upgradeRefused(url, { Origin: `http://${header}` })
  for (const words of [noise, upgrade(`/v1/relay?${path}`), upgrade(`/${path}`), upgrade(`/%zz${path}`)]) {
    const socket = connect(Number(new URL(url).port), '127.0.0.1')
    socket.end(`${words}\r\n\r\n`)
    await text(socket)
  }
}

describe('what a relay at --verbose writes about those who use it', () => {
  it('is nothing of their names, texts, tokens, addresses, or whatever else they send', async () => {
    const directory = folder()
    const archive = join(directory, 'passed.archive')
    const running = await relayProcess(directory, '--verbose', '--archive', archive)
    const { relay, url, token } = running
    const { alice, random, toBob } = await settle(relay, 'canaries')
    const canary = accountOf(names.registered, 1, random)
    const stranger = accountOf(names.unknown, 1, random)
    await relay.register(canary.signedList)
    const { connection } = await signIn(relay, canary.device(0))
    for (const [i, body] of texts.entries()) await connection.submit(toBob(i + 1, body))
    await relay.switchAccess(token, 'none', new Uint8Array())
    const socket = await rawSocket(url)
    await socket.lastWords(authenticate(answerChallenge(stranger.device(0).device, socket.policyKey, socket.challenge)))
    await askBadly(url)
    await speakBadly(url)
    const files = filesOf(directory, archive)
    await running.kill('SIGTERM')

    const log = running.errors.join('\n')
    const ids = [alice.device, canary.device(0).device].flatMap(({ record }) => [record.id, record.signingKey])
    const nowhere = [
      ...texts,
      ...Object.values(names),
      ...Object.values(said),
      token,
      ...ids.map(base64url),
      ...ids.map(hex),
    ]
    expect(foundIn(Buffer.from(log), nowhere)).toEqual([])
    expect(new Set(log.match(/\d+\.\d+\.\d+\.\d+(:\d+)?/g))).toEqual(new Set([new URL(url).host]))
    expect(log).toContain('"route":"/v1/accounts","status":400')

    expect(foundIn(files, texts)).toEqual([])
    expect(foundIn(files, [names.registered])).toEqual([names.registered])
  })
})

describe('a failure of the relay’s own', () => {
  it('is told to the log, and to those who asked only that there was one', async () => {
    const lines: string[] = []
    const disk = { onFire: false }
    const office = await postOffice('on fire', inProcess, {
      around: (store) => ({
        ...store,
        account(user) {
          if (disk.onFire) throw new Error('the disk is on fire')
          return store.account(user)
        },
      }),
    })
    const url = await listening(office.local, pino({ level: 'debug' }, { write: (line) => void lines.push(line) }))
    const socket = await (await rawSocket(url)).signIn(office.alice.device)
    disk.onFire = true
    const told = { code: 'internal', message: 'the relay failed; its log says why' }
    expect(await socket.ask({ type: 'devices', ref: 1, user: 'bob' })).toEqual({ type: 'refused', ref: 1, ...told })
    const list = base64url(office.bob.signedList)
    const headers = { 'content-type': 'application/json' }
    const response = await fetch(`${url}/v1/accounts`, { method: 'POST', headers, body: JSON.stringify({ list }) })
    expect([response.status, await response.json()]).toEqual([500, told])
    expect(lines.filter((line) => line.includes('the disk is on fire'))).toHaveLength(2)
    expect(lines.join('')).not.toContain(list)
  })
})
