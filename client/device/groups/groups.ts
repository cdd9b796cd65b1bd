import { equal } from '../../../crypto/bytes.ts'
import { type Person, digitsOf } from '../../../crypto/fingerprint.ts'
import type { News } from '../../../crypto/group-content.ts'
import {
  changed,
  isMember,
  isSamePerson,
  type Membership,
  newestListIn,
  type Order,
} from '../../../crypto/group-order.ts'
import { derive, labels } from '../../../crypto/kdf.ts'
import { type Deed, signChange, type SignedChange, type Spoken } from '../../../crypto/membership.ts'
import type { Random } from '../../../crypto/random.ts'
import type { Contacts } from '../contacts.ts'
import { ClientError } from '../errors.ts'
import type { History } from '../history.ts'
import type { Self } from '../self.ts'
import type { DeviceStore } from '../store.ts'
import { orderIn, ownListIn, takenIn, withList } from './changes.ts'
import { checkTitle, lowers, refusal, wordsOf } from './deeds.ts'
import { addDue, answerTo, askFor } from './due.ts'
import type { Holding } from './holding.ts'
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
  /** whether it came out of a backup, and nothing goes there before its members have said what they know */
  readonly isOnHold: boolean
}

/** A deed, with people by their names. */
export type Wish =
  | { readonly kind: 'add' | 'remove' | 'promote' | 'demote'; readonly user: string }
  | { readonly kind: 'rename'; readonly title: string }
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
  /** Makes a change, and owes it to all members. @throws ClientError `not-allowed` | `no-such-contact` | `bad-text` */
  change(peer: string, wish: Wish): void
  /** Takes in what somebody says of a group's membership. @returns whether anything was learnt */
  learn(from: Person, news: News): boolean
  /** From now on it is no request. */
  accept(peer: string): void
  /** Where this account has a newer device list than a group has seen: from then on, devices that only an older one has can change nothing. */
  refresh(): void
  /** Sixty digits that members can compare: the same for all who know the same changes. */
  number(peer: string): readonly string[]
}

/** Groups that strangers have added this account to, and it has not answered: what comes beyond is passed over. */
const requestsMaximum = 32
/** So much of the changes and device lists of one is kept. */
const requestMaximumBytes = 1024 * 1024
const linesMaximum = 16
/** So much of an id is enough to name a group by it. */
const idMinimum = 8

const sizeOf = ({ changes, lists }: GroupRecord) => [...changes, ...lists].reduce((sum, { length }) => sum + length, 0)

/** As much of each as tells them from one another. */
function shortIds(peers: readonly string[]): readonly string[] {
  for (let length = 1 + idMinimum; ; length++) {
    const ids = peers.map((peer) => peer.slice(0, length))
    if (new Set(ids).size === peers.length) return ids
  }
}

const isBeginningOf = (words: string, peer: string) => words.length >= idMinimum && peer.startsWith(`+${words}`)

export interface GroupParts {
  readonly store: DeviceStore
  readonly records: GroupRecords
  readonly holding: Holding
  readonly self: Self
  readonly contacts: Contacts
  readonly history: History
  readonly random: Random
  readonly clock: () => number
  /** is called when something is to go out */
  readonly wake: () => void
}

