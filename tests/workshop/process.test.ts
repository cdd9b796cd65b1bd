import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { request } from 'node:http'
import { networkInterfaces, tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { contentPolicy } from '../../client/workshop/pages.ts'
import { roomAddresses } from '../../client/workshop/addresses.ts'
import { freePort } from '../support/free-port.ts'
import { bin, program, type Program } from '../support/program.ts'
import { workshopRun, type WorkshopRun } from '../support/workshop.ts'

interface Told {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly text: string
}

/** By Node's own client, which sends whatever Host and Origin it is told. */
const ask = (
  port: number,
  path: string,
  {
    method = 'GET',
    headers = {},
    body,
    host = '127.0.0.1',
  }: { method?: string; headers?: Record<string, string>; body?: object; host?: string } = {},
): Promise<Told> =>
  new Promise((resolve, reject) => {
    const asking = request({
      // on a slow machine a connection that is kept may be closed by the server just when it is used again
      agent: false,
      host,
      port,
      path,
      method,
      headers: { ...(body && { 'content-type': 'application/json' }), ...headers },
    })
    asking.on('error', reject)
    asking.on('response', (response) => {
      const parts: Buffer[] = []
      response.on('data', (part: Buffer) => parts.push(part))
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text: Buffer.concat(parts).toString() }),
      )
    })
    asking.end(body && JSON.stringify(body))
  })

