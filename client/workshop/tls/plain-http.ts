import { createServer, type IncomingMessage } from 'node:http'
import type { Server, Socket } from 'node:net'

/** The first byte of a TLS connection: a record with a handshake in it. RFC 8446, section 5.1 */
const handshake = 0x16
/** by then the first byte of TLS has come, or a whole request in plain http */
const speaksWithinMs = 10_000

/**
 * Whoever types the room's address without `https://` gets to the same port in plain http. They are sent on to the same place by https, and
 * are told nothing else.
 * @param server with TLS, before it listens
 * @param check throws where the request is not meant for this server
 */
export function sendOnToHttps(server: Server, check: (request: IncomingMessage) => void): void {
  const plain = createServer({ maxHeaderSize: 8192 }, (request, response) => {
    const close = { 'connection': 'close', 'cache-control': 'no-store' }
    try {
      check(request)
    } catch {
      response.writeHead(403, close).end()
      return
    }
    // 307 is not for good: the next workshop at this address may be without TLS
    response.writeHead(307, { ...close, location: `https://${request.headers.host}${request.url}` }).end()
  })
  const [secure] = server.listeners('connection')
  if (!secure) throw new Error('the server has no way of taking a connection')
  server.removeListener('connection', secure as (socket: Socket) => void)
  server.prependListener('connection', (socket: Socket) => {
    const leave = () => socket.destroy()
    const patience = setTimeout(leave, speaksWithinMs)
    const stay = () => clearTimeout(patience)
    socket.on('error', leave)
    socket.once('close', stay)
    socket.once('readable', () => {
      const first = socket.read() as Buffer | null
      if (first === null) {
        leave()
        return
      }
      socket.unshift(first)
      if (first[0] !== handshake) {
        plain.emit('connection', socket)
        return
      }
      stay()
      secure.call(server, socket)
    })
  })
}
