import { compare, equal, hex } from './bytes.ts'
import type { Person } from './fingerprint.ts'
import type { AccountKey, DeviceId, Digest } from './keys.ts'
import {
  type Change,
  changesMaximum,
  changesOfOneMaximum,
  type Deed,
  type GroupId,
  membersMaximum,
  type SignedChange,
} from './membership.ts'

/*
 * What a group is, from the changes that are known: the same for everybody who knows the same ones, in whatever order they came. Changes form a tree,
 * for two people may make one at the same time. Where it forks, one branch stands, by rules that only the members' ranks decide.
 */

/** How much of an account a group has seen, up to a change of its. */
interface Made {
  /** the account key, in hex */
  readonly account: string
  /** the highest number of a device list that it has made a change by */
  readonly list: number
  /** how many changes, of those that are counted */
  readonly count: number
  /** the same of whoever made the change before */
  readonly before: Made | null
}

/** What a group is after a change. */
export interface Membership {
  readonly group: GroupId
  readonly title: string
  /** so long new messages stay, once they were sent or read: 0 for good */
  readonly lifetimeSeconds: number
  /** of the change */
  readonly number: number
  readonly head: Digest
  /** in the order in which they joined */
  readonly members: readonly Person[]
  /** of the members, in the order in which they became admins: the first outranks all others */
  readonly admins: readonly Person[]
  readonly made: Made
}

/** The number of the newest device list by which an account has changed a group; 0 before it has. */
export const newestListIn = ({ made }: Membership, accountKey: AccountKey): number =>
  madeBy(made, hex(accountKey))?.list ?? 0

function madeBy(last: Made | null, account: string): Made | null {
  let made = last
  while (made && made.account !== account) made = made.before
  return made
}

export const isSamePerson = (one: Person, other: Person): boolean =>
  one.user === other.user && equal(one.accountKey, other.accountKey)

const nameOf = ({ user, accountKey }: Person) => `${user} ${hex(accountKey)}`

const has = (people: readonly Person[], person: Person) => people.some((one) => isSamePerson(one, person))
const without = (people: readonly Person[], person: Person) => people.filter((one) => !isSamePerson(one, person))

export const isMember = ({ members }: Membership, person: Person): boolean => has(members, person)
export const isAdmin = ({ admins }: Membership, person: Person): boolean => has(admins, person)

/** 0 for whoever outranks all others: admins in their order, then the others in theirs; Infinity for whoever is no member. */
export function rankOf({ admins, members }: Membership, person: Person): number {
  const place = admins.findIndex((one) => isSamePerson(one, person))
  if (place >= 0) return place
  const among = members.findIndex((one) => isSamePerson(one, person))
  return among < 0 ? Infinity : admins.length + among
}

/** These are always possible, however much has been changed: nobody comes in by them. */
const uncounted: ReadonlySet<Deed['kind']> = new Set(['remove', 'demote', 'leave'])

/** What the group is after a change; null where its author may not make it. */
export function changed(before: Membership | null, { change, digest, group }: SignedChange): Membership | null {
  const { author, deed, number, listNumber } = change
  const account = hex(author.accountKey)
  if (deed.kind === 'found')
    return {
      group,
      title: deed.title,
      lifetimeSeconds: 0,
      number,
      head: digest,
      members: [author],
      admins: [author],
      made: { account, list: listNumber, count: 1, before: null },
    }
  if (!before) return null
  const { list, count } = madeBy(before.made, account) ?? { list: 0, count: 0 }
  const isCounted = !uncounted.has(deed.kind)
  if (listNumber < list || (isCounted && (count >= changesOfOneMaximum || number >= changesMaximum))) return null
  if (deed.kind === 'refresh' && listNumber === list) return null
  const next = afterDeed(before, change)
  const made = { account, list: listNumber, count: count + (isCounted ? 1 : 0), before: before.made }
  return next && { ...before, ...next, number, head: digest, made }
}

/** What a change makes different. */
type Difference = Partial<Pick<Membership, 'title' | 'lifetimeSeconds' | 'members' | 'admins'>>

function afterDeed(before: Membership, { author, deed }: Change): Difference | null {
  const { members, admins } = before
  if (!isMember(before, author)) return null
  if (deed.kind === 'refresh') return {}
  if (deed.kind === 'leave') return withAnAdmin(without(members, author), without(admins, author))
  if (!isAdmin(before, author)) return null
  switch (deed.kind) {
    case 'found':
      return null
    case 'rename':
      return { title: deed.title }
    case 'lifetime':
      return { lifetimeSeconds: deed.seconds }
    case 'add': {
      const { user, accountKey } = deed
      const isKnown = members.some((one) => one.user === user)
      return isKnown || members.length >= membersMaximum ? null : { members: [...members, { user, accountKey }] }
    }
    case 'remove':
      if (!outranks(before, author, deed)) return null
      return { members: without(members, deed), admins: without(admins, deed) }
    case 'promote': {
      const { user, accountKey } = deed
      const mayBe = isMember(before, deed) && !isAdmin(before, deed)
      return mayBe ? { admins: [...admins, { user, accountKey }] } : null
    }
    case 'demote': {
      const isOwn = isSamePerson(author, deed) && admins.length > 1
      return isAdmin(before, deed) && (isOwn || outranks(before, author, deed))
        ? { admins: without(admins, deed) }
        : null
    }
  }
}

