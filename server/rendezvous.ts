import { equal, hex } from '../crypto/bytes.ts'
import { linkNoteMaximumBytes, linkStepsMaximum, RelayError } from './api.ts'

const lifetimeMs = 10 * 60_000
const slotsMaximum = 256

/** Where two devices of an account leave notes for each other while one is linked: in memory, for ten minutes. */
export interface Rendezvous {
  /** The first to be left under a step stays. @throws RelayError `too-large` | `out-of-order` | `too-many` */
  leave(slot: Uint8Array, step: number, note: Uint8Array): void
  look(slot: Uint8Array, step: number): Uint8Array | null
}

/** @param clock milliseconds that never go back */
export function createRendezvous(clock: () => number): Rendezvous {
  const slots = new Map<string, { readonly since: number; readonly notes: Map<number, Uint8Array> }>()

  function forget(): void {
    for (const [key, { since }] of slots) if (since + lifetimeMs < clock()) slots.delete(key)
  }

  return {
    leave(slot, step, note) {
      forget()
      if (note.length > linkNoteMaximumBytes)
        throw new RelayError('too-large', `a note is at most ${linkNoteMaximumBytes} bytes`)
      if (step < 1 || step > linkStepsMaximum) throw new RelayError('bad-request', 'there is no such step')
      const key = hex(slot)
      const there = slots.get(key) ?? { since: clock(), notes: new Map<number, Uint8Array>() }
      const known = there.notes.get(step)
      if (known && !equal(known, note)) throw new RelayError('out-of-order', 'another note lies there already')
      if (!slots.has(key) && slots.size >= slotsMaximum)
        throw new RelayError('too-many', 'too many devices are being linked at this relay; try again later')
      there.notes.set(step, note)
      slots.set(key, there)
    },
    look(slot, step) {
      forget()
      return slots.get(hex(slot))?.notes.get(step) ?? null
    },
  }
}