export function createGroups(parts: GroupParts): Groups {
  const { store, records, holding, self, contacts, history, random, clock, wake } = parts
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
      isOnHold: holding.isOnHold(peer),
    }
  }

  const must = (peer: string): Group => {
    const group = get(peer)
    if (!group) throw new ClientError('no-such-group', 'there is no such group', 'doormat group list')
    return group
  }

  function personCalled({ now }: Group, wish: Wish & { readonly user: string }): Person {
    const member = now.members.find((one) => one.user === wish.user)
    if (member) return member
    if (wish.kind !== 'add') throw new ClientError('no-such-contact', `${wish.user} is not in ${now.title}`)
    const theirs = contacts.accountKeyOf(wish.user)
    if (!theirs) throw new ClientError('no-such-contact', `you have no contact called ${wish.user}`)
    if (contacts.isChanged(wish.user))
      throw new ClientError('not-allowed', `${wish.user}'s account key has changed`, `doormat verify ${wish.user}`)
    return { user: wish.user, accountKey: theirs }
  }

  function deedOf(group: Group, wish: Wish): Deed {
    if (wish.kind === 'leave') return { kind: 'leave', spoken: spokenBy(group.peer, me) }
    if (wish.kind === 'rename') return { kind: 'rename', title: checkTitle(wish.title) }
    const person = personCalled(group, wish)
    if (wish.kind !== 'remove') return { kind: wish.kind, ...person }
    return { kind: 'remove', ...person, spoken: spokenBy(group.peer, person) }
  }

  /** What this device has heard of somebody, one message after the other: whatever else they say they have said is not shown. */
  function spokenBy(peer: string, { user: name }: Person): readonly Spoken[] {
    return records
      .speakers(peer)
      .filter((one) => one.user === name)
      .slice(0, 64)
      .flatMap((speaker) => {
        const from = records.heardFrom(peer, speaker)
        const to = records.said(peer, speaker).at(-1)?.counter
        return from === null || to === undefined ? [] : { device: speaker.device, from, to }
      })
  }

  function make(group: Group | null, deed: Deed): SignedChange {
    const signed = signChange(
      {
        group: group && group.now.group,
        number: group ? group.now.number + 1 : 0,
        parent: group && group.now.head,
        author: me,
        device: self.device.record.id,
        listNumber: self.list.number,
        deed,
      },
      self.device,
    )
    if (!changed(group?.now ?? null, signed)) throw refusal(group?.now ?? null, deed, me)
    return signed
  }

  /** Keeps a change of ours, and owes it to everybody who is in the group before or after it; to whoever is new, all of them. */
  function keep(peer: string, signed: SignedChange): void {
    const record = records.get(peer) ?? { changes: [], lists: [], isAccepted: true }
    const before = get(peer)?.now.members ?? []
    records.put(peer, {
      ...record,
      changes: [...record.changes, signed.bytes],
      lists: withList(record.lists, self.signedList),
    })
    const after = must(peer).now.members
    for (const person of [...before, ...after.filter((one) => !before.some((other) => isSamePerson(one, other)))])
      if (!isSamePerson(person, me))
        addDue(records, person.user, {
          peer,
          kind: 'news',
          since: before.some((one) => isSamePerson(one, person)) ? signed.digest : null,
        })
    if (self.others().length > 0) addDue(records, user, { peer, kind: 'news', since: signed.digest })
    tell(peer, [signed], 'done')
    letGo(peer)
    wake()
  }

  /** Whoever is in it no more is owed no message any more. */
  function letGo(peer: string): void {
    const members = new Set(must(peer).now.members.map((one) => one.user))
    for (const name of records.duePeople()) {
      if (name === user || members.has(name)) continue
      const due = records.due(name)
      const left = due.filter((one) => one.peer !== peer || one.kind !== 'message')
      if (left.length < due.length) records.setDue(name, left)
    }
  }

  /** Lines about what has changed; beyond some, how many more there are. */
  function tell(peer: string, changes: readonly SignedChange[], how: 'done' | 'undone'): void {
    const told = changes.filter(({ change }) => change.deed.kind !== 'refresh')
    for (const { change } of told.slice(0, linesMaximum)) history.notice('group', peer, { text: wordsOf(change, how) })
    if (told.length > linesMaximum) history.notice('group', peer, { text: 'more', count: told.length - linesMaximum })
  }

  /** What of ours has fallen, by another's change at the same time, is done again where it still can be. */
  function again(peer: string, fallen: readonly SignedChange[], fresh: readonly SignedChange[]): void {
    const ours = fallen.filter(({ change }) => equal(change.device, self.device.record.id))
    for (const { change } of ours) {
      const { deed } = change
      if (deed.kind === 'found' || deed.kind === 'rename' || deed.kind === 'refresh') continue
      // whom somebody has sent away since, or taken an office, is not let in or raised again by this
      const since = [...fresh, ...fallen.filter((one) => one.change.number > change.number)]
      const isRaising = deed.kind === 'add' || deed.kind === 'promote'
      if (!isRaising || !since.some((one) => lowers(one.change, deed))) tryToMake(peer, deed)
      // they have been told that they are in it
      if (deed.kind === 'add' && !isMember(must(peer).now, deed))
        addDue(records, deed.user, { peer, kind: 'news', since: null })
    }
  }

  /** Where it is not allowed, it is left. */
  function tryToMake(peer: string, deed: Deed): void {
    try {
      keep(peer, make(must(peer), deed))
    } catch (error) {
      if (!(error instanceof ClientError)) throw error
    }
  }

  /** Whoever leaves has to be asked again before they are in it of their own will. */
  function setAccepted(peer: string, isAccepted: boolean): void {
    const record = records.get(peer)
    if (record && record.isAccepted !== isAccepted) records.put(peer, { ...record, isAccepted })
  }

  const groups: Groups = {
    all: () => records.peers().flatMap((peer) => get(peer) ?? []),
    get,
    called(words) {
      const all = groups.all()
      const found =
        [
          all.filter(({ isAccepted, isOurs }) => isAccepted && isOurs),
          // a title is somebody's choice, and so is the beginning of an id for whoever tries for long enough
          all.filter(({ isAccepted, isOurs }) => !isAccepted || !isOurs),
        ]
          .map((some) => some.filter(({ peer, now }) => now.title === words || isBeginningOf(words, peer)))
          .find((some) => some.length > 0) ?? []
      const [only] = found
      if (only && found.length === 1) return only
      if (!only) throw new ClientError('no-such-group', `you are in no group called ${words}`, 'doormat group list')
      const ids = shortIds(found.map(({ peer }) => peer)).join(', ')
      throw new ClientError('no-such-group', `${found.length} groups are called ${words}: say which by its id, ${ids}`)
    },
    found: (title) =>
      store.transaction(() => {
        const signed = make(null, { kind: 'found', title: checkTitle(title), salt: random(16) })
        const peer = peerOf(signed.group)
        keep(peer, signed)
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
        keep(peer, make(group, deedOf(group, wish)))
        if (wish.kind === 'add') contacts.accept(wish.user)
        setAccepted(peer, wish.kind !== 'leave')
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
          tell(peer, fallen, 'undone')
          tell(peer, freshly, 'done')
          again(peer, fallen, freshly)
          letGo(peer)
        }
        const now = get(peer)?.now
        if (now && holding.heard(peer, from, news, lacks, now)) wake()
        if (news.asks && now && isMember(now, from)) answerTo(store, records, from.user, peer, clock())
        if (lacks && (isFriend || (now && isMember(now, from)))) askFor(store, records, from.user, peer, clock())
        return isKnown
      }),
    accept: (peer) => setAccepted(peer, true),
    refresh() {
      if (!self.isFirst || self.list.number === 1) return
      const stale = groups
        .all()
        .filter(({ isOurs, isOnHold, peer, now }) => isOurs && !isOnHold && mayHaveLost(peer, now))
      if (stale.length === 0) return
      store.transaction(() => {
        for (const { peer } of stale) tryToMake(peer, { kind: 'refresh' })
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
