import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { z } from 'zod'
import type { accessSchema, blobSchema, noteSchema, policiesSchema, relaySchema, vouchSchema } from './api.ts'
import {
  blobAddressSchema,
  blobPartMaximumBytes,
  blobPartSchema,
  installTapSchema,
  instrumentMaximumBytes,
  leaveNoteSchema,
  linkNoteMaximumBytes,
  noteAddressSchema,
  policiesMaximum,
  policiesQuerySchema,
  policyLinkMaximumBytes,
  registerSchema,
  returnPolicySchema,
  RelayError,
  switchAccessSchema,
  toJson,
  whereaboutsSchema,
} from './api.ts'
import type { LocalRelay } from './relay.ts'

/** The longest body, where a request has no reason for more. Until it has come completely it is held for a stranger. */
export const bodyMaximumBytes = 4096
const linkBodyMaximumBytes = Math.ceil((linkNoteMaximumBytes * 4) / 3) + 64
const accessBodyMaximumBytes = 24 * 1024
const policyBodyMaximumBytes = Math.ceil((policyLinkMaximumBytes * 4) / 3) + 64

/** What is charged for so many bytes, before they are read or made. @throws RelayError `too-many` */
export interface Charges {
  answer(sizeBytes: number): void
  /** of a blob, either way */
  part(sizeBytes: number): void
}

/**
 * The requests that need no device: parse, call Relay, answer. Bytes are base64url in JSON.
 */
export function addRoutes(app: FastifyInstance, relay: LocalRelay, charge: Charges): void {
  app.get('/v1/relay', async (_request, reply) =>
    answer<typeof relaySchema>(reply, { policyKey: await relay.policyKey() }),
  )

  app.post('/v1/whereabouts', async (request, reply) => {
    const { nonce, ...where } = parse(whereaboutsSchema, request.body)
    return answer<typeof vouchSchema>(reply, { signature: await relay.vouch(nonce, where) })
  })

  app.post('/v1/accounts', async (request, reply) => {
    await relay.register(parse(registerSchema, request.body).list)
    return reply.code(201).send({})
  })

  /** Checks before a byte of the body has been read. */
  const forOperator = {
    config: { isForOperator: true },
    onRequest: async (request: FastifyRequest) => relay.checkOperator(bearer(request)),
  }

  app.put('/v1/links/:slot/:step', { bodyLimit: linkBodyMaximumBytes }, async (request, reply) => {
    const { slot, step } = parse(noteAddressSchema, request.params)
    await relay.leaveNote(slot, step, parse(leaveNoteSchema, request.body).note)
    return reply.code(201).send({})
  })

  app.get('/v1/links/:slot/:step', async (request, reply) => {
    const { slot, step } = parse(noteAddressSchema, request.params)
    const note = await relay.readNote(slot, step)
    charge.answer(note?.length ?? 0)
    return answer<typeof noteSchema>(reply, { note })
  })

  app.addContentTypeParser('application/octet-stream', { parseAs: 'buffer' }, (_request, body, done) =>
    done(null, body),
  )

  /** Whoever does not know a blob by its id is told before a byte of the body has been read. */
  const forBlob = {
    bodyLimit: blobPartMaximumBytes,
    onRequest: async (request: FastifyRequest) => void (await relay.blob(parse(blobPartSchema, request.params).blob)),
  }

  app.put('/v1/blobs/:blob/:at', forBlob, async ({ params, body }, reply) => {
    const { blob, at } = parse(blobPartSchema, params)
    if (!(body instanceof Uint8Array)) throw new RelayError('bad-request', 'a part of a blob is plain bytes')
    charge.part(body.length)
    await relay.putBlob(blob, at, body)
    return reply.code(201).send({})
  })

  app.get('/v1/blobs/:blob', async (request, reply) =>
    answer<typeof blobSchema>(reply, await relay.blob(parse(blobAddressSchema, request.params).blob)),
  )

  app.get('/v1/blobs/:blob/:at', async (request, reply) => {
    const { blob, at } = parse(blobPartSchema, request.params)
    charge.part(Math.min(blobPartMaximumBytes, Math.max(0, (await relay.blob(blob)).sizeBytes - at)))
    const bytes = await relay.readBlob(blob, at)
    return reply.type('application/octet-stream').send(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length))
  })

  app.get('/v1/policies', async (request, reply) => {
    const { after } = parse(policiesQuerySchema, request.query)
    const links = (await relay.policies(after)).slice(0, policiesMaximum)
    charge.answer(links.reduce((sum, link) => sum + link.length, 0))
    return answer<typeof policiesSchema>(reply, { links })
  })

  app.post('/v1/policies', { bodyLimit: policyBodyMaximumBytes }, async (request, reply) => {
    await relay.returnPolicy(parse(returnPolicySchema, request.body).link)
    return reply.code(201).send({})
  })

  app.get('/v1/access', async (_request, reply) => answer<typeof accessSchema>(reply, await relay.access()))

  app.put('/v1/access', { ...forOperator, bodyLimit: accessBodyMaximumBytes }, async (request, reply) => {
    const { mode, parameters } = parse(switchAccessSchema, request.body)
    return answer<typeof accessSchema>(reply, await relay.switchAccess(bearer(request), mode, parameters))
  })

  app.post('/v1/taps', { ...forOperator, bodyLimit: 2 * instrumentMaximumBytes }, async (request, reply) => {
    const { mode, instrument } = parse(installTapSchema, request.body)
    await relay.installTap(bearer(request), mode, instrument)
    return reply.code(201).send({})
  })
}

/** Answers with what the client's schema accepts. */
const answer = <S extends z.ZodType>(reply: FastifyReply, value: z.output<S>) =>
  reply.type('application/json; charset=utf-8').send(toJson(value))

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
