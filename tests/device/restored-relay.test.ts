import { describe, expect, it } from 'vitest'
import { createAccount } from '../../crypto/identity.ts'
import { removeDevice } from '../../client/device/linking.ts'
import { seededRandom } from '../support/random.ts'
import { createWorld, type Person, type World } from '../support/world.ts'

/* A relay is put back to a backup: who and what has come to it since is unknown to it, and its devices know better. */

/** A relay with Alice; whatever comes after that is not in its backup. */
async function town(seed: string) {
  const world = await createWorld(seed, { relayOnDisk: true })
  const alice = await world.join('alice')
  alice.wire.renumbers = false
  await world.saveRelay()
  return { world, alice }
}

/** Somebody who has registered since the backup. */
async function newcomer(world: World, name: string): Promise<Person> {
  const person = await world.join(name)
  person.wire.renumbers = false
  return person
}

const goOnline = (...people: Person[]) => Promise.all(people.map((person) => person.goOnline()))
const goOffline = (...people: Person[]) => Promise.all(people.map((person) => person.goOffline()))

/** Tries to go online, until there is a reason why that fails. */
async function faultOf(person: Person) {
  person.tryToGoOnline()
  await person.until('to be told why not', () => person.online.fault !== null)
  return person.online.fault as Error & { code?: string }
}

describe('an account that a restored relay does not know', () => {
  it('is taken up again by its device, which goes on talking, with what waited', async () => {
    const { world, alice } = await town('taken up again')
    const carol = await newcomer(world, 'carol')
    await goOnline(alice, carol)
    await carol.tell(alice, 'one')
    await alice.tell(carol, 'uno')
    await goOffline(alice, carol)
    await world.rollRelayBack()
    carol.write('alice', 'two')
    await goOnline(carol, alice)
    await alice.untilRead('carol', 'two')
    await alice.tell(carol, 'due')
    await carol.tell(alice, 'three')
    expect(alice.texts('carol')).toEqual(['one', 'two', 'three'])
    expect(carol.texts('alice')).toEqual(['uno', 'due'])
  })

  it('can be written to by somebody new, though it has never sent anything itself', async () => {
    const { world, alice } = await town('prekeys again')
    const carol = await newcomer(world, 'carol')
    await carol.goOnline()
    await carol.goOffline()
    await world.rollRelayBack()
    await goOnline(carol, alice)
    await alice.tell(carol, 'hello')
    expect(carol.notices('weak-session')).toEqual([])
  })

  it('has its linked devices back too, whichever comes first', async () => {
    const { world, alice } = await town('linked since')
    const phone = await world.link(alice, 'phone')
    const bob = await newcomer(world, 'bob')
    phone.wire.renumbers = false
    await goOnline(phone, alice, bob)
    await phone.tell(bob, 'from the phone')
    await goOffline(phone, alice, bob)
    await world.rollRelayBack()
    await goOnline(phone, bob)
    await phone.tell(bob, 'again from the phone')
    await alice.goOnline()
    await bob.tell(phone, 'to both')
    await alice.untilRead('bob', 'to both')
  })

  it('keeps out a device that was removed, once a device that knows so has come', async () => {
    const { world } = await town('removed since')
    const laptop = await newcomer(world, 'carol')
    const phone = await world.link(laptop, 'phone')
    phone.wire.renumbers = false
    await phone.goOnline()
    await phone.goOffline()
    await removeDevice(laptop.device, world.relay, phone.address.device)
    await world.rollRelayBack()
    await phone.goOnline()
    await laptop.goOnline()
    await phone.until('to be cut off', () => phone.online.fault !== null)
    await phone.goOffline()
    expect(await faultOf(phone)).toMatchObject({ code: 'unknown-device' })
  })

  it('loses no message that others write to it before its device has come', async () => {
    const { world, alice } = await town('not yet back')
    const carol = await newcomer(world, 'carol')
    await goOnline(alice, carol)
    await carol.tell(alice, 'one')
    await alice.tell(carol, 'uno')
    await goOffline(alice, carol)
    await world.rollRelayBack()
    alice.write('carol', 'due')
    await alice.goOnline()
    await alice.until('to hear that nobody is there', () => alice.notices('not-sent').length > 0)
    expect(alice.states('carol').at(-1)).toBe('waiting')
    await carol.goOnline()
    world.later(60_000)
    await carol.untilRead('alice', 'due')
  })

  it('that somebody else has taken meanwhile is told of in words, and loses nothing', async () => {
    const { world, alice } = await town('a name taken')
    const carol = await newcomer(world, 'carol')
    await goOnline(alice, carol)
    await carol.tell(alice, 'one')
    await alice.tell(carol, 'uno')
    await goOffline(alice, carol)
    await world.rollRelayBack()
    await world.relay.register(createAccount('carol', seededRandom('a thief')).signedList)
    carol.write('alice', 'two')
    const fault = await faultOf(carol)
    expect(fault).toMatchObject({ name: 'ClientError', code: 'name-lost' })
    expect(fault.message).toContain('somebody else has registered the name carol')
    expect([carol.texts('alice'), carol.states('alice').at(-1)]).toEqual([['uno'], 'waiting'])
  })
})

describe('a policy chain that a restored relay has lost', () => {
  it('is given back to it, so that the mode in force is in force again', async () => {
    const { world, alice } = await town('a chain given back')
    const bob = await newcomer(world, 'bob')
    await goOnline(alice, bob)
    await bob.tell(alice, 'before')
    await world.switchOn()
    await alice.tell(bob, 'under the mode')
    await goOffline(alice, bob)
    const chain = await world.chain()
    await world.rollRelayBack()
    expect(await world.relay.access()).toMatchObject({ epoch: 1, mode: 'none' })
    await bob.goOnline()
    expect(await world.relay.access()).toMatchObject({ epoch: 2, mode: 'message-key-escrow' })
    expect((await world.chain()).map(({ bytes }) => bytes)).toEqual(chain.map(({ bytes }) => bytes))
    await alice.goOnline()
    await alice.tell(bob, 'still under it')
    await world.switchOff()
    await bob.tell(alice, 'after')
    expect(bob.entries().filter(({ kind }) => kind === 'access')).toHaveLength(3)
  })

  it('is told of in words where the operator has gone on from the backup by another', async () => {
    const { world, alice } = await town('a fork')
    await alice.goOnline()
    await world.switchOn()
    await alice.until('to hear of the mode', () => alice.device.policies.head()?.policy.epoch === 2)
    await alice.goOffline()
    await world.rollRelayBack()
    world.later(1)
    await world.switchOn()
    const fault = await faultOf(alice)
    expect(fault).toMatchObject({ code: 'policy-broken', message: expect.stringContaining('another access policy') })
    expect(await world.relay.access()).toMatchObject({ epoch: 2 })
  })
})
