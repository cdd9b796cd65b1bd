import { compare } from './bytes.ts'
import type { Person } from './fingerprint.ts'
import { isSamePerson, type Membership, nameOf, rankOf } from './group-rules.ts'
import type { SignedChange } from './membership.ts'

/*
 * Where two people have changed a group at the same time, one branch stands, by rules that only the members' ranks decide: docs/protocol.md,
 * section 10c, and decision 33.
 */

/** A change among those that are known. */
export interface Node {
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

/** Finds which branch stands behind a change, once that is known of all changes behind it. */
export function settle(node: Node): void {
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
