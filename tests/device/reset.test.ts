import { describe, expect, it } from 'vitest'
import { at } from '../support/at.ts'
import { createWorld, type Person, type World } from '../support/world.ts'

/** Bob is away for so long that what Alice writes expires at the relay. */
async function lose(count: number, world: World, alice: Person, bob: Person) {
  await bob.goOffline()
  alice.device.writeAll(
    'bob',
    Array.from({ length: count }, (_, i) => ({ text: `lost ${i + 1}` })),
  )
  await alice.untilSent('bob')
  expect(await world.passes(31)).toBe(count)
}

const resetsOf = (person: Person, other: Person) =>
  person.device.store.tables.sent.all().find(({ user }) => user === other.name)?.counter

describe('mail that expired before it was collected', () => {
  it('shows as a gap if it was no more than 1,000 messages', async () => {
    const world = await createWorld('a thousand')
    const [alice, bob] = await world.couple()
    await alice.tell(bob, 'before')
    await bob.tell(alice, 'a reply')
    await lose(1000, world, alice, bob)
    await bob.goOnline()
    await alice.tell(bob, 'after')
    expect(bob.notices('gap')).toMatchObject([{ peer: 'alice', sequence: 1000 }])
    expect(bob.notices('unreadable')).toEqual([])
  })

  it('ends the session if it was more, and a new one carries the conversation on, both ways', async () => {
    const world = await createWorld('more than a thousand')
    const [alice, bob] = await world.couple()
    await alice.tell(bob, 'before')
    await bob.tell(alice, 'a reply')
    const old = at(alice.sessionsWith(bob), 0).ephemeralKey
    await lose(1001, world, alice, bob)
    alice.write('bob', 'too far ahead')
    await bob.goOnline()
    await bob.untilNoticed('unreadable')
    expect(bob.notices('unreadable')).toMatchObject([{ peer: 'alice', text: 'too-far-ahead' }])
    await alice.until('for a new session', () => alice.sessionsWith(bob)[0]?.ephemeralKey.join() !== old.join())
    await alice.tell(bob, 'after')
    await bob.tell(alice, 'I missed a lot')
    expect(bob.texts('alice')).toEqual(['before', 'after'])
    expect(bob.notices('gap')).toMatchObject([{ peer: 'alice', sequence: 1002 }])
  })

  // Nobody has answered for a month, so the next text goes out in a new session.
  it('is survived also where it began with the first message ever', async () => {
    const world = await createWorld('never met')
    const [alice, bob] = await world.couple()
    await lose(1001, world, alice, bob)
    await bob.goOnline()
    await alice.tell(bob, 'and again')
    expect(bob.texts('alice')).toEqual(['and again'])
    expect([bob.notices('gap'), bob.notices('unreadable')]).toMatchObject([[{ peer: 'alice', sequence: 1001 }], []])
  })
})

/** A conversation in which Bob's device has lost its session, and Alice's repeats no handshake any more. */
async function withoutSession(seed: string) {
  const world = await createWorld(seed)
  const [alice, bob] = await world.couple()
  await alice.tell(bob, 'one')
  await bob.tell(alice, 'uno')
  await bob.restart()
  bob.device.store.tables.sessions.clear()
  await bob.goOnline()
  return { world, alice, bob }
}

describe('a message of a session that is not known', () => {
  it('is answered by a new session, on which the conversation goes on', async () => {
    const { alice, bob } = await withoutSession('unknown')
    alice.write('bob', 'to nobody')
    await bob.untilNoticed('unreadable')
    expect(bob.notices('unreadable')).toMatchObject([{ peer: 'alice', text: 'no-session' }])
    await alice.until('for a new session', () => alice.sessionsWith(bob).length === 2)
    await alice.tell(bob, 'two')
    await bob.tell(alice, 'due')
    expect(bob.texts('alice')).toEqual(['one', 'two'])
    expect(bob.notices('gap')).toMatchObject([{ sequence: 1 }])
  })

  it('is answered at most once an hour', async () => {
    const { world, alice, bob } = await withoutSession('once an hour')
    const before = Number(resetsOf(bob, alice))
    alice.wire.route = () => []
    for (const text of ['a', 'b', 'c']) alice.write('bob', text)
    await bob.untilNoticed('unreadable', 3)
    await bob.until('for one answer', () => Number(resetsOf(bob, alice)) === before + 1)
    alice.write('bob', 'd')
    await bob.untilNoticed('unreadable', 4)
    expect(resetsOf(bob, alice)).toBe(before + 1)
    world.later(3600 * 1000 + 1)
    alice.write('bob', 'e')
    await bob.until('for another', () => Number(resetsOf(bob, alice)) === before + 2)
  })

  it.each(['bundle', 'submit'] as const)('is answered in the end where the connection is lost: %s', async (step) => {
    const { alice, bob } = await withoutSession(`lost at ${step}`)
    bob.wire.cutAt(step, 'before')
    alice.write('bob', 'to nobody')
    await bob.until('for the cut', () => bob.wire.cutsAhead === 0)
    alice.write('bob', 'to nobody either')
    await alice.until('for a new session', () => alice.sessionsWith(bob).length === 2)
    await alice.tell(bob, 'two')
  })
})
