import type { FastifyInstance, FastifyReply } from 'fastify'
import type { z } from 'zod'
import {
  answerSchema,
  comparedSchema,
  deletedSchema,
  type Room,
  roomErrors,
  seatSchema,
  standingAskSchema,
} from './api.ts'
import { storageFault } from '../../server/disk/storage.ts'
import { NoHelp } from '../node/asking.ts'
import { RoomError } from './errors.ts'
import type { Exercises } from './exercises/exercises.ts'
import type { Seats } from './seats.ts'

/** What the pages of the room ask, besides the relay. */
export function addRoomRoutes(
  app: FastifyInstance,
  seats: Seats,
  room: () => Room,
  exercises: Pick<Exercises, 'noteCompared' | 'standing'>,
): void {
  app.get('/room', async (_request, reply) => reply.header('cache-control', 'no-store').send(room()))

  app.post('/room/seats', (request, reply) =>
    answering(reply, () => {
      seats.take({ ...parsed(seatSchema, request.body), address: request.ip.replace('::ffff:', '') })
      return {}
    }),
  )

  app.post('/room/deleted', (request, reply) =>
    answering(reply, () => {
      const { ticket, count } = parsed(deletedSchema, request.body)
      seats.noteDeleted(ticket, count)
      return {}
    }),
  )

  app.post('/room/answers', (request, reply) =>
    answering(reply, () => {
      const { ticket, question, option } = parsed(answerSchema, request.body)
      const asked = room().question
      if (asked?.id !== question || option >= asked.options.length)
        throw new RoomError('bad-request', 'This is not asked any more.')
      if (asked.isRevealed)
        throw new RoomError('bad-request', 'The host shows what came out: no guess is taken any more.')
      seats.noteAnswer(ticket, question, option)
      return {}
    }),
  )

  const whose = (ticket: string): string => {
    const name = seats.whose(ticket)
    if (name === null) throw new RoomError('bad-request', 'This phone has no seat in this room. Load the page again.')
    return name
  }
  app.post('/room/compared', (request, reply) =>
    answering(reply, () => {
      const { ticket, other, said } = parsed(comparedSchema, request.body)
      exercises.noteCompared(whose(ticket), other, said)
      return {}
    }),
  )

  app.post('/room/standing', (request, reply) =>
    answering(reply, () => exercises.standing(whose(parsed(standingAskSchema, request.body).ticket))),
  )
}

const laptopFull = new RoomError(
  'laptop-full',
  'The host’s laptop cannot write this down: its disk is full, or fails. Tell the host; nothing on this phone is lost.',
)

/** Answers with what the work gives, or with the room's no in words. */
export async function answering(reply: FastifyReply, work: () => object | Promise<object>): Promise<FastifyReply> {
  try {
    return await reply.send(await work())
  } catch (error) {
    const no = storageFault(error)
      ? laptopFull
      : error instanceof NoHelp
        ? new RoomError('bad-request', error.message)
        : error
    if (!(no instanceof RoomError)) throw error
    return reply.code(roomErrors[no.code]).send({ code: no.code, message: no.message })
  }
}

/** @throws RoomError `bad-request` */
export function parsed<S extends z.ZodType>(schema: S, value: unknown): z.output<S> {
  const result = schema.safeParse(value)
  if (!result.success) throw new RoomError('bad-request', 'This is not what the room takes.')
  return result.data
}