const outranks = (group: Membership, one: Person, other: Person) =>
  isMember(group, other) && rankOf(group, one) < rankOf(group, other)

/** A group without an admin is led by whoever has been in it longest. */
const withAnAdmin = (members: readonly Person[], admins: readonly Person[]): Difference => ({
  members,
  admins: admins.length > 0 ? admins : members.slice(0, 1),
})

interface Node {
  readonly signed: SignedChange
  /** who made it */
  readonly author: string
  readonly after: Membership
  readonly children: Node[]
  readonly parent: Node | null
  /** the child whose branch stands */
  next: Node | null
  /** how many changes the branch has that begins here */
  length: number
}

/** The changes of a group, put in order. */
export interface Order {
  /** those that stand, from the first on */
  readonly standing: readonly SignedChange[]
  /**
   * Branches that have fallen, each from its first change on as it would stand by itself, and behind the one in which it began.
   */
  readonly fallen: readonly (readonly SignedChange[])[]
  readonly now: Membership
  isStanding(change: SignedChange): boolean
  /** What the group was after a change, whether that stands or not; null for one that is not known, or was not allowed. */
  at(head: Digest): Membership | null
  /** Where a change, or the last one before it that stands, has its place among those that stand; -1 for one that is not known. */
  placeOf(head: Digest): number
}

/** @param changes of one group, in any order; those of which the parent is missing are passed over. @returns null without the first */
export function orderChanges(changes: Iterable<SignedChange>): Order | null {
  const nodes = new Map<string, Node>()
  const ascending = [...changes].sort((one, other) => one.change.number - other.change.number)
  let root: Node | null = null
  for (const signed of ascending) {
    const { parent: above, number } = signed.change
    const parent = above ? (nodes.get(hex(above)) ?? null) : null
    if (above && (!parent || parent.after.number + 1 !== number || !equal(parent.after.group, signed.group))) continue
    const after = changed(parent?.after ?? null, signed)
    const name = hex(signed.digest)
    if (!after || nodes.has(name)) continue
    const node: Node = {
      signed,
      author: nameOf(signed.change.author),
      after,
      children: [],
      parent,
      next: null,
      length: 1,
    }
    nodes.set(name, node)
    if (parent) parent.children.push(node)
    else root ??= node
  }
  if (!root) return null
  for (const node of [...nodes.values()].toReversed()) settle(node)
  const path = along(root)
  const places = new Map(path.map(({ signed }, place) => [hex(signed.digest), place]))
  return {
    standing: path.map(({ signed }) => signed),
    fallen: [...nodes.values()]
      .filter((node) => node.parent !== null && node.parent.next !== node)
      .map((node) => along(node).map(({ signed }) => signed)),
    now: (path.at(-1) as Node).after,
    isStanding: ({ digest }) => places.has(hex(digest)),
    at: (head) => nodes.get(hex(head))?.after ?? null,
    placeOf(head) {
      for (let node = nodes.get(hex(head)) ?? null; node; node = node.parent) {
        const place = places.get(hex(node.signed.digest))
        if (place !== undefined) return place
      }
      return -1
    },
  }
}

function along(first: Node): readonly Node[] {
  const path: Node[] = []
  for (let node: Node | null = first; node; node = node.next) path.push(node)
  return path
}

/** Finds which branch stands behind a change, once that is known of all changes behind it. */
function settle(node: Node): void {
  node.next = standingChild(node)
  node.length = 1 + (node.next?.length ?? 0)
}

/** What somebody who is a member at a fork has done in one branch. */
interface Part {
  /** in the group at the fork: the smallest number outranks all others */
  readonly rank: number
  /** how many changes */
  readonly count: number
  /** the newest device list by which they have changed something in it */
  readonly list: number
  /** the number of the change by which they first left, or gave up their office; Infinity where they did not */
  readonly withdrawnAt: number
}

/** What decides between branches. */
interface Branch {
  readonly first: Node
  /** by person */
  readonly parts: ReadonlyMap<string, Part>
}

/** What is left of it once it has been seen who counts. */
interface Weighed {
  readonly first: Node
  /** of all who count, the highest */
  readonly rank: number
  /** how many changes whoever has that rank has made in it; all, where nobody counts */
  readonly count: number
  /** where nobody counts, the number of the change by which one of these has withdrawn first; Infinity without any */
  readonly withdrawnAt: number
}

/**
 * Where changes were made at the same time, the branch with a change of whoever ranks highest at the fork stands. Somebody who has made changes in more
 * than one counts for those alone where they used the newest of their device lists: a device that was taken off it undoes nothing. Of these, whoever has
 * withdrawn in one, left or given up their office, and made more changes in it than in any other, counts for that one alone. Whoever has withdrawn
 * otherwise counts for none: nobody takes that back by an earlier date, and nobody dates it back. Between two branches of the same person the one stands
 * with more changes of theirs, whatever others have added. Where nobody counts, the one stands in which somebody has withdrawn first; then the longer one.
 * Then the one begun by whoever ranks higher. What is left is one person's own devices, or one device that contradicts itself: the lower device id, and
 * the lower bytes.
 */
