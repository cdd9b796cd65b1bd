import { describe, expect, it } from 'vitest'
import { hex } from '../../crypto/bytes.ts'
import { decodeEnvelope } from '../../crypto/envelope.ts'
import { at } from '../support/at.ts'
import { createWorld, type Person, type World } from '../support/world.ts'
import { rogueIn } from '../support/world-rogue.ts'

const sendsWith = (person: Person, other: Person) => hex(at(person.sessionsWith(other), 0).ephemeralKey)

const kept = ({ device }: Person, kind: string) =>
  device.store.tables.prekeys
    .all()
    .filter((prekey) => prekey.kind === kind)
    .map(({ id }) => id)

describe('two people who start at once', () => {
  it.each([1, 2, 3, 4])('read both beginnings, and go on in one session (seed %i)', async (seed) => {
    const world = await createWorld(`at once ${seed}`)
    const [alice, bob] = await world.couple()
    await Promise.all([alice.goOffline(), bob.goOffline()])
    world.stopClock()
    alice.write('bob', 'Alice begins')
    bob.write('alice', 'Bob begins')
    await Promise.all([alice.goOnline(), bob.goOnline()])
    await Promise.all([alice.untilRead('bob', 'Bob begins'), bob.untilRead('alice', 'Alice begins')])
    expect(new Set(alice.sessionsWith(bob).map(({ startedAt }) => startedAt)).size).toBe(1)
    expect(alice.sessionsWith(bob)).toHaveLength(2)
    world.startClock()
    for (const text of ['one', 'two', 'three']) {
      await alice.tell(bob, `Alice ${text}`)
      await bob.tell(alice, `Bob ${text}`)
    }
    expect(sendsWith(alice, bob)).toBe(sendsWith(bob, alice))
    expect(alice.texts('bob')).toEqual(['Bob begins', 'Bob one', 'Bob two', 'Bob three'])
    expect(bob.texts('alice')).toEqual(['Alice begins', 'Alice one', 'Alice two', 'Alice three'])
    expect([...alice.notices('unreadable'), ...bob.notices('unreadable')]).toEqual([])
  })
})

describe('a first message', () => {
  it('that comes once more is refused: with its session there, and without', async () => {
    const world = await createWorld('a replay')
    const [alice, bob] = await world.couple()
    await alice.tell(bob, 'hello')
    const first = at(alice.wire.submitted, 0).envelope
    expect(decodeEnvelope(first).handshake).not.toBeNull()
    await bob.restart()
    bob.device.store.tables.taken.clear()
    await bob.goOnline()
    bob.wire.inject(alice.address, first)
    await bob.untilNoticed('unreadable', 1)
    await bob.restart()
    bob.device.store.tables.taken.clear()
    bob.device.store.tables.sessions.clear()
    await bob.goOnline()
    bob.wire.inject(alice.address, first)
    await bob.untilNoticed('unreadable', 2)
    expect(bob.notices('unreadable').map(({ text }) => text)).toEqual(['key-gone', 'replayed'])
    expect(bob.texts('alice')).toEqual(['hello'])
    expect(bob.sessionsWith(alice)).toEqual([])
  })

  it('that comes once more after its ledger entry is gone finds its one-time keys gone too', async () => {
    const world = await createWorld('a late replay')
    const [alice, bob] = await world.couple()
    await alice.tell(bob, 'hello')
    await bob.restart()
    bob.device.store.tables.taken.clear()
    bob.device.store.tables.sessions.clear()
    bob.device.store.tables.ledger.clear()
    await bob.goOnline()
    bob.wire.inject(alice.address, at(alice.wire.submitted, 0).envelope)
    await bob.untilNoticed('unreadable')
    expect(bob.notices('unreadable')).toMatchObject([{ text: 'key-gone' }])
  })

  it('that cannot be read uses no one-time key up', async () => {
    const world = await createWorld('an unreadable beginning')
    const bob = await world.join('bob')
    await bob.goOnline()
    const before = kept(bob, 'one-time')
    const rogue = await rogueIn(world, 'rogue')
    const genuine = await rogue.make(bob, { text: 'the genuine one' })
    bob.wire.inject(rogue.address, genuine.with(-1, 255 - (genuine.at(-1) ?? 0)))
    await bob.untilNoticed('unreadable')
    expect(kept(bob, 'one-time')).toEqual(before)
    await rogue.submit(bob, genuine)
    await bob.untilRead('rogue', 'the genuine one')
    expect(kept(bob, 'one-time')).toHaveLength(before.length - 1)
    expect(bob.notices('unreadable')).toMatchObject([{ text: 'not-authentic' }])
  })
})

