import { isIP } from 'node:net'
import websocket from '@fastify/websocket'
import Fastify, { type FastifyError, type FastifyInstance, type FastifyReply, LogController } from 'fastify'
import type { Logger } from 'pino'
import { frameMaximumBytes, RelayError } from './api.ts'
import { addRoutes } from './http.ts'
import type { LocalRelay } from './relay.ts'
import { report } from './report.ts'
import { addSocket } from './socket.ts'

/**
 * The relay behind Fastify, not listening yet.
 * @param logger gets routes, statuses and faults: never names, addresses, tokens or content
 */
export async function buildApp(relay: LocalRelay, logger: Logger): Promise<FastifyInstance> {
  const app = Fastify({
    loggerInstance: logger.child({}, { serializers: { req: nothing, res: nothing, path: nothing } }),
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: frameMaximumBytes,
    trustProxy: false,
    requestTimeout: 30_000,
    frameworkErrors(_error, request, reply) {
      refuse(reply as FastifyReply, notTaken)
      request.raw.socket.destroySoon()
    },
  }) as unknown as FastifyInstance

  // first, for its hooks end the connection of an upgrade that a later hook refuses
  await app.register(websocket, { options: { maxPayload: frameMaximumBytes, perMessageDeflate: false } })

  app.addHook('onRequest', async (request) => {
    const { origin, host } = request.headers
    if (origin !== undefined && !isSameOrigin(origin, host))
      throw new RelayError('foreign-origin', 'requests from pages of another site are refused')
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

  addRoutes(app, relay)
  await addSocket(app, relay)
  return app
}

const nothing = () => undefined
const notTaken = new RelayError('bad-request', 'the request is not what this route takes')

const refuse = (reply: FastifyReply, { status, code, message }: RelayError) =>
  reply.code(status).send({ code, message })

/**
 * A page may ask only the relay that it comes from, by its address: a name could be made to mean this machine by whoever
 * owns the name (DNS rebinding).
 */
function isSameOrigin(origin: string, host: string | undefined): boolean {
  if (!URL.canParse(origin)) return false
  const { host: named, hostname } = new URL(origin)
  return named === host && (hostname === 'localhost' || isIP(hostname.replace(/^\[|\]$/g, '')) !== 0)
}

function toRelayError(error: FastifyError): RelayError {
  if (error instanceof RelayError) return error
  if (error.statusCode === 413) return new RelayError('too-large', `a request is at most ${frameMaximumBytes} bytes`)
  if (error.statusCode && error.statusCode < 500) return notTaken
  return new RelayError('internal', 'the relay failed; its log says why')
}
