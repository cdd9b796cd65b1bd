import { createServer, type RequestListener } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { WebSocketServer } from 'ws'
import { roomAddresses } from './addresses.ts'
import { sendOnToHttps } from './tls/plain-http.ts'
import type { OwnCertificate } from './tls/own.ts'

/** A page on the room's port that says to a phone that it has come through, before there is a workshop. */
export interface Doctor {
  /** what to type on a phone, the likeliest first; empty where this machine is in no network */
  readonly addresses: readonly string[]
  readonly port: number
  stop(): Promise<void>
}

/** How far another machine has come: it has the page; it has a connection, too, as messages need it; its browser refuses that. */
export type Visit = 'opened' | 'connected' | 'refused'

const page = `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Doormat</title><h1>It works.</h1><p>This phone reaches the laptop. The workshop will open here, too.</p>
<p id="connected" role="status">Trying whether it can stay connected …</p><script src="/try.js"></script></html>
`
const script = `const said = document.getElementById('connected')
const socket = new WebSocket(location.origin.replace('http', 'ws') + '/connection')
socket.onopen = () => {
  said.textContent = 'It can stay connected, too.'
}
socket.onerror = () => {
  said.textContent = 'But this browser refuses the connection that messages need. Tell the host.'
  void fetch('/refused', { method: 'POST' })
}
`
const policy = "default-src 'none'; script-src 'self'; connect-src 'self'"

/**
 * @param port 0 takes any that is free
 * @param certificate for https, as the workshop will show it; null for plain http
 * @param visited is told the address of each other machine, once for each way that it has come
 * @throws Error with a `code` where the port cannot be listened on
 */
export async function startDoctor(
  port: number,
  certificate: OwnCertificate | null,
  visited: (address: string, how: Visit) => void,
): Promise<Doctor> {
  const own = new Set(['127.0.0.1', '::1', ...roomAddresses()])
  const known = new Set<string>()
  function note(remoteAddress: string | undefined, how: Visit): void {
    const address = (remoteAddress ?? '').replace('::ffff:', '')
    if (own.has(address) || known.has(`${how} ${address}`)) return
    known.add(`${how} ${address}`)
    visited(address, how)
  }
  const answer: RequestListener = ({ method, url, socket }, response) => {
    const isScript = url === '/try.js'
    response.writeHead(200, {
      'content-type': `${isScript ? 'text/javascript' : 'text/html'}; charset=utf-8`,
      'content-security-policy': policy,
      'cache-control': 'no-store',
    })
    const how = method === 'POST' && url === '/refused' ? 'refused' : isScript ? null : 'opened'
    response.end(isScript ? script : page, () => how !== null && note(socket.remoteAddress, how))
  }
  const server = certificate ? createSecureServer({ ...certificate }, answer) : createServer(answer)
  if (certificate) sendOnToHttps(server, () => undefined)
  const sockets = new WebSocketServer({ server, path: '/connection', maxPayload: 1 })
  sockets.on('connection', (_socket, { socket }) => note(socket.remoteAddress, 'connected'))
  await new Promise<void>((resolve, reject) => {
    // its own fault is the server's as well
    sockets.on('error', reject)
    server.listen(port, '0.0.0.0', resolve)
  })
  const { port: listening } = server.address() as AddressInfo
  const scheme = certificate ? 'https' : 'http'
  return {
    port: listening,
    addresses: roomAddresses().map((address) => `${scheme}://${address}:${listening}/`),
    stop: () =>
      new Promise((resolve) => {
        for (const socket of sockets.clients) socket.terminate()
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
