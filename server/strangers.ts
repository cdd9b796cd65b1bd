import type { Server } from 'node:http'
import type { Socket } from 'node:net'
import { createSeats } from './limits.ts'

/** Connections that no device has logged in on yet. */
export interface Strangers {
  /** This one now belongs to a device, and takes no stranger's place. */
  introduced(connection: Socket): void
}

/**
 * Gives every connection one of so many places; who comes when all are taken gets that of whoever has waited longest.
 * A request needs its place for a moment: to wait in all of them keeps nobody out.
 */
export function seatStrangers(server: Server, maximum: number): Strangers {
  const seats = createSeats(maximum)
  /** by where a connection comes from: with TLS, what a request comes over is another object than what was accepted */
  const leaving = new Map<string, () => void>()

  server.on('connection', (connection: Socket) => {
    const origin = originOf(connection)
    const leave = seats.take(() => connection.destroy())
    // nothing of it is kept for a device
    function gone(): void {
      leave()
      connection.removeListener('close', gone)
      if (leaving.get(origin) === gone) leaving.delete(origin)
    }
    leaving.set(origin, gone)
    connection.on('close', gone)
  })

  return { introduced: (connection) => leaving.get(originOf(connection))?.() }
}

const originOf = ({ remoteAddress, remotePort }: Socket) => `${remoteAddress} ${remotePort}`
