import { describe, expect, it, onTestFinished } from 'vitest'
import { verify } from '../../client/cli/commands/contacts.ts'
import { equal } from '../../crypto/bytes.ts'
import { listening } from '../support/listening.ts'
import { at } from '../support/at.ts'
import { createWorld, type Person } from '../support/world.ts'
import { type Rogue, rogueIn } from '../support/world-rogue.ts'

const changedKeyOf = (person: Person, name: string) => person.device.contacts.get(name)?.changed?.accountKey
const isVerified = (person: Person, name: string) => person.device.contacts.get(name)?.verified

/** Alice has talked with Bob and compared safety numbers; then somebody else has his name. */
async function impostorIn(seed: string) {
  const world = await createWorld(seed)
  const [alice, bob] = await world.couple()
  await alice.tell(bob, 'hello')
  await bob.tell(alice, 'hello yourself')
  alice.device.contacts.verify('bob')
  return { world, alice, bob, impostor: await rogueIn(world, 'mallory', 'bob') }
}

const keyOf = ({ account }: Rogue) => account.list.accountKey

describe('a number that differs', () => {
  it('withdraws what was verified, and is remembered until it is compared again or another key is accepted', async () => {
    const { alice, impostor } = await impostorIn('differs')
    const { contacts } = alice.device
    expect(contacts.isDifferent('bob')).toBe(false)
    contacts.noteDifferent('bob')
    expect([isVerified(alice, 'bob'), contacts.isDifferent('bob')]).toEqual([false, true])
    await alice.restart()
    expect([isVerified(alice, 'bob'), alice.device.contacts.isDifferent('bob')]).toEqual([false, true])
    alice.device.contacts.verify('bob')
    expect([isVerified(alice, 'bob'), alice.device.contacts.isDifferent('bob')]).toEqual([true, false])
    alice.device.contacts.noteDifferent('bob')
    alice.device.contacts.learn('bob', impostor.account.signedList)
    alice.device.acceptChange('bob')
    expect(alice.device.contacts.isDifferent('bob')).toBe(false)
  })

  it('is said of nobody who is not known', async () => {
    const { alice } = await impostorIn('differs from nobody')
    expect(() => alice.device.contacts.noteDifferent('nobody')).toThrow(
      expect.objectContaining({ code: 'no-such-contact' }),
    )
    expect(alice.device.contacts.isDifferent('nobody')).toBe(false)
  })
})

