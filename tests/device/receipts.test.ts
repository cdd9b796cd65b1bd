import { describe, expect, it } from 'vitest'
import { decodeEnvelope } from '../../crypto/envelope.ts'
import { createWorld, type Person, type World } from '../support/world.ts'
import { contentsOf, forge, plainly } from '../support/world-forge.ts'
import { isLong } from '../support/long.ts'

const submittedTo = (person: Person, other: Person) =>
  person.wire.submitted.filter(({ to }) => to.user === other.name).length

/** Two people who have answered each other, with whatever they owed told. */
async function acquainted(world: World, habits = { receipts: true }) {
  const [alice, bob] = await world.couple(habits)
  await alice.tell(bob, 'hello')
  await bob.tell(alice, 'hello yourself')
  if (habits.receipts) {
    await bob.untilLast('alice', 'delivered')
    // the answer has told of what came before it
    await alice.untilLast('bob', 'delivered')
  }
  return [alice, bob] as const
}

const receiptsIn = (person: Person, world: World) =>
  contentsOf(person, world).filter((content) => content?.kind === 'receipt')

describe('a receipt', () => {
  it('says that a message has come, then that it was read', async () => {
    const world = await createWorld('marks')
    const [alice, bob] = await acquainted(world)
    await alice.tell(bob, 'have you got it?')
    await alice.untilLast('bob', 'delivered')
    bob.look('alice')
    await alice.untilLast('bob', 'read')
    expect(bob.received('alice').map(({ state }) => state)).toEqual(['received', 'received'])
    expect(bob.states('alice')).toEqual(['delivered'])
  })

  it('is not sent by who wants none sent', async () => {
    const world = await createWorld('no receipts')
    const alice = await world.join('alice', { receipts: true })
    const bob = await world.join('bob', { receipts: false })
    await Promise.all([alice.goOnline(), bob.goOnline()])
    await alice.tell(bob, 'hello')
    await bob.tell(alice, 'hello yourself')
    await alice.tell(bob, 'have you got it?')
    bob.look('alice')
    await bob.tell(alice, 'I do not say')
    expect(alice.states('bob')).toEqual(['sent', 'sent'])
    expect(submittedTo(bob, alice)).toBe(2)
    await bob.untilLast('alice', 'delivered')
  })

  it('is not sent to somebody who was never answered, and after the answer of all that was written, before it too', async () => {
    const world = await createWorld('a stranger')
    const [alice, bob] = await world.couple({ receipts: true })
    const carol = await world.join('carol')
    await carol.goOnline()
    await alice.tell(bob, 'you do not know me')
    bob.look('alice')
    await bob.tell(carol, 'somebody writes to me')
    expect(submittedTo(bob, alice)).toBe(0)
    await bob.tell(alice, 'now I do')
    await alice.tell(bob, 'good')
    await alice.untilLast('bob', 'delivered')
    expect(alice.states('bob')).toEqual(['read', 'delivered'])
  })

  it('is not sent to somebody who is blocked, not even one that was owed before', async () => {
    const world = await createWorld('blocked')
    const [alice, bob] = await acquainted(world)
    const carol = await world.join('carol')
    await carol.goOnline()
    await alice.tell(bob, 'one')
    await alice.untilLast('bob', 'delivered')
    await bob.goOffline()
    bob.look('alice')
    bob.device.contacts.setBlocked('alice', true)
    const before = submittedTo(bob, alice)
    await bob.goOnline()
    alice.write('bob', 'two')
    await alice.untilSent('bob')
    await bob.tell(carol, 'Alice is blocked')
    expect(submittedTo(bob, alice)).toBe(before)
    expect(alice.states('bob')).toEqual(['delivered', 'delivered', 'sent'])
  })

  it('of somebody else changes nothing', async () => {
    const world = await createWorld('forged')
    const [alice, bob] = await acquainted(world, { receipts: false })
    const carol = await world.join('carol')
    await carol.goOnline()
    await carol.tell(alice, 'hello')
    const ids = [...alice.written('bob').map(({ id }) => id), 'no-such-id']
    await forge(world, carol, alice, { ...plainly, kind: 'receipt', status: 'read', ids })
    await forge(world, carol, alice, { ...plainly, kind: 'receipt', status: 'read', ids: ['hello'] })
    await carol.tell(alice, 'that was me')
    expect(alice.states('bob')).toEqual(['sent'])
    expect(alice.received('bob').map(({ state }) => state)).toEqual(['received'])
    expect(alice.notices('unreadable')).toEqual([])
    await forge(world, bob, alice, { ...plainly, kind: 'receipt', status: 'read', ids })
    await alice.untilLast('bob', 'read')
  })

  it('has no receipt of its own, and no place in the order', async () => {
    const world = await createWorld('no ping-pong')
    const [alice, bob] = await acquainted(world)
    await bob.untilLast('alice', 'delivered')
    const before = [submittedTo(alice, bob), submittedTo(bob, alice)]
    await alice.tell(bob, 'one')
    await alice.untilLast('bob', 'delivered')
    bob.look('alice')
    await alice.untilLast('bob', 'read')
    expect([submittedTo(alice, bob), submittedTo(bob, alice)]).toEqual([(before[0] ?? 0) + 1, (before[1] ?? 0) + 2])
    await bob.tell(alice, 'two')
    expect([...alice.notices('gap'), ...alice.notices('late')]).toEqual([])
    expect(alice.received('bob').map(({ sequence }) => sequence)).toEqual([1, 2])
    expect(alice.entries().filter(({ kind }) => kind === 'message')).toHaveLength(4)
  })

  it('is encrypted again when the policy has changed meanwhile, and arrives', async () => {
    const world = await createWorld('a stale receipt', { graceMs: 0 })
    const [alice, bob] = await acquainted(world)
    await alice.tell(bob, 'before the switch')
    await alice.untilLast('bob', 'delivered')
    bob.wire.tellsPolicy = false
    await world.switchOn()
    bob.look('alice')
    await alice.untilLast('bob', 'read')
    const epochs = bob.wire.submitted.map(({ envelope }) => decodeEnvelope(envelope).policy.epoch)
    expect(epochs.slice(-2)).toEqual([1, 2])
    const ids = alice.written('bob').map(({ id }) => id)
    expect(receiptsIn(bob, world)).toMatchObject([{ status: 'read', sequence: 0, ids }])
    await bob.tell(alice, 'after it')
    expect(alice.keysKeptFor(bob)).toBe(0)
    expect([...alice.notices('gap'), ...alice.notices('unreadable')]).toEqual([])
  })

  it('never takes a mark back', async () => {
    const world = await createWorld('never back')
    const [alice, bob] = await acquainted(world)
    await alice.tell(bob, 'one')
    bob.look('alice')
    await alice.untilLast('bob', 'read')
    const ids = alice.written('bob').map(({ id }) => id)
    for (let i = 0; i < 2; i++)
      await forge(world, bob, alice, { ...plainly, kind: 'receipt', status: 'delivered', ids })
    await bob.tell(alice, 'two')
    expect(alice.states('bob').at(-1)).toBe('read')
  })

  it('does not touch what has not been sent', async () => {
    const world = await createWorld('not sent')
    const [alice, bob] = await acquainted(world)
    const { id } = alice.write('nobody', 'are you there?')
    await alice.untilNoticed('not-sent')
    alice.device.history.confirm('nobody', [id], 'read')
    expect(alice.states('nobody')).toEqual(['failed'])
    await bob.goOffline()
    await alice.goOffline()
    const waiting = alice.write('bob', 'not yet')
    alice.device.history.confirm('bob', [waiting.id], 'read')
    expect(alice.states('bob').at(-1)).toBe('waiting')
  })

  it('speaks of at most 64 messages, and all together of each message once', async () => {
    const world = await createWorld('many')
    const [alice, bob] = await acquainted(world)
    await world.switchOn()
    await Promise.all([alice.untilNoticed('access', 2), bob.untilNoticed('access', 2)])
    const count = isLong ? 1000 : 200
    const texts = Array.from({ length: count }, (_, i) => ({ text: `message ${i + 1}` }))
    alice.device.writeAll('bob', texts)
    for (const part of [1, 2, 3, 4]) await bob.untilRead('alice', `message ${(part * count) / 4}`)
    await alice.untilLast('bob', 'delivered')
    bob.look('alice')
    await alice.untilLast('bob', 'read')
    const sent = alice.written('bob').map(({ id }) => id)
    const ids = { delivered: [] as string[], read: [] as string[] }
    for (const content of receiptsIn(bob, world)) {
      if (content?.kind !== 'receipt') continue
      expect(content.ids.length).toBeLessThanOrEqual(64)
      expect(content.sequence).toBe(0)
      ids[content.status].push(...content.ids)
    }
    expect(ids.delivered).toEqual(sent.slice(1))
    expect(ids.read).toEqual(sent)
    expect(new Set(alice.states('bob'))).toEqual(new Set(['read']))
    expect(
      receiptsIn(bob, world).filter((content) => content?.kind === 'receipt' && content.status === 'read'),
    ).toHaveLength(Math.ceil(count / 64))
  })
})
