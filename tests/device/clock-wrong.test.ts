import { describe, expect, it } from 'vitest'
import { openBundle } from '../../crypto/prekeys.ts'
import { createLease } from '../../client/device/lease.ts'
import type { TableSet } from '../../client/device/tables/tables.ts'
import { RelayError } from '../../server/api.ts'
import { at } from '../support/at.ts'
import { createWorld, type Person, type World } from '../support/world.ts'
import { rogueIn } from '../support/world-rogue.ts'
import { few } from '../support/long.ts'
import { noticesTo } from '../support/world-shown.ts'

const day = 24 * 3600 * 1000
const year = 365 * day
const off = [
  ['ten years ahead', 10 * year],
  ['a year behind', -year],
  ['a year ahead', year],
  ['ten years behind', -10 * year],
] as const

/** Alice, and Bob with a clock of his own, which is right at first. */
async function withOwnClock(seed: string) {
  const world = await createWorld(seed)
  const clock = { offMs: 0 }
  const alice = await world.join('alice')
  const bob = await world.join('bob', { ownClock: () => world.clock() + clock.offMs })
  return { world, clock, alice, bob }
}

/** A start and an end of somebody's program while the clock is off; then it is right again. */
async function oneStartAt(offMs: number, clock: { offMs: number }, person: Person): Promise<void> {
  clock.offMs = offMs
  await person.restart()
  await person.goOnline()
  await person.goOffline()
  clock.offMs = 0
  await person.restart()
}

const signedIds = ({ device }: Person) =>
  device.store.tables.prekeys
    .all()
    .filter(({ kind }) => kind === 'signed')
    .map(({ id }) => id)

/** What somebody would be given who asks for this person's keys. */
async function bundleOf(world: World, person: Person, asker: string) {
  const { connection } = await rogueIn(world, asker)
  const now = Math.floor(world.clock() / 1000)
  return openBundle(await connection.bundle(person.address), person.device.self.device.record, now)
}

describe('the keys of a device whose clock was off', () => {
  it.each(few(off, 2))('are good for 90 days again when it is right: %s', async (_where, ms) => {
    const { world, clock, bob } = await withOwnClock('rotated again')
    await bob.goOnline()
    await oneStartAt(ms, clock, bob)
    await bob.goOnline()
    const left = (expiresAtSeconds: number) => expiresAtSeconds * 1000 - world.clock()
    const { signed, kem } = await bundleOf(world, bob, 'rogue')
    expect(left(signed.expiresAtSeconds)).toBeGreaterThan(80 * day)
    expect(left(signed.expiresAtSeconds)).toBeLessThanOrEqual(90 * day)
    expect(left(kem.expiresAtSeconds)).toBeGreaterThan(80 * day)
    await bob.goOffline()
    world.later(8 * day)
    const before = signedIds(bob).length
    await bob.goOnline()
    expect(signedIds(bob)).toHaveLength(before + 1)
    expect((await bundleOf(world, bob, 'another')).signed.id).toBe(Math.max(...signedIds(bob)))
  })

  it.each(few(off, 2))('are replaced while it stays connected, as soon as it is right: %s', async (_where, ms) => {
    const { world, clock, bob } = await withOwnClock('without a restart')
    clock.offMs = ms
    await bob.goOnline()
    const before = signedIds(bob).length
    clock.offMs = 0
    await bob.until('for new keys', () => signedIds(bob).length > before)
    const { signed } = await bundleOf(world, bob, 'rogue')
    expect(Math.abs(signed.expiresAtSeconds * 1000 - world.clock() - 90 * day)).toBeLessThan(day)
  })

  it.each(few(off, 2))('open what was written to it meanwhile, and before: %s', async (_where, ms) => {
    const { clock, alice, bob } = await withOwnClock('waiting')
    await bob.goOnline()
    await bob.goOffline()
    await alice.goOnline()
    alice.write('bob', 'waiting')
    await alice.untilSent('bob')
    clock.offMs = ms
    await bob.restart()
    await bob.goOnline()
    await bob.untilRead('alice', 'waiting')
    expect(noticesTo(bob)).toEqual([])
  })

  it('go thirty days after they have expired, in days on which it ran', async () => {
    const { world, bob } = await withOwnClock('gone in the end')
    await bob.goOnline()
    const [first] = signedIds(bob)
    await world.passes(118)
    await bob.restart()
    await bob.goOnline()
    expect(signedIds(bob)).toContain(first)
    await world.passes(3)
    await bob.restart()
    await bob.goOnline()
    expect(signedIds(bob)).not.toContain(first)
  })
})

