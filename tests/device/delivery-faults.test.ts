import { describe, expect, it } from 'vitest'
import { at } from '../support/at.ts'
import { altered, turned } from '../support/opening.ts'
import { createWorld } from '../support/world.ts'
import { rogueIn } from '../support/world-rogue.ts'

describe('a delivery', () => {
  it('that comes again because its acknowledgement was lost is shown once', async () => {
    const world = await createWorld('acknowledgement')
    const [alice, bob] = await world.couple()
    bob.wire.cutAt('acknowledge', 'before')
    await alice.tell(bob, 'once')
    await bob.until('for the loss', () => bob.wire.cutsAhead === 0)
    await alice.tell(bob, 'next')
    expect(bob.texts('alice')).toEqual(['once', 'next'])
    expect(bob.notices('unreadable')).toEqual([])
  })

  it('that comes twice as if it were new is shown once, and is no news', async () => {
    const world = await createWorld('doubled')
    const [alice, bob] = await world.couple()
    bob.wire.route = (delivery) => [delivery, delivery]
    for (const text of ['one', 'two', 'three']) await alice.tell(bob, text)
    bob.wire.route = (delivery) => [delivery]
    await alice.tell(bob, 'four')
    expect(bob.texts('alice')).toEqual(['one', 'two', 'three', 'four'])
    expect(bob.notices('unreadable')).toEqual([])
  })

  it('is not passed over because somebody else has handed its bytes in first', async () => {
    const world = await createWorld('handed in first')
    const [alice, bob] = await world.couple()
    const carol = await world.join('carol')
    bob.wire.route = (delivery) => [{ from: carol.address, envelope: delivery.envelope }, delivery]
    await alice.tell(bob, 'one')
    await bob.untilNoticed('unreadable', 1)
    expect(bob.texts('alice')).toEqual(['one'])
    expect(bob.texts('carol')).toEqual([])
  })

  it('that comes twice to a device that has forgotten the first is refused for its key', async () => {
    const world = await createWorld('doubled and forgotten')
    const [alice, bob] = await world.couple()
    await alice.tell(bob, 'one')
    bob.device.store.tables.taken.clear()
    bob.wire.inject(alice.address, alice.wire.submitted[0]?.envelope ?? new Uint8Array())
    await bob.untilNoticed('unreadable', 1)
    expect(bob.texts('alice')).toEqual(['one'])
    expect(bob.notices('unreadable')).toMatchObject([{ text: 'key-gone' }])
  })

  it('that is missing is told of, with how many, before the next one', async () => {
    const world = await createWorld('missing')
    const [alice, bob] = await world.couple()
    await alice.tell(bob, 'one')
    bob.wire.route = () => []
    for (const text of ['two', 'three', 'four']) alice.write('bob', text)
    await alice.untilSent('bob')
    await bob.until('for all three to be withheld', () => bob.wire.withheld === 3)
    bob.wire.route = (delivery) => [delivery]
    await alice.tell(bob, 'five')
    const seen = bob.entries().filter(({ kind }) => kind !== 'access')
    expect(seen).toMatchObject([{ text: 'one' }, { kind: 'gap', peer: 'alice', sequence: 3 }, { text: 'five' }])
    expect(bob.keysKeptFor(alice)).toBe(3)
  })

  it('that comes late is shown, and said to be late', async () => {
    const world = await createWorld('late')
    const [alice, bob] = await world.couple()
    await alice.tell(bob, 'one')
    const held: Parameters<typeof bob.wire.route>[0][] = []
    bob.wire.route = (delivery) => (held.length === 0 ? (held.push(delivery), []) : [delivery, ...held])
    alice.write('bob', 'two')
    await alice.untilSent('bob')
    await bob.until('for one to be withheld', () => held.length === 1)
    alice.write('bob', 'three')
    await bob.untilRead('alice', 'two')
    const seen = bob.entries().filter(({ kind }) => kind !== 'access')
    expect(seen).toMatchObject([
      { text: 'one' },
      { kind: 'gap', sequence: 1 },
      { text: 'three' },
      { kind: 'late', peer: 'alice' },
      { text: 'two' },
    ])
  })

  it('that cannot be read becomes one notice, and stops nothing', async () => {
    const world = await createWorld('garbage')
    const [alice, bob] = await world.couple()
    await alice.tell(bob, 'one')
    await bob.tell(alice, 'one back')
    await alice.tell(bob, 'two')
    const genuine = at(alice.wire.submitted, -1).envelope
    const garbage = [new Uint8Array(), world.random(500), turned(genuine, 8 * genuine.length - 1), genuine.slice(0, -1)]
    for (const bytes of garbage) bob.wire.inject(alice.address, bytes)
    await alice.tell(bob, 'three')
    expect(bob.texts('alice')).toEqual(['one', 'two', 'three'])
    expect(bob.notices('unreadable')).toHaveLength(garbage.length)
  })

  it.each([
    ['number', { sequence: Number.MAX_SAFE_INTEGER }, {}],
    ['time', { sentAt: Number.MAX_SAFE_INTEGER }, {}],
    ['start of its session', {}, { startedAt: Number.MAX_SAFE_INTEGER }],
  ])('from somebody who sends an impossible %s stops nothing, then or later', async (_what, content, habits) => {
    const world = await createWorld('impossible')
    const [alice, bob] = await world.couple()
    const mallory = await rogueIn(world, 'mallory')
    await mallory.submit(bob, await mallory.make(bob, { ...content, text: 'impossible' }, habits))
    await bob.untilRead('mallory', 'impossible')
    await mallory.submit(bob, await mallory.make(bob, { ...content, text: 'and again' }))
    await bob.untilRead('mallory', 'and again')
    await bob.restart()
    await bob.goOnline()
    await alice.tell(bob, 'for Bob')
    const ofNoSession = altered(at(alice.wire.submitted, -1).envelope, { handshake: null })
    bob.wire.inject(mallory.address, ofNoSession)
    await bob.untilNoticed('unreadable')
    bob.write('mallory', 'an answer')
    await alice.tell(bob, 'all is well')
    expect(bob.online.state).toBe('online')
  })
})
