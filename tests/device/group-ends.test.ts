import { describe, expect, it } from 'vitest'
import { RelayError } from '../../server/api.ts'
import { createGroupRecords } from '../../client/device/groups/records.ts'
import { change, circle, untilOneNumber, membersAt, saidTo, untilMembers, untilSaid } from '../support/group-world.ts'
import { noticesTo } from '../support/world-shown.ts'
import { createWorld, type Person, type World } from '../support/world.ts'

async function online(world: World, ...names: readonly string[]): Promise<readonly Person[]> {
  const people = await Promise.all(names.map((name) => world.join(name)))
  for (const person of people) await person.goOnline()
  return people
}

describe('whoever is let in by a change that falls', () => {
  it('learns that they are not in it, and no more of the group', async () => {
    const world = await createWorld('let in and out')
    const [alice, bob, carol, xavier] = (await online(world, 'alice', 'bob', 'carol', 'xavier')) as [
      Person,
      Person,
      Person,
      Person,
    ]
    const peer = await circle(alice, [bob, carol])
    change(alice, peer, { kind: 'promote', user: 'bob' })
    await bob.until('to be an admin', () => bob.device.groups.get(peer)?.now.admins.length === 2)
    bob.device.meet('xavier')
    await bob.until('to know xavier', () => bob.device.contacts.isKnown('xavier'))
    await alice.goOffline()
    change(bob, peer, { kind: 'add', user: 'xavier' })
    await untilMembers(xavier, peer, ['alice', 'bob', 'carol', 'xavier'])
    change(alice, peer, { kind: 'remove', user: 'bob' })
    change(alice, peer, { kind: 'rename', title: 'Not for xavier' })
    await alice.goOnline()
    await untilMembers(carol, peer, ['alice', 'carol'])
    await untilMembers(xavier, peer, ['alice', 'carol'])
    expect(xavier.device.groups.get(peer)?.now.title).toBe('Circle')
    expect(() => xavier.write(peer, 'does anybody read me?')).toThrow('you are not in')
  })
})

describe('whoever is removed', () => {
  it('has said all that the admin has heard without a gap, also long ago', async () => {
    const world = await createWorld('said long ago')
    const [alice, bob, carol] = (await online(world, 'alice', 'bob', 'carol')) as [Person, Person, Person]
    const peer = await circle(alice, [bob, carol])
    for (const person of [bob, carol]) await untilMembers(person, peer, ['alice', 'bob', 'carol'])
    const late: Parameters<typeof carol.wire.inject>[] = []
    carol.wire.route = (delivery) => {
      if (delivery.from.user !== 'bob') return [delivery]
      late.push([delivery.from, delivery.envelope])
      return []
    }
    for (let i = 1; i <= 80; i++) bob.write(peer, `message ${i}`)
    await untilSaid(alice, peer, 'bob: message 80')
    await bob.untilSent(peer)
    change(alice, peer, { kind: 'remove', user: 'bob' })
    const removal = alice.device.groups.get(peer)?.order.standing.at(-1)?.change.deed
    expect(removal).toMatchObject({ kind: 'remove', user: 'bob', spoken: [{ from: 1, to: 80 }] })
    await untilMembers(carol, peer, ['alice', 'carol'])
    for (const one of late) carol.wire.inject(...one)
    await untilSaid(carol, peer, 'bob: message 1', 'bob: message 80')
    expect(saidTo(carol, peer).length).toBe(80)
    await untilOneNumber(peer, alice, carol)
  })

  it('is told of, where a message of theirs was held until their removal came', async () => {
    const world = await createWorld('held and refused')
    const [alice, bob, carol] = (await online(world, 'alice', 'bob', 'carol')) as [Person, Person, Person]
    const peer = await circle(alice, [bob, carol])
    for (const person of [bob, carol]) await untilMembers(person, peer, ['alice', 'bob', 'carol'])
    change(alice, peer, { kind: 'promote', user: 'bob' })
    await bob.until('to be an admin', () => bob.device.groups.get(peer)?.now.admins.length === 2)
    // carol hears nothing of what bob changes and alice undoes, but of what bob writes then
    await carol.until('to know it too', () => carol.device.groups.get(peer)?.now.admins.length === 2)
    await carol.goOffline()
    await alice.goOffline()
    change(bob, peer, { kind: 'rename', title: "bob's" })
    bob.write(peer, 'after the rename')
    await bob.untilSent(peer)
    change(alice, peer, { kind: 'remove', user: 'bob' })
    carol.wire.route = (delivery) => (delivery.from.user === 'bob' && carol.wire.withheld === 0 ? [] : [delivery])
    await carol.goOnline()
    await carol.until('to hold it', () => createGroupRecords(carol.device.store).held(peer).length === 1)
    carol.wire.route = (delivery) => [delivery]
    await alice.goOnline()
    await untilMembers(carol, peer, ['alice', 'carol'])
    await carol.untilNoticed('unreadable')
    expect(saidTo(carol, peer)).toEqual([])
    expect(noticesTo(carol).at(-1)).toContain('a message from bob could not be read')
  })
})

describe('a message to a group', () => {
  it('has failed where the relay takes it for nobody, and is sent where it takes it for one', async () => {
    const world = await createWorld('failed')
    const [alice, bob, carol] = (await online(world, 'alice', 'bob', 'carol')) as [Person, Person, Person]
    const two = await circle(alice, [bob], 'Two')
    const three = await circle(alice, [bob, carol], 'Three')
    await untilMembers(bob, two, ['alice', 'bob'])
    await untilMembers(carol, three, ['alice', 'bob', 'carol'])
    alice.wire.refuses = ({ to }) => (to.user === 'bob' ? new RelayError('too-large', 'never') : null)
    alice.write(two, 'to bob alone')
    alice.write(three, 'to both')
    await untilSaid(carol, three, 'alice: to both')
    await alice.until('to know', () => [...alice.states(two), ...alice.states(three)].every((it) => it !== 'sealed'))
    expect([alice.states(two), alice.states(three)]).toEqual([['failed'], ['sent']])
  })

  it('is not sealed anew for whoever has gone since it was sealed', async () => {
    const world = await createWorld('sealed anew', { graceMs: 0 })
    const [alice, bob, carol] = (await online(world, 'alice', 'bob', 'carol')) as [Person, Person, Person]
    const peer = await circle(alice, [bob, carol])
    for (const person of [bob, carol]) await untilMembers(person, peer, ['alice', 'bob', 'carol'])
    alice.wire.refuses = () => new RelayError('policy-stale', 'another policy is in force')
    alice.write(peer, 'before the removal')
    await alice.until('to have sealed it', () => alice.states(peer)[0] === 'sealed')
    await alice.goOffline()
    change(alice, peer, { kind: 'remove', user: 'bob' })
    await world.switchOn()
    alice.wire.refuses = () => null
    await alice.goOnline()
    await untilSaid(carol, peer, 'alice: before the removal')
    await untilMembers(bob, peer, ['alice', 'carol'])
    await alice.untilSent(peer)
    expect([saidTo(bob, peer), membersAt(carol, peer)]).toEqual([[], ['alice', 'carol']])
  })
})
