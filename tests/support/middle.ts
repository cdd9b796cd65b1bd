import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'

/** A request that came to the middle, and what was answered to it. */
export interface Exchange {
  readonly method: string
  readonly path: string
  readonly authorization: string | undefined
  readonly answer: string
}

/**
 * Somebody at an address of their own who hands every request on to a relay, and its answer back.
 * @param instead what is answered in the relay's place; null to hand the request on
 */
export async function middleBefore(relayUrl: string, instead: (path: string) => string | null = () => null) {
  const heard: Exchange[] = []
  const server = createServer((request, response) => {
    const forward = async () => {
      const parts: Buffer[] = []
      for await (const part of request) parts.push(part as Buffer)
      const body = parts.length === 0 ? {} : { body: Buffer.concat(parts) }
      const { method = 'GET', url: path = '/', headers } = request
      const { authorization } = headers
      const passed = {
        ...(headers['content-type'] && { 'content-type': headers['content-type'] }),
        ...(authorization && { authorization }),
      }
      const forged = instead(path)
      const genuine =
        forged === null ? await fetch(new URL(path, relayUrl), { method, headers: passed, ...body }) : null
      const answer = forged ?? (await genuine?.text()) ?? ''
      heard.push({ method, path, authorization, answer })
      response.writeHead(genuine?.status ?? 200, { 'content-type': 'application/json' }).end(answer)
    }
    forward().catch(() => response.destroy())
  })
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  onTestFinished(() => void server.close())
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, heard }
}