describe('one-time keys', () => {
  it('are used up once each: at the relay when given out, here when a message has been read', async () => {
    const world = await createWorld('used up')
    const [alice, bob] = await world.couple()
    const carol = await world.join('carol')
    await carol.goOnline()
    const oneTime = kept(bob, 'one-time')
    const kem = kept(bob, 'KEM one-time')
    await alice.tell(bob, 'hello')
    await carol.tell(bob, 'hello')
    expect(kept(bob, 'one-time')).toEqual(oneTime.slice(2))
    expect(kept(bob, 'KEM one-time')).toEqual(kem.slice(2))
    expect(at(alice.sessionsWith(bob), 0).fresh).toBe(true)
    expect([...alice.notices('weak-session'), ...bob.notices('weak-session')]).toEqual([])
  })

  it('when there are none left, sessions open all the same and say on both sides that they are weaker', async () => {
    const world = await createWorld('drained')
    const [alice, bob] = await world.couple()
    await bob.goOffline()
    await drain(world, bob)
    const lastResort = kept(bob, 'KEM last-resort')
    alice.write('bob', 'hello')
    await alice.untilSent('bob')
    await bob.goOnline()
    await bob.untilRead('alice', 'hello')
    expect(at(alice.sessionsWith(bob), 0).fresh).toBe(false)
    expect(at(bob.sessionsWith(alice), 0).fresh).toBe(false)
    expect(alice.notices('weak-session')).toMatchObject([{ peer: 'bob' }])
    expect(bob.notices('weak-session')).toMatchObject([{ peer: 'alice' }])
    expect(kept(bob, 'KEM last-resort')).toEqual(lastResort)
  })

  it('are there again after the next start of their owner, under ids that were never used', async () => {
    const world = await createWorld('refilled')
    const [alice, bob] = await world.couple()
    const before = kept(bob, 'one-time')
    await drain(world, bob)
    await bob.restart()
    await bob.goOnline()
    expect(Math.min(...kept(bob, 'one-time').slice(before.length))).toBeGreaterThan(Math.max(...before))
    await alice.tell(bob, 'hello')
    expect(at(alice.sessionsWith(bob), 0).fresh).toBe(true)
  })

  it('are there again while their owner stays connected', async () => {
    const world = await createWorld('refilled without a restart')
    const [alice, bob] = await world.couple()
    await drain(world, bob)
    await alice.tell(bob, 'a weak beginning')
    await alice.tell(bob, 'time to look after the prekeys')
    const carol = await world.join('carol')
    await carol.goOnline()
    await carol.tell(bob, 'hello')
    expect(at(carol.sessionsWith(bob), 0).fresh).toBe(true)
  })
})

/** Some ask for bundles until there are no one-time keys left; one alone gets ten. */
async function drain(world: World, victim: Person) {
  for (const thief of ['one', 'two', 'three', 'four', 'five']) {
    const { connection } = await rogueIn(world, thief)
    for (let i = 0; i < 10; i++) await connection.bundle(victim.address)
  }
}

describe('signed prekeys', () => {
  it('are replaced after a week, and the old one still opens what was made with it', async () => {
    const world = await createWorld('rotated')
    const [alice, bob] = await world.couple()
    await bob.goOffline()
    alice.write('bob', 'made with the first')
    await alice.untilSent('bob')
    const [first] = kept(bob, 'signed')
    world.later(8 * 24 * 3600 * 1000)
    await bob.goOnline()
    await bob.untilRead('alice', 'made with the first')
    expect(kept(bob, 'signed')).toHaveLength(2)
    const carol = await world.join('carol')
    await carol.goOnline()
    await carol.tell(bob, 'made with the second')
    await bob.restart()
    await world.passes(120)
    await bob.goOnline()
    expect(kept(bob, 'signed')).not.toContain(first)
  })
})
