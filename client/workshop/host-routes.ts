import { createHash, timingSafeEqual } from 'node:crypto'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { askSchema, exerciseSchema, guestSchema, type HostView, switchSchema, wallSchema } from './api.ts'
import { RoomError } from './errors.ts'
import { answering, parsed } from './room-routes.ts'

/** What the host can do. Each says no by a RoomError. */
export interface Host {
  readonly token: string
  view(): HostView
  switchTo(mode: string): Promise<void>
  /** @param all whether every key file is taken, or only the first */
  steal(all: boolean): Promise<void>
  askToDelete(): void
  /** null ends what is asked */
  ask(question: string | null, isRevealed: boolean): void
  /** null takes it off the wall */
  exercise(exercise: NonNullable<HostView['exercise']>['id'] | null, isOver: boolean): void
  admit(name: string): void
  setWall(wall: { readonly blank: boolean; readonly hideNames: boolean }): void
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
  const done = {}

  app.get(
    '/host',
    guarded(() => host.view()),
  )
  app.post(
    '/host/switch',
    guarded(async ({ body }) => {
      await host.switchTo(parsed(switchSchema, body).mode)
      return done
    }),
  )
  for (const [route, all] of [
    ['/host/steal', false],
    ['/host/steal-all', true],
  ] as const)
    app.post(
      route,
      guarded(async () => {
        await host.steal(all)
        return done
      }),
    )
  app.post(
    '/host/delete',
    guarded(() => {
      host.askToDelete()
      return done
    }),
  )
  app.post(
    '/host/ask',
    guarded(({ body }) => {
      const { question, isRevealed } = parsed(askSchema, body)
      host.ask(question, isRevealed)
      return done
    }),
  )
  app.post(
    '/host/exercise',
    guarded(({ body }) => {
      const { exercise, isOver } = parsed(exerciseSchema, body)
      host.exercise(exercise, isOver)
      return done
    }),
  )
  app.post(
    '/host/seat',
    guarded(({ body }) => {
      host.admit(parsed(guestSchema, body).name)
      return done
    }),
  )
  app.post(
    '/host/wall',
    guarded(({ body }) => {
      host.setWall(parsed(wallSchema, body))
      return done
    }),
  )
  app.post(
    '/host/reset',
    guarded(async () => {
      await host.reset()
      return done
    }),
  )
}

function checkToken({ headers }: FastifyRequest, token: string): void {
  const [scheme, given = ''] = (headers.authorization ?? '').split(' ')
  const [ours, theirs] = [token, given].map((text) => createHash('sha256').update(text).digest())
  if (scheme === 'Bearer' && ours && theirs && timingSafeEqual(ours, theirs)) return
  throw new RoomError('not-the-host', "This is the host's page. Open it by the link that `doormat workshop` printed.")
}
