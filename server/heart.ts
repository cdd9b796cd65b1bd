import type { WebSocket } from 'ws'
import { equal } from '../crypto/bytes.ts'
import { systemRandom } from '../crypto/random.ts'

/** what was put into a ping that has not been answered yet: a client that does not read cannot know it */
const pings = new WeakMap<WebSocket, Uint8Array>()

/** Pings every socket. A client that has not answered the last ping is gone. */
export function beat(sockets: Iterable<WebSocket>): void {
  for (const socket of sockets) {
    if (pings.has(socket)) socket.terminate()
    else if (socket.readyState === socket.OPEN) {
      const payload = systemRandom(8)
      pings.set(socket, payload)
      socket.ping(payload)
    }
  }
}

/** @returns whether this pong is the answer that was waited for */
export function isAnswered(socket: WebSocket, payload: Uint8Array): boolean {
  const asked = pings.get(socket)
  return asked !== undefined && equal(asked, payload) && pings.delete(socket)
}
