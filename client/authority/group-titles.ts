import { equal, hex } from '../../crypto/bytes.ts'
import { CryptoError } from '../../crypto/errors.ts'
import type { News } from '../../crypto/group-content.ts'
import { type Order, orderChanges } from '../../crypto/group-order.ts'
import { openDeviceList } from '../../crypto/identity.ts'
import type { Digest } from '../../crypto/keys.ts'
import { visible } from '../words/visible.ts'
import { type GroupId, openChange, type SignedChange, signerOf } from '../../crypto/membership.ts'

/** What somebody who reads calls a group. */
export interface GroupName {
  /** 64 hex digits */
  readonly id: string
  /** by the signed changes that were opened so far; null where the first of them was not. Never to a terminal or a page as it is */
  readonly title: string | null
}

/** Harmless. A title can be anybody's choice, and is another after a renaming: the beginning of the id is what tells groups apart. */
export const groupWords = ({ id, title }: GroupName): string =>
  title === null ? shortId(id) : `${visible(title)} (${shortId(id)})`

/** So much of an id is shown. Whoever makes four billion groups has one that begins like another: what is exported names the whole id. */
export const shortId = (id: string): string => id.slice(0, 8)

/** What groups are called and who is in them, by the changes that were opened with the same key. */
export interface GroupTitles {
  /** Notes what a message says of a group. What is not signed by whom it names is passed over. */
  note(news: News): void
  of(group: GroupId): GroupName
  /** Who was in it after a change, by name; nobody where that change was not opened, or what it stands upon. */
  membersAt(group: GroupId, head: Digest): readonly string[]
}

export function createGroupTitles(): GroupTitles {
  const changes = new Map<string, Map<string, SignedChange>>()
  const orders = new Map<string, Order | null>()
  return {
    note({ group, changes: given, lists }) {
      const known = changes.get(hex(group)) ?? new Map<string, SignedChange>()
      changes.set(hex(group), known)
      for (const bytes of given) {
        const signed = openedOrNull(bytes, lists)
        if (signed && equal(signed.group, group)) known.set(hex(signed.digest), signed)
      }
      orders.set(hex(group), orderChanges(known.values()))
    },
    of: (group) => ({ id: hex(group), title: orders.get(hex(group))?.now.title ?? null }),
    membersAt: (group, head) =>
      orders
        .get(hex(group))
        ?.at(head)
        ?.members.map(({ user }) => user) ?? [],
  }
}

function openedOrNull(bytes: Uint8Array, lists: readonly Uint8Array[]): SignedChange | null {
  for (const signed of lists)
    try {
      const { device } = signerOf(bytes)
      const list = openDeviceList(signed)
      if (list.devices.some(({ id }) => equal(id, device))) return openChange(bytes, list)
    } catch (error) {
      if (!(error instanceof CryptoError)) throw error
    }
  return null
}
