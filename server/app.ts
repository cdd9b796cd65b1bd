import websocket from '@fastify/websocket'
import Fastify, { type FastifyError, type FastifyInstance, type FastifyReply, LogController } from 'fastify'
import type { Logger } from 'pino'
import { frameMaximumBytes, RelayError } from './api.ts'
import type { Certificate } from './certificate.ts'
import { isOfThePeer } from './device-socket.ts'
import { hostCheck } from './hosts.ts'
import { createHoldings, type Holdings } from './holdings.ts'
import { addRoutes, bodyMaximumBytes } from './http.ts'
import { createBuckets, defaultLimits, type Limits, priceOf, prices } from './limits.ts'
import type { LocalRelay } from './relay.ts'
import { report } from './report.ts'
import { addSocket } from './socket.ts'
import { seatStrangers } from './strangers.ts'

/**
 * The relay behind Fastify, not listening yet.
 * @param logger gets routes, statuses and faults: never names, addresses, tokens or content
 * @param certificate for https; without one it is plain http
 * @param names by which it may be asked, besides those of its certificate
 */
export async function buildApp(
  relay: LocalRelay,
  logger: Logger,
  certificate: Certificate | null = null,
  limits: Limits = defaultLimits,
  names: readonly string[] = [],
): Promise<FastifyInstance> {
  const app = Fastify({
    ...(certificate ? { https: { ...certificate, ...tlsOptions, ...httpOptions } } : { http: httpOptions }),
    loggerInstance: logger.child({}, { serializers: { req: nothing, res: nothing, path: nothing } }),
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: bodyMaximumBytes,
    trustProxy: false,
    requestTimeout: 30_000,
    connectionTimeout: 30_000,
    keepAliveTimeout: 10_000,
    frameworkErrors(_error, request, reply) {
      refuse(reply as FastifyReply, notTaken)
      request.raw.socket.destroySoon()
    },
  }) as unknown as FastifyInstance

  // comes first, because its hooks end the connection of an upgrade that a later hook refuses
  await app.register(websocket, {
    options: socketOptions,
    errorHandler(error, socket) {
      if (!isOfThePeer(error)) report(app.log, error, 'a socket failed')
      socket.terminate()
    },
  })
  app.server.maxConnections = limits.connections
  const strangers = seatStrangers(app.server, limits.strangers)
  countBodies(app, createHoldings(limits.bytesForStrangers))

  const requests = createBuckets(limits.httpRequests, () => performance.now())
  function pay(price: number): void {
    if (!requests.take('all', price)) throw new RelayError('too-many', 'the relay is asked for too much at once')
  }
  const checkHost = hostCheck(names, certificate)
  app.addHook('onRequest', async (request) => {
    pay(request.ws ? prices.upgrade : 1)
    checkHost(request.raw)
  })
  app.addHook('onResponse', async (request, reply) => {
    app.log.debug(
      { route: request.routeOptions.url ?? 'none', status: reply.statusCode, ms: Math.round(reply.elapsedTime) },
      'request',
    )
  })
  app.setErrorHandler((error: FastifyError, _request, reply) => {
    const known = toRelayError(error)
    if (known.code === 'internal') report(app.log, error, 'a request failed')
    return refuse(reply, known)
  })
  app.setNotFoundHandler((_request, reply) => refuse(reply, new RelayError('not-found', 'no such route')))

  const parts = createBuckets(limits.blobParts, () => performance.now())
  addRoutes(app, relay, {
    answer(sizeBytes) {
      const more = priceOf(sizeBytes) - 1
      if (more > 0) pay(more)
    },
    part(sizeBytes) {
      if (!parts.take('all', priceOf(sizeBytes)))
        throw new RelayError('too-many', 'too much of files is moved at once: try again in a moment')
    },
  })
  await addSocket(app, { relay, limits, strangers })
  return app
}

declare module 'fastify' {
  interface FastifyContextConfig {
    /** the route asks for the operator's token before it reads the body */
    readonly isForOperator?: boolean
  }
}

/** Counts what memory a request holds: the part of its body that has come, and its answer until that has been read. */
function countBodies(app: FastifyInstance, holdings: Holdings): void {
  app.addHook('preParsing', (request, _reply, payload, done) => {
    done(null, payload)
    const { raw, headers } = request
    const hasBody = headers['content-length'] !== undefined || headers['transfer-encoding'] !== undefined
    if (!hasBody || request.routeOptions.config.isForOperator) return
    let sizeBytes = 0
    payload.on('data', (chunk: Buffer) => {
      sizeBytes += chunk.length
      holdings.change(raw.socket, chunk.length)
    })
    raw.once('close', () => holdings.change(raw.socket, -sizeBytes))
  })
  app.addHook('onSend', async ({ raw }, reply, payload) => {
    if (typeof payload !== 'string' && !Buffer.isBuffer(payload)) return
    holdings.change(raw.socket, payload.length)
    reply.raw.once('close', () => holdings.change(raw.socket, -payload.length))
  })
}

const tlsOptions = { minVersion: 'TLSv1.2', handshakeTimeout: 10_000 } as const
/** A client that sends the head of a request byte by byte is cut off at the first look after ten seconds. */
const httpOptions = { maxHeaderSize: 8192, headersTimeout: 10_000, connectionsCheckingInterval: 2_000 }
/** A message may come in pieces, and pieces in small packets, but not in so many that they cost more than the message. */
const socketOptions = {
  maxPayload: frameMaximumBytes,
  maxFragments: 128,
  maxBufferedChunks: 4096,
  closeTimeout: 5_000,
  perMessageDeflate: false,
}

const nothing = () => undefined
const notTaken = new RelayError('bad-request', 'the request is not what this route takes')

const refuse = (reply: FastifyReply, { status, code, message }: RelayError) =>
  reply.code(status).send({ code, message })

function toRelayError(error: FastifyError): RelayError {
  if (error instanceof RelayError) return error
  if (error.statusCode === 413) return new RelayError('too-large', 'the request is longer than any of its kind')
  if (error.statusCode && error.statusCode < 500) return notTaken
  return new RelayError('internal', 'the relay failed; its log says why')
}
