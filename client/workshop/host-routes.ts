import { createHash, timingSafeEqual } from 'node:crypto'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { output, ZodType } from 'zod'
import {
  addressSchema,
  askSchema,
  exerciseSchema,
  guestSchema,
  type HostView,
  nothingSchema,
  personSchema,
  playSchema,
  switchSchema,
  takeSchema,
  walkAskSchema,
  wallSchema,
} from './api.ts'
import { RoomError } from './errors.ts'
import { answering, parsed } from './room-routes.ts'
import type { Deeds } from './deeds.ts'

/** What the host can do. Each says no by a RoomError. */
export interface Host extends Deeds {
  readonly token: string
  /** all that there is to see, for the host */
  view(): HostView
  /** what the wall shows: what it showed when it was frozen, while it is */
  wallView(): HostView
  setWall(wall: Partial<HostView['wall']>): void
  /** Everything is purged, and the room begins again with a new code. */
  reset(): Promise<void>
}

/** For the host's pages, which show the token with each request: no page of another site has it. */
export function addHostRoutes(app: FastifyInstance, host: Host): void {
  const guarded = (work: (request: FastifyRequest) => object | Promise<object>) => ({
    handler: (request: FastifyRequest, reply: Parameters<typeof answering>[0]) =>
      answering(reply.header('cache-control', 'no-store'), () => {
        checkToken(request, host.token)
        return work(request)
      }),
  })
  app.get(
    '/host',
    guarded(() => host.view()),
  )
  app.get(
    '/host/wall',
    guarded(() => host.wallView()),
  )

  let before: Promise<void> = Promise.resolve()

  function order<S extends ZodType>(path: string, schema: S, work: (asked: output<S>) => void | Promise<void>): void {
    app.post(
      path,
      guarded(async ({ body, raw }) => {
        const asked = parsed(schema, body)
        // a deed may take longer than the server leaves a line on which nothing passes
        raw.socket.setTimeout(0)
        // one after the other: two deeds at once would each see half of what the other does
        const done = before.then(() => work(asked))
        before = done.catch(() => undefined)
        await done
        return {}
      }),
    )
  }
  order('/host/switch', switchSchema, ({ mode, people }) => host.switchTo(mode, people))
  order('/host/take', takeSchema, (take) => host.take(take))
  order('/host/order', personSchema, ({ person }) => host.order(person))
  order('/host/look-up', personSchema, ({ person }) => host.lookUp(person))
  order('/host/walk', walkAskSchema, ({ isNew }) => host.walk(isNew))
  order('/host/play', playSchema, ({ isPlaying }) => host.play(isPlaying))
  order('/host/delete', nothingSchema, () => host.askToDelete())
  order('/host/ask', askSchema, ({ question, isRevealed }) => host.ask(question, isRevealed))
  order('/host/exercise', exerciseSchema, ({ exercise, isOver }) => host.exercise(exercise, isOver))
  order('/host/seat', guestSchema, ({ name }) => host.admit(name))
  order('/host/let-in', addressSchema, ({ address }) => host.letIn(address))
  order('/host/send-out', personSchema, ({ person }) => host.sendOut(person))
  order('/host/wall', wallSchema, (wall) => host.setWall(wall))
  order('/host/reset', nothingSchema, () => host.reset())
}

function checkToken({ headers }: FastifyRequest, token: string): void {
  const [scheme, given = ''] = (headers.authorization ?? '').split(' ')
  const [ours, theirs] = [token, given].map((text) => createHash('sha256').update(text).digest())
  if (scheme === 'Bearer' && ours && theirs && timingSafeEqual(ours, theirs)) return
  throw new RoomError('not-the-host', "This is the host's page. Open it by the link that `doormat workshop` printed.")
}