describe('a workshop', () => {
  let run: WorkshopRun
  beforeAll(async () => {
    run = await workshopRun()
  })
  afterAll(() => run.end())
  const token = () => ({ authorization: `Bearer ${run.hostLink().split('#')[1]}` })

  it('serves every file with its policy, so that no page talks to anybody else', async () => {
    const page = await ask(run.port, '/', { headers: { 'accept-encoding': 'gzip' } })
    expect(page.headers['content-encoding']).toBe('gzip')
    const plain = await ask(run.port, '/')
    const files = [...plain.text.matchAll(/(?:src|href)="(\/assets\/[^"]+)"/g)].map(([, file = '']) => file)
    expect(files.length).toBeGreaterThan(2)
    for (const path of ['/', ...files]) {
      const { headers, status } = await ask(run.port, path)
      expect([path, status, headers['content-security-policy']]).toEqual([path, 200, contentPolicy])
      expect([headers['x-content-type-options'], headers['referrer-policy']]).toEqual(['nosniff', 'no-referrer'])
    }
    expect(contentPolicy).not.toMatch(/unsafe-inline|unsafe-eval'(?<!wasm-unsafe-eval')|\*|https?:/)
  })

  it('shows the host’s pages nothing without the token, and has none of them in the room', async () => {
    for (const headers of [{} as Record<string, string>, { authorization: 'Bearer nonsense' }])
      expect(await ask(run.port + 1, '/host', { headers })).toMatchObject({ status: 401 })
    expect(await ask(run.port + 1, '/host', { headers: token() })).toMatchObject({ status: 200 })
    expect(
      await ask(run.port + 1, '/host/switch', { method: 'POST', body: { mode: 'none', people: [] } }),
    ).toMatchObject({
      status: 401,
    })
    for (const path of ['/host', '/wall'])
      expect(await ask(run.port, path, { headers: token() })).toMatchObject({ status: 404 })
    expect((await ask(run.port, '/')).text).not.toContain(token().authorization.slice(7))
  })

  it.skipIf(roomAddresses(networkInterfaces()).length === 0)('listens for the host on this machine alone', async () => {
    const [address = ''] = roomAddresses()
    expect(await ask(run.port, '/room', { host: address })).toMatchObject({ status: 200 })
    await expect(ask(run.port + 1, '/host', { host: address, headers: token() })).rejects.toMatchObject({
      code: 'ECONNREFUSED',
    })
  })

  it('answers no page of another site, and no name that somebody has made to mean this machine', async () => {
    for (const port of [run.port, run.port + 1]) {
      const path = port === run.port ? '/room' : '/host'
      expect(await ask(port, path, { headers: { ...token(), origin: 'http://evil.example' } })).toMatchObject({
        status: 403,
      })
      expect(await ask(port, path, { headers: { ...token(), host: `evil.example:${port}` } })).toMatchObject({
        status: 403,
      })
    }
  })

  it('does nothing for another site, whatever it is asked: to the room, to the host’s page, by a socket', async () => {
    const before = JSON.parse((await ask(run.port + 1, '/host', { headers: token() })).text) as { code: string }
    const strange: readonly Record<string, string>[] = [
      { origin: 'http://evil.example' },
      { host: 'evil.example' },
      { origin: 'null' },
    ]
    for (const headers of strange) {
      for (const [path, body] of [
        ['/host/switch', { mode: 'message-key-escrow', people: [] }],
        ['/host/exercise', { exercise: 'between', isOver: false }],
        ['/host/reset', {}],
      ] as const)
        expect([
          path,
          (await ask(run.port + 1, path, { method: 'POST', headers: { ...token(), ...headers }, body })).status,
        ]).toEqual([path, 403])
      const seat = { code: run.code(), name: 'eve', mayShow: false, ticket: 'e'.repeat(22), account: null }
      expect((await ask(run.port, '/room/seats', { method: 'POST', headers, body: seat })).status).toBe(403)
      const upgrade = { 'connection': 'Upgrade', 'upgrade': 'websocket', 'sec-websocket-version': '13' }
      const socket = { ...upgrade, 'sec-websocket-key': 'x3JJHMbDL1EzLkh9GBhXDw==', ...headers }
      expect((await ask(run.port, '/v1/socket', { headers: socket })).status).toBe(403)
    }
    const after = JSON.parse((await ask(run.port + 1, '/host', { headers: token() })).text) as Record<string, unknown>
    expect(after).toMatchObject({ code: before.code, mode: { id: 'none' }, exercise: null, room: { people: [] } })
  })

  it('takes no word for an exercise from a stranger, nor while there is none', async () => {
    const compared = { ticket: 'z'.repeat(22), other: 'anna', said: 'same' }
    for (const [path, body] of [
      ['/room/compared', compared],
      ['/room/standing', { ticket: compared.ticket }],
    ] as const)
      expect(await ask(run.port, path, { method: 'POST', body })).toMatchObject({
        status: 400,
        text: expect.stringContaining('This phone has no seat in this room'),
      })
    for (const wrong of [
      { ...compared, said: 'perhaps' },
      { ...compared, other: '<b>' },
      { ...compared, more: 1 },
    ])
      expect(await ask(run.port, '/room/compared', { method: 'POST', body: wrong })).toMatchObject({ status: 400 })
    const begin = (exercise: string) =>
      ask(run.port + 1, '/host/exercise', { method: 'POST', headers: token(), body: { exercise, isOver: false } })
    expect(await begin('juggle')).toMatchObject({ status: 400 })
    expect((await begin('evade')).text).toContain('there is nobody to evade')
    expect((await begin('between')).text).toContain('There are no two people here')
  })

  it('refuses what is no seat, a huge paste, and an account without one', async () => {
    const seat = { code: run.code(), name: 'anna', mayShow: true, ticket: 'a'.repeat(22), account: null }
    for (const wrong of [
      { ...seat, name: 'Anna <b>' },
      { ...seat, more: 1 },
      { ...seat, ticket: 'short' },
    ])
      expect(await ask(run.port, '/room/seats', { method: 'POST', body: wrong })).toMatchObject({ status: 400 })
    const huge = { ...seat, code: 'x'.repeat(10_000) }
    expect(await ask(run.port, '/room/seats', { method: 'POST', body: huge })).toMatchObject({ status: 413 })
    const home = mkdtempSync(join(tmpdir(), 'doormat-guest-'))
    const register = program([
      'register',
      'zora',
      '--no-passphrase',
      '--home',
      home,
      '--relay',
      `http://127.0.0.1:${run.port}`,
    ])
    await register.line('zora has no seat in this room')
    await register.ended
    await ask(run.port + 1, '/host/seat', { method: 'POST', headers: token(), body: { name: 'zora' } })
    execFileSync(process.execPath, [
      bin,
      'register',
      'zora',
      '--no-passphrase',
      '--home',
      home,
      '--relay',
      `http://127.0.0.1:${run.port}`,
    ])
    expect(JSON.parse((await ask(run.port, '/room')).text)).toMatchObject({ people: ['zora'] })
    const listening = program(['listen', '--json', '--home', home])
    const online = async () =>
      (JSON.parse((await ask(run.port + 1, '/host', { headers: token() })).text) as { online: string[] }).online
    await expect.poll(online).toContain('zora')
    await ask(run.port + 1, '/host/send-out', { method: 'POST', headers: token(), body: { person: 'zora' } })
    await listening.line('the host has taken the seat of zora away')
    expect(await online()).not.toContain('zora')
    await listening.kill('SIGINT')
    expect(JSON.parse((await ask(run.port, '/room')).text)).toMatchObject({ people: [] })
    rmSync(home, { recursive: true, force: true })
  })

  it('has an authority in another process, which makes its keys, and none of them is the relay’s', async () => {
    await ask(run.port + 1, '/host/switch', {
      method: 'POST',
      headers: token(),
      body: { mode: 'message-key-escrow', people: [] },
    })
    const all = readdirSync(run.folder, { recursive: true, encoding: 'utf8' })
    expect(all.filter((name) => name.endsWith('.key')).sort()).toEqual([
      'authority/message-key-escrow.key',
      'relay/policy.key',
    ])
    const { pid } = run.process().child
    const children = execFileSync('ps', ['-o', 'pid=,args=', '--ppid', String(pid)], { encoding: 'utf8' })
    expect(children).toContain('workshop-authority.js')
    expect(children).toContain('workshop-stage.js')
  })
})

