import type { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { FastifyInstance } from 'fastify'
import type { WebSocket } from 'ws'
import { RelayError } from './api.ts'
import { serve } from './device-socket.ts'
import { beat } from './heart.ts'
import { createHoldings } from './holdings.ts'
import { createSeats, type Limits } from './limits.ts'
import type { LocalRelay } from './relay.ts'
import { report } from './report.ts'
import type { Strangers } from './strangers.ts'

const pingEveryMs = 30_000

export interface SocketParts {
  readonly relay: LocalRelay
  readonly limits: Limits
  readonly strangers: Strangers
}

/** One device's socket: JSON text frames for requests, binary frames for envelopes. */
export async function addSocket(app: FastifyInstance, { relay, limits, strangers }: SocketParts): Promise<void> {
  const parts = {
    relay,
    strangers,
    unknown: createSeats(limits.socketsUnauthenticated),
    holdings: createHoldings(limits.bytesForDevices),
    policyKey: await relay.policyKey(),
    tell: (error: unknown) => report(app.log, error, 'a request on a socket failed'),
  }
  app.route({
    method: 'GET',
    url: '/v1/socket',
    async onRequest() {
      if (app.websocketServer.clients.size >= limits.sockets)
        throw new RelayError('too-many', 'as many devices are connected as this relay takes')
    },
    handler() {
      throw new RelayError('not-found', 'this is the address of a WebSocket')
    },
    wsHandler(socket, request) {
      const stream = request.raw.socket
      letGo(socket, stream)
      serve(socket, stream, parts)
    },
  })
  const heart = setInterval(() => beat(app.websocketServer.clients), pingEveryMs)
  app.addHook('onClose', async () => clearInterval(heart))
}

/**
 * The request by which a socket was opened, its answer and what Fastify keeps for both would otherwise live as long as the
 * socket does: some 3 kB each.
 */
function letGo(socket: WebSocket, stream: Socket & { _httpMessage?: ServerResponse | null }): void {
  // of @fastify/websocket, which holds on to both; whoever serves the socket listens for errors
  socket.removeAllListeners('error')
  stream._httpMessage?.detachSocket(stream)
}