describe('an account key that has changed', () => {
  it('in the directory stops what is sent, is told of once, and undoes the verification', async () => {
    const { alice, bob, impostor } = await impostorIn('another list')
    expect(isVerified(alice, 'bob')).toBe(true)
    alice.wire.lies.devices = () => impostor.account.signedList
    await alice.restart()
    await alice.goOnline()
    const before = alice.wire.submitted.length
    alice.write('bob', 'for Bob alone')
    await alice.untilNoticed('account-changed')
    alice.write('bob', 'this too')
    await bob.tell(alice, 'I am still here')
    expect(alice.notices('account-changed')).toMatchObject([{ peer: 'bob' }])
    expect(changedKeyOf(alice, 'bob')).toEqual(keyOf(impostor))
    expect(isVerified(alice, 'bob')).toBe(false)
    expect(alice.wire.submitted).toHaveLength(before)
    expect(alice.written('bob').map(({ state }) => state)).toEqual(['sent', 'waiting', 'waiting'])
  })

  it('cannot be verified before it has been accepted', async () => {
    const { alice, impostor } = await impostorIn('verified too early')
    alice.device.contacts.learn('bob', impostor.account.signedList)
    expect(() => alice.device.contacts.verify('bob')).toThrow(expect.objectContaining({ code: 'no-such-contact' }))
    expect(isVerified(alice, 'bob')).toBe(false)
    alice.device.acceptChange('bob')
    expect(isVerified(alice, 'bob')).toBe(false)
    alice.device.contacts.verify('bob')
    expect(isVerified(alice, 'bob')).toBe(true)
  })

  it('under which somebody writes stops what is sent, and their mail is held until it is accepted', async () => {
    const { alice, impostor } = await impostorIn('another writer')
    const before = alice.wire.submitted.length
    for (const text of ['it is me', 'on a new phone'])
      alice.wire.inject(impostor.address, await impostor.make(alice, { text }))
    await alice.untilNoticed('account-changed')
    await alice.until('for both to be held', () => alice.device.store.tables.held.all().length === 2)
    alice.write('bob', 'who is there?')
    await alice.restart()
    await alice.goOnline()
    expect(alice.texts('bob')).toEqual(['hello yourself'])
    expect(alice.wire.submitted).toHaveLength(before)
    expect(alice.notices('account-changed')).toHaveLength(1)
    expect(isVerified(alice, 'bob')).toBe(false)

    alice.device.acceptChange('bob')
    expect(alice.texts('bob')).toEqual(['hello yourself', 'it is me', 'on a new phone'])
    expect(alice.device.store.tables.held.all()).toEqual([])
    expect(alice.device.contacts.get('bob')).toMatchObject({ changed: null, verified: false })
  })

  it('is the only one that accepting takes: mail under a third is held again', async () => {
    const { world, alice, impostor } = await impostorIn('a third key')
    const stranger = await rogueIn(world, 'trudy', 'bob')
    alice.wire.inject(impostor.address, await impostor.make(alice, { text: 'from the impostor' }))
    await alice.untilNoticed('account-changed')
    alice.device.contacts.learn('bob', stranger.account.signedList)
    alice.device.acceptChange('bob')
    expect(alice.texts('bob')).toEqual(['hello yourself'])
    expect(changedKeyOf(alice, 'bob')).toEqual(keyOf(impostor))
  })

  it('can be turned away: the old one stays, what waited goes out, and the mail under the new one is told of and gone', async () => {
    const { alice, bob, impostor } = await impostorIn('turned away')
    alice.wire.inject(impostor.address, await impostor.make(alice, { text: 'it is me' }))
    await alice.untilNoticed('account-changed')
    alice.write('bob', 'who is there?')
    alice.device.refuseChange('bob')
    await bob.untilRead('alice', 'who is there?')
    expect(alice.texts('bob')).toEqual(['hello yourself'])
    expect(alice.notices('unreadable')).toMatchObject([{ peer: 'bob', text: 'account-changed' }])
    expect(alice.device.contacts.get('bob')?.changed).toBeNull()
    expect(() => alice.device.refuseChange('bob')).toThrow(expect.objectContaining({ code: 'no-such-contact' }))
  })

  it('cannot be accepted where there is none', async () => {
    const world = await createWorld('nothing to accept')
    const [alice, bob] = await world.couple()
    await alice.tell(bob, 'hello')
    expect(() => alice.device.acceptChange('bob')).toThrow(expect.objectContaining({ code: 'no-such-contact' }))
    expect(() => alice.device.acceptChange('nobody')).toThrow(expect.objectContaining({ code: 'no-such-contact' }))
  })

  it('carries the conversation on once it has been accepted, with what had waited', async () => {
    const world = await createWorld('a new phone', { relayOnDisk: true })
    const alice = await world.join('alice')
    await alice.goOnline()
    await alice.goOffline()
    await world.saveRelay()
    const bob = await world.join('bob')
    await Promise.all([alice.goOnline(), bob.goOnline()])
    await alice.tell(bob, 'hello')
    await Promise.all([alice.goOffline(), bob.goOffline()])

    await world.rollRelayBack()
    const newBob = await world.join('bob', { folderName: 'the new phone of Bob' })
    await Promise.all([alice.goOnline(), newBob.goOnline()])
    newBob.write('alice', 'my old phone is gone')
    await alice.untilNoticed('account-changed')
    alice.write('bob', 'is that you?')
    expect(alice.texts('bob')).toEqual([])
    alice.device.acceptChange('bob')
    expect(alice.texts('bob')).toEqual(['my old phone is gone'])
    await newBob.untilRead('alice', 'is that you?')
    await newBob.tell(alice, 'it is')
    expect(at(alice.sessionsWith(newBob), 0).ephemeralKey).toEqual(at(newBob.sessionsWith(alice), 0).ephemeralKey)
  })

  it('keeps what was encrypted for the old one from going out to it after all', async () => {
    const { world, alice, bob, impostor } = await impostorIn('sealed for the old key')
    const carol = await world.join('carol')
    await carol.goOnline()
    alice.wire.cutAt('submit', 'before')
    alice.write('bob', 'encrypted for the old key')
    await alice.until('for the cut', () => alice.wire.cutsAhead === 0)
    alice.device.contacts.learn('bob', impostor.account.signedList)
    const before = alice.wire.submitted.length
    alice.device.acceptChange('bob')
    await alice.tell(carol, 'meanwhile')
    const late = alice.wire.submitted.slice(before).filter(({ to }) => equal(to.device, bob.address.device))
    expect(late).toEqual([])
  })

  it('is confirmed only if it is the one whose safety number was shown', async () => {
    const { world, alice, impostor } = await impostorIn('shown and swapped')
    const stranger = await rogueIn(world, 'trudy', 'bob')
    onTestFinished(listening().stop)
    alice.device.contacts.learn('bob', impostor.account.signedList)
    await verify('bob', { home: alice.home })
    alice.device.contacts.learn('bob', stranger.account.signedList)
    await expect(verify('bob', { home: alice.home, confirm: true })).rejects.toThrow('has changed since')
    expect(isVerified(alice, 'bob')).toBe(false)
  })
})

describe('a relay with another policy key than the one pinned', () => {
  it('gets no signature, no mail and no say', async () => {
    const world = await createWorld('wrong relay')
    const [alice, bob] = [await world.join('alice'), await world.join('bob')]
    const other = await createWorld('another relay')
    alice.wire.lies.policyKey = () => other.policyPair.public
    alice.write('bob', 'hello')
    alice.tryToGoOnline()
    await alice.until('a fault', () => alice.online.fault !== null)
    expect(alice.online.fault).toMatchObject({ code: 'wrong-relay' })
    expect(alice.online.state).toBe('offline')
    expect([alice.wire.asked('sent'), alice.wire.submitted.length]).toEqual([0, 0])
    delete alice.wire.lies.policyKey
    await bob.goOnline()
    await bob.untilRead('alice', 'hello')
  })
})
