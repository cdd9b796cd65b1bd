import { randomInt } from 'node:crypto'
import { createServer } from 'node:net'

/** Where systems give nobody a port who asks for any: theirs begin at 32768 or above. */
const [lowest, beyond] = [16_384, 32_768]

/**
 * A port on which nobody listens, for a relay that stops and comes back to it. It is none of those that a process gets which
 * asks for port 0: another relay might have it by then.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(lowest, beyond)
    const server = createServer()
    const isFree = await new Promise<boolean>((done) => {
      server.once('error', () => done(false))
      server.listen(port, '127.0.0.1', () => done(true))
    })
    if (!isFree) continue
    await new Promise((done) => server.close(done))
    return port
  }
}
