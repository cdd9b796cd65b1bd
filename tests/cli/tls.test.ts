import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { program } from '../support/program.ts'
import { certificate, type Made } from '../support/certificate.ts'
import { folder } from '../support/relay-folder.ts'
import { relayProcess } from '../support/relay-process.ts'
import { doormat, objects } from '../support/world-cli.ts'
import { isLong } from '../support/long.ts'

const authority = certificate('an authority', { isAuthority: true })
const stranger = certificate('a stranger', { isAuthority: true })

/** A folder with certificates in files, and relays that use them. */
function office() {
  const directory = folder()
  const path = (name: string) => join(directory, name)
  writeFileSync(path('ca.crt'), `${authority.key}${authority.cert}`)
  writeFileSync(path('stranger.crt'), stranger.cert)
  const relayWith = ({ cert, key }: Made, ...flags: string[]) => {
    writeFileSync(path('relay.crt'), cert)
    writeFileSync(path('relay.key'), key)
    const files = ['--tls-cert', path('relay.crt'), '--tls-key', path('relay.key')]
    return relayProcess(path('relay'), ...files, ...flags)
  }
  return { path, relayWith, home: (name: string) => ['--home', path(name)] }
}

const own = (by = authority) => certificate('relay', { names: ['127.0.0.1'], by: by.signer })

describe('a relay with TLS, as a program', () => {
  it.skipIf(!isLong)(
    '(in test:long) serves devices that were told at registration who signs its certificate, and the operator',
    async () => {
      const { path, relayWith, home } = office()
      const { url } = await relayWith(own(), '--host', '0.0.0.0')
      const place = ['--relay', url.replace('0.0.0.0', '127.0.0.1'), '--tls-ca', path('ca.crt')]
      for (const name of ['alice', 'bob'])
        expect(await doormat(['register', name, '--no-passphrase', ...place, ...home(name)])).toMatchObject({
          code: 0,
          stderr: '',
        })
      expect(await doormat(['send', 'bob', 'over TLS', ...home('alice')])).toMatchObject({ code: 0 })
      const bob = program(['listen', '--since', '0', '--json', ...home('bob')])
      expect(JSON.parse(await bob.line('over TLS'))).toMatchObject({ peer: 'alice' })
      await bob.kill('SIGINT')
      const token = ['--token-file', path('relay/operator.token')]
      expect(objects(await doormat(['access', 'off', '--json', ...place, ...token]))).toMatchObject([{ epoch: 2 }])
    },
  )

  it('is not taken, in one line and with exit code 3, when its certificate is not the right one', async () => {
    const { path, relayWith, home } = office()
    const { url, kill } = await relayWith(own())
    const place = ['--relay', url, '--tls-ca', path('ca.crt')]
    expect((await doormat(['register', 'alice', '--no-passphrase', ...place, ...home('alice')])).code).toBe(0)
    const fault = `doormat: the certificate of ${url} is signed by nobody trusted here [bad-certificate]\n`
    const register = ['register', 'bob', '--no-passphrase', '--relay', url, ...home('bob')]
    for (const trust of [[], ['--tls-ca', path('stranger.crt')]])
      expect(await doormat([...register, ...trust])).toEqual({ code: 3, stdout: '', stderr: fault })
    expect(await doormat(['access', 'status', '--relay', url])).toEqual({ code: 3, stdout: '', stderr: fault })

    await kill('SIGTERM')
    await relayWith(own(stranger), '--port', new URL(url).port)
    const commands = [['send', 'bob', 'hello'], ['listen'], ['chat', 'bob']]
    const running = commands.map((command) => program([...command, ...home('alice')]))
    expect(await Promise.all(running.map(({ ended }) => ended))).toEqual([3, 3, 3])
    const next = `try: doormat move ${url} --tls-ca FILE\n`
    for (const { errors } of running) expect(errors.map((line) => `${line}\n`)).toEqual([fault, next])
  })

  it('does not start with a certificate that it cannot use', async () => {
    const { path } = office()
    writeFileSync(path('other.key'), stranger.key)
    const start = (...flags: string[]) => doormat(['relay', '--dir', path('relay'), '--port', '0', ...flags])
    const mismatched = await start('--tls-cert', path('stranger.crt'), '--tls-key', path('ca.crt'))
    expect(mismatched.code).toBe(3)
    expect(mismatched.stderr).toBe(
      `doormat: the key in ${path('ca.crt')} is not that of the certificate in ${path('stranger.crt')}\n`,
    )
    for (const flag of ['--tls-cert', '--tls-key'])
      expect(await start(flag, path('stranger.crt'))).toMatchObject({
        code: 1,
        stderr: expect.stringContaining('doormat: --tls-cert and --tls-key are only used together\n'),
      })
  })
})

describe('an address beyond this machine', () => {
  const addresses = ['http://192.0.2.1', 'http://relay.example:4620', 'http://127.0.0.1.relay.example', 'http://[::2]']

  it.skipIf(!isLong)(
    '(in test:long) is refused without TLS before anything is sent there, unless the network is trusted',
    async () => {
      const { path, home } = office()
      const commands = addresses.flatMap((address) => [
        ['register', 'alice', '--no-passphrase', '--relay', address, ...home('alice')],
        ['access', 'status', '--relay', address],
        ['access', 'off', '--relay', address, '--token-file', path('stranger.crt')],
      ])
      for (const command of commands) {
        const { code, stderr } = await doormat(command)
        expect([command, code, stderr.split('\n').length]).toEqual([command, 1, 3])
        expect(stderr).toContain('is on another machine, and http is not encrypted')
      }
      const trusted = [
        'register',
        'alice',
        '--no-passphrase',
        '--relay',
        'http://127.0.0.1.invalid',
        '--trusted-network',
        ...home('alice'),
      ]
      expect(await doormat(trusted)).toMatchObject({ code: 3, stderr: expect.stringContaining('[unreachable]') })
    },
  )

  it.skipIf(!isLong)(
    '(in test:long) takes an authority only where there is TLS, and only from a file that holds one',
    async () => {
      const { path, home } = office()
      writeFileSync(path('empty.crt'), '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n')
      const register = (relay: string, ca: string) =>
        doormat(['register', 'alice', '--no-passphrase', '--relay', relay, '--tls-ca', path(ca), ...home('alice')])
      expect(await register('http://127.0.0.1:1', 'ca.crt')).toMatchObject({ code: 1 })
      for (const file of ['empty.crt', 'no such file', 'alice'])
        expect(await register('https://127.0.0.1:1', file)).toMatchObject({
          code: 1,
          stderr: `doormat: ${path(file)} holds no certificate in PEM\n`,
        })
    },
  )
})
