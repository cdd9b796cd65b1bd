import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { hex } from '../../crypto/bytes.ts'
import { createAccount } from '../../crypto/identity.ts'
import { openBundle } from '../../crypto/prekeys.ts'
import { at } from '../support/at.ts'
import { createWorld, type Person, type World } from '../support/world.ts'
import { watchPlaces } from '../support/world-places.ts'
import { rogueIn } from '../support/world-rogue.ts'

const prekeyIds = ({ device }: Person) => device.store.tables.prekeys.all().map(({ id }) => id)

/** What the relay would hand out of a device now. */
async function bundleOf(person: Person, world: World) {
  const { connection } = await rogueIn(world, 'curious')
  return openBundle(await connection.bundle(person.address), person.device.self.device.record, 1)
}

/** Alice's folder is copied in the middle of a conversation, which goes on, and then the copy takes its place. */
async function restored(seed: string) {
  const world = await createWorld(seed)
  const [alice, bob] = await world.couple()
  const places = watchPlaces(alice)
  const copy = join(world.folder, 'a copy')
  await alice.tell(bob, 'one')
  await bob.tell(alice, 'uno')
  await alice.copyTo(copy)
  await alice.goOnline()
  for (const text of ['two', 'three']) await alice.tell(bob, text)
  await bob.tell(alice, 'due')
  await alice.tell(bob, 'four')
  await alice.restoreFrom(copy)
  return { world, alice, bob, places }
}

const sessionOf = (person: Person, other: Person) => hex(at(person.sessionsWith(other), 0).ephemeralKey)

/** Until the other side has the new session, and no longer writes in one that the restored device has lost. */
const untilRenewed = (alice: Person, bob: Person) =>
  bob.until('for the new session', () => sessionOf(bob, alice) === sessionOf(alice, bob))

