import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { roomAddresses } from './addresses.ts'

/** A page on the room's port that says to a phone that it has come through, before there is a workshop. */
export interface Doctor {
  /** what to type on a phone, the likeliest first; empty where this machine is in no network */
  readonly addresses: readonly string[]
  readonly port: number
  stop(): Promise<void>
}

const page = `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Doormat</title><h1>It works.</h1><p>This phone reaches the laptop. The workshop will open here, too.</p></html>
`

/**
 * @param port 0 takes any that is free
 * @param visited is told the address of each other machine, once, when it has been given the page
 * @throws Error with a `code` where the port cannot be listened on
 */
export async function startDoctor(port: number, visited: (address: string) => void): Promise<Doctor> {
  const own = new Set(['127.0.0.1', '::1', ...roomAddresses()])
  const known = new Set<string>()
  const server = createServer((request, response) => {
    response.writeHead(200, {
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': "default-src 'none'",
      'cache-control': 'no-store',
    })
    const address = (request.socket.remoteAddress ?? '').replace('::ffff:', '')
    response.end(page, () => {
      if (own.has(address) || known.has(address)) return
      known.add(address)
      visited(address)
    })
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '0.0.0.0', resolve)
  })
  const { port: listening } = server.address() as AddressInfo
  return {
    port: listening,
    addresses: roomAddresses().map((address) => `http://${address}:${listening}/`),
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
