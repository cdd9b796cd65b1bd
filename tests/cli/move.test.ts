import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { certificate, type Made } from '../support/certificate.ts'
import { middleBefore } from '../support/middle.ts'
import { program } from '../support/program.ts'
import { folder } from '../support/relay-folder.ts'
import { relayProcess } from '../support/relay-process.ts'
import { doormat, objects } from '../support/world-cli.ts'
import { isLong } from '../support/long.ts'

/* A relay gets another port, a certificate, or another authority for it, and its devices go on. Each command is a process. */

const authority = certificate('an authority', { isAuthority: true })
const nextAuthority = certificate('the next authority', { isAuthority: true })
const stranger = certificate('a stranger', { isAuthority: true })

/** A folder for one relay and its people. */
function town() {
  const directory = folder()
  const path = (name: string) => join(directory, name)
  const home = (name: string) => ['--home', path(name)]
  const write = (name: string, text: string) => {
    writeFileSync(path(name), text)
    return path(name)
  }
  return {
    path,
    home,
    write,
    relay: (...flags: string[]) => relayProcess(path('relay'), ...flags),
    /** with the whole chain in its certificate's file */
    relayWith(by: Made, ...flags: string[]) {
      const { cert, key } = certificate('relay', { names: ['127.0.0.1'], by: by.signer })
      const files = ['--tls-cert', write('relay.crt', `${cert}${by.cert}`), '--tls-key', write('relay.key', key)]
      return relayProcess(path('relay'), ...files, ...flags)
    },
    register: (name: string, ...place: string[]) =>
      doormat(['register', name, '--no-passphrase', ...place, ...home(name)]),
    send: (from: string, to: string, text: string) =>
      doormat(['send', to, text, '--id', text.replaceAll(' ', '-'), ...home(from)]),
    move: (name: string, ...place: string[]) => doormat(['move', ...place, ...home(name)]),
    async arrives(name: string, text: string) {
      const listening = program(['listen', '--since', '0', '--json', ...home(name)])
      await listening.line(text)
      await listening.kill('SIGINT')
    },
  }
}

