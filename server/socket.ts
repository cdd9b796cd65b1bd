import type { Socket } from 'node:net'
import type { FastifyInstance } from 'fastify'
import type { RawData, WebSocket } from 'ws'
import { equal } from '../crypto/bytes.ts'
import type { ChallengeAnswer } from '../crypto/identity.ts'
import type { PolicyKey } from '../crypto/keys.ts'
import { systemRandom } from '../crypto/random.ts'
import {
  decodeSubmission,
  encodeDelivery,
  frameMaximumBytes,
  type FromDevice,
  fromDeviceSchema,
  type Listener,
  RelayError,
  type ToDevice,
  toJson,
} from './api.ts'
import { Frames } from './frames.ts'
import { createHoldings, type Holdings } from './holdings.ts'
import { parse } from './http.ts'
import { createSeats, type Limits, type Seats } from './limits.ts'
import type { LocalConnection } from './connection.ts'
import type { LocalRelay } from './relay.ts'
import { report } from './report.ts'
import type { Strangers } from './strangers.ts'

const authenticateWithinMs = 10_000
const pingEveryMs = 30_000
/** With more than this unsent, the reader is too slow for what it asks. */
const unsentMaximumBytes = 4 * 1024 * 1024

/** What a stranger may say on a socket before its device is known: a proof has some 300 bytes. */
const introductionMaximumBytes = 4096

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
    wsHandler: (socket, request) => serve(socket, request.raw.socket, parts),
  })
  const heart = setInterval(() => beat(app.websocketServer.clients), pingEveryMs)
  app.addHook('onClose', async () => clearInterval(heart))
}

/** what was put into a ping that has not been answered yet: a client that does not read cannot know it */
const pings = new WeakMap<WebSocket, Uint8Array>()

/** A client that has not answered the last ping is gone. */
function beat(sockets: Iterable<WebSocket>): void {
  for (const socket of sockets) {
    if (pings.has(socket)) socket.terminate()
    else if (socket.readyState === socket.OPEN) {
      const payload = systemRandom(8)
      pings.set(socket, payload)
      socket.ping(payload)
    }
  }
}

interface ServeParts {
  readonly relay: LocalRelay
  readonly policyKey: PolicyKey
  readonly strangers: Strangers
  /** seats for those who have not yet said who they are */
  readonly unknown: Seats
  readonly holdings: Holdings
  readonly tell: (error: unknown) => void
}

