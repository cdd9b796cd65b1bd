import type { Socket } from 'node:net'
import Fastify from 'fastify'
import { expect, it, onTestFinished } from 'vitest'
import { addHostRoutes, type Host } from '../../client/workshop/host-routes.ts'

it('a deed of the host is not cut off while it is done, though nothing passes meanwhile', async () => {
  const app = Fastify({ connectionTimeout: 30_000 })
  onTestFinished(() => app.close())
  const sockets: Socket[] = []
  app.server.on('connection', (socket: Socket) => sockets.push(socket))
  let endAfterMs: readonly unknown[] = []
  const take = () => void (endAfterMs = sockets.map(({ timeout }) => timeout))
  addHostRoutes(app, { token: 'token', take } as unknown as Host)
  const url = await app.listen({ port: 0, host: '127.0.0.1' })
  const answer = await fetch(`${url}/host/take`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'authorization': 'Bearer token' },
    body: JSON.stringify({ by: 'thief', all: false }),
  })
  expect([answer.status, endAfterMs]).toEqual([200, [0]])
})
