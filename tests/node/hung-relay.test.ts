import { type AddressInfo } from 'node:net'
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { type WebSocket, WebSocketServer } from 'ws'
import { createAccount, answerChallenge } from '../../crypto/identity.ts'
import type { RelayError } from '../../server/api.ts'
import { toJson } from '../../server/api.ts'
import { relayAt } from '../../client/node/relay.ts'
import { seededRandom } from '../support/random.ts'
import { hangMs } from '../support/hang.ts'

afterEach(() => void vi.useRealTimers())

/** A relay that welcomes a device and then neither answers nor says goodbye. */
async function hungRelay(welcome: boolean) {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' })
  const sockets: WebSocket[] = []
  const greeted = new Promise<void>((resolve) => {
    server.on('connection', (socket) => {
      sockets.push(socket)
      socket.send(toJson({ type: 'challenge', challenge: new Uint8Array(32), policyKey: new Uint8Array(32) }))
      socket.once('message', () => {
        if (welcome) socket.send(toJson({ type: 'ready' }))
        socket.pause()
        resolve()
      })
    })
  })
  onTestFinished(() => {
    for (const socket of sockets) socket.terminate()
    server.close()
  })
  await new Promise((resolve) => server.once('listening', resolve))
  const { device } = createAccount('alice', seededRandom('hung'))
  const closed = vi.fn<(error: RelayError | null) => void>()
  const connecting = relayAt(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, null).connect(
    (key, challenge) => answerChallenge(device, key, challenge),
    { ready: () => undefined, deliver: () => undefined, policy: () => undefined, closed },
  )
  return { connecting, greeted, closed }
}

describe('a relay that has stopped answering', () => {
  it('is left at once by who goes', async () => {
    const { connecting, closed } = await hungRelay(true)
    const connection = await connecting
    connection.close()
    await vi.waitFor(() => expect(closed).toHaveBeenCalledWith(null), { timeout: hangMs })
  })

  it('is given up fifteen seconds after a question', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const { connecting, closed } = await hungRelay(true)
    const connection = await connecting
    const answer = connection.countPrekeys().catch((error: unknown) => error)
    vi.advanceTimersByTime(14_999)
    expect(closed).not.toHaveBeenCalled()
    vi.advanceTimersByTime(1)
    expect(await answer).toMatchObject({ code: 'unreachable' })
  })

  it('is given up fifteen seconds after a connection that it does not take', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const { connecting, greeted } = await hungRelay(false)
    const refused = connecting.catch((error: unknown) => error)
    await greeted
    vi.advanceTimersByTime(15_000)
    expect(await refused).toMatchObject({ code: 'unreachable' })
  })
})
