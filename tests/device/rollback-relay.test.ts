import { describe, expect, it } from 'vitest'
import { createWorld, type Person } from '../support/world.ts'
import { watchPlaces } from '../support/world-places.ts'

/** Alice and Bob have each said something when the relay is saved; what is said after that it forgets. */
async function rolledBackRelay(seed: string, after: (alice: Person, bob: Person) => Promise<void>) {
  const world = await createWorld(seed, { relayOnDisk: true })
  const [alice, bob] = [await world.join('alice'), await world.join('bob')]
  const places = [watchPlaces(alice), watchPlaces(bob)]
  for (const { wire } of [alice, bob]) wire.renumbers = false
  const goOnline = () => Promise.all([alice, bob].map((person) => person.goOnline()))
  const goOffline = () => Promise.all([alice, bob].map((person) => person.goOffline()))
  await goOnline()
  await alice.tell(bob, 'one')
  await bob.tell(alice, 'uno')
  await goOffline()
  await world.saveRelay()
  await goOnline()
  await after(alice, bob)
  await goOffline()
  await world.rollRelayBack()
  await goOnline()
  return { alice, bob, places }
}

describe('a relay that has been put back to an older state', () => {
  it('is found out by those who had sent, and what it forgot shows as a gap', async () => {
    const { alice, bob, places } = await rolledBackRelay('an old relay', async (alice, bob) => {
      await bob.goOffline()
      for (const text of ['two', 'three']) alice.write('bob', text)
      await alice.untilSent('bob')
    })
    expect(alice.notices('rolled-back')).toHaveLength(1)
    expect(bob.notices('rolled-back')).toEqual([])
    await alice.tell(bob, 'four')
    await bob.tell(alice, 'due')
    expect(bob.texts('alice')).toEqual(['one', 'four'])
    expect(bob.notices('gap')).toMatchObject([{ peer: 'alice', sequence: 2 }])
    expect(places.map((one) => [one.reused(), one.unopened()])).toEqual([
      [[], 0],
      [[], 0],
    ])
    expect(places.map((one) => one.places())).toEqual([5, 2])
  })

  it('loses none of the mail that it takes from then on', async () => {
    const { alice, bob } = await rolledBackRelay('new mail at an old relay', async (alice, bob) => {
      for (const text of ['two', 'three', 'four', 'five']) await alice.tell(bob, text)
    })
    for (const text of ['six', 'seven', 'eight', 'nine', 'ten']) await alice.tell(bob, text)
    expect(bob.texts('alice')).toEqual('one two three four five six seven eight nine ten'.split(' '))
    expect(bob.notices('unreadable')).toEqual([])
  })
})
