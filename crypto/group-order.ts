import { equal, hex } from './bytes.ts'
import type { Person } from './fingerprint.ts'
import { type Node, settle } from './group-forks.ts'
import { changed, isMember, isSamePerson, type Membership, nameOf } from './group-rules.ts'
import type { DeviceId, Digest } from './keys.ts'
import type { SignedChange } from './membership.ts'

/*
 * What a group is, from the changes that are known: the same for everybody who knows the same ones, in whatever order they came. Changes form a tree,
 * for two people may make one at the same time.
 */

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
