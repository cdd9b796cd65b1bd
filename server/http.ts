import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { z } from 'zod'
import type { accessSchema, noteSchema, policiesSchema, relaySchema, vouchSchema } from './api.ts'
import {
  installTapSchema,
  instrumentMaximumBytes,
  leaveNoteSchema,
  noteAddressSchema,
  policiesMaximum,
  policiesQuerySchema,
  registerSchema,
  returnPolicySchema,
  type Relay,
  RelayError,
  switchAccessSchema,
  toJson,
  whereaboutsSchema,
} from './api.ts'

/** The requests that need no device: parse, call Relay, answer. Bytes are base64url in JSON. */
export function addRoutes(app: FastifyInstance, relay: Relay): void {
  app.get('/v1/relay', async () => answer<typeof relaySchema>({ policyKey: await relay.policyKey() }))

  app.post('/v1/whereabouts', async (request) => {
    const { nonce, ...where } = parse(whereaboutsSchema, request.body)
    return answer<typeof vouchSchema>({ signature: await relay.vouch(nonce, where) })
  })

  app.post('/v1/accounts', async (request, reply) => {
    await relay.register(parse(registerSchema, request.body).list)
    return reply.code(201).send({})
  })

  app.put('/v1/links/:slot/:step', async (request, reply) => {
    const { slot, step } = parse(noteAddressSchema, request.params)
    await relay.leaveNote(slot, step, parse(leaveNoteSchema, request.body).note)
    return reply.code(201).send({})
  })

  app.get('/v1/links/:slot/:step', async (request) => {
    const { slot, step } = parse(noteAddressSchema, request.params)
    return answer<typeof noteSchema>({ note: await relay.readNote(slot, step) })
  })

  app.get('/v1/policies', async (request) =>
    answer<typeof policiesSchema>({
      links: (await relay.policies(parse(policiesQuerySchema, request.query).after)).slice(0, policiesMaximum),
    }),
  )

  app.post('/v1/policies', async (request, reply) => {
    await relay.returnPolicy(parse(returnPolicySchema, request.body).link)
    return reply.code(201).send({})
  })

  app.get('/v1/access', async () => answer<typeof accessSchema>(await relay.access()))

  app.put('/v1/access', async (request) => {
    const { mode, parameters } = parse(switchAccessSchema, request.body)
    return answer<typeof accessSchema>(await relay.switchAccess(bearer(request), mode, parameters))
  })

  app.post('/v1/taps', { bodyLimit: 2 * instrumentMaximumBytes }, async (request, reply) => {
    const token = bearer(request)
    const { mode, instrument } = parse(installTapSchema, request.body)
    await relay.installTap(token, mode, instrument)
    return reply.code(201).send({})
  })
}

/** What is answered is what the client's schema for it takes. */
const answer = <S extends z.ZodType>(value: z.output<S>): unknown => JSON.parse(toJson(value))

/** @throws RelayError `bad-request`, naming the places and not what stood there */
export function parse<S extends z.ZodType>(schema: S, value: unknown): z.output<S> {
  const result = schema.safeParse(value)
  if (result.success) return result.data
  const faults = result.error.issues.map(({ path, message }) => `${path.join('.') || 'request'}: ${message}`)
  throw new RelayError('bad-request', faults.slice(0, 3).join('; '))
}

function bearer(request: FastifyRequest): string {
  const [scheme, token] = (request.headers.authorization ?? '').split(' ')
  if (scheme !== 'Bearer' || !token) throw new RelayError('not-the-operator', "this needs the operator's token")
  return token
}
