import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { request as askPlain } from 'node:http'
import { request as askSecurely } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { expect, it, onTestFinished } from 'vitest'
import { program } from '../support/program.ts'
import { workshopIn } from '../support/workshop.ts'
import { doormat } from '../support/world-cli.ts'

interface Asked {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: object
  readonly ca?: string
}

const ask = (port: number, path: string, { method = 'GET', headers = {}, body, ca }: Asked) =>
  new Promise<string>((resolve, reject) => {
    const type: Record<string, string> = body ? { 'content-type': 'application/json' } : {}
    const send = ca === undefined ? askPlain : askSecurely
    const asking = send(
      { agent: false, host: '127.0.0.1', port, path, method, ca, headers: { ...type, ...headers } },
      (response) => void text(response).then((said) => resolve(`${response.statusCode} ${said}`)),
    )
    asking.on('error', reject)
    asking.end(body && JSON.stringify(body))
  })

it('lets in by https whoever trusts the file that it names, puts people on stage, and shows the same certificate when it is started again', async () => {
  const place = mkdtempSync(join(tmpdir(), 'doormat-tls-'))
  onTestFinished(() => rmSync(place, { recursive: true, force: true }))
  const kept = join(place, 'kept')
  const run = await workshopIn({ folder: kept, under: [] }, '--tls')
  const said = () => run.process().lines.join('\n')
  const fingerprint = () => said().match(/^( {2}([0-9A-F]{2} ){7}[0-9A-F]{2}\n){4}/m)?.[0]
  const first = fingerprint()
  expect(first).toBeDefined()
  expect(said()).toMatch(/^For the room: {2}https:/m)
  expect(said()).not.toContain('certificate is new')
  const file = /--tls-ca (\S+)/.exec(said())?.[1] ?? ''
  expect(file).toBe(join(kept, 'tls/certificate.pem'))
  const ca = readFileSync(file, 'utf8')

  const hostPort = run.port + 1
  const headers = { authorization: `Bearer ${run.hostLink().split('#')[1]}` }
  const host = async () => JSON.parse((await ask(hostPort, '/host', { headers })).slice(4)) as Record<string, unknown>
  expect(new URL(run.hostLink()).protocol).toBe('http:')
  await expect.poll(async () => (await host())['stage'], { timeout: 120_000 }).toMatchObject({ isReady: true })
  expect((await host())['certificate']).toEqual({ file, fingerprint: first?.trim().replaceAll(/\s+/g, ' ') })

  const relay = ['--relay', `https://127.0.0.1:${run.port}`, '--tls-ca', file]
  for (const name of ['zora', 'yves']) {
    await ask(hostPort, '/host/seat', { method: 'POST', headers, body: { name } })
    const made = await doormat(['register', name, '--no-passphrase', '--home', join(place, name), ...relay])
    expect(made).toMatchObject({ code: 0, stderr: '' })
  }
  expect(await doormat(['send', 'yves', 'over TLS', '--home', join(place, 'zora')])).toMatchObject({ code: 0 })
  const yves = program(['listen', '--since', '0', '--json', '--home', join(place, 'yves')])
  expect(JSON.parse(await yves.line('over TLS'))).toMatchObject({ peer: 'zora' })
  await yves.kill('SIGINT')

  // a page that somebody on the way has put at the same address
  const foreign = { origin: `http://127.0.0.1:${run.port}` }
  expect(await ask(run.port, '/room', { ca, headers: foreign })).toMatch(/^403 .*foreign-origin/)
  expect(await ask(run.port, '/room', { ca, headers: { origin: `https://127.0.0.1:${run.port}` } })).toMatch(/^200 /)
  expect(await ask(run.port, '/room', {})).toBe('307 ')

  await ask(hostPort, '/host/reset', { method: 'POST', headers, body: {} })
  expect(await ask(run.port, '/room', { ca })).toMatch(/^200 .*"people":\[\]/)
  await run.end()
  expect(readdirSync(join(kept, 'tls')).sort()).toEqual(['certificate.key', 'certificate.pem'])
  await run.start()
  expect(fingerprint()).toBe(first)
  expect(await ask(run.port, '/room', { ca })).toMatch(/^200 /)
  await run.end()
})
