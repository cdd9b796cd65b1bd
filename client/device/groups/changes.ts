import { compare, equal, hex } from '../../../crypto/bytes.ts'
import { CryptoError } from '../../../crypto/errors.ts'
import type { Person } from '../../../crypto/fingerprint.ts'
import type { News } from '../../../crypto/group-content.ts'
import { type Order, orderChanges } from '../../../crypto/group-order.ts'
import type { DeviceList } from '../../../crypto/identity.ts'
import type { SignedChange } from '../../../crypto/membership.ts'
import { openKnownList } from '../opened-lists.ts'
import { openKnownChange, signerOfKnown } from './opened-changes.ts'
import { peerOf } from './peers.ts'
import type { GroupRecord } from './records.ts'

/** So many changes are kept that do not stand, of one account and of all. */
const fallenOfOneMaximum = 1024
const fallenMaximum = 4096
const fallenMaximumBytes = 2 * 1024 * 1024

/** What a group is, as its record says; null where that has no first change that holds. */
export function orderIn(record: GroupRecord): Order | null {
  const lists = openAll(record.lists)
  return orderChanges(record.changes.flatMap((bytes) => openedWith(bytes, lists)?.signed ?? []))
}

/** What has been made of news. */
interface Taken {
  readonly record: GroupRecord
  /** of the record; null where it has no first change that holds */
  readonly order: Order | null
  /** whether something is missing that a change stands upon, or that it is checked against */
  readonly lacks: boolean
}

/**
 * @param orderBefore that of the record before
 * @param further signed device lists that this device knows besides
 */
export function takenIn(
  peer: string,
  before: GroupRecord,
  orderBefore: Order | null,
  news: News,
  further: readonly Uint8Array[],
): Taken {
  const lists = openAll([...before.lists, ...news.lists, ...further])
  const opened = (some: readonly Uint8Array[]) => some.flatMap((bytes) => openedWith(bytes, lists) ?? [])
  const kept = opened(before.changes)
  const known = new Map(kept.map((one) => [hex(one.signed.digest), one]))
  const fresh = news.changes.filter((bytes) => !before.changes.some((one) => equal(one, bytes)))
  const ofThis = opened(fresh).filter(({ signed }) => peerOf(signed.group) === peer)
  const lacksLists = ofThis.length < fresh.length
  const count = known.size
  for (const one of ofThis) if (!known.has(hex(one.signed.digest))) known.set(hex(one.signed.digest), one)
  if (known.size === count)
    return { record: before, order: orderBefore, lacks: lacksLists || before.changes.length === 0 }
  const all = [...known.values()]
  const order = withoutTooMuch(all.map(({ signed }) => signed))
  if (!order) return { record: before, order: orderBefore, lacks: orderBefore === null }
  const isKept = new Set([...order.standing, ...order.fallen.flat()].map(({ digest }) => hex(digest)))
  const used = all.filter(({ signed }) => isKept.has(hex(signed.digest)))
  return {
    record: {
      ...before,
      changes: used.map(({ signed }) => signed.bytes),
      // the list by which each was opened, and no other: anybody can sign themselves any number
      lists: used.map(({ signedList }) => signedList).reduce<readonly Uint8Array[]>(withList, []),
    },
    order,
    lacks: lacksLists || all.some(({ signed: { change } }) => change.parent && !known.has(hex(change.parent))),
  }
}

/**
 * All that stands, and of what has fallen, whole branches: the earliest first, and of each account so much. Nobody fills another's store with changes that
 * nothing comes of.
 * @returns null where there is no first change, or where what stands depends on more than may be kept
 */
function withoutTooMuch(all: readonly SignedChange[]): Order | null {
  const order = orderChanges(all)
  if (!order) return null
  const kept = keptOf(order)
  if (kept.length === order.standing.length + order.fallen.flat().length) return order
  const less = orderChanges(kept)
  return less && equal(less.now.head, order.now.head) ? less : null
}

function keptOf({ standing, fallen }: Order): readonly SignedChange[] {
  const kept = new Map(standing.map((one) => [hex(one.digest), one]))
  const counts = new Map<string, number>()
  let leftBytes = fallenMaximumBytes
  const branches = fallen.toSorted(
    ([one], [other]) =>
      (one?.change.number ?? 0) - (other?.change.number ?? 0) || (one && other ? compare(one.digest, other.digest) : 0),
  )
  for (const branch of branches) {
    const above = branch[0]?.change.parent
    const next = new Map(counts)
    for (const { change } of branch) {
      const name = hex(change.author.accountKey)
      next.set(name, (next.get(name) ?? 0) + 1)
    }
    const isTooMuch = [...next.values()].some((count) => count > fallenOfOneMaximum)
    const count = kept.size - standing.length + branch.length
    const bytes = branch.reduce((sum, one) => sum + one.bytes.length, 0)
    if (!above || !kept.has(hex(above)) || isTooMuch || count > fallenMaximum || bytes > leftBytes) continue
    leftBytes -= bytes
    for (const one of branch) kept.set(hex(one.digest), one)
    for (const [name, so] of next) counts.set(name, so)
  }
  return [...kept.values()]
}

const isListOf = (list: DeviceList, { author, listNumber }: Pick<SignedChange['change'], 'author' | 'listNumber'>) =>
  list.user === author.user && equal(list.accountKey, author.accountKey) && list.number === listNumber

/** A device list as it is signed, and what it says. */
interface OpenedList {
  readonly signedList: Uint8Array
  readonly list: DeviceList
}

/** Those that hold. */
const openAll = (lists: readonly Uint8Array[]): readonly OpenedList[] =>
  lists.flatMap((signedList) => {
    try {
      return { signedList, list: openKnownList(signedList) }
    } catch (error) {
      if (error instanceof CryptoError) return []
      throw error
    }
  })

/** The list of somebody under a number, among those that are kept with a group's changes. */
export const ownListIn = (lists: readonly Uint8Array[], person: Person, listNumber: number): DeviceList | undefined =>
  openAll(lists).find(({ list }) => isListOf(list, { author: person, listNumber }))?.list

/** With a list more, if it is not there yet. */
export const withList = (lists: readonly Uint8Array[], list: Uint8Array): readonly Uint8Array[] =>
  lists.some((one) => equal(one, list)) ? lists : [...lists, list]

/** @returns null where no list is there by which it holds, or where it is nothing that this version knows */
function openedWith(
  bytes: Uint8Array,
  lists: readonly OpenedList[],
): { readonly signed: SignedChange; readonly signedList: Uint8Array } | null {
  const signer = signerOfKnown(bytes)
  if (!signer) return null
  for (const { list, signedList } of lists) {
    const isTheirs = isListOf(list, signer) && list.devices.some(({ id }) => equal(id, signer.device))
    const signed = isTheirs ? openKnownChange(bytes, list) : null
    if (signed) return { signed, signedList }
  }
  return null
}
