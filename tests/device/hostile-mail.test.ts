import { describe, expect, it } from 'vitest'
import type { CopyContent, ReceiptContent, TextContent } from '../../crypto/content.ts'
import type { Delivery } from '../../server/api.ts'
import { at } from '../support/at.ts'
import { altered, turned } from '../support/opening.ts'
import { createWorld, type Person } from '../support/world.ts'
import { rogueIn } from '../support/world-rogue.ts'
import { noticesTo, shownTo } from '../support/world-shown.ts'

const unreadable = (name: string, code: string) => `a message from ${name} could not be read: ${code}`
const lastOf = (person: Person) => at(person.wire.submitted, -1).envelope

/** Takes in again what has been taken in, as a device that has lost that part of its memory. */
const forget = ({ device }: Person) => device.store.tables.taken.clear()

/** Alice, Bob and Bob's second device, all online; everybody has written to everybody. */
async function withTwoDevices(seed: string) {
  const world = await createWorld(seed)
  const [alice, bob] = await world.couple()
  const tablet = await world.link(bob)
  await tablet.goOnline()
  await alice.tell(bob, 'to both')
  await tablet.untilRead('alice', 'to both')
  await bob.tell(alice, 'from the first')
  await tablet.tell(alice, 'from the second')
  await bob.until('for the copy', () => bob.written('alice').length === 2)
  await tablet.until('for the copy', () => tablet.written('alice').length === 2)
  return { world, alice, bob, tablet }
}

