/** Somebody for whom something is held in memory. */
export interface Holder {
  destroy(): unknown
}

/**
 * What is held for others, counted for each and for all together. When all hold more than the maximum, those who hold most
 * are let go, first the one who has held it longest: never somebody who holds little, however many there are who hold much.
 */
export interface Holdings {
  /** @param bytes so much more is held for this one now, or so much less if it is below zero */
  change(holder: Holder, bytes: number): void
  /** Nothing is held for this one any more. */
  forget(holder: Holder): void
}

/** @param maximumBytes what comes in, or is put out, in one turn of the event loop may be held beyond it */
export function createHoldings(maximumBytes: number): Holdings {
  const held = new Map<Holder, number>()
  let sumBytes = 0
  let looking = false

  function forget(holder: Holder): void {
    sumBytes -= held.get(holder) ?? 0
    held.delete(holder)
  }

  /** At the end of the turn: much of what is put out is gone by then. */
  function letGo(): void {
    looking = false
    while (sumBytes > maximumBytes) {
      const [most] = [...held].reduce((one, other) => (other[1] > one[1] ? other : one))
      forget(most)
      most.destroy()
    }
  }

  return {
    change(holder, bytes) {
      const before = held.get(holder) ?? 0
      const now = Math.max(0, before + bytes)
      sumBytes += now - before
      if (now > 0) held.set(holder, now)
      else held.delete(holder)
      if (sumBytes <= maximumBytes || looking) return
      looking = true
      setImmediate(letGo)
    },
    forget,
  }
}
