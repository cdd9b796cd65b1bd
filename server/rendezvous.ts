import { equal, hex } from '../crypto/bytes.ts'
import { linkNoteMaximumBytes, linkStepsMaximum, RelayError } from './api.ts'

const lifetimeMs = 10 * 60_000
/**
 * With all their notes these take some 64 MiB. Only devices of accounts can take one, so many an hour (see limits.ts).
 */
const slotsMaximum = 256

/** Where two devices of an account leave notes for each other while one is linked: in memory, for ten minutes. */
export interface Rendezvous {
  /** Begins a linking, for a device that is known. When all slots are taken, that of whoever began longest ago goes. */
  reserve(slot: Uint8Array): void
  has(slot: Uint8Array): boolean
  /**
   * The first note left under a step stays.
   * @throws RelayError `not-found` where nobody has begun | `too-large` | `out-of-order`
   */
  leave(slot: Uint8Array, step: number, note: Uint8Array): void
  look(slot: Uint8Array, step: number): Uint8Array | null
}

/** @param clock milliseconds that never go back */
export function createRendezvous(clock: () => number): Rendezvous {
  /** in the order in which they were begun */
  const slots = new Map<string, { readonly since: number; readonly notes: Map<number, Uint8Array> }>()

  function forget(): void {
    for (const [key, { since }] of slots) if (since + lifetimeMs < clock()) slots.delete(key)
  }

  function has(slot: Uint8Array): boolean {
    forget()
    return slots.has(hex(slot))
  }

  return {
    has,
    reserve(slot) {
      if (has(slot)) return
      const [longest] = slots.keys()
      if (slots.size >= slotsMaximum && longest !== undefined) slots.delete(longest)
      slots.set(hex(slot), { since: clock(), notes: new Map<number, Uint8Array>() })
    },
    leave(slot, step, note) {
      forget()
      if (note.length > linkNoteMaximumBytes)
        throw new RelayError('too-large', `a note is at most ${linkNoteMaximumBytes} bytes`)
      if (step < 1 || step > linkStepsMaximum) throw new RelayError('bad-request', 'there is no such step')
      const notes = slots.get(hex(slot))?.notes
      if (!notes) throw new RelayError('not-found', 'no device is being linked there, or not any more')
      const known = notes.get(step)
      if (known && !equal(known, note)) throw new RelayError('out-of-order', 'another note lies there already')
      notes.set(step, note)
    },
    look(slot, step) {
      forget()
      return slots.get(hex(slot))?.notes.get(step) ?? null
    },
  }
}
