import { equal } from '../../../crypto/bytes.ts'
import { type Person, digitsOf } from '../../../crypto/fingerprint.ts'
import type { News } from '../../../crypto/group-content.ts'
import type { Order } from '../../../crypto/group-order.ts'
import { isMember, isSamePerson, type Membership, newestListIn } from '../../../crypto/group-rules.ts'
import { derive, labels } from '../../../crypto/kdf.ts'
import type { Digest } from '../../../crypto/keys.ts'
import type { Random } from '../../../crypto/random.ts'
import type { Contacts } from '../contacts.ts'
import { ClientError } from '../errors.ts'
import type { History } from '../history.ts'
import type { Receipts } from '../receipts.ts'
import type { Self } from '../self.ts'
import type { DeviceStore } from '../store.ts'
import { orderIn, ownListIn, takenIn } from './changes.ts'
import { checkTitle, withdraws } from './deeds.ts'
import { answerTo, askFor } from './due.ts'
import type { Holding } from './holding.ts'
import { groupCalled } from './naming.ts'
import { createOwnChanges } from './own-changes.ts'
import { peerOf } from './peers.ts'
import type { GroupRecord, GroupRecords } from './records.ts'

/** A group as this device knows it. */
export interface Group {
  /** what stands for it in the history, where a person's name would stand: `+` and the id in hex */
  readonly peer: string
  readonly order: Order
  readonly now: Membership
  readonly isAccepted: boolean
  /** whether this account is in it */
  readonly isOurs: boolean
  /** whether it is to leave, once all mail has been read */
  readonly isLeaving: boolean
  /** whether it came out of a backup, and nothing goes there before its members have said what they know */
  readonly isOnHold: boolean
}

/** A deed, with people by their names. */
export type Wish =
  | { readonly kind: 'add' | 'remove' | 'promote' | 'demote'; readonly user: string }
  | { readonly kind: 'rename'; readonly title: string }
  | { readonly kind: 'lifetime'; readonly seconds: number }
  | { readonly kind: 'leave' }

/** The groups that this account is or was in, and their membership. */
export interface Groups {
  all(): readonly Group[]
  get(peer: string): Group | null
  /**
   * By its title, or the beginning of its id.
   * @throws ClientError `no-such-group` where none, or more than one, is called that
   */
  called(words: string): Group
  /** @throws ClientError `bad-text` for what cannot be a title */
  found(title: string): Group
  /**
   * Makes a change, and owes it to all members. To leave, and to give up one's office, waits for `withdraw`.
   * @throws ClientError `not-allowed` | `no-such-contact` | `bad-text`
   */
  change(peer: string, wish: Wish): void
  /** Takes in what somebody says of a group's membership. @returns whether anything was learnt */
  learn(from: Person, news: News): boolean
  /** The names of all other members, as the group was after a change. */
  othersAt(peer: string, head: Digest): readonly string[]
  /** From now on it is no request. */
  accept(peer: string): void
  /** Groups out of a backup of which enough has been heard are on hold no more. */
  letGo(): void
  /** Leaves, and gives up offices, where that waits. Whoever did so behind changes of their own other devices would undo those. */
  withdraw(): void
  isWithdrawing(): boolean
  /** Where this account has a newer device list than a group has seen: from then on, devices that only an older one has can change nothing. */
  refresh(): void
  /** Sixty digits that members can compare: the same for all who know the same changes. */
  number(peer: string): readonly string[]
}

/** Groups that strangers have added this account to, and it has not answered: what comes beyond is passed over. */
const requestsMaximum = 32
/** So much of the changes and device lists of one is kept. */
const requestMaximumBytes = 1024 * 1024

const sizeOf = ({ changes, lists }: GroupRecord) => [...changes, ...lists].reduce((sum, { length }) => sum + length, 0)

export interface GroupParts {
  readonly store: DeviceStore
  readonly records: GroupRecords
  readonly holding: Holding
  readonly self: Self
  readonly contacts: Contacts
  readonly history: History
  readonly receipts: Receipts
  readonly random: Random
  readonly clock: () => number
  /** is called when something is to go out */
  readonly wake: () => void
}

