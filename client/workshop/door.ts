import { roomAddresses } from './addresses.ts'
import { RoomError } from './errors.ts'

/** A phone, its second browser, and somebody who has begun again: more than these come from one address only where phones share it. */
const seatsOfOne = 4

/**
 * Keeps one phone from taking all seats. In most rooms each phone has an address of its own; behind some hotspots and routers all have the
 * same. Nothing in a request tells the two apart, so the host is asked, who sees the room.
 */
export interface Door {
  /** @param address from where somebody asks for a new seat. @throws RoomError `host-is-asked` */
  check(address: string): void
  noteTaken(address: string): void
  /** addresses from which somebody was turned away, and how many seats they have taken */
  asking(): readonly { readonly address: string; readonly seats: number }[]
  /** No bound for that address from now on, but the number of seats. */
  letIn(address: string): void
}

/** @param own addresses of this machine: who sits at it is the host */
export function createDoor(own: () => readonly string[] = () => ['127.0.0.1', '::1', ...roomAddresses()]): Door {
  const taken = new Map<string, number>()
  const asking = new Set<string>()
  const letIn = new Set<string>()
  return {
    check(address) {
      if (letIn.has(address) || (taken.get(address) ?? 0) < seatsOfOne || own().includes(address)) return
      asking.add(address)
      throw new RoomError(
        'host-is-asked',
        `${seatsOfOne} people have come in from your phone’s address already. The host sees this, and can let you in: then press Join again.`,
      )
    },
    noteTaken: (address) => void taken.set(address, (taken.get(address) ?? 0) + 1),
    asking: () => [...asking].map((address) => ({ address, seats: taken.get(address) ?? 0 })),
    letIn(address) {
      if (!asking.delete(address)) throw new RoomError('bad-request', `Nobody asks from ${address}.`)
      letIn.add(address)
    },
  }
}
