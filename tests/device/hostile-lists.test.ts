import { describe, expect, it } from 'vitest'
import { createAccount, createDevice, proveDevice } from '../../crypto/identity.ts'
import type { DeviceId } from '../../crypto/keys.ts'
import { withDevice, withoutDevice } from '../../crypto/linking.ts'
import { addressKey } from '../../client/device/queue.ts'
import { createWorld, type Person, type World } from '../support/world.ts'
import { noticesTo } from '../support/world-shown.ts'

/** The relay's own device in somebody's list, signed by whatever account key the relay has. */
function withDeviceOfTheRelay({ device: { self } }: Person, { random }: World): Uint8Array {
  const posing = createDevice(self.list.user, self.list.accountKey, random(32) as DeviceId, random)
  const { accountSecret } = createAccount('relay', random)
  return withDevice(self.signedList, posing.record, proveDevice(posing), accountSecret)
}

/** Alice, Bob and Bob's second device, all online. */
async function withTwoDevices(seed: string) {
  const world = await createWorld(seed)
  const [alice, bob] = await world.couple()
  const firstList = bob.device.self.signedList
  const tablet = await world.link(bob)
  await tablet.goOnline()
  return { world, alice, bob, tablet, firstList }
}

describe('a relay that lies about the devices of somebody', () => {
  const lies: Record<string, [(bob: Person, world: World) => Uint8Array, string]> = {
    'a device of its own added': [withDeviceOfTheRelay, 'not sent to bob: bad-signature'],
    'a device taken away': [
      ({ device: { self } }, { random }) =>
        withoutDevice(self.signedList, self.others()[0]?.id as DeviceId, createAccount('relay', random).accountSecret),
      'not sent to bob: bad-signature',
    ],
    'a piece of it': [({ device: { self } }) => self.signedList.slice(0, -1), 'not sent to bob: malformed'],
    'nothing': [() => new Uint8Array(), 'not sent to bob: malformed'],
    'another account': [
      (_bob, { random }) => createAccount('bob', random).signedList,
      "bob's account key has changed. Nothing is sent to them until you have looked: doormat verify bob",
    ],
    "somebody else's list": [
      (_bob, { random }) => createAccount('carol', random).signedList,
      'not sent to bob: wrong-person',
    ],
  }

  it.each(Object.entries(lies))('is told of, and gets nothing: %s', async (_what, [lie, line]) => {
    const { world, alice, bob, tablet } = await withTwoDevices('lies about lists')
    await alice.tell(bob, 'before')
    await tablet.untilRead('alice', 'before')
    const sent = alice.wire.submitted.length
    alice.wire.lies.devices = (truth: Uint8Array) => (alice.online.state === 'online' ? lie(bob, world) : truth)
    await alice.restart()
    await alice.goOnline()
    alice.write('bob', 'for Bob alone')
    await alice.until('to be told', () => noticesTo(alice).length > 0)
    expect(noticesTo(alice)).toEqual([line])
    expect(alice.wire.submitted).toHaveLength(sent)
    delete alice.wire.lies.devices
    if (alice.device.contacts.get('bob')?.changed) alice.device.refuseChange('bob')
    await alice.restart()
    await alice.goOnline()
    await bob.untilRead('alice', 'for Bob alone')
    await tablet.untilRead('alice', 'for Bob alone')
    expect(noticesTo(alice)).toEqual([line])
  })

  it('cannot bring an older list back', async () => {
    const { alice, bob, tablet, firstList } = await withTwoDevices('an older list')
    await alice.tell(tablet, 'to both')
    const sent = alice.wire.submitted.length
    alice.wire.lies.devices = (truth: Uint8Array) => (alice.online.state === 'online' ? firstList : truth)
    await alice.restart()
    await alice.goOnline()
    alice.write('bob', 'not to one alone')
    await alice.untilNoticed('not-sent')
    expect(noticesTo(alice)).toEqual(['not sent to bob: list-went-back'])
    expect(alice.wire.submitted).toHaveLength(sent)
    await bob.untilRead('alice', 'to both')
  })

  it('can keep a new device from those who have never seen the newer list, until mail of the account brings it', async () => {
    const { world, bob, tablet, firstList } = await withTwoDevices('a list kept back')
    const carol = await world.join('carol')
    await carol.goOnline()
    carol.wire.lies.devices = (truth: Uint8Array) => (carol.online.state === 'online' ? firstList : truth)
    await carol.tell(bob, 'to the first alone')
    expect([noticesTo(carol), tablet.texts('carol')]).toEqual([[], []])
    await tablet.tell(carol, 'I am here too')
    expect(carol.device.contacts.get('bob')?.list.devices).toHaveLength(2)
    delete carol.wire.lies.devices
    await carol.restart()
    await carol.goOnline()
    await carol.tell(tablet, 'so you are')
  })
})

describe('a relay that lies about our own devices', () => {
  const lies: Record<string, [(alice: Person, world: World) => Uint8Array, readonly string[]]> = {
    'another account under our name': [
      (_alice, { random }) => createAccount('alice', random).signedList,
      ["the relay shows another account under your own name: account-changed. Ask the relay's operator about it."],
    ],
    'a device of its own added': [
      withDeviceOfTheRelay,
      ["the relay shows another account under your own name: bad-signature. Ask the relay's operator about it."],
    ],
    "somebody else's list": [
      (_alice, { random }) => createAccount('carol', random).signedList,
      ["the relay shows another account under your own name: wrong-person. Ask the relay's operator about it."],
    ],
  }

  it.each(Object.entries(lies))('is told of, and no copy goes anywhere: %s', async (_what, [lie, lines]) => {
    const world = await createWorld('lies about ourselves')
    const [alice, bob] = await world.couple()
    const before = alice.device.self.signedList
    alice.wire.lies.devices = (truth: Uint8Array) => (alice.online.state === 'online' ? truth : lie(alice, world))
    await alice.restart()
    await alice.goOnline()
    expect(noticesTo(alice)).toEqual(lines)
    await alice.tell(bob, 'as ever')
    expect(alice.device.self.signedList).toEqual(before)
    expect(alice.wire.submitted.every(({ to }) => addressKey(to) === addressKey(bob.address))).toBe(true)
  })

  it('is given the newer list again where it shows an older one', async () => {
    const { world, bob, tablet, firstList } = await withTwoDevices('our own older list')
    const registered: Uint8Array[] = []
    const register = world.relay.register.bind(world.relay)
    const wire = { ...tablet.wire, register: (list: Uint8Array) => (registered.push(list), register(list)) }
    tablet.wire.lies.devices = () => firstList
    await tablet.restart()
    await tablet.goOnline(wire)
    expect(registered).toEqual([bob.device.self.signedList])
    expect(noticesTo(tablet)).toEqual([])
    expect(tablet.device.self.list.devices).toHaveLength(2)
  })
})
