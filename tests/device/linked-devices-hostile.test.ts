import { describe, expect, it } from 'vitest'
import { removeDevice } from '../../client/device/linking.ts'
import { equal } from '../../crypto/bytes.ts'
import { createAccount, createDevice, openDeviceList, proveDevice } from '../../crypto/identity.ts'
import type { DeviceId } from '../../crypto/keys.ts'
import { withDevice } from '../../crypto/linking.ts'
import { createWorld, type Person, type World } from '../support/world.ts'
import { forge, forgeAnew, plainly } from '../support/world-forge.ts'
import { talkingHousehold, textsTo, trouble, untilWritten } from '../support/world-household.ts'

/* What a relay, a stranger and a device that was removed can do to an account with several devices. */

const minute = 60_000
const unreadable = (person: Person) => person.notices('unreadable').map(({ peer, text }) => `${peer}: ${text}`)
const idsIn = ({ device }: Person) => device.self.list.devices.map(({ id }) => id)

/** Whoever asks for Alice's list gets another one; all other answers are true. */
const lieAboutAlice = (person: Person, list: Uint8Array) =>
  void (person.wire.lies.devices = (truth: Uint8Array) => (openDeviceList(truth).user === 'alice' ? list : truth))

/** Alice's list with a device of the relay's making, signed by the key of the relay's choice. */
function withRelaysDevice(world: World, { device: { self } }: Person) {
  const { accountKey } = self.list
  const device = createDevice('alice', accountKey, world.random(32) as DeviceId, world.random)
  const genuine = withDevice(self.signedList, device.record, proveDevice(device), self.accountSecret())
  return { id: device.record.id, list: genuine.with(-1, 255 - (genuine.at(-1) ?? 0)) }
}

describe('a relay that adds a device to an account', () => {
  it('is not believed by others, who keep what they would have sent', async () => {
    const { world, laptop, bob } = await talkingHousehold('adds for others')
    const { id, list } = withRelaysDevice(world, laptop)
    lieAboutAlice(bob, list)
    world.later(minute)
    const before = bob.wire.submitted.length
    bob.write('alice', 'for Alice alone')
    await bob.untilNoticed('not-sent')
    expect(trouble(bob)).toEqual(['not-sent alice: bad-signature'])
    expect(bob.wire.submitted).toHaveLength(before)
    delete bob.wire.lies.devices
    world.later(minute)
    await laptop.untilRead('bob', 'for Alice alone')
    expect(bob.wire.submitted.some(({ to }) => equal(to.device, id))).toBe(false)
  })

  it('is not believed by the account itself, which is told', async () => {
    const { world, laptop, phone, bob } = await talkingHousehold('adds for us')
    const { id, list } = withRelaysDevice(world, laptop)
    for (const device of [laptop, phone]) {
      lieAboutAlice(device, list)
      await device.restart()
      await device.goOnline()
      await device.untilNoticed('own-account')
      expect(device.notices('own-account')).toMatchObject([{ peer: null, text: 'bad-signature' }])
      expect(idsIn(device)).toHaveLength(2)
      delete device.wire.lies.devices
    }
    world.later(minute)
    await laptop.tell(bob, 'still two')
    await untilWritten(phone, 'bob', 'still two')
    expect([laptop, phone].flatMap(({ wire }) => wire.submitted).some(({ to }) => equal(to.device, id))).toBe(false)
  })
})

describe('a relay that shows an older list of our own', () => {
  it('is not followed: the devices stay what they are', async () => {
    const { world, laptop, phone, bob } = await talkingHousehold('an older own list')
    const two = laptop.device.self.signedList
    const three = await world.link(laptop, 'tablet')
    await three.goOnline()
    lieAboutAlice(laptop, two)
    await laptop.restart()
    await laptop.goOnline()
    expect(idsIn(laptop)).toHaveLength(3)
    delete laptop.wire.lies.devices
    world.later(minute)
    await laptop.tell(bob, 'to all three')
    await Promise.all([phone, three].map((device) => untilWritten(device, 'bob', 'to all three')))
    expect(laptop.notices('own-account')).toEqual([])
  })

  it('and has really lost the newer one, is given it again', async () => {
    const world = await createWorld('a relay put back', { relayOnDisk: true })
    const laptop = await world.join('alice')
    const bob = await world.join('bob')
    await laptop.goOnline()
    await laptop.goOffline()
    await world.saveRelay()
    const phone = await world.link(laptop, 'phone')
    await world.rollRelayBack()
    await laptop.goOnline()
    await Promise.all([phone.goOnline(), bob.goOnline()])
    await laptop.tell(bob, 'both of us')
    await untilWritten(phone, 'bob', 'both of us')
    expect(bob.device.contacts.get('alice')?.list.devices).toHaveLength(2)
    expect([laptop, phone, bob].flatMap(trouble)).toEqual([])
  })
})

describe('a relay that shows another account under our own name', () => {
  it('is told of, and gets nothing for it', async () => {
    const { world, laptop, phone, bob } = await talkingHousehold('another account')
    const other = createAccount('alice', world.random)
    lieAboutAlice(laptop, other.signedList)
    await laptop.restart()
    await laptop.goOnline()
    await laptop.untilNoticed('own-account')
    expect(laptop.notices('own-account')).toMatchObject([{ text: 'account-changed' }])
    laptop.write('bob', 'whose account is this?')
    await laptop.until('for it to be tried', () => laptop.wire.asked('devices') > 3)
    expect(laptop.wire.submitted.some(({ to }) => equal(to.device, other.device.record.id))).toBe(false)
    expect(idsIn(laptop)).toHaveLength(2)
    delete laptop.wire.lies.devices
    world.later(minute)
    await bob.untilRead('alice', 'whose account is this?')
    await untilWritten(phone, 'bob', 'whose account is this?')
  })
})

