import { equal, hex } from './bytes.ts'
import type { Person } from './fingerprint.ts'
import type { AccountKey, Digest } from './keys.ts'
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
 * Who may change what in a group, and what a group is after one change upon another. Which of them stand is for group-order.ts.
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

/** Tells people apart, and is shown to nobody. */
export const nameOf = ({ user, accountKey }: Person) => `${user} ${hex(accountKey)}`

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
