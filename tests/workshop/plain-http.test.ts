import { once } from 'node:events'
import { createServer, request as askSecurely } from 'node:https'
import { type AddressInfo, connect } from 'node:net'
import { Duplex } from 'node:stream'
import { text } from 'node:stream/consumers'
import { setImmediate } from 'node:timers/promises'
import { connect as connectSecurely } from 'node:tls'
import { expect, it, onTestFinished } from 'vitest'
import { sendOnToHttps } from '../../client/workshop/tls/plain-http.ts'
import { certificate } from '../support/certificate.ts'

const made = certificate('room', { names: ['127.0.0.1'] })

/** A server with TLS that says "inside", and what it says to plain http. */
async function room() {
  const server = createServer({ cert: made.cert, key: made.key }, (_request, response) => response.end('inside'))
  sendOnToHttps(server, ({ headers }) => {
    if (headers.host?.startsWith('evil')) throw new Error('foreign')
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  const plainly = (...pieces: string[]) => {
    const socket = connect(port, '127.0.0.1', () => pieces.forEach((piece) => socket.write(piece)))
    onTestFinished(() => void socket.destroy())
    return text(socket)
  }
  const securely = () =>
    new Promise<string>((resolve, reject) => {
      const asking = askSecurely({ host: '127.0.0.1', port, ca: made.cert, agent: false }, (response) =>
        resolve(text(response)),
      )
      asking.on('error', reject)
      asking.end()
    })
  return { port, plainly, securely }
}

it('is sent on to the same place by https, and is told nothing of what is there', async () => {
  const { plainly, securely } = await room()
  const said = await plainly('GET /a?b=c HTTP/1.1\r\nHost: 127.0.0.1:4620\r\n\r\n')
  expect(said).toMatch(/^HTTP\/1\.1 307 /)
  expect(said).toContain('\r\nlocation: https://127.0.0.1:4620/a?b=c\r\n')
  expect(said).not.toContain('inside')
  expect(await securely()).toBe('inside')
})

it('is sent nowhere when it asks by a foreign name, or says what is no request', async () => {
  const { plainly, securely } = await room()
  expect(await plainly('GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n')).toMatch(/^HTTP\/1\.1 403 (?![^]*location)/)
  expect(await plainly('SSH-2.0-OpenSSH\r\n\r\n')).toMatch(/^HTTP\/1\.1 400 /)
  expect(await plainly(`GET /${'x'.repeat(20_000)} HTTP/1.1\r\n`)).toMatch(/^HTTP\/1\.1 431 /)
  expect(await securely()).toBe('inside')
})

it('takes a handshake that comes byte by byte, and outlasts whoever hangs up before or in the middle of it', async () => {
  const { port, securely } = await room()
  const raw = connect(port, '127.0.0.1').setNoDelay()
  onTestFinished(() => void raw.destroy())
  const bytewise = new Duplex({
    read() {},
    write(chunk: Uint8Array, _encoding, done) {
      void (async () => {
        for (const byte of chunk) {
          raw.write(Uint8Array.of(byte))
          await setImmediate()
        }
        done()
      })()
    },
  })
  raw.on('data', (data) => bytewise.push(data))
  const secured = connectSecurely({ socket: bytewise, host: '127.0.0.1', ca: made.cert })
  await once(secured, 'secureConnect')
  secured.write('GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n')
  expect(String((await once(secured, 'data'))[0])).toMatch(/^HTTP\/1\.1 200 /)

  for (const bytes of [[], [0x16], [0x16, 3, 1, 0]]) {
    const socket = connect(port, '127.0.0.1')
    await once(socket, 'connect')
    socket.end(Uint8Array.from(bytes))
    socket.resume()
    await once(socket, 'close')
  }
  expect(await securely()).toBe('inside')
})
