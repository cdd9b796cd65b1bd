import { concat, decode, textField, u32, u64 } from '../../../crypto/bytes.ts'
import type { Person } from '../../../crypto/fingerprint.ts'
import type { News } from '../../../crypto/group-content.ts'
import { isMember, isSamePerson, type Membership } from '../../../crypto/group-rules.ts'
import { nameMaximumBytes } from '../../../crypto/identity.ts'
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
  /** From now on, and everybody in it is asked. A group that this account is alone in has nobody to ask, or to send anything to. */
  begin(peer: string, now: Membership): void
  /** Everybody is asked once more, at most once a day. */
  askAgain(peer: string, now: Membership): void
  /**
   * Somebody has said what they know, and it has been taken in.
   * @param lacks whether something is missing that it stands upon
   * @returns whether the group is on hold no more
   */
  heard(peer: string, from: Person, news: News, lacks: boolean, now: Membership): boolean
}

interface Hold {
  readonly askedAt: number
  readonly heard: readonly string[]
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
      }))
    )
  }

  const setHold = (peer: string, { askedAt, heard }: Hold) =>
    store.setMeta(keyOf(peer), concat(u64(askedAt), u32(heard.length), ...heard.map(textField)))

  const othersIn = ({ members }: Membership) => members.filter((one) => !isSamePerson(one, me))

  function ask(peer: string, now: Membership): void {
    for (const { user } of othersIn(now)) addDue(records, user, { peer, kind: 'ask' })
    if (hasOthers()) addDue(records, me.user, { peer, kind: 'ask' })
  }

  return {
    isOnHold: (peer) => store.meta(keyOf(peer)) !== null,
    begin(peer, now) {
      if (!isMember(now, me) || othersIn(now).length === 0) return
      setHold(peer, { askedAt: clock(), heard: [] })
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
      if (!hold || lacks || news.changes.length === 0 || !isLastPage(news)) return false
      const isOurs = isSamePerson(from, me)
      if (!isOurs && !isMember(now, from)) return false
      const others = othersIn(now)
      const heard = [...new Set([...hold.heard, from.user])].filter((user) => others.some((one) => one.user === user))
      const [first] = now.admins
      // nobody can remove the first admin
      const isEnough =
        isOurs ||
        (first !== undefined && isSamePerson(first, from)) ||
        heard.length >= Math.min(wordsWanted, others.length)
      if (isEnough) store.dropMeta(keyOf(peer))
      else setHold(peer, { ...hold, heard })
      return isEnough
    },
  }
}