describe('what a device remembers, when its clock was off', () => {
  it.each(few(off, 2))('is still what it has taken in: mail that comes again is no news: %s', async (_where, ms) => {
    const { clock, alice, bob } = await withOwnClock('taken')
    await Promise.all([alice.goOnline(), bob.goOnline()])
    await alice.tell(bob, 'one')
    clock.offMs = ms
    await alice.tell(bob, 'two')
    clock.offMs = 0
    await alice.tell(bob, 'three')
    for (const { envelope } of alice.wire.submitted) bob.wire.inject(alice.address, envelope)
    await alice.tell(bob, 'four')
    expect(bob.texts('alice')).toEqual(['one', 'two', 'three', 'four'])
    expect(noticesTo(bob)).toEqual([])
  })

  it.each(few(off, 2))('is still what sessions were opened: %s', async (_where, ms) => {
    const { clock, alice, bob } = await withOwnClock('ledger')
    await Promise.all([alice.goOnline(), bob.goOnline()])
    await alice.tell(bob, 'one')
    const ledger = () => bob.device.store.tables.ledger.all().length
    clock.offMs = ms
    await alice.tell(bob, 'two')
    expect(ledger()).toBe(1)
  })

  it('is let go of in the end: digests after 60 days, sessions after 180', async () => {
    const { world, alice, bob } = await withOwnClock('let go')
    await Promise.all([alice.goOnline(), bob.goOnline()])
    await alice.tell(bob, 'one')
    // a session that is answered is not begun anew
    await bob.tell(alice, 'uno')
    const rows = (table: keyof TableSet) => bob.device.store.tables[table].all().length
    await world.passes(61)
    await alice.tell(bob, 'two')
    expect([rows('taken'), rows('ledger')]).toEqual([1, 1])
    await world.passes(120)
    await alice.tell(bob, 'three')
    expect([rows('taken'), rows('ledger')]).toEqual([1, 0])
  })
})

describe('a message with a lifetime, when the clock was off', () => {
  /** Bob has been shown a message that stays for a week. */
  async function shown(seed: string, offMs: number) {
    const { world, clock, alice, bob } = await withOwnClock(seed)
    await Promise.all([alice.goOnline(), bob.goOnline()])
    await alice.tell(bob, 'hello')
    alice.device.contacts.setLifetime('bob', 7 * 86_400)
    await alice.tell(bob, 'for a week')
    await bob.goOffline()
    clock.offMs = offMs
    bob.look('alice')
    return { world, clock, alice, bob }
  }

  it.each(few(off, 2))('is not gone by one look: %s', async (_where, ms) => {
    const { clock, bob } = await shown('one look', 0)
    await oneStartAt(ms, clock, bob)
    expect(bob.letGo()).toBe(0)
    expect(bob.texts('alice')).toEqual(['hello', 'for a week'])
  })

  it.each(few(off, 2))('goes in the end: %s', async (_where, ms) => {
    const { world, clock, bob } = await shown('in the end', 0)
    await oneStartAt(ms, clock, bob)
    await world.passes(8)
    expect(bob.texts('alice')).toEqual(['hello'])
  })

  it.each(few(off, 2))('goes a week after it was shown, though the clock was off just then: %s', async (_where, ms) => {
    const { world, clock, bob } = await shown('shown under a wrong clock', ms)
    clock.offMs = 0
    await world.passes(5)
    expect(bob.texts('alice')).toEqual(['hello', 'for a week'])
    await world.passes(3)
    expect(bob.texts('alice')).toEqual(['hello'])
  })
})

describe('what a device waits for, when its clock is put back by a year', () => {
  it('is not waited for that long: a pause that the relay asked for', async () => {
    const { clock, alice, bob } = await withOwnClock('a pause')
    await Promise.all([alice.goOnline(), bob.goOnline()])
    await bob.tell(alice, 'we have met')
    bob.wire.refuses = () => new RelayError('too-many', 'not so fast')
    bob.write('alice', 'later')
    await bob.until('for a refusal', () => bob.wire.submitted.length > 1)
    bob.wire.refuses = () => null
    clock.offMs = -year
    await alice.untilRead('bob', 'later')
  })

  it('is not waited for that long: a mailbox that was full', async () => {
    const { clock, alice, bob } = await withOwnClock('a full mailbox')
    await Promise.all([alice.goOnline(), bob.goOnline()])
    await bob.tell(alice, 'we have met')
    bob.wire.refuses = () => new RelayError('mailbox-full', 'no room')
    bob.write('alice', 'later')
    await bob.until('for a refusal', () => bob.wire.submitted.length > 1)
    bob.wire.refuses = () => null
    clock.offMs = -year
    await alice.untilRead('bob', 'later')
  })

  it('is not waited for that long: the turn of another process that took it under a clock far ahead', async () => {
    const { world, bob } = await withOwnClock('a lease')
    const { store } = bob.device
    store.tables.lease.set({ holder: process.ppid, expires: world.clock() + year })
    expect(createLease(store, world.clock).take()).toBe(true)
  })
})

describe('somebody who begins to write under a wrong clock', () => {
  it('goes on by itself, without a restart, when the clock is right', async () => {
    const { clock, alice, bob } = await withOwnClock('a sender ahead')
    await Promise.all([alice.goOnline(), bob.goOnline()])
    clock.offMs = year
    bob.write('alice', 'kept')
    await bob.untilNoticed('not-sent')
    expect(noticesTo(bob)).toEqual(['not sent to alice: expired'])
    clock.offMs = 0
    await alice.untilRead('bob', 'kept')
    expect(at(bob.states('alice'), 0)).toBe('sent')
  })
})
