import { createPrivateKey } from 'node:crypto'
import { once } from 'node:events'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { connect as connectPlain } from 'node:net'
import { connect, type ConnectionOptions } from 'node:tls'
import { pino } from 'pino'
import { describe, expect, it, onTestFinished } from 'vitest'
import { relayAt } from '../../client/node/relay.ts'
import { buildApp } from '../../server/app.ts'
import { readCertificate } from '../../server/certificate.ts'
import { certificate } from '../support/certificate.ts'
import { folder } from '../support/relay-folder.ts'
import { postOffice, readBy, signIn } from '../support/relay.ts'

const authority = certificate('an authority', { isAuthority: true })
const own = certificate('relay', { names: ['127.0.0.1'], by: authority.signer })

/** A relay that listens with TLS. */
async function secured(seed: string) {
  const office = await postOffice(seed)
  const app = await buildApp(office.local, pino({ level: 'silent' }), own)
  onTestFinished(() => app.close())
  const url = await app.listen({ host: '127.0.0.1', port: 0 })
  return { ...office, url, port: Number(new URL(url).port) }
}

/** The version of TLS that comes of this, or the fault. */
async function versionWith(port: number, options: ConnectionOptions): Promise<string | null> {
  const socket = connect({ port, host: '127.0.0.1', ca: authority.cert, ...options })
  try {
    await once(socket, 'secureConnect')
    return socket.getProtocol()
  } catch {
    return 'refused'
  } finally {
    socket.destroy()
  }
}

describe('a relay with a certificate', () => {
  it('carries requests and mail inside TLS', async () => {
    const { url, alice, bob, toBob } = await secured('inside')
    expect(url).toMatch(/^https:/)
    const relay = relayAt(url, authority.cert)
    const [alices, bobs] = [await signIn(relay, alice), await signIn(relay, bob)]
    await alices.connection.submit(toBob(1, 'through the tunnel'))
    expect(readBy(bob, await bobs.delivered(1))).toEqual(['through the tunnel'])
  })

  it('speaks TLS 1.3, and 1.2 with those who know no better', async () => {
    const { port } = await secured('versions')
    const oldest: ConnectionOptions = { minVersion: 'TLSv1', ciphers: 'DEFAULT@SECLEVEL=0' }
    expect(await versionWith(port, {})).toBe('TLSv1.3')
    expect(await versionWith(port, { ...oldest, maxVersion: 'TLSv1.2' })).toBe('TLSv1.2')
    expect(await versionWith(port, { ...oldest, maxVersion: 'TLSv1.1' })).toBe('refused')
  })

  it('says nothing to who speaks plain http', async () => {
    const { url, port } = await secured('plain')
    const socket = connectPlain(port, '127.0.0.1')
    socket.end('GET /v1/relay HTTP/1.1\r\nHost: relay\r\n\r\n')
    expect(await text(socket)).not.toContain('policyKey')
    await expect(relayAt(url.replace('https', 'http')).policyKey()).rejects.toMatchObject({ code: 'unreachable' })
  })
})

describe('what an operator gives for TLS', () => {
  const now = Date.parse('2030-01-01')

  /** Files with this in them, read as the relay reads them. */
  function reading(cert: string, key: string, at = now) {
    const directory = folder()
    const [certFile, keyFile] = [join(directory, 'relay.crt'), join(directory, 'relay.key')]
    mkdirSync(directory, { recursive: true, mode: 0o700 })
    writeFileSync(certFile, cert)
    writeFileSync(keyFile, key)
    return () => readCertificate(certFile, keyFile, at)
  }

  it('is taken when it is a certificate, alone or with its authority, and its key', () => {
    expect(reading(own.cert, own.key)()).toEqual({ cert: own.cert, key: own.key })
    expect(reading(own.cert + authority.cert, own.key)).not.toThrow()
  })

  it('is refused in one line when it does not fit, or cannot be used', () => {
    const other = certificate('relay')
    const passphrase = createPrivateKey(own.key)
      .export({ format: 'pem', type: 'pkcs8', cipher: 'aes-256-cbc', passphrase: 'secret' })
      .toString()
    const faults: readonly (readonly [() => unknown, RegExp])[] = [
      [() => readCertificate('/nowhere/relay.crt', '/nowhere/relay.key', now), /^\/nowhere\/relay.crt cannot be read$/],
      [reading('', own.key), /^\S+relay.crt holds no certificate in PEM$/],
      [reading(own.key, own.key), /holds no certificate/],
      [reading(own.cert, ''), /^\S+relay.key holds no private key/],
      [reading(own.cert, passphrase), /without a passphrase$/],
      [reading(own.cert, other.key), /^the key in \S+ is not that of the certificate in \S+$/],
      [reading(authority.cert + own.cert, own.key), /is not that of the certificate/],
    ]
    for (const [read, fault] of faults) expect(read).toThrow(fault)
  })

  it('is taken from its first second to its last', () => {
    const [from, to] = [new Date('2029-12-01'), new Date('2030-02-01')]
    const short = certificate('relay', { from, to })
    const at = (date: Date, later = 0) => reading(short.cert, short.key, date.getTime() + later)
    expect(at(from, -1000)).toThrow(/is not valid before Dec {2}1 /)
    expect(at(from)).not.toThrow()
    expect(at(to, -1000)).not.toThrow()
    expect(at(to)).toThrow(/has expired on Feb {2}1 /)
  })
})
