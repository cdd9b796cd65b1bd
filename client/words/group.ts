import type { Person } from '../../crypto/fingerprint.ts'
import { isAdmin } from '../../crypto/group-rules.ts'
import type { Device } from '../device/device.ts'
import type { Group } from '../device/groups/groups.ts'
import { counted } from './counted.ts'
import { duration } from './duration.ts'

/** How many of them would be written to in sessions that began without one-time keys, or are not there yet. */
export const weakSessions = (device: Device, { now }: Group): number =>
  now.members
    .flatMap(({ user }) => device.contacts.get(user)?.list.devices ?? [])
    .filter(({ user, id }) => device.sessions.toSendWith(user, id)?.fresh === false).length

/** `request`: a stranger has added this account, and it has not answered; `left`: it is not in it any more. */
export type GroupStanding = 'accepted' | 'request' | 'leaving' | 'left'

export function standingOf({ isOurs, isAccepted, isLeaving }: Group): GroupStanding {
  if (!isOurs) return 'left'
  if (isLeaving) return 'leaving'
  return isAccepted ? 'accepted' : 'request'
}

export const roleOf = ({ now }: Group, person: Person): string =>
  isAdmin(now, person) ? (now.admins[0]?.user === person.user ? 'first admin' : 'admin') : 'member'

/** Of a group that came out of a backup. */
export const onHold = 'from a backup: nothing is sent here before members have said who is in it now'

/** Who is in a group, and the number that they compare: rows for a terminal. */
export function groupLines(device: Device, group: Group): readonly string[] {
  const { now, peer } = group
  const self = device.self.device.record.user
  const weak = weakSessions(device, group)
  const digits = device.groups.number(peer)
  return [
    `${counted(now.members.length, 'person', 'people')}, id ${peer.slice(1, 9)}`,
    ...now.members.map((person) =>
      [`  ${person.user}`, roleOf(group, person), ...(person.user === self ? ['you'] : [])].join('  '),
    ),
    ...(now.lifetimeSeconds > 0
      ? [`new messages disappear ${duration(now.lifetimeSeconds)} after they are sent or read`]
      : []),
    ...(group.isOnHold ? [onHold] : []),
    ...(weak > 0 ? [`${counted(weak, 'session')} began without one-time keys, and heal with the first answer`] : []),
    '',
    `  ${digits.slice(0, 6).join(' ')}`,
    `  ${digits.slice(6).join(' ')}`,
    '',
    'Whoever knows the same people by the same keys, and the same changes, sees the same number.',
  ]
}
