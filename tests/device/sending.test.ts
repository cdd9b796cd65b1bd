import { describe, expect, it } from 'vitest'
import { hex } from '../../crypto/bytes.ts'
import { RelayError, type Submission } from '../../server/api.ts'
import { few } from '../support/long.ts'
import { createWorld, type Person } from '../support/world.ts'
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
  'submit',
  'acknowledge',
  'sent',
  'bundle',
  'connect',
  'policies',
  'countPrekeys',
  'publishPrekeys',
  'devices',
]

describe.each(['before', 'after'] as const)('a connection that ends %s the relay has done a step', (when) => {
  it.each(few(steps, 4))('loses nothing, repeats nothing and sends the same bytes again: %s', async (step) => {
    const world = await createWorld(`cut ${when} ${step}`)
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
    const world = await createWorld('retries')
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
    const world = await createWorld('an answer lost')
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
    const world = await createWorld('full')
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

  it('holds up nobody else, however much waits for them', async () => {
    const world = await createWorld('very full')
    const [alice, bob] = await world.couple()
    const carol = await world.join('carol')
    await carol.goOnline()
    await alice.tell(bob, 'one')
    alice.wire.refuses = fullFor('bob')
    alice.device.writeAll('bob', count(1, 600))
    await alice.until('for the queue to be full', () => alice.written('bob').some(({ state }) => state === 'sealed'))
    alice.write('carol', 'hello Carol')
    await alice.until('for it to be encrypted', () => alice.written('carol')[0]?.state !== 'waiting')
    for (const text of ['time', 'enough']) await bob.tell(alice, text)
    expect(alice.wire.submitted.some(({ to }) => to.user === 'carol')).toBe(true)
  })
})
