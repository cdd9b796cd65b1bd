import { setTimeout as sleep } from 'node:timers/promises'
import { base64url } from '../../crypto/bytes.ts'
import { CryptoError } from '../../crypto/errors.ts'
import { type DeviceList, openDeviceList } from '../../crypto/identity.ts'
import { RelayError } from '../../server/api.ts'
import { defaultLimits, type Limits } from '../../server/limits.ts'
import type { LocalConnection } from '../../server/connection.ts'
import type { LocalRelay } from '../../server/relay.ts'
import type { Seats } from './seats.ts'

/**
 * Who joins again after a reload or under another name uses up one-time keys of everybody in the room, and a room joins within minutes.
 */
export const roomLimits: Limits = {
  ...defaultLimits,
  freshBundlesForOne: { burst: 30, perSecond: 1 / 60 },
  freshBundlesForAll: { burst: 600, perSecond: 1 },
}

/** A device tries again within a second; a phone may be asleep. */
const backWithinMs = 5_000

/** The relay as the room sees it: only who has a seat can register. */
export interface RoomRelay {
  readonly relay: LocalRelay
  /** names of those who are connected */
  online(): readonly string[]
  /**
   * Ends all connections: each device comes back within a second, and asks anew who has which devices.
   * @returns when those of these people who were connected are back, or after some seconds
   */
  hangUp(people?: readonly string[]): Promise<void>
  /** Ends the connections of one person. */
  cut(name: string): void
}

/** @param seats who may have an account here; they are told of each that was made */
export function roomRelay(relay: LocalRelay, seats: Pick<Seats, 'refusal' | 'noteArrival' | 'whySentOut'>): RoomRelay {
  /** name -> connections */
  const connected = new Map<string, number>()
  /** how each connection is ended, and whose it is */
  const cuts = new Map<() => void, string>()
  const count = (name: string, by: 1 | -1) => {
    const now = (connected.get(name) ?? 0) + by
    if (now === 0) connected.delete(name)
    else connected.set(name, now)
  }
  return {
    online: () => [...connected.keys()],
    async hangUp(people = []) {
      const awaited = people.filter((name) => connected.has(name))
      for (const cut of cuts.keys()) cut()
      for (const end = performance.now() + backWithinMs; performance.now() < end; await sleep(50))
        if (awaited.every((name) => connected.has(name))) return
    },
    cut(name) {
      for (const [cut, whose] of cuts) if (whose === name) cut()
    },
    relay: {
      ...relay,
      async register(list) {
        const who = ownerIn(list)
        const no = who && seats.refusal(who.user, base64url(who.accountKey))
        if (no !== null) throw new RelayError('unknown-user', no)
        await relay.register(list)
        if (who) seats.noteArrival(who.user)
      },
      async admit(challenge, answer, listener) {
        const no = seats.whySentOut(answer.user)
        if (no !== null) throw new RelayError('unknown-user', no)
        count(answer.user, 1)
        let connection: LocalConnection | null = null
        let [isOver, isCut] = [false, false]
        const cut = () => {
          isCut = true
          connection?.close()
          if (connection)
            listener.closed(
              new RelayError('unreachable', 'the server has ended all connections: this one is taken up again'),
            )
        }
        const over = () => {
          if (isOver) return
          isOver = true
          count(answer.user, -1)
          cuts.delete(cut)
        }
        cuts.set(cut, answer.user)
        try {
          connection = await relay.admit(challenge, answer, {
            ready: () => listener.ready(),
            deliver: (delivery) => listener.deliver(delivery),
            policy: (link) => listener.policy(link),
            closed(error) {
              over()
              listener.closed(error)
            },
          })
          // it was to end while the relay looked whose device this is
          if (isCut) cut()
          return connection
        } catch (error) {
          over()
          throw error
        }
      },
    },
  }
}

/** Whose list it is; null for one that the relay will refuse. */
function ownerIn(list: Uint8Array): DeviceList | null {
  try {
    return openDeviceList(list)
  } catch (error) {
    if (error instanceof CryptoError) return null
    throw error
  }
}
