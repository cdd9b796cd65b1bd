import { describe, expect, it } from 'vitest'
import { hex } from '../../crypto/bytes.ts'
import { RelayError, type Submission } from '../../server/api.ts'
import { at } from '../support/at.ts'
import { altered, turned } from '../support/opening.ts'
import { createWorld, type Person } from '../support/world.ts'
import { rogueIn } from '../support/world-rogue.ts'
import type { Step } from '../support/world-wire.ts'

/** How many envelopes were handed in as the same one: for the same recipient, under the same counter. */
const envelopesByCounter = ({ wire }: Person) => {
  const found = new Map<string, Set<string>>()
  for (const { to, counter, envelope } of wire.submitted) {
    const key = `${to.user} ${counter}`
    found.set(key, (found.get(key) ?? new Set()).add(hex(envelope)))
  }
  return [...found.values()].map((envelopes) => envelopes.size)
}

const count = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, i) => ({ text: `message ${from + i}` }))

const steps: Step[] = [
  'connect',
  'policies',
  'sent',
  'countPrekeys',
  'publishPrekeys',
  'devices',
  'bundle',
  'submit',
  'acknowledge',
]

describe.each(['before', 'after'] as const)('a connection that ends %s the relay has done a step', (when) => {
  it.each(steps)('loses nothing, repeats nothing and sends the same bytes again: %s', async (step) => {
    const world = createWorld(`cut ${when} ${step}`)
    const [alice, bob] = await world.couple()
    await Promise.all([alice.goOffline(), bob.goOffline()])
    for (const text of ['one', 'two', 'three']) {
      alice.write('bob', text)
      bob.write('alice', text)
    }
    alice.wire.cutAt(step, when)
    await bob.goOnline()
    alice.tryToGoOnline()
    await Promise.all([alice.untilSent('bob'), alice.untilRead('bob', 'three'), bob.untilRead('alice', 'three')])
    await alice.until('for the cut', () => alice.wire.cutsAhead === 0)
    await alice.tell(bob, 'four')
    expect(bob.texts('alice')).toEqual(['one', 'two', 'three', 'four'])
    expect(alice.texts('bob')).toEqual(['one', 'two', 'three'])
    expect(Math.max(...envelopesByCounter(alice))).toBe(1)
    expect(
      [...alice.entries(), ...bob.entries()].filter(({ kind }) => kind !== 'message' && kind !== 'access'),
    ).toEqual([])
  })
})

describe('an envelope that is not answered', () => {
  it('is handed in again byte for byte, after a restart too, until an answer comes', async () => {
    const world = createWorld('retries')
    const [alice, bob] = await world.couple()
    await alice.tell(bob, 'we have met')
    alice.write('bob', 'lost on the way')
    for (let lost = 1; lost <= 2; lost++) {
      alice.wire.cutAt('submit', 'before')
      await alice.until('for a loss', () => alice.wire.cutsAhead === 0)
      await alice.restart()
      alice.tryToGoOnline()
    }
    await bob.untilRead('alice', 'lost on the way')
    const [met, ...tries] = alice.wire.submitted.map(({ envelope }) => hex(envelope))
    expect(tries).toHaveLength(3)
    expect(new Set(tries).size).toBe(1)
    expect(tries).not.toContain(met)
  })

  it('is not handed in again once the relay has said that it has it', async () => {
    const world = createWorld('an answer lost')
    const [alice, bob] = await world.couple()
    await alice.tell(bob, 'we have met')
    alice.wire.cutAt('submit', 'after')
    await alice.tell(bob, 'arrived')
    await alice.untilSent('bob')
    await alice.tell(bob, 'and on')
    expect(bob.texts('alice')).toEqual(['we have met', 'arrived', 'and on'])
    expect(alice.wire.submitted).toHaveLength(3)
  })
})

describe('a recipient whose mailbox is full', () => {
  const fullFor = (name: string) => (submission: Submission) =>
    submission.to.user === name ? new RelayError('mailbox-full', 'full') : null

  it('gets everything in order once there is room, and nobody else waits for that', async () => {
    const world = createWorld('full')
    const [alice, bob] = await world.couple()
    const carol = await world.join('carol')
    await carol.goOnline()
    await alice.tell(bob, 'one')
    alice.wire.refuses = fullFor('bob')
    for (const text of ['two', 'three']) alice.write('bob', text)
    await alice.tell(carol, 'hello Carol')
    expect(alice.written('bob').map(({ state }) => state)).toEqual(['sent', 'sealed', 'sealed'])
    alice.wire.refuses = () => null
    world.later(31_000)
    await bob.untilRead('alice', 'three')
    expect(bob.texts('alice')).toEqual(['one', 'two', 'three'])
    expect(Math.max(...envelopesByCounter(alice))).toBe(1)
    expect(alice.notices('not-sent')).toEqual([])
  })

  // The first 512 envelopes of the queue are looked at, whosever they are.
  it('holds up nobody else, however much waits for them', async () => {
    const world = createWorld('very full')
    const [alice, bob] = await world.couple()
    const carol = await world.join('carol')
    await carol.goOnline()
    await alice.tell(bob, 'one')
    alice.wire.refuses = fullFor('bob')
    alice.device.writeAll('bob', count(1, 600))
    await alice.until('for all to be encrypted', () => alice.written('bob').every(({ state }) => state !== 'waiting'))
    alice.write('carol', 'hello Carol')
    await alice.until('for it to be encrypted', () => alice.written('carol')[0]?.state !== 'waiting')
    for (const text of ['time', 'enough']) await bob.tell(alice, text)
    expect(alice.wire.submitted.some(({ to }) => to.user === 'carol')).toBe(true)
  })
})

describe('a delivery', () => {
  it('that comes again because its acknowledgement was lost is shown once', async () => {
    const world = createWorld('acknowledgement')
    const [alice, bob] = await world.couple()
    bob.wire.cutAt('acknowledge', 'before')
    await alice.tell(bob, 'once')
    await bob.until('for the loss', () => bob.wire.cutsAhead === 0)
    await alice.tell(bob, 'next')
    expect(bob.texts('alice')).toEqual(['once', 'next'])
    expect(bob.notices('unreadable')).toEqual([])
  })

  it('that comes twice as if it were new is shown once, and is no news', async () => {
    const world = createWorld('doubled')
    const [alice, bob] = await world.couple()
    bob.wire.route = (delivery) => [delivery, delivery]
    for (const text of ['one', 'two', 'three']) await alice.tell(bob, text)
    bob.wire.route = (delivery) => [delivery]
    await alice.tell(bob, 'four')
    expect(bob.texts('alice')).toEqual(['one', 'two', 'three', 'four'])
    expect(bob.notices('unreadable')).toEqual([])
  })

  it('that comes twice to a device that has forgotten the first is refused for its key', async () => {
    const world = createWorld('doubled and forgotten')
    const [alice, bob] = await world.couple()
    await alice.tell(bob, 'one')
    bob.device.store.run('DELETE FROM taken')
    bob.wire.inject(alice.address, alice.wire.submitted[0]?.envelope ?? new Uint8Array())
    await bob.untilNoticed('unreadable', 1)
    expect(bob.texts('alice')).toEqual(['one'])
    expect(bob.notices('unreadable')).toMatchObject([{ text: 'key-gone' }])
  })

  it('that is missing is told of, with how many, before the next one', async () => {
    const world = createWorld('missing')
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
    const world = createWorld('late')
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
    const world = createWorld('garbage')
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
    const world = createWorld('impossible')
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