describe('a device whose store has been put back to an older state', () => {
  it('finds out at its start, says so, and talks on in new sessions both ways, no place used twice', async () => {
    const { alice, bob, places } = await restored('put back')
    const before = alice.sessionsWith(bob).map(({ ephemeralKey }) => ephemeralKey)
    await alice.goOnline()
    await alice.untilNoticed('rolled-back')
    await alice.tell(bob, 'five')
    await bob.tell(alice, 'tre')
    await alice.tell(bob, 'six')
    expect(before).not.toContainEqual(alice.sessionsWith(bob)[0]?.ephemeralKey)
    expect(alice.texts('bob')).toEqual(['uno', 'tre'])
    expect(bob.texts('alice')).toEqual(['one', 'two', 'three', 'four', 'five', 'six'])
    expect(alice.notices('gap')).toMatchObject([{ peer: 'bob', sequence: 1 }])
    expect([...bob.notices('gap'), ...bob.notices('unreadable')]).toEqual([])
    expect([places.reused(), places.unopened()]).toEqual([[], 0])
    expect(places.places()).toBe(7)
  })

  it('is written to by others in the new session before it has written itself', async () => {
    const { alice, bob } = await restored('written to')
    await alice.goOnline()
    await untilRenewed(alice, bob)
    await bob.tell(alice, 'tre')
    expect(alice.notices('unreadable')).toEqual([])
  })

  it('replaces its prekeys at the relay by some that are in its store', async () => {
    const { world, alice } = await restored('prekeys')
    const old = prekeyIds(alice)
    await alice.goOnline()
    await alice.untilNoticed('rolled-back')
    const bundle = await bundleOf(alice, world)
    for (const prekey of [bundle.signed, bundle.oneTime, bundle.kem]) {
      expect(prekeyIds(alice)).toContain(prekey?.id)
      expect(old).not.toContain(prekey?.id)
    }
  })

  it.each(['sent', 'publishPrekeys', 'bundle', 'submit'] as const)(
    'starts over to the end if the connection is lost while it does: %s',
    async (step) => {
      const { world, alice, bob, places } = await restored(`lost at ${step}`)
      const old = prekeyIds(alice)
      alice.wire.cutAt(step, 'before')
      alice.tryToGoOnline()
      await alice.until('for the cut', () => alice.wire.cutsAhead === 0)
      await alice.until('to be online', () => alice.online.state === 'online')
      expect(old).not.toContain((await bundleOf(alice, world)).signed.id)
      await untilRenewed(alice, bob)
      await bob.tell(alice, 'tre')
      await alice.tell(bob, 'five')
      expect(alice.notices('rolled-back')).toHaveLength(1)
      expect(alice.notices('unreadable')).toEqual([])
      expect(places.reused()).toEqual([])
    },
  )

  it('starts over with everybody else where one cannot be reached', async () => {
    const { world, alice, bob } = await restored('one is gone')
    alice.device.contacts.learn('aaron', createAccount('aaron', world.random).signedList)
    await alice.goOnline()
    await untilRenewed(alice, bob)
    await bob.tell(alice, 'tre')
    expect(alice.notices('unreadable')).toEqual([])
  })

  it('sends again, once, what it had not sent yet', async () => {
    const world = await createWorld('unsent')
    const [alice, bob] = await world.couple()
    const places = watchPlaces(alice)
    await alice.tell(bob, 'one')
    await alice.goOffline()
    alice.write('bob', 'written and not sent', 'the-id')
    await alice.copyTo(join(world.folder, 'a copy'))
    await alice.goOnline()
    await bob.untilRead('alice', 'written and not sent')
    await alice.restoreFrom(join(world.folder, 'a copy'))
    await alice.goOnline()
    await alice.untilNoticed('rolled-back')
    await alice.tell(bob, 'two')
    await alice.untilSent('bob')
    expect(bob.texts('alice')).toEqual(['one', 'written and not sent', 'two'])
    expect(places.reused()).toEqual([])
  })

  it('does not think so where only an answer of the relay was lost', async () => {
    const world = await createWorld('only an answer')
    const [alice, bob] = await world.couple()
    await alice.tell(bob, 'one')
    for (const text of ['two', 'three']) {
      alice.wire.cutAt('submit', 'after')
      await alice.tell(bob, text)
      await alice.restart()
      await alice.goOnline()
    }
    expect(alice.notices('rolled-back')).toEqual([])
    expect(bob.texts('alice')).toEqual(['one', 'two', 'three'])
  })

  // Numbers go on from the relay's counter, which counts envelopes: also those that only carried a new session. What it has
  // forgotten of them, nobody can tell it without saying how much may be missing.
  it('reports a gap of one for each time before that it was put back, and hides none', async () => {
    const { world, alice, bob } = await restored('put back twice')
    const again = async (text: string) => {
      await alice.restoreFrom(join(world.folder, 'a copy'))
      world.later(3600 * 1000)
      await alice.goOnline()
      await alice.tell(bob, text)
    }
    await again('five')
    expect(bob.notices('gap')).toEqual([])
    await again('six')
    expect(bob.notices('gap').map(({ sequence }) => sequence)).toEqual([1])
    bob.wire.route = () => []
    alice.write('bob', 'kept back')
    await alice.untilSent('bob')
    await bob.until('for it to be kept back', () => bob.wire.withheld > 0)
    bob.wire.route = (delivery) => [delivery]
    await again('seven')
    expect(bob.notices('gap').map(({ sequence }) => sequence)).toEqual([1, 2])
    expect(bob.texts('alice')).toEqual(['one', 'two', 'three', 'four', 'five', 'six', 'seven'])
  })

  // Both send with the session of the latest start, and the one that the restored device has lost began in its future: a
  // reset before its first word ends that one.
  it('is read and reads on where the clock of the other side is ahead', async () => {
    const world = await createWorld('ahead')
    const [alice, bob] = await world.couple()
    await alice.copyTo(join(world.folder, 'a copy'))
    await alice.goOnline()
    await bob.tell(alice, 'from the future')
    await alice.tell(bob, 'one')
    await alice.restoreFrom(join(world.folder, 'a copy'))
    world.later(-24 * 3600 * 1000)
    await alice.goOnline()
    await alice.tell(bob, 'two')
    bob.write('alice', 'do you read me?')
    await bob.untilSent('alice')
    await alice.tell(bob, 'three')
    expect(alice.notices('unreadable')).toEqual([])
  })
})
