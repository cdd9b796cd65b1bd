import { concat, decode, textField, u32, u64, u8 } from '../../../crypto/bytes.ts'
import type { Person } from '../../../crypto/fingerprint.ts'
import type { News } from '../../../crypto/group-content.ts'
import { isMember, isSamePerson, type Membership } from '../../../crypto/group-rules.ts'
import { nameMaximumBytes } from '../../../crypto/identity.ts'
import { type AccountKey, keySizeBytes } from '../../../crypto/keys.ts'
import { isRecent } from '../recent.ts'
import type { DeviceStore } from '../store.ts'
import { addDue } from './due.ts'
import { isLastPage } from './news.ts'
import type { GroupRecords } from './records.ts'

/*
 * A group out of a backup is as old as the backup: somebody may have been removed since. So nothing is sent there, and nothing changed, before its
 * members have said what they know.
 */

export interface Holding {
  isOnHold(peer: string): boolean
  /** From now on, and everybody in it is asked. A group that this device is alone in has nobody to ask. */
  begin(peer: string, now: Membership): void
  /** Everybody is asked once more, at most once a day. */
  askAgain(peer: string, now: Membership): void
  /**
   * Somebody has said what they know, and it has been taken in.
   * @param lacks whether something is missing that it stands upon
   */
  heard(peer: string, from: Person, news: News, lacks: boolean, now: Membership): void
  /** Lets go those of which enough has been heard: once all mail has been read, for what was sent before the answer may be older. @returns whether there were any */
  letGo(): boolean
}

interface Hold {
  readonly askedAt: number
  readonly heard: readonly string[]
  /** who was in it by the backup: whoever has come in since may have been let in by somebody who was removed */
  readonly before: readonly Person[]
  readonly isEnough: boolean
}

const aDayMs = 24 * 3600 * 1000
/** The word of one is not enough where there are others: who was removed, and knows it, could keep silent about it. */
const wordsWanted = 2

export function createHolding(
  store: DeviceStore,
  records: GroupRecords,
  me: Person,
  hasOthers: () => boolean,
  clock: () => number,
): Holding {
  const keyOf = (peer: string) => `group hold ${peer}`

  function holdOf(peer: string): Hold | null {
    const bytes = store.meta(keyOf(peer))
    return (
      bytes &&
      decode(bytes, (reader) => ({
        askedAt: reader.u64(),
        heard: Array.from({ length: reader.u32() }, () => reader.text(nameMaximumBytes)),
        before: Array.from({ length: reader.u32() }, () => ({
          user: reader.text(nameMaximumBytes),
          accountKey: reader.take(keySizeBytes) as AccountKey,
        })),
        isEnough: reader.flag(),
      }))
    )
  }

  const setHold = (peer: string, { askedAt, heard, before, isEnough }: Hold) =>
    store.setMeta(
      keyOf(peer),
      concat(
        u64(askedAt),
        u32(heard.length),
        ...heard.map(textField),
        u32(before.length),
        ...before.map(({ user, accountKey }) => concat(textField(user), accountKey)),
        u8(isEnough ? 1 : 0),
      ),
    )

  const wasIn = ({ before }: Hold, person: Person) => before.some((one) => isSamePerson(one, person))
  const othersIn = ({ members }: Membership) => members.filter((one) => !isSamePerson(one, me))

  function ask(peer: string, now: Membership): void {
    for (const { user } of othersIn(now)) addDue(records, user, { peer, kind: 'ask' })
    if (hasOthers()) addDue(records, me.user, { peer, kind: 'ask' })
  }

  return {
    isOnHold: (peer) => store.meta(keyOf(peer)) !== null,
    begin(peer, now) {
      // where there is nobody else, only another device of this account can know of somebody
      if (!isMember(now, me) || (othersIn(now).length === 0 && !hasOthers())) return
      setHold(peer, { askedAt: clock(), heard: [], before: othersIn(now), isEnough: false })
      ask(peer, now)
    },
    askAgain: (peer, now) =>
      store.transaction(() => {
        const hold = holdOf(peer)
        if (!hold || isRecent(hold.askedAt, aDayMs, clock())) return
        setHold(peer, { ...hold, askedAt: clock() })
        ask(peer, now)
      }),
    heard(peer, from, news, lacks, now) {
      const hold = holdOf(peer)
      if (!hold || lacks || news.changes.length === 0 || !isLastPage(news)) return
      const isOurs = isSamePerson(from, me)
      if (!isOurs && (!isMember(now, from) || !wasIn(hold, from))) return
      const others = othersIn(now).filter((one) => wasIn(hold, one))
      const heard = [...new Set([...hold.heard, from.user])].filter((user) => others.some((one) => one.user === user))
      const isEnough = isOurs || (others.length > 0 && heard.length >= Math.min(wordsWanted, others.length))
      setHold(peer, { ...hold, heard, isEnough: hold.isEnough || isEnough })
    },
    letGo() {
      const ready = records.peers().filter((peer) => holdOf(peer)?.isEnough)
      if (ready.length > 0) store.transaction(() => ready.forEach((peer) => store.dropMeta(keyOf(peer))))
      return ready.length > 0
    },
  }
}
