import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { pino } from 'pino'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { relayAt } from '../../client/node/relay.ts'
import { buildApp } from '../../server/app.ts'
import { certificate, type CertificateOptions, type Made } from '../support/certificate.ts'
import { operatorToken, postOffice, signIn } from '../support/relay.ts'

const authority = certificate('an authority', { isAuthority: true })
const stranger = certificate('an authority', { isAuthority: true })

/** A relay with such a certificate, and what somebody who trusts this authority is told of it: by HTTP and by WebSocket. */
async function told(options: CertificateOptions, ca: string | null) {
  return toldWith(certificate('relay', { names: ['127.0.0.1'], by: authority.signer, ...options }), ca)
}

async function toldWith(made: Made, ca: string | null) {
  const office = await postOffice('tls')
  const app = await buildApp(office.local, pino({ level: 'silent' }), made)
  onTestFinished(() => app.close())
  const url = await app.listen({ host: '127.0.0.1', port: 0 })
  const relay = relayAt(url, ca)
  const answers = await Promise.allSettled([relay.policyKey(), signIn(relay, office.alice)])
  return answers.map((answer) => {
    if (answer.status === 'fulfilled') return 'taken'
    const { code, message } = answer.reason as { code: string; message: string }
    return `${code}: ${message.replace(url, 'it')}`
  })
}

const both = (what: string) => [what, what]
const untrusted = both('bad-certificate: the certificate of it is signed by nobody trusted here')

describe('the certificate of a relay', () => {
  it('is taken when the authority that was named has signed it, or it is the one that was named', async () => {
    expect(await told({}, authority.cert)).toEqual(both('taken'))
    const alone = certificate('relay', { names: ['127.0.0.1'] })
    expect(await toldWith(alone, alone.cert)).toEqual(both('taken'))
    expect(await toldWith(alone, authority.cert)).toEqual(untrusted)
  })

  it('is refused when nobody who is trusted has signed it', async () => {
    expect(await told({}, null)).toEqual(untrusted)
    expect(await told({}, stranger.cert)).toEqual(untrusted)
    expect(await told({ by: stranger.signer }, authority.cert)).toEqual(untrusted)
  })

  it('is refused when it is for another name', async () => {
    const wrong = both('bad-certificate: the certificate of it is that of another name')
    for (const names of [['127.0.0.2'], ['relay.example'], ['localhost'], []])
      expect([names, await told({ names }, authority.cert)]).toEqual([names, wrong])
  })

  it('is refused before its time and after it', async () => {
    const [past, future] = [new Date('2021-01-01'), new Date('2119-01-01')]
    const expired = both('bad-certificate: the certificate of it has expired')
    const early = both("bad-certificate: the certificate of it is not valid yet, if this machine's clock is right")
    expect(await told({ to: past }, authority.cert)).toEqual(expired)
    expect(await told({ from: future }, authority.cert)).toEqual(early)
  })

  it('is looked at whatever the environment says', async () => {
    vi.stubEnv('NODE_TLS_REJECT_UNAUTHORIZED', '0')
    onTestFinished(() => void vi.unstubAllEnvs())
    expect(await told({}, stranger.cert)).toEqual(untrusted)
  })
})

describe('a relay that sends its clients elsewhere', () => {
  it('is not followed: a token goes to nobody but the relay', async () => {
    const asked: string[] = []
    const elsewhere = createServer((request, response) => {
      asked.push(request.headers.authorization ?? 'no token')
      response.writeHead(307, { location: '/again' }).end()
    })
    await new Promise<void>((listening) => void elsewhere.listen(0, '127.0.0.1', listening))
    onTestFinished(() => void elsewhere.close())
    const relay = relayAt(`http://127.0.0.1:${(elsewhere.address() as AddressInfo).port}`)
    const switching = relay.switchAccess(operatorToken, 'none', new Uint8Array())
    await expect(switching).rejects.toMatchObject({ code: 'unreachable' })
    expect(asked).toEqual([`Bearer ${operatorToken}`])
  })

  it('gives no answer longer than 1 MiB', async () => {
    const endless = createServer((_request, response) => {
      const more = () => {
        while (response.write('['.repeat(65_536)));
        response.once('drain', more)
      }
      more()
    })
    await new Promise<void>((listening) => void endless.listen(0, '127.0.0.1', listening))
    onTestFinished(() => endless.closeAllConnections())
    onTestFinished(() => void endless.close())
    const relay = relayAt(`http://127.0.0.1:${(endless.address() as AddressInfo).port}`)
    await expect(relay.policies(0)).rejects.toMatchObject({ code: 'internal' })
  })
})
