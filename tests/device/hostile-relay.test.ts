import { describe, expect, it } from 'vitest'
import { at } from '../support/at.ts'
import { createWorld, type Person } from '../support/world.ts'
import { rogueIn } from '../support/world-rogue.ts'
import type { SentCounter } from '../../server/api.ts'

const trouble = (person: Person) =>
  person
    .entries()
    .filter(({ kind }) => kind !== 'message' && kind !== 'access')
    .map(({ kind, text }) => `${kind}: ${text}`)

describe('a relay that gives the keys of one person as those of another', () => {
  it('has a message kept here, and what is wrong told, until it gives the right ones', async () => {
    const world = await createWorld('swapped bundles')
    const [alice, bob] = await world.couple()
    const mallory = await rogueIn(world, 'mallory')
    const hers = await mallory.connection.bundle(alice.address)
    alice.wire.lies.bundle = () => hers
    alice.write('bob', 'for Bob alone')
    await alice.untilNoticed('not-sent')
    expect(trouble(alice)).toEqual(['not-sent: bad-signature'])
    expect(alice.wire.submitted).toEqual([])
    delete alice.wire.lies.bundle
    await alice.restart()
    await alice.goOnline()
    await bob.untilRead('alice', 'for Bob alone')
  })

  it('has a message kept here where it gives the list of somebody else, and nobody gets to be a contact', async () => {
    const world = await createWorld('swapped lists')
    const [alice] = await world.couple()
    const mallory = await rogueIn(world, 'mallory')
    alice.wire.lies.devices = () => mallory.account.signedList
    alice.write('bob', 'for Bob alone')
    await alice.untilNoticed('not-sent')
    expect(trouble(alice)).toEqual(['not-sent: wrong-person'])
    expect(alice.device.contacts.all()).toEqual([])
  })
})

describe('a relay that delivers what is not meant so', () => {
  it('cannot pass one person off as another, nor bring what is for somebody else, nor send back', async () => {
    const world = await createWorld('misdelivered')
    const [alice, bob] = await world.couple()
    const carol = await world.join('carol')
    await carol.goOnline()
    await alice.tell(bob, 'hello Bob')
    await alice.tell(carol, 'hello Carol')
    await bob.tell(carol, 'Bob here')
    const [toBob, toCarol] = alice.wire.submitted.map(({ envelope }) => envelope)
    // what has been taken in already would not be looked at again
    const forget = ({ device }: Person) => device.store.tables.taken.clear()
    for (const [victim, from, envelope] of [
      [bob, carol, toCarol],
      [bob, alice, toCarol],
      [carol, bob, toCarol],
      [alice, bob, toBob],
    ] as const) {
      const before = victim.notices('unreadable').length
      forget(victim)
      victim.wire.inject(from.address, envelope ?? new Uint8Array())
      await victim.untilNoticed('unreadable', before + 1)
    }
    await alice.tell(bob, 'still me')
    await bob.tell(alice, 'still me too')
    expect([bob.texts('carol'), carol.texts('bob')]).toEqual([[], ['Bob here']])
    expect([bob.texts('alice'), alice.texts('bob')]).toEqual([['hello Bob', 'still me'], ['still me too']])
  })
})

describe('a relay that lies about what was sent', () => {
  const lies: Record<string, (truth: SentCounter[]) => SentCounter[]> = {
    'that it was nothing': () => [],
    'that it was a little more': (truth) => truth.map((one) => ({ ...one, counter: one.counter + 1 })),
    'that it was something else': (truth) => truth.map((one) => ({ ...one, digest: one.to.device as never })),
  }

  it.each(Object.keys(lies))('makes new sessions necessary, and does no lasting harm: %s', async (name) => {
    const world = await createWorld(name)
    const [alice, bob] = await world.couple()
    await alice.tell(bob, 'one')
    await bob.tell(alice, 'uno')
    alice.wire.lies.sent = lies[name] as never
    await alice.restart()
    alice.tryToGoOnline()
    await alice.untilNoticed('rolled-back')
    delete alice.wire.lies.sent
    await alice.restart()
    await alice.goOnline()
    await alice.tell(bob, 'two')
    await bob.tell(alice, 'due')
    expect(bob.texts('alice')).toEqual(['one', 'two'])
    expect(at(alice.sessionsWith(bob), 0).ephemeralKey).toEqual(at(bob.sessionsWith(alice), 0).ephemeralKey)
  })

  it('is not believed that it was more than can be counted', async () => {
    const world = await createWorld('too much to count')
    const [alice, bob] = await world.couple()
    await alice.tell(bob, 'one')
    alice.wire.lies.sent = (truth: SentCounter[]) => truth.map((one) => ({ ...one, counter: Number.MAX_SAFE_INTEGER }))
    await alice.restart()
    alice.tryToGoOnline()
    await alice.until('a fault', () => alice.online.fault !== null)
    delete alice.wire.lies.sent
    for (const text of ['two', 'three']) await alice.tell(bob, text)
    expect(alice.notices('rolled-back')).toEqual([])
  })
})
