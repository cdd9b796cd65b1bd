import { equal } from '../../../crypto/bytes.ts'
import type { Person } from '../../../crypto/fingerprint.ts'
import { newsMaximum, newsMaximumBytes, type News } from '../../../crypto/group-content.ts'
import { type Order, orderChanges } from '../../../crypto/group-order.ts'
import { isMember, isSamePerson } from '../../../crypto/group-rules.ts'
import { deviceListMaximumBytes } from '../../../crypto/identity.ts'
import type { Digest } from '../../../crypto/keys.ts'
import { changeMaximumBytes, digestIn, type SignedChange, signerOf } from '../../../crypto/membership.ts'
import { openKnownList } from '../opened-lists.ts'
import type { Group } from './groups.ts'
import { openKnownChange } from './opened-changes.ts'
import type { GroupRecord } from './records.ts'

/** What one message of news brings. */
export type NewsPage = Pick<News, 'changes' | 'lists'>

/**
 * What somebody is told: a member all; whoever was removed or has left, what there is up to that; whoever was let in by a change that does not stand, as
 * much as shows that; others nothing.
 * @param since the first of them, and all that came after it; null for all that there are
 */
export function changesFor(
  { order, now }: Group,
  { changes }: GroupRecord,
  person: Person,
  since: Digest | null,
): readonly Uint8Array[] {
  const from = since ? Math.max(0, indexOf(changes, since)) : 0
  if (isMember(now, person)) return changes.slice(from)
  const end = order.standing.findLast(({ change }) => endsFor(change, person))
  if (end) return changes.slice(from, indexOf(changes, end.digest) + 1)
  return undoing(order, person).map(({ bytes }) => bytes)
}

const indexOf = (changes: readonly Uint8Array[], one: Digest) =>
  changes.findIndex((bytes) => equal(digestIn(bytes), one))

const endsFor = ({ author, deed }: SignedChange['change'], person: Person): boolean =>
  (deed.kind === 'leave' && isSamePerson(author, person)) || (deed.kind === 'remove' && isSamePerson(deed, person))

/** So many changes behind a fork are looked at one by one. */
const undoingMaximum = 64

/** Of those that stand, from the first on: up to the one by which the change falls that alone has let somebody in; all, where that is far from it. */
function undoing(order: Order, person: Person): readonly SignedChange[] {
  const { standing } = order
  const others = order.fallen.flat()
  const letting = others.find(({ change }) => letsIn(change, person))
  if (!letting) return []
  const fork = order.placeOf(letting.digest)
  for (let count = fork + 2; count <= Math.min(standing.length, fork + 1 + undoingMaximum); count++) {
    const first = standing.slice(0, count)
    if (!isMember((orderChanges([...first, ...others]) as Order).now, person)) return first
  }
  return standing
}

const letsIn = ({ deed }: SignedChange['change'], person: Person): boolean =>
  deed.kind === 'add' && isSamePerson(deed, person)

const sizeOf = ({ changes, lists }: NewsPage) => [...changes, ...lists].reduce((sum, { length }) => sum + length + 8, 0)
/** For one more change and its list. */
const roomBytes = changeMaximumBytes + deviceListMaximumBytes + 16

/** Whether it has room for more: who is told all that there are is told the last of it by such a page. */
export const isLastPage = (page: NewsPage): boolean =>
  page.changes.length < newsMaximum && sizeOf(page) <= newsMaximumBytes - roomBytes

/** In as many messages as they take. @param lists by which the changes hold */
export function pagesOf(all: readonly Uint8Array[], known: readonly Uint8Array[]): readonly NewsPage[] {
  const pages: NewsPage[] = []
  let [changes, lists, size]: [Uint8Array[], Uint8Array[], number] = [[], [], 0]
  const turn = () => {
    if (changes.length > 0) pages.push({ changes, lists })
    ;[changes, lists, size] = [[], [], 0]
  }
  for (const [i, change] of all.entries()) {
    const list = listFor(change, known)
    const isNew = list !== undefined && !lists.includes(list)
    const more = change.length + (isNew ? list.length + 8 : 0) + 8
    // the last page has room for more
    const [most, mostBytes] =
      i === all.length - 1 ? [newsMaximum - 1, newsMaximumBytes - roomBytes] : [newsMaximum, newsMaximumBytes]
    if (changes.length >= most || size + more > mostBytes) turn()
    changes.push(change)
    if (list && !lists.includes(list)) lists.push(list)
    size += more
  }
  turn()
  return pages
}

function listFor(change: Uint8Array, lists: readonly Uint8Array[]): Uint8Array | undefined {
  const { author, device, listNumber } = signerOf(change)
  return lists.find((signed) => {
    const list = openKnownList(signed)
    const isTheirs =
      list.user === author.user && list.number === listNumber && equal(list.accountKey, author.accountKey)
    // somebody can sign two lists of one number, with another key for the same device
    return isTheirs && list.devices.some(({ id }) => equal(id, device)) && openKnownChange(change, list) !== null
  })
}