/** @param stream what the socket reads from and writes to */
function serve(socket: WebSocket, stream: Socket, parts: ServeParts): void {
  const { relay, policyKey, strangers, unknown, holdings, tell } = parts
  const challenge = relay.challenge()
  let connection: LocalConnection | null = null
  /** what has come while the relay looks whose device this is */
  let early: [RawData, boolean][] | null = null
  const place = { given: 0, after: 0 }
  const frames = new Frames(stream, (bytes) => holdings.change(stream, bytes))

  const refusal = (ref: number | null, error: unknown): ToDevice => {
    const known = error instanceof RelayError ? error : new RelayError('internal', 'the relay failed; its log says why')
    if (known !== error) tell(error)
    return { type: 'refused', ref, code: known.code, message: known.message }
  }

  /** A frame that cannot be answered by its ref ends the connection, with the reason in the last frame. */
  function giveUp(error: unknown): void {
    if (socket.readyState !== socket.OPEN) return
    frames.put(toJson(refusal(null, error)))
    frames.flush()
    socket.close(1008)
  }

  function push(data: string | Uint8Array): void {
    if (socket.readyState !== socket.OPEN) return
    if (frames.unsentBytes <= unsentMaximumBytes) frames.put(data)
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
      const { user, device, signature, suite } = frame
      // before it hands in prekeys that nobody takes, and gives up older ones for them
      if (!suite) throw new RelayError('bad-request', 'this relay asks for a later version of doormat')
      return void admitted({ user, id: device, signature })
    }
    if (!connection) throw new RelayError('not-authenticated', 'authenticate first')
    if (frame.type === 'acknowledge') return void connection.acknowledge(frame.sequence).catch(giveUp)
    ask(connection, frame, place).then(send, (error: unknown) => send(refusal(frame.ref, error)))
  }

  function onSubmission(bytes: Uint8Array): void {
    if (!connection) throw new RelayError('not-authenticated', 'authenticate first')
    const { ref, submission } = decodeSubmission(bytes)
    connection.post(submission, (fault) =>
      fault === null ? push(`{"type":"done","ref":${ref}}`) : send(refusal(ref, fault)),
    )
  }

  /** What comes meanwhile is answered afterwards. */
  async function admitted(answer: ChallengeAnswer): Promise<void> {
    early = []
    socket.pause()
    try {
      connection = await relay.admit(challenge, answer, listener)
      introduced()
      const waiting = early
      early = null
      for (const [data, isBinary] of waiting) onMessage(data, isBinary)
    } catch (error) {
      early = null
      giveUp(error)
    } finally {
      socket.resume()
    }
    if (socket.readyState !== socket.OPEN) connection?.close()
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
    relay.dismiss(challenge)
    strangers.introduced(stream)
  }
  socket.on('pong', (payload: Buffer) => {
    const asked = pings.get(socket)
    if (asked && equal(asked, payload)) pings.delete(socket)
  })
  function onMessage(data: RawData, isBinary: boolean): void {
    if (socket.readyState !== socket.OPEN) return
    if (early) return void early.push([data, isBinary])
    const bytes = data as Buffer
    try {
      if (isBinary) onSubmission(bytes)
      else onText(bytes.toString('utf8'))
    } catch (error) {
      giveUp(error)
    }
  }
  socket.on('message', onMessage)
  countUnfinished(
    socket,
    (changeBytes, sizeBytes) => {
      holdings.change(stream, changeBytes)
      if (!connection && sizeBytes > introductionMaximumBytes) stream.destroy()
    },
    stream,
  )
  socket.on('error', () => socket.terminate())
  socket.on('close', () => {
    introduced()
    connection?.close()
  })
  send({ type: 'challenge', challenge, policyKey })
}

/**
 * Counts what has come of frames that have not come whole.
 * @param tell is given the change, and how much it is now
 */
function countUnfinished(
  socket: WebSocket,
  tell: (changeBytes: number, sizeBytes: number) => void,
  stream: Socket,
): void {
  let unfinishedBytes = 0
  let told = 0
  const finished = (data: RawData) => {
    const { length } = data as Buffer
    unfinishedBytes -= length + frameHeadBytes(length)
  }
  for (const event of ['message', 'ping', 'pong'] as const) socket.on(event, finished)
  // behind the listener of `ws`, which has taken out of it what is whole
  stream.on('data', (chunk: Buffer) => {
    unfinishedBytes += chunk.length
    const now = Math.min(unfinishedBytes, frameMaximumBytes)
    tell(now - told, now)
    told = now
  })
}

/** Reads the header of a frame from a device: masked, and in one piece. RFC 6455, section 5.2. */
const frameHeadBytes = (length: number) => 6 + (length < 126 ? 0 : length < 65_536 ? 2 : 8)

type Question = Exclude<FromDevice, { type: 'authenticate' | 'acknowledge' }>

/** How many send counters have been given so far, and the row of the last one. */
interface Place {
  given: number
  after: number
}

async function ask(connection: LocalConnection, frame: Question, place: Place): Promise<ToDevice> {
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
      if (frame.skip !== 0 && frame.skip !== place.given)
        throw new RelayError('bad-request', 'the counters come in their order')
      const after = frame.skip === 0 ? 0 : place.after
      const page = await connection.sentPage(after)
      Object.assign(place, { given: frame.skip + page.length, after: page.at(-1)?.row ?? after })
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
