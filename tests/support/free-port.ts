import { randomInt } from 'node:crypto'
import { createSocket } from 'node:dgram'
import { createServer } from 'node:net'

/** Where systems give nobody a port who asks for any: theirs begin at 32768 or above. */
const [lowest, beyond] = [16_384, 32_768]

/**
 * A port on which nobody listens, and so are those behind it, for a server that must say its port before it has it, or that
 * comes back to it. It is none of those that a process gets which asks for port 0, and no other test is given it: as long as
 * this process lives, it holds the datagrams of each, which nobody here sends.
 * @param count how many in a row
 */
export async function freePort(count = 1): Promise<number> {
  for (;;) {
    const first = randomInt(lowest, beyond - count)
    const claims: (() => void)[] = []
    for (let port = first; port < first + count; port++) {
      const claim = await claimed(port)
      if (claim === null) break
      claims.push(claim)
    }
    if (claims.length === count) return first
    for (const letGo of claims) letGo()
  }
}

/** @returns what lets go of it, or null where another test or another program has it */
async function claimed(port: number): Promise<(() => void) | null> {
  const datagrams = createSocket('udp4')
  const isOurs = await new Promise<boolean>((done) => {
    datagrams.once('error', () => done(false))
    datagrams.bind({ port, exclusive: true }, () => done(true))
  })
  if (!isOurs) return null
  datagrams.unref()
  const server = createServer()
  const isFree = await new Promise<boolean>((done) => {
    server.once('error', () => done(false))
    server.listen(port, '0.0.0.0', () => server.close(() => done(true)))
  })
  if (!isFree) datagrams.close()
  return isFree ? () => datagrams.close() : null
}