export function createGroups(parts: GroupParts): Groups {
  const { store, records, holding, self, contacts, history, receipts, random, clock, wake } = parts
  const { user, accountKey } = self.device.record
  const me: Person = { user, accountKey }
  /** as they were put in order last, by group: another process may have learnt more since */
  const known = new Map<string, { readonly record: GroupRecord; readonly order: Order }>()

  function orderOf(peer: string, record: GroupRecord): Order | null {
    const before = known.get(peer)
    if (before && isSame(before.record.changes, record.changes)) return before.order
    const order = orderIn(record)
    if (order) known.set(peer, { record, order })
    return order
  }

  function get(peer: string): Group | null {
    const record = records.get(peer)
    const order = record && orderOf(peer, record)
    if (!record || !order) return null
    return {
      peer,
      order,
      now: order.now,
      isAccepted: record.isAccepted,
      isOurs: isMember(order.now, me),
      isLeaving: records.withdrawing().some((one) => one.peer === peer && one.isLeaving),
      isOnHold: holding.isOnHold(peer),
    }
  }

  const must = (peer: string): Group => {
    const group = get(peer)
    if (!group) throw new ClientError('no-such-group', 'there is no such group', 'doormat group list')
    return group
  }

  const own = createOwnChanges({ records, self, contacts, history, must, get, wake })

  /** Whoever leaves has to be asked again before they are in it of their own will. */
  function setAccepted(peer: string, isAccepted: boolean): void {
    const record = records.get(peer)
    if (!record || record.isAccepted === isAccepted) return
    records.put(peer, { ...record, isAccepted })
    if (isAccepted) receipts.oweEarlierIn(peer, records.readRow(peer))
  }

  const groups: Groups = {
    all: () => records.peers().flatMap((peer) => get(peer) ?? []),
    get,
    called: (words) => groupCalled(groups.all(), words),
    found: (title) =>
      store.transaction(() => {
        const signed = own.make(null, { kind: 'found', title: checkTitle(title), salt: random(16) })
        const peer = peerOf(signed.group)
        own.keep(peer, signed)
        return must(peer)
      }),
    change: (peer, wish) =>
      store.transaction(() => {
        const group = must(peer)
        if (group.isOnHold)
          throw new ClientError(
            'not-allowed',
            `${group.now.title} is from a backup: its members have to say first who is in it`,
          )
        if (wish.kind === 'leave' && store.tables.history.waitingRows(peer).length > 0)
          throw new ClientError('not-allowed', 'what you have written there has not gone out yet', 'doormat listen')
        const signed = own.make(group, own.deedOf(group, wish))
        if (withdraws(signed.change)) {
          const others = records.withdrawing().filter((one) => one.peer !== peer)
          records.setWithdrawing([...others, { peer, isLeaving: wish.kind === 'leave' }])
          return wake()
        }
        own.keep(peer, signed)
        if (wish.kind === 'add') contacts.accept(wish.user)
        setAccepted(peer, true)
      }),
    learn: (from, news) =>
      store.transaction(() => {
        const peer = peerOf(news.group)
        const before = records.get(peer)
        const orderBefore = before && orderOf(peer, before)
        const contact = contacts.get(from.user)
        const isFriend = from.user === user || (contact !== null && contact.accepted && !contact.blocked)
        const fresh: GroupRecord = { changes: [], lists: [], isAccepted: isFriend }
        const further = [self.signedList, ...store.tables.contacts.all().map(({ list }) => list)]
        const { record, order, lacks } = takenIn(peer, before ?? fresh, orderBefore, news, further)
        const isKnown = before !== null || (order !== null && mayJoin(order, isFriend))
        if (isKnown && order && (record.isAccepted || sizeOf(record) <= requestMaximumBytes)) {
          records.put(peer, record)
          known.set(peer, { record, order })
          const stood = orderBefore?.standing ?? []
          const fallen = stood.filter((one) => !order.isStanding(one))
          const freshly = order.standing.filter((one) => !orderBefore?.isStanding(one))
          own.tell(peer, fallen, 'undone')
          own.tell(peer, freshly, 'done')
          own.again(peer, fallen, freshly)
          own.letGo(peer)
        }
        const now = get(peer)?.now
        if (now) holding.heard(peer, from, news, lacks, now)
        // what is on hold here is as old as a backup: nobody should go by it
        if (news.asks && now && isMember(now, from) && !holding.isOnHold(peer))
          answerTo(store, records, from.user, peer, clock())
        if (lacks && (isFriend || (now && isMember(now, from)))) askFor(store, records, from.user, peer, clock())
        return isKnown
      }),
    othersAt(peer, head) {
      const members = get(peer)?.order.at(head)?.members ?? []
      return members.filter((one) => !isSamePerson(one, me)).map((one) => one.user)
    },
    accept: (peer) => setAccepted(peer, true),
    letGo() {
      if (holding.letGo()) wake()
    },
    isWithdrawing: () => records.withdrawing().length > 0,
    withdraw() {
      if (records.withdrawing().length === 0) return
      store.transaction(() => {
        for (const { peer, isLeaving } of records.withdrawing()) {
          const group = must(peer)
          const wish: Wish = isLeaving ? { kind: 'leave' } : { kind: 'demote', user }
          if (group.isOurs) own.tryToMake(peer, own.deedOf(group, wish))
          if (isLeaving) setAccepted(peer, false)
        }
        records.setWithdrawing([])
      })
    },
    refresh() {
      if (!self.isFirst || self.list.number === 1) return
      const stale = groups
        .all()
        .filter(({ isOurs, isOnHold, peer, now }) => isOurs && !isOnHold && mayHaveLost(peer, now))
      if (stale.length === 0) return
      store.transaction(() => {
        for (const { peer } of stale) own.tryToMake(peer, { kind: 'refresh' })
      })
    },
    number(peer) {
      const { now } = must(peer)
      const bytes = derive<Uint8Array>(labels.groupNumber, now.group, [now.head], 60)
      return [...digitsOf(bytes.subarray(0, 30)), ...digitsOf(bytes.subarray(30))]
    },
  }

  /** Whether a device that a group knows of may have been taken off this account's list since: each number of a list adds a device, or takes one off. */
  function mayHaveLost(peer: string, now: Membership): boolean {
    const number = newestListIn(now, accountKey)
    if (number >= self.list.number) return false
    const seen = ownListIn(records.get(peer)?.lists ?? [], me, number)
    const isGrown = seen?.devices.every(({ id }) => self.list.devices.some((one) => equal(one.id, id)))
    return !isGrown || self.list.devices.length - (seen?.devices.length ?? 0) !== self.list.number - number
  }

  /** Whoever was never in a group is told nothing of it. */
  function mayJoin(order: Order, isFriend: boolean): boolean {
    if (!order.standing.some(({ digest }) => isMember(order.at(digest) as Membership, me))) return false
    return isFriend || groups.all().filter(({ isAccepted }) => !isAccepted).length < requestsMaximum
  }

  return groups
}

const isSame = (one: readonly Uint8Array[], other: readonly Uint8Array[]) =>
  one.length === other.length && one.every((bytes, i) => equal(bytes, other[i] as Uint8Array))
