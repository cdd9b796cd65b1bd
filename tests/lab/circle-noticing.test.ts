import { beforeEach, describe, expect, it } from 'vitest'
import { joinMode } from '../../crypto/access/index.ts'
import { compare } from '../../crypto/bytes.ts'
import { createAccount, createDevice, proveDevice, signDeviceList } from '../../crypto/identity.ts'
import type { DeviceId } from '../../crypto/keys.ts'
import { foundGroup, strangers } from '../../client/lab/simulation/circle.ts'
import { circleDetections } from '../../client/lab/simulation/circle-noticing.ts'
import { seededRandom } from '../../client/lab/simulation/random.ts'
import { openRecordingRelay } from '../../client/lab/simulation/recording-relay.ts'
import { createTown, type Town } from '../../client/lab/simulation/town.ts'
import { usualSupply } from '../../client/device/prekeys.ts'

const people = ['ann', 'ben', 'cleo'] as const

/** Three in a group, among whom nothing is wrong. */
async function three(): Promise<{ readonly town: Town; readonly peer: string; readonly settle: () => Promise<void> }> {
  const random = seededRandom('noticing in a circle')
  let now = Date.UTC(2026, 2, 2)
  const { relay } = await openRecordingRelay(people.length, random, () => now)
  const town = await createTown(
    strangers(people),
    () => usualSupply,
    relay,
    joinMode,
    random,
    () => now,
  )
  const settle = () => {
    now += 300_000
    return town.settle([...town.actors.values()])
  }
  const peer = await foundGroup(town, people)
  await settle()
  return { town, peer, settle }
}

describe('what shows in a group', () => {
  let here: Awaited<ReturnType<typeof three>>
  beforeEach(async () => void (here = await three()))

  /** How many notice, by the detector's id; those that nobody does are left out. */
  const seen = (
    names: readonly string[] = people,
    truth: readonly { from: string; arrived: readonly string[] }[] = [],
  ) =>
    Object.fromEntries(
      circleDetections({
        actors: here.town.actors,
        archive: [],
        warned: new Set(),
        modeId: 'none',
        peer: here.peer,
        people: names,
        truth,
      })
        .filter(({ noticed }) => noticed.read > 0)
        .map(({ id, noticed }) => [id, noticed.read]),
    )

  it('is nothing where nothing is wrong', () => {
    expect(seen()).toEqual({})
    expect(seen(people, [{ from: 'ann', arrived: ['ben', 'cleo'] }])).toEqual({})
  })

  it('is a name too many on the list of members', () => expect(seen(['ann', 'ben'])).toEqual({ 'member list': 3 }))

  it('is another number at somebody who lacks a change', () => {
    here.town.actor('ann').device.groups.change(here.peer, { kind: 'rename', title: 'Trio' })
    expect(seen()).toEqual({ 'group number': 3 })
  })

  it('is that somebody is not in it', async () => {
    here.town.actor('ann').device.groups.change(here.peer, { kind: 'remove', user: 'cleo' })
    await here.settle()
    expect(seen()).toEqual({ 'member list': 3, 'no such group': 3 })
  })

  it('is a text that did not come to all', () =>
    expect(seen(people, [{ from: 'ann', arrived: ['ben'] }])).toEqual({ 'missing messages': 1 }))

  it('is that somebody has more than one device', () => {
    const random = seededRandom('two devices')
    const { device, accountSecret, list } = createAccount('dora', random)
    const second = createDevice('dora', list.accountKey, random(32) as DeviceId, random)
    const devices = [device, second].sort((one, other) => compare(one.record.id, other.record.id))
    const both = { ...list, number: 2, devices: devices.map(({ record }) => record) }
    const { contacts } = here.town.actor('ben').device
    contacts.learn('dora', signDeviceList(both, devices.map(proveDevice), accountSecret))
    expect(seen()).toEqual({ 'device list': 1 })
  })

  it('is what a client has noted', () => {
    const { history } = here.town.actor('ben').device
    history.notice('unreadable', 'ann', { text: 'not-authentic' })
    history.notice('group', here.peer, { text: 'differs ann' })
    expect(seen()).toEqual({ 'unreadable': 1, 'told different things': 1 })
  })
})