function standingChild({ after, children }: Node): Node | null {
  if (children.length < 2) return children[0] ?? null
  const ranks = new Map(after.members.map((person) => [nameOf(person), rankOf(after, person)]))
  const branches = children.map((first) => ({ first, parts: partsIn(first, ranks) }))
  const counts = countsIn(branches)
  const [best] = branches.map((branch) => weighed(branch, counts)).sort((one, other) => precedence(after, one, other))
  return best?.first ?? null
}

function partsIn(first: Node, ranks: ReadonlyMap<string, number>): ReadonlyMap<string, Part> {
  const parts = new Map<string, Part>()
  for (let node: Node | null = first; node; node = node.next) {
    const rank = ranks.get(node.author)
    if (rank === undefined) continue
    const { author, listNumber, deed, number } = node.signed.change
    const { count = 0, list = 0, withdrawnAt = Infinity } = parts.get(node.author) ?? {}
    const withdraws = deed.kind === 'leave' || (deed.kind === 'demote' && isSamePerson(deed, author))
    parts.set(node.author, {
      rank,
      count: count + 1,
      list: Math.max(list, listNumber),
      withdrawnAt: withdraws ? Math.min(withdrawnAt, number) : withdrawnAt,
    })
  }
  return parts
}

/** What decides for which branches of a fork somebody counts: of those where they used the newest of their lists. */
interface Count {
  readonly newestList: number
  /** in how many they have withdrawn */
  readonly withdrawnIn: number
  /** how many changes they have made in one where they have withdrawn, at most, and in one where they have not */
  readonly withdrawing: number
  readonly staying: number
}

function countsIn(branches: readonly Branch[]): ReadonlyMap<string, Count> {
  const counts = new Map<string, Count>()
  for (const { parts } of branches)
    for (const [name, { list, count, withdrawnAt }] of parts) {
      const before = counts.get(name)
      if (before && list < before.newestList) continue
      const none = { newestList: list, withdrawnIn: 0, withdrawing: 0, staying: 0 }
      const known = before && before.newestList === list ? before : none
      const next =
        withdrawnAt < Infinity
          ? { withdrawnIn: known.withdrawnIn + 1, withdrawing: Math.max(known.withdrawing, count) }
          : { staying: Math.max(known.staying, count) }
      counts.set(name, { ...known, ...next })
    }
  return counts
}

function weighed({ first, parts }: Branch, counts: ReadonlyMap<string, Count>): Weighed {
  let [rank, count, withdrawnAt] = [Infinity, first.length, Infinity]
  for (const [name, part] of parts) {
    const { newestList, withdrawnIn, withdrawing, staying } = counts.get(name) as Count
    if (part.list < newestList) continue
    const hasWithdrawn = part.withdrawnAt < Infinity
    const isSettled = withdrawnIn === 1 && withdrawing > staying
    if (withdrawnIn > 0 && !isSettled) withdrawnAt = Math.min(withdrawnAt, part.withdrawnAt)
    else if (part.rank < rank && hasWithdrawn === isSettled) [rank, count] = [part.rank, part.count]
  }
  return { first, rank, count, withdrawnAt: rank < Infinity ? Infinity : withdrawnAt }
}

const precedence = (fork: Membership, one: Weighed, other: Weighed): number =>
  ascending(one.rank, other.rank) ||
  ascending(one.withdrawnAt, other.withdrawnAt) ||
  other.count - one.count ||
  rankOf(fork, authorOf(one)) - rankOf(fork, authorOf(other)) ||
  compare(one.first.signed.change.device, other.first.signed.change.device) ||
  compare(one.first.signed.bytes, other.first.signed.bytes)

/** Also of two that are Infinity. */
const ascending = (one: number, other: number): number => (one === other ? 0 : one - other)

const authorOf = ({ first }: Weighed): Person => first.signed.change.author

/**
 * Whether a message counts that a device has said when it knew the group as it was after `head`: its author was a member then, and whoever
 * removed them since, or they themselves when they left, had heard this message by then.
 * @returns null where `head` is not known
 */
export function mayHaveSaid(
  order: Order,
  head: Digest,
  author: Person,
  device: DeviceId,
  counter: number,
): boolean | null {
  const then = order.at(head)
  if (!then) return null
  const place = order.placeOf(head)
  const fork = order.standing[place]
  if (!isMember(then, author) || !fork) return false
  const atFork = order.at(fork.digest)
  if (!atFork || !(isMember(atFork, author) || isMember(order.now, author))) return false
  return order.standing.slice(place + 1).every(({ change }) => {
    const { deed } = change
    const isGoing =
      (deed.kind === 'remove' && isSamePerson(deed, author)) ||
      (deed.kind === 'leave' && isSamePerson(change.author, author))
    return (
      !isGoing || deed.spoken.some((some) => equal(some.device, device) && some.from <= counter && counter <= some.to)
    )
  })
}
