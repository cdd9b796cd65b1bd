import { isAdmin, rankOf } from '../../../crypto/group-rules.ts'
import type { Device } from '../../device/device.ts'
import type { Group } from '../../device/groups/groups.ts'
import { roleOf } from '../../words/group.ts'
import { visible } from '../../words/visible.ts'
import type { GroupView } from './protocol.ts'

/** The groups of a device, as its page shows them. */
export function groupsOf({ groups, conversations, self }: Device): readonly GroupView[] {
  const all = groups.all()
  // asked for at every change: where there is none, nothing else is looked at
  if (all.length === 0) return []
  const unread = new Map(conversations.all().map((one) => [one.user, one.unread]))
  const { user, accountKey } = self.device.record
  return all.map((group) => ({
    peer: group.peer,
    title: visible(group.now.title),
    people: group.now.members.map((person) => ({
      user: person.user,
      role: roleOf(group, person),
      isBelow: rankOf(group.now, person) > rankOf(group.now, { user, accountKey }),
    })),
    digits: groups.number(group.peer),
    unread: unread.get(group.peer) ?? 0,
    standing: standingOf(group),
    isAdmin: isAdmin(group.now, { user, accountKey }),
  }))
}

const standingOf = ({ isOurs, isAccepted }: Group): GroupView['standing'] => {
  if (!isOurs) return 'left'
  return isAccepted ? 'accepted' : 'request'
}
