import { concat, decode, textField, u32, u64 } from '../../crypto/bytes.ts'
import type { DeviceStore } from './store.ts'

/** A conversation that makes no noise: nothing is announced of it. What comes there is kept, and is unread, as elsewhere. */
export interface Mute {
  /** a person, or a group */
  readonly peer: string
  /** milliseconds since 1970; null until it is unmuted */
  readonly until: number | null
}

/** Which conversations are muted: known on this device alone, and told to nobody. */
export interface Mutes {
  /** those that are muted now, in the order in which they were */
  all(): readonly Mute[]
  get(peer: string): Mute | null
  set(mute: Mute): void
  drop(peer: string): void
  /** Whether anybody has ever said here that it is to be muted, or not to be. */
  isSettled(peer: string): boolean
}

const place = 'muted'
const peerMaximumBytes = 65
/** What stands where a conversation was unmuted: a time that is over. */
const unmuted = 1

export function createMutes(store: DeviceStore, clock: () => number): Mutes {
  const read = (): readonly Mute[] => {
    const bytes = store.meta(place)
    if (!bytes) return []
    return decode(bytes, (reader) =>
      Array.from({ length: reader.u32() }, () => {
        const [peer, until] = [reader.text(peerMaximumBytes), reader.u64()]
        return { peer, until: until === 0 ? null : until }
      }),
    )
  }
  const put = (mute: Mute) =>
    store.transaction(() => {
      const all = [...read().filter(({ peer }) => peer !== mute.peer), mute]
      store.setMeta(
        place,
        concat(u32(all.length), ...all.map(({ peer, until }) => concat(textField(peer), u64(until ?? 0)))),
      )
    })

  const mutes: Mutes = {
    all: () => read().filter(({ until }) => until === null || until > clock()),
    get: (peer) => mutes.all().find((mute) => mute.peer === peer) ?? null,
    set: put,
    drop: (peer) => put({ peer, until: unmuted }),
    isSettled: (peer) => read().some((mute) => mute.peer === peer),
  }
  return mutes
}