describe('what is said in the wrong place', () => {
  it('is refused: a copy from another account, of whatever it speaks', async () => {
    const { world, laptop, phone, bob } = await talkingHousehold('a copy of others')
    const before = laptop.entries().filter(({ kind }) => kind === 'message')
    for (const to of ['carol', 'bob', 'alice'])
      await forge(world, bob, laptop, { ...plainly, kind: 'copy', sequence: 9, to, text: 'you said so' })
    await laptop.untilNoticed('unreadable', 3)
    expect(unreadable(laptop)).toEqual(Array.from({ length: 3 }, () => 'bob: wrong-person'))
    expect(laptop.entries().filter(({ kind }) => kind === 'message')).toEqual(before)
    await bob.tell(laptop, 'I shall not again')
    await phone.untilRead('bob', 'I shall not again')
  })

  it('is refused: a text or a receipt from another device of our own', async () => {
    const { world, laptop, phone, bob } = await talkingHousehold('a text of our own')
    const ids = laptop.written('bob').map(({ id }) => id)
    await forge(world, phone, laptop, { ...plainly, kind: 'text', sequence: 9, text: 'me to me' })
    await forge(world, phone, laptop, { ...plainly, kind: 'receipt', status: 'read', ids })
    await laptop.untilNoticed('unreadable', 2)
    expect(unreadable(laptop)).toEqual(['alice: wrong-person', 'alice: wrong-person'])
    expect([laptop.texts('alice'), new Set(laptop.states('bob'))]).toEqual([[], new Set(['sent'])])
    await phone.tell(bob, 'to Bob then')
    await untilWritten(laptop, 'bob', 'to Bob then')
  })
})

describe('a device that was removed, with a relay on its side', () => {
  it('writes to nobody any more, in sessions old or new', async () => {
    const { world, laptop, phone, bob } = await talkingHousehold('still writes')
    const two = laptop.device.self.signedList
    await removeDevice(laptop.device, world.relay, phone.address.device)
    world.later(minute)
    await laptop.tell(bob, 'the phone is gone')
    await bob.tell(laptop, 'I have seen it')
    const text = { ...plainly, kind: 'text', sequence: 2, text: 'it is still me' } as const
    const { toSendWith } = phone.device.sessions
    expect(toSendWith('bob', bob.address.device)).not.toBeNull()
    await forge(world, phone, bob, text)
    await bob.untilNoticed('unreadable')
    await forgeAnew(world, phone, bob, text, two)
    await bob.untilNoticed('unreadable', 2)
    expect(unreadable(bob)).toEqual(['alice: no-session', 'alice: list-went-back'])

    const copy = { ...plainly, kind: 'copy', sequence: 2, to: 'bob', text: 'you have said this' } as const
    await forge(world, phone, laptop, copy)
    await laptop.untilNoticed('unreadable')
    await forgeAnew(world, phone, laptop, copy, two)
    await laptop.untilNoticed('unreadable', 2)
    expect(unreadable(laptop)).toEqual(['alice: no-session', 'alice: wrong-person'])
    expect(bob.texts('alice')).not.toContain('it is still me')
    expect(textsTo(laptop, 'bob')).not.toContain('you have said this')
    await laptop.tell(bob, 'it cannot')
    expect(laptop.wire.submitted.filter(({ to }) => equal(to.device, phone.address.device)).length).toBeLessThan(3)
  })
})

describe('a device that nobody has used for months', () => {
  it('holds up nobody who has not met it, for its prekeys are too old', async () => {
    const { world, laptop, phone, bob } = await talkingHousehold('for months')
    await phone.goOffline()
    world.later(91 * 24 * 60 * minute)
    await bob.tell(laptop, 'are you still there?')
    const carol = await world.join('carol')
    await carol.goOnline()
    await carol.tell(laptop, 'hello Alice')
    expect(trouble(carol)).toEqual([])
  })
})

describe('somebody whom only another device of ours has written to', () => {
  async function writtenElsewhere(seed: string) {
    const home = await talkingHousehold(seed)
    const { world, laptop, phone } = home
    const carol = await world.join('carol')
    await carol.goOnline()
    await laptop.tell(carol, 'hello Carol')
    laptop.device.contacts.setLifetime('carol', 60)
    await laptop.tell(carol, 'soon gone')
    await untilWritten(phone, 'carol', 'soon gone')
    return { ...home, carol }
  }

  it('keeps the lifetime of the conversation when this one writes too', async () => {
    const { phone, carol } = await writtenElsewhere('a lifetime from elsewhere')
    await phone.tell(carol, 'from the phone')
    expect(phone.device.contacts.get('carol')?.lifetimeSeconds).toBe(60)
    await phone.tell(carol, 'again from the phone')
    expect(carol.received('alice').at(-1)?.lifetimeSeconds).toBe(60)
  })

  it('is a contact on this one at once', async () => {
    const { phone } = await writtenElsewhere('a contact from elsewhere')
    expect(phone.device.contacts.all().map(({ user }) => user)).toEqual(['bob', 'carol'])
  })
})
