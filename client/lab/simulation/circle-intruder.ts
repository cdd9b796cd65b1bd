import { joinMode } from '../../../crypto/access/index.ts'
import { signChange } from '../../../crypto/membership.ts'
import type { Random } from '../../../crypto/random.ts'
import { addDue } from '../../device/groups/due.ts'
import { createGroupRecords } from '../../device/groups/records.ts'
import { usualSupply } from '../../device/prekeys.ts'
import { type Actor, enter } from './actor.ts'
import type { RecordingRelay } from './recording-relay.ts'
import type { Town } from './town.ts'

export const intruderName = 'provider'

/**
 * An account of the provider's own tries to become one more member of a group. It knows all that a member's device knows of
 * the group, as if a key had opened it, and tells every member, in a change that it has signed itself, that it was added.
 */
export async function intrude(
  relay: RecordingRelay['relay'],
  town: Town,
  member: Actor,
  peer: string,
  random: Random,
  clock: () => number,
): Promise<Actor> {
  const person = { name: intruderName, role: 'an account of the provider’s' }
  const intruder = await enter(person, relay, joinMode, usualSupply, () => null, random, clock)
  const group = member.device.groups.get(peer)
  const known = createGroupRecords(member.device.store).get(peer)
  if (!group || !known) throw new Error('there is no group to come into')
  const { self, store } = intruder.device
  const { user, accountKey, id } = self.device.record
  const account = { user, accountKey }
  const { now } = group
  const change = signChange(
    {
      group: now.group,
      number: now.number + 1,
      parent: now.head,
      author: account,
      device: id,
      listNumber: self.list.number,
      deed: { kind: 'add', ...account },
    },
    self.device,
  )
  const records = createGroupRecords(store)
  records.put(peer, {
    changes: [...known.changes, change.bytes],
    lists: [...known.lists, self.signedList],
    isAccepted: true,
  })
  for (const { user: name } of now.members) {
    intruder.device.meet(name)
    addDue(records, name, { peer, kind: 'news', since: null })
  }
  await town.settle([intruder])
  return intruder
}
