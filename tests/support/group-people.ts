import type { Person } from '../../crypto/fingerprint.ts'
import { changed, type Membership } from '../../crypto/group-rules.ts'
import { createAccount, type DeviceList, type DeviceSecrets, openDeviceList } from '../../crypto/identity.ts'
import { type Deed, openChange, signChange, type SignedChange } from '../../crypto/membership.ts'
import { seededRandom } from './random.ts'

/** Somebody with one device, who can make changes of a group. */
export interface GroupPerson extends Person {
  readonly device: DeviceSecrets
  readonly signedList: Uint8Array
  readonly list: DeviceList
}

export function groupPerson(user: string, seed = user): GroupPerson {
  const { device, signedList } = createAccount(user, seededRandom(`group person ${seed}`))
  return { user, accountKey: device.record.accountKey, device, signedList, list: openDeviceList(signedList) }
}

export const bare = ({ user, accountKey }: Person): Person => ({ user, accountKey })

/** A change as somebody's device makes it upon what it knows, allowed or not. */
export function changeBy(author: GroupPerson, upon: Membership | null, deed: Deed): SignedChange {
  const signed = signChange(
    {
      group: upon && upon.group,
      number: upon ? upon.number + 1 : 0,
      parent: upon && upon.head,
      author: bare(author),
      device: author.device.record.id,
      listNumber: author.list.number,
      deed,
    },
    author.device,
  )
  return openChange(signed.bytes, author.list)
}

/** The same, and what the group is then. @throws where it is not allowed */
export function step(
  author: GroupPerson,
  upon: Membership | null,
  deed: Deed,
): { readonly signed: SignedChange; readonly after: Membership } {
  const signed = changeBy(author, upon, deed)
  const after = changed(upon, signed)
  if (!after) throw new Error(`${author.user} may not ${deed.kind}`)
  return { signed, after }
}

export const founding = (title = 'Circle'): Deed => ({ kind: 'found', title, salt: new Uint8Array(16) })