describe('doormat move', () => {
  it('takes a device to the port where its relay is now, with what waited to be sent', async () => {
    const { relay, register, send, move, arrives, home } = town()
    const before = await relay()
    for (const name of ['alice', 'bob']) expect(await register(name, '--relay', before.url)).toMatchObject({ code: 0 })
    await before.kill('SIGTERM')
    const waiting = program(['send', 'bob', 'written at the old address', ...home('alice')])
    const written = () => doormat(['history', '--json', ...home('alice')])
    while (!(await written()).stdout.includes('written at the old address'));
    await waiting.kill()

    const { url } = await relay()
    const moved = await move('alice', url)
    expect(moved).toEqual({ code: 0, stdout: `alice's device now looks for its relay at ${url}\n`, stderr: '' })
    expect(await send('alice', 'bob', 'sent at the new one')).toMatchObject({ code: 0 })
    expect(await move('bob', `${url}/`)).toMatchObject({ code: 0 })
    await arrives('bob', 'sent at the new one')
    const entries = objects(await doormat(['history', '--json', ...home('bob')]))
    expect(entries.filter(({ kind }) => kind === 'message').map(({ text }) => text)).toEqual([
      'written at the old address',
      'sent at the new one',
    ])
  })

  it.skipIf(!isLong)(
    '(in test:long) takes it from http to https, under the authority that the operator has given out',
    async () => {
      const { relay, relayWith, register, send, move, write, arrives } = town()
      const before = await relay()
      for (const name of ['alice', 'bob']) await register(name, '--relay', before.url)
      await before.kill('SIGTERM')
      const { url } = await relayWith(authority)
      for (const name of ['alice', 'bob'])
        expect(await move(name, url, '--tls-ca', write('ca.crt', authority.cert))).toMatchObject({
          code: 0,
          stderr: '',
        })
      expect(await send('alice', 'bob', 'over TLS now')).toMatchObject({ code: 0 })
      await arrives('bob', 'over TLS now')
    },
  )

  it.skipIf(!isLong)(
    '(in test:long) is what a device is told to do when the authority of its relay is another one than before',
    async () => {
      const { relayWith, register, send, move, write } = town()
      const before = await relayWith(authority)
      const { port } = new URL(before.url)
      await register('alice', '--relay', before.url, '--tls-ca', write('ca.crt', authority.cert))
      await register('bob', '--relay', before.url, '--tls-ca', write('ca.crt', authority.cert))
      await before.kill('SIGTERM')
      const { url } = await relayWith(nextAuthority, '--port', port)

      const told = await send('alice', 'bob', 'renewed')
      expect(told).toMatchObject({ code: 3, stdout: '' })
      expect(told.stderr).toBe(
        `doormat: the certificate of ${url} is signed by nobody trusted here [bad-certificate]\n` +
          `try: doormat move ${url} --tls-ca FILE\n`,
      )
      expect(await move('alice', url, '--tls-ca', write('wrong.crt', stranger.cert))).toMatchObject({ code: 3 })
      expect(await send('alice', 'bob', 'renewed')).toMatchObject({ code: 3 })
      for (const name of ['alice', 'bob'])
        expect(await move(name, url, '--tls-ca', write('next.crt', nextAuthority.cert))).toMatchObject({ code: 0 })
      expect(await send('alice', 'bob', 'renewed')).toMatchObject({ code: 0 })
    },
  )

  it('is refused where somebody in the middle hands the question on to the genuine relay', async () => {
    const { relay, register, send, move } = town()
    const { url } = await relay()
    for (const name of ['alice', 'bob']) await register(name, '--relay', url)
    const middle = await middleBefore(url)
    const refused = await move('alice', middle.url)
    expect(refused).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining('[other-address]') })
    expect(middle.heard.length).toBeGreaterThan(0)
    expect(await send('alice', 'bob', 'still at the genuine one')).toMatchObject({ code: 0 })
    expect(middle.heard.map(({ path }) => path)).not.toContain('/v1/accounts')
  })

  it.skipIf(!isLong)('(in test:long) is refused by a statement that was made for another question', async () => {
    const { relay, register, move } = town()
    const { url } = await relay()
    await register('alice', '--relay', url)
    // the genuine relay says where it is to whoever asks: here a thief, who brings a nonce of their own
    const asked = await fetch(new URL('/v1/whereabouts', url), {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ nonce: 'A'.repeat(43), address: url, authority: null }),
    })
    const recorded = await asked.text()
    expect([asked.status, Object.keys(JSON.parse(recorded) as object)]).toEqual([200, ['signature']])
    const replaying = await middleBefore(url, () => recorded)
    const refused = { code: 4, stderr: expect.stringContaining('[wrong-relay]') }
    expect(await move('alice', replaying.url)).toMatchObject(refused)
  })

  it.skipIf(!isLong)('(in test:long) is refused at another relay, and nothing of the device is changed', async () => {
    const { relay, register, send, move, path } = town()
    const { url } = await relay()
    for (const name of ['alice', 'bob']) await register(name, '--relay', url)
    const other = await relayProcess(path('other relay'))
    expect(await move('alice', other.url)).toMatchObject({ code: 4, stderr: expect.stringContaining('[wrong-relay]') })
    expect(await move('alice', 'http://127.0.0.1:1')).toMatchObject({ code: 3 })
    expect(await send('alice', 'bob', 'still here')).toMatchObject({ code: 0 })
  })

  it.skipIf(!isLong)('(in test:long) takes the address that the operator has named, and no other', async () => {
    const { relay, register, move } = town()
    const before = await relay()
    const { port } = new URL(before.url)
    await register('alice', '--relay', before.url)
    await before.kill('SIGTERM')
    const elsewhere = await relay('--port', port, '--address', 'https://relay.example')
    const refused = { code: 1, stderr: expect.stringMatching(/https:\/\/relay\.example:443.*\[other-address\]/) }
    expect(await move('alice', elsewhere.url)).toMatchObject(refused)
    await elsewhere.kill('SIGTERM')
    const { url } = await relay('--port', port, '--address', `${before.url}/`)
    expect(await move('alice', url)).toMatchObject({ code: 0 })
  })

  it.skipIf(!isLong)(
    '(in test:long) takes the authorities that the operator has named, all of them and no others',
    async () => {
      const { relayWith, register, move, write } = town()
      const [ca, both] = [write('ca.crt', authority.cert), write('both.crt', authority.cert + nextAuthority.cert)]
      const before = await relayWith(authority)
      const { port } = new URL(before.url)
      await register('alice', '--relay', before.url, '--tls-ca', ca)
      expect(await move('alice', before.url, '--tls-ca', both)).toMatchObject({
        code: 1,
        stderr: expect.stringContaining('[other-address]'),
      })
      await before.kill('SIGTERM')
      const { url } = await relayWith(authority, '--port', port, '--tls-ca', both)
      expect(await move('alice', url, '--tls-ca', ca)).toMatchObject({ code: 1 })
      const turned = write('turned.crt', nextAuthority.cert + authority.cert)
      expect(await move('alice', url, '--tls-ca', turned)).toMatchObject({ code: 0 })
    },
  )

  it.skipIf(!isLong)('(in test:long) has to be the address of a relay, and nothing more', async () => {
    const { relay, register, move } = town()
    const { url } = await relay()
    await register('alice', '--relay', url)
    for (const place of [`${url}/path`, `${url}/?query`, url.replace('//', '//user:word@')])
      expect([place, await move('alice', place)]).toMatchObject([
        place,
        { code: 1, stderr: expect.stringContaining('the address of a relay is its host and port') },
      ])
    for (const place of ['relay.example', 'ftp://x'])
      expect(await move('alice', place)).toMatchObject({
        code: 1,
        stderr: expect.stringContaining(`${place} is not the address of a relay`),
      })
  })
})