describe('a relay that delivers otherwise than it was told', () => {
  it('by dropping shows as a gap at the next message, and as nothing before that', async () => {
    const world = await createWorld('dropped')
    const [alice, bob] = await world.couple()
    await alice.tell(bob, 'one')
    bob.wire.route = () => []
    for (const text of ['two', 'three']) alice.write('bob', text)
    await alice.untilSent('bob')
    await bob.until('for both to be withheld', () => bob.wire.withheld === 2)
    expect(shownTo(bob)).toEqual(['alice: one'])
    bob.wire.route = (delivery) => [delivery]
    await alice.tell(bob, 'four')
    expect(shownTo(bob)).toEqual([
      'alice: one',
      '* 2 messages from alice before the next one have not arrived',
      'alice: four',
    ])
    expect(shownTo(alice)).toEqual(['alice: one', 'alice: two', 'alice: three', 'alice: four'])
  })

  it('by doubling, also after a restart and long after, shows once and is no news', async () => {
    const world = await createWorld('doubled')
    const [alice, bob] = await world.couple()
    bob.wire.route = (delivery) => [delivery, delivery]
    await alice.tell(bob, 'one')
    await bob.tell(alice, 'uno')
    await alice.tell(bob, 'two')
    const all = alice.wire.submitted.map(({ envelope }) => envelope)
    bob.wire.route = (delivery) => [delivery]
    await bob.restart()
    await bob.goOnline()
    for (const envelope of all) bob.wire.inject(alice.address, envelope)
    world.later(59 * 24 * 3600 * 1000)
    for (const envelope of all) bob.wire.inject(alice.address, envelope)
    await alice.tell(bob, 'three')
    expect(shownTo(bob)).toEqual(['alice: one', 'bob: uno', 'alice: two', 'alice: three'])
  })

  it('by turning the order round shows each once, the late ones as late', async () => {
    const world = await createWorld('reordered')
    const [alice, bob] = await world.couple()
    await alice.tell(bob, 'one')
    const held: Delivery[] = []
    bob.wire.route = (delivery) => (held.length < 2 ? (held.push(delivery), []) : [delivery, ...held.toReversed()])
    for (const text of ['two', 'three', 'four']) alice.write('bob', text)
    await bob.untilRead('alice', 'two')
    expect(shownTo(bob)).toEqual([
      'alice: one',
      '* 2 messages from alice before the next one have not arrived',
      'alice: four',
      '* the next message from alice is late: it was sent before others that you have seen',
      'alice: three',
      '* the next message from alice is late: it was sent before others that you have seen',
      'alice: two',
    ])
  })

  it('by swapping two recipients, or renaming a sender, shows nothing of what was said', async () => {
    const world = await createWorld('swapped')
    const [alice, bob] = await world.couple()
    const carol = await world.join('carol')
    await carol.goOnline()
    await alice.tell(bob, 'Bob')
    await alice.tell(carol, 'Carol')
    await bob.tell(alice, 'Alice')
    await carol.tell(alice, 'Alice')
    bob.wire.route = () => []
    carol.wire.route = () => []
    alice.write('bob', 'for Bob alone')
    await alice.untilSent('bob')
    const forBob = lastOf(alice)
    alice.write('carol', 'for Carol alone')
    await alice.untilSent('carol')
    carol.wire.inject(alice.address, forBob)
    bob.wire.inject(alice.address, lastOf(alice))
    await Promise.all([bob.untilNoticed('unreadable', 1), carol.untilNoticed('unreadable', 1)])
    bob.wire.inject(carol.address, forBob)
    await bob.untilNoticed('unreadable', 2)
    expect(noticesTo(bob)).toEqual([unreadable('alice', 'no-session'), unreadable('carol', 'no-session')])
    expect(noticesTo(carol)).toEqual([unreadable('alice', 'no-session')])
    expect([bob.texts('alice'), bob.texts('carol'), carol.texts('alice')]).toEqual([['Bob'], [], ['Carol']])
    for (const { wire } of [bob, carol]) wire.route = (delivery) => [delivery]
    await alice.tell(bob, 'still here')
    await alice.tell(carol, 'still here')
  })

  it('to the other of two devices of an account shows nothing there, and a gap where it was meant for', async () => {
    const { alice, bob, tablet } = await withTwoDevices('the wrong device')
    for (const { wire } of [bob, tablet]) wire.route = () => []
    alice.write('bob', 'to each its own')
    await alice.untilSent('bob')
    const [one, other] = alice.wire.submitted.slice(-2)
    const forBob = one?.to.device.every((byte, i) => byte === bob.address.device[i]) ? one : other
    tablet.wire.inject(alice.address, forBob?.envelope ?? new Uint8Array())
    await tablet.untilNoticed('unreadable')
    expect(noticesTo(tablet)).toEqual([unreadable('alice', 'no-session')])
    for (const { wire } of [bob, tablet]) wire.route = (delivery) => [delivery]
    await alice.tell(bob, 'the next')
    await tablet.untilRead('alice', 'the next')
    expect(noticesTo(bob)).toEqual(['1 message from alice before the next one has not arrived'])
    expect([bob.texts('alice'), tablet.texts('alice')]).toEqual([
      ['to both', 'the next'],
      ['to both', 'the next'],
    ])
  })

  it('by giving a copy for our other device to somebody else, or back, shows nothing of it', async () => {
    const { alice, bob, tablet } = await withTwoDevices('a copy elsewhere')
    bob.write('alice', 'and once more')
    await bob.untilSent('alice')
    await tablet.until('for the copy', () => tablet.written('alice').length === 3)
    const copy = at(
      bob.wire.submitted.filter(({ to }) => to.user === 'bob'),
      -1,
    ).envelope
    const before = [alice, bob].map(shownTo)
    alice.wire.inject(bob.address, copy)
    alice.wire.inject(tablet.address, copy)
    await alice.untilNoticed('unreadable', 2)
    bob.wire.inject(tablet.address, copy)
    bob.wire.inject(alice.address, copy)
    await bob.untilNoticed('unreadable', 2)
    expect(noticesTo(alice)).toEqual([unreadable('bob', 'no-session'), unreadable('bob', 'no-session')])
    expect(noticesTo(bob)).toEqual([unreadable('bob', 'no-session'), unreadable('alice', 'no-session')])
    expect([alice, bob].map((person) => shownTo(person).filter((line) => !line.startsWith('* ')))).toEqual(before)
  })

  it('cannot make a delivered message read, or one unread again, by receipts that come once more', async () => {
    const world = await createWorld('receipts')
    const alice = await world.join('alice')
    const bob = await world.join('bob', { receipts: true })
    await alice.goOnline()
    await bob.goOnline()
    bob.write('alice', 'so that you get receipts')
    await alice.untilRead('bob', 'so that you get receipts')
    await alice.tell(bob, 'one')
    const states = () => alice.written('bob').map(({ state }) => state)
    await alice.until('to be told of it', () => states()[0] === 'delivered')
    const delivered = lastOf(bob)
    bob.device.conversations.markRead('alice', bob.device.history.lastRow())
    await alice.until('to be told more', () => states()[0] === 'read')
    await alice.tell(bob, 'two')
    await alice.until('to be told of it', () => states()[1] === 'delivered')
    forget(alice)
    alice.wire.inject(bob.address, delivered)
    alice.wire.inject(bob.address, bob.wire.submitted.at(-2)?.envelope ?? new Uint8Array())
    await alice.untilNoticed('unreadable', 2)
    expect(noticesTo(alice)).toEqual([unreadable('bob', 'key-gone'), unreadable('bob', 'key-gone')])
    expect(states()).toEqual(['read', 'delivered'])
  })
})

