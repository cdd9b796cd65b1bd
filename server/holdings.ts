import type { Duplex } from 'node:stream'

/**
 * What is held in memory for connections, counted for each and for all together. When all hold more than the maximum, those
 * that hold most are ended, first the one that has held it longest: never one that holds little, however many there are
 * that hold much.
 */
export interface Holdings {
  /** @param bytes so much more is held for this one now, or so much less if it is below zero; nothing once it is closed */
  change(connection: Duplex, bytes: number): void
}

/** @param maximumBytes what comes in, or is put out, in one turn of the event loop may be held beyond it */
export function createHoldings(maximumBytes: number): Holdings {
  const held = new Map<Duplex, number>()
  const watched = new Set<Duplex>()
  let sumBytes = 0
  let looking = false

  function set(connection: Duplex, bytes: number): void {
    sumBytes += bytes - (held.get(connection) ?? 0)
    if (bytes > 0) held.set(connection, bytes)
    else held.delete(connection)
  }

  function watch(connection: Duplex): void {
    if (watched.has(connection)) return
    watched.add(connection)
    connection.on('close', closed)
  }

  /** One for all of them. */
  function closed(this: Duplex): void {
    watched.delete(this)
    set(this, 0)
  }

  /** At the end of the turn: much of what is put out is gone by then. */
  function letGo(): void {
    looking = false
    while (sumBytes > maximumBytes) {
      const [most] = [...held].reduce((one, other) => (other[1] > one[1] ? other : one))
      set(most, 0)
      most.destroy()
    }
  }

  return {
    change(connection, bytes) {
      if (connection.destroyed) return
      watch(connection)
      set(connection, Math.max(0, (held.get(connection) ?? 0) + bytes))
      if (sumBytes <= maximumBytes || looking) return
      looking = true
      setImmediate(letGo)
    },
  }
}