function hostOf({ lines }: Program) {
  const link = lines.find((line) => line.startsWith('For you alone:')) ?? ''
  const { port, hash } = new URL(link.slice('For you alone:'.length).trim())
  return { port: Number(port), headers: { authorization: `Bearer ${hash.slice(1)}` } }
}

describe('a workshop that keeps nothing', () => {
  it('leaves no process and no file behind at Ctrl-C', async () => {
    const place = mkdtempSync(join(tmpdir(), 'doormat-nothing-'))
    const run = program(['workshop', '--port', String(await freePort(2))], {
      env: { TMPDIR: place },
    })
    await run.line('nothing of it is left')
    const { port, headers } = hostOf(run)
    await ask(port, '/host/switch', {
      method: 'POST',
      headers,
      body: { mode: 'message-key-escrow', people: [] },
    })
    const keys = () =>
      readdirSync(place, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('escrow.key'))
    expect(keys().length).toBe(1)
    expect(await run.kill('SIGINT')).toBe(0)
    expect(readdirSync(place)).toEqual([])
    rmSync(place, { recursive: true, force: true })
  })

  it('leaves no key behind even when it is killed', async () => {
    const place = mkdtempSync(join(tmpdir(), 'doormat-killed-'))
    const run = program(['workshop', '--port', String(await freePort(2))], {
      env: { TMPDIR: place },
    })
    await run.line('nothing of it is left')
    const { port, headers } = hostOf(run)
    const order = (path: string, body: object) => ask(port, path, { method: 'POST', headers, body })
    await order('/host/switch', { mode: 'message-key-escrow', people: [] })
    await order('/host/take', { by: 'thief', all: true })
    const keys = () =>
      readdirSync(place, { recursive: true, encoding: 'utf8' })
        .map((name) => name.split('/').slice(-2).join('/'))
        .filter((name) => name.endsWith('escrow.key'))
        .sort()
    expect(keys()).toEqual(['authority/message-key-escrow.key', 'stick/message-key-escrow.key'])
    await run.kill('SIGKILL')
    await expect.poll(keys).toEqual([])
    rmSync(place, { recursive: true, force: true })
  })

  it('has a doctor, who says when another machine has come through', async () => {
    const [address] = roomAddresses()
    const port = await freePort()
    const doctor = program(['workshop', '--port', String(port), 'doctor'])
    if (address === undefined) {
      await doctor.line('this machine is in no network')
      expect(await doctor.ended).toBe(3)
      return
    }
    await doctor.line('Open this on a phone')
    expect((await ask(port, '/', { host: address })).text).toContain('It works')
    expect(doctor.lines.join()).not.toContain('has opened the page')
    const second = program(['workshop', '--port', String(port), 'doctor'])
    await second.line(`another program listens on port ${port}`)
    expect(await second.ended).toBe(3)
    expect(await doctor.kill('SIGINT')).toBe(0)
  })

  it('takes no folder that holds something else', async () => {
    const place = mkdtempSync(join(tmpdir(), 'doormat-other-'))
    execFileSync('touch', [join(place, 'thesis.tex')])
    const run = program(['workshop', '--keep', place])
    await run.line('holds thesis.tex, which is not of a workshop')
    expect(await run.ended).toBe(1)
    expect(existsSync(join(place, 'thesis.tex'))).toBe(true)
    rmSync(place, { recursive: true, force: true })
  })
})

describe('a workshop whose authority is killed', () => {
  it.skipIf(!existsSync('/proc/self/task'))('ends, and says so in a line', async () => {
    const run = await workshopRun()
    const { child, ended, errors } = run.process()
    const children = readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, 'utf8').trim().split(' ')
    const argsOf = (pid: string) => readFileSync(`/proc/${pid}/cmdline`, 'utf8')
    const authority = children.find((pid) => argsOf(pid).includes('workshop-authority'))
    process.kill(Number(authority), 'SIGKILL')
    expect(await ended).toBe(3)
    expect(errors).toEqual(["doormat: the authority's process has ended", 'try: doormat workshop'])
    await run.end()
  })
})