describe('a message that its sender may not send', () => {
  const own: Record<string, [Partial<CopyContent> | Partial<ReceiptContent>, readonly string[]]> = {
    'a copy of what we are to have written': [
      { kind: 'copy', to: 'carol', text: 'I owe you 100' },
      [unreadable('mallory', 'wrong-person')],
    ],
    'a receipt for what somebody else was written': [
      { kind: 'receipt', status: 'read', ids: ['to-bob'], sequence: 0 },
      [],
    ],
  }

  it.each(Object.entries(own))('changes nothing in our name: %s', async (_what, [content, lines]) => {
    const world = await createWorld('in our name')
    const [alice, bob] = await world.couple()
    alice.write('bob', 'hello', 'to-bob')
    await bob.untilRead('alice', 'hello')
    await alice.untilSent('bob')
    const mallory = await rogueIn(world, 'mallory')
    await mallory.submit(alice, await mallory.make(alice, { text: 'hello' }))
    await mallory.submit(alice, await mallory.make(alice, { sequence: 2, ...content } as Partial<TextContent>))
    await mallory.submit(alice, await mallory.make(alice, { text: 'did it work?', sequence: 2 }))
    await alice.untilRead('mallory', 'did it work?')
    expect(alice.written('bob').map(({ state }) => state)).toEqual(['sent'])
    expect(noticesTo(alice)).toEqual(lines)
    expect(alice.written('carol')).toEqual([])
    expect(alice.device.contacts.isKnown('carol')).toBe(false)
  })

  it('gets no receipt from who has never written to them, delivered or read', async () => {
    const world = await createWorld('no receipt')
    const bob = await world.join('bob', { receipts: true })
    await bob.goOnline()
    const mallory = await rogueIn(world, 'mallory')
    await mallory.submit(bob, await mallory.make(bob, { text: 'are you there?' }))
    await bob.untilRead('mallory', 'are you there?')
    bob.device.conversations.markRead('mallory', bob.device.history.lastRow())
    await mallory.submit(bob, await mallory.make(bob, { text: 'now?' }))
    await bob.untilRead('mallory', 'now?')
    expect(bob.wire.submitted).toEqual([])
    bob.write('mallory', 'here I am')
    await mallory.submit(bob, await mallory.make(bob, { text: 'at last' }))
    await bob.until('for an answer and a receipt', () => bob.wire.submitted.length >= 2)
  })

  it('is not shown from somebody who is blocked, nor told of as missing, then or once they are not', async () => {
    const world = await createWorld('blocked')
    const [alice, bob] = await world.couple()
    await bob.tell(alice, 'before')
    alice.device.contacts.setBlocked('bob', true)
    alice.wire.route = () => []
    bob.write('alice', 'you there?')
    await alice.until('for that to be lost', () => alice.wire.withheld === 1)
    alice.wire.route = (delivery) => [delivery]
    const acknowledged = alice.wire.asked('acknowledge')
    bob.write('alice', 'answer me')
    await alice.until('for that to be taken in', () => alice.wire.asked('acknowledge') > acknowledged)
    alice.device.contacts.setBlocked('bob', false)
    await bob.tell(alice, 'thank you')
    expect(shownTo(alice)).toEqual(['bob: before', 'bob: thank you'])
  })
})

describe('what a relay learns from a message that cannot be read', () => {
  it('is that it was taken in, whatever was wrong with it', async () => {
    const world = await createWorld('one uniform answer')
    const [alice, bob] = await world.couple()
    await alice.tell(bob, 'one')
    await bob.tell(alice, 'uno')
    const read = lastOf(alice)
    bob.wire.route = () => []
    alice.write('bob', 'two')
    await alice.untilSent('bob')
    await bob.until('for it to be withheld', () => bob.wire.withheld === 1)
    const genuine = lastOf(alice)
    const sent = bob.wire.submitted.length
    const faults = {
      'malformed': genuine.slice(0, -1),
      'not-authentic': turned(genuine, 8 * genuine.length - 1),
      'key-gone': altered(read, ({ nonce }) => ({ nonce: turned(nonce, 0) })),
      'policy-broken': altered(genuine, ({ policy }) => ({ policy: { ...policy, digest: turned(policy.digest, 0) } })),
    }
    const asked = (['bundle', 'devices', 'publishPrekeys', 'sent', 'policies', 'countPrekeys'] as const).map(
      (step) => () => bob.wire.asked(step),
    )
    const before = asked.map((count) => count())
    for (const [i, bytes] of Object.values(faults).entries()) {
      const acknowledged = bob.wire.asked('acknowledge')
      bob.wire.inject(alice.address, bytes)
      await bob.untilNoticed('unreadable', i + 1)
      await bob.until('for it to be acknowledged', () => bob.wire.asked('acknowledge') > acknowledged)
    }
    expect(noticesTo(bob)).toEqual(Object.keys(faults).map((code) => unreadable('alice', code)))
    expect(asked.map((count) => count())).toEqual(before)
    expect(bob.wire.submitted).toHaveLength(sent)
    bob.wire.inject(alice.address, genuine)
    await bob.untilRead('alice', 'two')
  })
})
