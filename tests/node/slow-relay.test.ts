import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import type { BlobId } from '../../crypto/attachment.ts'
import type { Carrier } from '../../client/device/transfer.ts'
import { relayAt } from '../../client/node/relay.ts'

const waitedMs = 15_000

// in this order: what a mock gives back may be a timer of the clock that stands still
afterEach(() => {
  vi.restoreAllMocks()
  vi.useRealTimers()
})

/** A relay that has begun to give a part of a file, a clock that stands still, and the part as it is waited for. */
async function begun() {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  // Node's own runs by a clock that no test can put forward
  vi.spyOn(AbortSignal, 'timeout').mockImplementation((ms) => {
    const over = new AbortController()
    setTimeout(() => over.abort(), ms)
    return over.signal
  })
  const timers = vi.spyOn(globalThis, 'setTimeout')
  const server = createServer()
  const answering = new Promise<ServerResponse>((resolve) => {
    server.on('request', (_request, response: ServerResponse) => resolve(response))
  })
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const part = relayAt(`http://127.0.0.1:${port}`, null).readBlob(new Uint8Array(32) as BlobId, 0)
  const outcome = part.then(
    (bytes) => bytes.length,
    (error: unknown) => (error as { code: string }).code,
  )
  const response = await answering
  const begunTimers = () => timers.mock.calls.filter(([, ms]) => ms === waitedMs).length
  return {
    outcome,
    response,
    /** Gives some bytes, and waits until they have been heard. */
    async give(bytes: Uint8Array) {
      const before = begunTimers()
      response.write(bytes)
      while (begunTimers() === before) await new Promise(setImmediate)
    },
  }
}

describe('a part of a file that comes slowly', () => {
  it('is waited for as long as it goes on coming', async () => {
    const { outcome, response, give } = await begun()
    for (let part = 0; part < 5; part++) {
      await give(new Uint8Array(1000))
      await vi.advanceTimersByTimeAsync(waitedMs - 1)
    }
    response.end()
    expect(await outcome).toBe(5000)
  })

  it('is given up when nothing more comes, and after five minutes', async () => {
    const silent = await begun()
    await silent.give(new Uint8Array(1000))
    await vi.advanceTimersByTimeAsync(waitedMs)
    expect(await silent.outcome).toBe('unreachable')
    const endless = await begun()
    for (let passedMs = 0; passedMs < 300_000; passedMs += 10_000) {
      await endless.give(new Uint8Array(1))
      await vi.advanceTimersByTimeAsync(10_000)
    }
    expect(await endless.outcome).toBe('unreachable')
  })
})

it('a part that is handed in to a relay that does not answer is let go when its sender stops', async () => {
  // no limit of time ends it in place of its sender
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  vi.spyOn(AbortSignal, 'timeout').mockImplementation(() => new AbortController().signal)
  const server = createServer()
  onTestFinished(() => void server.close())
  const gone = new Promise<void>((resolve) => {
    server.on('request', (request) => {
      request.socket.on('close', resolve)
      stopping.abort()
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const stopping = new AbortController()
  const carrier: Carrier = relayAt(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, null)
  const part = carrier.putBlob(new Uint8Array(32) as BlobId, 0, new Uint8Array(100), stopping.signal)
  await expect(part).rejects.toMatchObject({ code: 'unreachable' })
  await gone
})
