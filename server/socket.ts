import type { Duplex } from 'node:stream'
import type { FastifyInstance } from 'fastify'
import type { RawData, WebSocket } from 'ws'
import type { PolicyKey } from '../crypto/keys.ts'
import {
  type Connection,
  countersMaximum,
  decodeSubmission,
  encodeDelivery,
  type FromDevice,
  fromDeviceSchema,
  type Listener,
  RelayError,
  type ToDevice,
  toJson,
} from './api.ts'
import { parse } from './http.ts'
import { createSeats, type Limits, type Seats } from './limits.ts'
import type { LocalRelay } from './relay.ts'
import { report } from './report.ts'

const authenticateWithinMs = 10_000
const pingEveryMs = 30_000
/** Beyond this much unsent, the reader is too slow for what it asks. */
const unsentMaximumBytes = 4 * 1024 * 1024

/** One device's socket: JSON text frames for requests, binary frames for envelopes. */
export async function addSocket(app: FastifyInstance, relay: LocalRelay, limits: Limits): Promise<void> {
  const unknown = createSeats(limits.socketsUnauthenticated)
  const policyKey = await relay.policyKey()
  const tell = (error: unknown) => report(app.log, error, 'a request on a socket failed')
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
    wsHandler: (socket, request) => serve(socket, request.raw.socket, relay, policyKey, unknown, tell),
  })
  const heart = setInterval(() => beat(app.websocketServer.clients), pingEveryMs)
  app.addHook('onClose', async () => clearInterval(heart))
}

/** connections that have been pinged and not answered yet */
const silent = new WeakSet<WebSocket>()

/** Who has not answered the last ping is gone. */
function beat(sockets: Iterable<WebSocket>): void {
  for (const socket of sockets) {
    if (silent.has(socket)) socket.terminate()
    else if (socket.readyState === socket.OPEN) {
      silent.add(socket)
      socket.ping()
    }
  }
}

/**
 * @param stream what the socket writes to: all that one commit has to say goes out at once
 * @param unknown seats for those who have not said yet who they are
 */
function serve(
  socket: WebSocket,
  stream: Duplex,
  relay: LocalRelay,
  policyKey: PolicyKey,
  unknown: Seats,
  tell: (error: unknown) => void,
): void {
  const challenge = relay.challenge()
  let connection: Connection | null = null

  const refusal = (ref: number | null, error: unknown): ToDevice => {
    const known = error instanceof RelayError ? error : new RelayError('internal', 'the relay failed; its log says why')
    if (known !== error) tell(error)
    return { type: 'refused', ref, code: known.code, message: known.message }
  }

  /** A frame that cannot be answered by its ref ends the connection, with the reason in the last frame. */
  function giveUp(error: unknown): void {
    socket.send(toJson(refusal(null, error)))
    socket.close(1008)
  }

  function push(data: string | Uint8Array): void {
    if (!stream.writableCorked) {
      stream.cork()
      process.nextTick(() => stream.uncork())
    }
    if (socket.bufferedAmount <= unsentMaximumBytes) socket.send(data)
    else giveUp(new RelayError('too-slow', 'what is asked for is not being read'))
  }
  const send = (frame: ToDevice) => push(toJson(frame))

  const listener: Listener = {
    ready: () => send({ type: 'ready' }),
    deliver: (delivery) => push(encodeDelivery(delivery)),
    policy: (link) => send({ type: 'policy', link }),
    closed: (error) => error && giveUp(error),
  }

  function onText(text: string): void {
    const frame = parse(fromDeviceSchema, parseJson(text))
    if (frame.type === 'authenticate') {
      if (connection) throw new RelayError('bad-request', 'this socket is authenticated already')
      const { user, device, signature } = frame
      connection = relay.admit(challenge, { user, id: device, signature }, listener)
      return introduced()
    }
    if (!connection) throw new RelayError('not-authenticated', 'authenticate first')
    if (frame.type === 'acknowledge') return void connection.acknowledge(frame.sequence).catch(giveUp)
    ask(connection, frame).then(send, (error: unknown) => send(refusal(frame.ref, error)))
  }

  function onSubmission(bytes: Uint8Array): void {
    if (!connection) throw new RelayError('not-authenticated', 'authenticate first')
    const { ref, submission } = decodeSubmission(bytes)
    connection.submit(submission).then(
      () => send({ type: 'done', ref }),
      (error: unknown) => send(refusal(ref, error)),
    )
  }

  const deadline = setTimeout(
    () => giveUp(new RelayError('not-authenticated', 'no answer to the challenge in time')),
    authenticateWithinMs,
  )
  const leave = unknown.take('all', () =>
    giveUp(new RelayError('too-many', 'too many are connecting, and this connection had waited longest')),
  )
  function introduced(): void {
    clearTimeout(deadline)
    leave()
  }
  socket.on('pong', () => silent.delete(socket))
  socket.on('message', (data: RawData, isBinary: boolean) => {
    if (socket.readyState !== socket.OPEN) return
    const bytes = data as Buffer
    try {
      if (isBinary) onSubmission(bytes)
      else onText(bytes.toString('utf8'))
    } catch (error) {
      giveUp(error)
    }
  })
  socket.on('error', () => socket.terminate())
  socket.on('close', () => {
    introduced()
    connection?.close()
  })
  send({ type: 'challenge', challenge, policyKey })
}

type Question = Exclude<FromDevice, { type: 'authenticate' | 'acknowledge' }>

async function ask(connection: Connection, frame: Question): Promise<ToDevice> {
  const { ref } = frame
  switch (frame.type) {
    case 'publish-prekeys':
      await connection.publishPrekeys(frame.prekeys, frame.replace)
      return { type: 'done', ref }
    case 'reserve-link':
      await connection.reserveLink(frame.slot)
      return { type: 'done', ref }
    case 'count-prekeys':
      return { type: 'prekey-counts', ref, ...(await connection.countPrekeys()) }
    case 'devices':
      return { type: 'device-list', ref, list: await connection.devices(frame.user) }
    case 'bundle':
      return { type: 'prekey-bundle', ref, bundle: await connection.bundle(frame) }
    case 'sent': {
      const page = (await connection.sent()).slice(frame.skip, frame.skip + countersMaximum)
      return {
        type: 'sent-counters',
        ref,
        counters: page.map(({ to, counter, digest }) => ({ ...to, counter, digest })),
      }
    }
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new RelayError('bad-request', 'the frame is not JSON')
  }
}
