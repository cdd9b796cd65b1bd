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
    const leave = seats.take('all', () => connection.destroy())
    leaving.set(origin, leave)
    connection.once('close', () => {
      leave()
      if (leaving.get(origin) === leave) leaving.delete(origin)
    })
  })

  return {
    introduced(connection) {
      const origin = originOf(connection)
      leaving.get(origin)?.()
      leaving.delete(origin)
    },
  }
}

const originOf = ({ remoteAddress, remotePort }: Socket) => `${remoteAddress} ${remotePort}`
