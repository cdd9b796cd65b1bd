import { createServer, createConnection, type Socket } from 'node:net'
import type { Random } from '../../crypto/random.ts'
import { below } from './random.ts'
import { portOf } from './campaign-middle.ts'

const cutWithinBytes = 8_000
const stallMaximumMs = 400

/** A line to a port, on which somebody cuts connections at any byte, delays and stalls, as long as it is not calm, as at first. */
export async function openLine(port: number, random: Random) {
  const state = { calm: true, cuts: 0 }
  const connections = new Set<Socket>()

  function carry(from: Socket, to: Socket, cut: () => void): void {
    let left = state.calm || below(4, random) === 0 ? Infinity : below(cutWithinBytes, random)
    from.on('data', (bytes: Buffer) => {
      // what comes behind a cut is lost: nothing may be missing in the middle of what arrives
      if (left < 0) return
      if (state.calm) left = Infinity
      left -= bytes.length
      if (left < 0) {
        to.write(bytes.subarray(0, bytes.length + left))
        return cut()
      }
      to.write(bytes)
      if (state.calm || below(20, random) > 0) return
      from.pause()
      setTimeout(() => from.resume(), below(stallMaximumMs, random))
    })
    from.on('end', () => to.end())
    from.on('error', () => to.destroy())
    from.on('close', () => to.destroy())
  }

  const server = createServer((near) => {
    const far = createConnection({ port, host: '127.0.0.1' })
    const cut = () => {
      state.cuts += 1
      // what was written last still goes out, and then nothing in either direction
      setImmediate(() => [near, far].forEach((socket) => socket.destroy()))
    }
    carry(near, far, cut)
    carry(far, near, cut)
    for (const socket of [near, far]) {
      connections.add(socket)
      socket.once('close', () => connections.delete(socket))
    }
  })
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  return {
    port: portOf(server),
    state,
    close() {
      server.close()
      for (const socket of connections) socket.destroy()
    },
  }
}
