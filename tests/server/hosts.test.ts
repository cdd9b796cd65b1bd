import { once } from 'node:events'
import { connect as connectPlain, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { pino } from 'pino'
import { describe, expect, it, onTestFinished } from 'vitest'
import { buildApp } from '../../server/app.ts'
import type { Certificate } from '../../server/certificate.ts'
import { defaultLimits } from '../../server/limits.ts'
import { certificate } from '../support/certificate.ts'
import { postOffice } from '../support/relay.ts'
import { folder } from '../support/relay-folder.ts'
import { relayProcess } from '../support/relay-process.ts'

/** What a listening relay says first to these lines. */
async function asked(url: string, ...lines: string[]): Promise<string> {
  const { port, protocol } = new URL(url)
  const options = { host: '127.0.0.1', port: Number(port) }
  const secured = protocol === 'https:'
  const socket: Socket = secured ? connectTls({ ...options, rejectUnauthorized: false }) : connectPlain(options)
  onTestFinished(() => void socket.destroy())
  await once(socket, secured ? 'secureConnect' : 'connect')
  socket.write([...lines, '', ''].join('\r\n'))
  const [said] = (await once(socket, 'data')) as [Buffer]
  const [status = ''] = said.toString().split('\r\n')
  return `${status.split(' ')[1]} ${/"code":"([a-z-]+)"/.exec(said.toString())?.[1] ?? ''}`.trim()
}

async function served(names: readonly string[] = [], made: Certificate | null = null) {
  const { local } = await postOffice('hosts')
  const app = await buildApp(local, pino({ level: 'silent' }), made, defaultLimits, names)
  onTestFinished(() => app.close())
  const url = await app.listen({ host: '127.0.0.1', port: 0 })
  /** as a browser asks for a page of the same site: no Origin */
  const get = (host: string, path = '/v1/relay') => asked(url, `GET ${path} HTTP/1.1`, `Host: ${host}`)
  return { url, get, port: new URL(url).port }
}

/** What it says to each of these. */
const saidTo = async <T>(given: readonly T[], ask: (one: T) => Promise<string>) => {
  const said = []
  for (const one of given) said.push([one, await ask(one)] as const)
  return said
}
const all = <T>(given: readonly T[], answer: string) => given.map((one) => [one, answer] as const)

const foreign = [
  'evil.example',
  'evil.example:4620',
  'EVIL.example',
  'evil.example.',
  '127.0.0.1.evil.example',
  'localhost.evil.example',
  'evil-localhost',
  'evil.example@127.0.0.1',
  '127.0.0.1@evil.example',
  '127.0.0.1/evil.example',
  '127.0.0.1, evil.example',
  '127.0.0.1:80:80',
  '127.0.0.1:port',
  '[evil.example]',
  '[127.0.0.1]',
  '[::1',
  '::1',
  '2130706433',
  '0x7f.1',
]

describe('a relay whose machine has been given another name (DNS rebinding)', () => {
  it('answers no page that asks it by that name, as a browser does: without an Origin', async () => {
    const { get, port } = await served()
    const hosts = [...foreign, `evil.example:${port}`]
    expect(await saidTo(hosts, (host) => get(host))).toEqual(all(hosts, '403 foreign-host'))
    const paths = ['/v1/access', '/v1/policies?after=0', '/v1/socket', '/none']
    expect(await saidTo(paths, (path) => get('evil.example', path))).toEqual(all(paths, '403 foreign-host'))
  })

  it('takes no request that changes something, with the Origin that a browser then gives', async () => {
    const { url, port } = await served()
    const host = `evil.example:${port}`
    const methods = ['POST /v1/accounts', 'PUT /v1/access', 'POST /v1/taps', `PUT /v1/links/${'A'.repeat(43)}/1`]
    const ask = (line: string) =>
      asked(url, `${line} HTTP/1.1`, `Host: ${host}`, `Origin: http://${host}`, 'Content-Length: 2')
    expect(await saidTo(methods, ask)).toEqual(all(methods, '403 foreign-host'))
  })

  it('is with TLS no place for a page that came without it: who is on the way can have put that there', async () => {
    const { url, port } = await served([], certificate('relay', { names: ['relay.example', '127.0.0.1'] }))
    const hosts = ['127.0.0.1', 'relay.example']
    const from = (scheme: string) => (host: string) =>
      asked(url, 'GET /v1/relay HTTP/1.1', `Host: ${host}:${port}`, `Origin: ${scheme}://${host}:${port}`)
    expect(await saidTo(hosts, from('https'))).toEqual(all(hosts, '200'))
    expect(await saidTo(hosts, from('http'))).toEqual(all(hosts, '403 foreign-origin'))
  })

  it('believes no other header than Host, and one of it', async () => {
    const { url } = await served()
    const own = 'Host: 127.0.0.1'
    const lines = [
      ['Host: evil.example', 'X-Forwarded-Host: 127.0.0.1', 'Forwarded: host=127.0.0.1'],
      [own, 'Host: evil.example'],
      ['Host: evil.example', own],
      ['Host: '],
    ]
    for (const some of lines)
      expect([some, await asked(url, 'GET /v1/relay HTTP/1.1', ...some)]).toEqual([some, '403 foreign-host'])
    expect(await asked(url, 'GET /v1/relay HTTP/1.0')).toBe('403 foreign-host')
    expect(await asked(url, 'GET /v1/relay HTTP/1.0', own)).toBe('200')
    expect(await asked(url, 'GET /v1/relay HTTP/1.1')).toBe('400')
  })

  it('answers by every address, and by localhost: nobody else can give those a meaning', async () => {
    const { get, port } = await served()
    const hosts = [
      '127.0.0.1',
      `127.0.0.1:${port}`,
      '192.0.2.7:1',
      'localhost',
      'LocalHost:80',
      'localhost.',
      '[::1]',
      '[2001:DB8::1]:4620',
      '[fe80::1%eth0]:4620',
      '[::ffff:127.0.0.1]',
    ]
    expect(await saidTo(hosts, (host) => get(host))).toEqual(all(hosts, '200'))
  })
})

describe('the names of a relay', () => {
  const own = ['relay.example', 'Relay.Example:4620', 'relay.example.']
  const others = ['a.relay.example', 'relay.example.evil.example', 'example', 'evil.example']

  it('are those that its operator has given', async () => {
    const { get } = await served(['other.example', 'RELAY.example.'])
    expect(await saidTo(own, (host) => get(host))).toEqual(all(own, '200'))
    expect(await saidTo(others, (host) => get(host))).toEqual(all(others, '403 foreign-host'))
  })

  it('are with TLS those of its certificate', async () => {
    const { get } = await served(
      [],
      certificate('relay', { names: ['relay.example', '*.doormat.example', '127.0.0.1'] }),
    )
    const hosts = [...own, 'one.doormat.example', '127.0.0.1', 'localhost']
    expect(await saidTo(hosts, (host) => get(host))).toEqual(all(hosts, '200'))
    const not = [...others, 'doormat.example', 'a.b.doormat.example', '*.doormat.example']
    expect(await saidTo(not, (host) => get(host))).toEqual(all(not, '403 foreign-host'))
  })

  it('are given to the program one by one', async () => {
    const { url, relay } = await relayProcess(folder(), '--name', 'relay.example', 'relay.local')
    expect((await relay.access()).mode).toBe('none')
    const ask = (host: string) => asked(url, 'GET /v1/access HTTP/1.1', `Host: ${host}`)
    expect([await ask('relay.example'), await ask('relay.local:80')]).toEqual(['200', '200'])
    expect(await ask('evil.example')).toBe('403 foreign-host')
  })
})
