import { describe, expect, it } from 'vitest'
import {
  confirmedByNobody,
  decodeConfirmed,
  encodeConfirmed,
  statusForAll,
  withReceipt,
} from '../../client/device/groups/confirmed.ts'
import { CryptoError } from '../../crypto/errors.ts'
import { circle, untilMembers, untilSaid } from '../support/group-world.ts'
import { contentsOf, forge, plainly } from '../support/world-forge.ts'
import { createWorld, type Person, type World } from '../support/world.ts'

/** A group that everybody has answered, with all told of all. */
async function talking(world: World, ...names: readonly string[]) {
  const people: Person[] = []
  for (const name of names) people.push(await world.join(name, { receipts: true }))
  for (const person of people) await person.goOnline()
  const [first, ...others] = people as [Person, ...Person[]]
  const peer = await circle(first, others)
  for (const person of others) await untilMembers(person, peer, names)
  for (const person of others) person.device.groups.accept(peer)
  return { peer, people: people as [Person, Person, Person] }
}

const lastOf = (person: Person, peer: string) => {
  const message = person.written(peer).at(-1)
  const { waiting = [], delivered = [], read = [] } = message?.confirmed ?? {}
  const sorted = [waiting, delivered, read].map((names) => [...names].sort())
  return { state: message?.state, waiting: sorted[0], delivered: sorted[1], read: sorted[2] }
}

const untilLastIs = (person: Person, peer: string, expected: ReturnType<typeof lastOf>) =>
  person.until(
    `for ${JSON.stringify(expected)}`,
    () => JSON.stringify(lastOf(person, peer)) === JSON.stringify(expected),
  )

describe('a receipt in a group', () => {
  it('says to whom a message has come, and who has read it', async () => {
    const world = await createWorld('marks of a group')
    const { peer, people } = await talking(world, 'alice', 'bob', 'carol')
    const [alice, bob, carol] = people
    await carol.goOffline()
    alice.write(peer, 'who has it?')
    await untilLastIs(alice, peer, { state: 'sent', waiting: ['carol'], delivered: ['bob'], read: [] })
    bob.look(peer)
    await untilLastIs(alice, peer, { state: 'sent', waiting: ['carol'], delivered: [], read: ['bob'] })
    await carol.goOnline()
    await untilLastIs(alice, peer, { state: 'delivered', waiting: [], delivered: ['carol'], read: ['bob'] })
    carol.look(peer)
    await untilLastIs(alice, peer, { state: 'read', waiting: [], delivered: [], read: ['bob', 'carol'] })
    expect(bob.received(peer)[0]?.confirmed).toBeNull()
  })

  it('is one for many messages, and none that they have come where they were read meanwhile', async () => {
    const world = await createWorld('gathered')
    const { peer, people } = await talking(world, 'alice', 'bob')
    const [alice, bob] = people
    await world.switchOn()
    await bob.untilNoticed('access', 2)
    world.stopClock()
    for (let i = 1; i <= 20; i++) alice.write(peer, `message ${i}`)
    await untilSaid(bob, peer, 'alice: message 20')
    bob.look(peer)
    bob.write('alice', 'what is owed waits, and this does not')
    await alice.untilRead('bob', 'what is owed waits, and this does not')
    const said = () => contentsOf(bob, world).flatMap((content) => (content?.kind === 'receipt' ? [content] : []))
    expect(said()).toEqual([])
    world.later(3_000)
    await alice.untilLast(peer, 'read')
    expect(said().map(({ status, ids }) => [status, ids.length])).toEqual([['read', 20]])
    expect(alice.states(peer)).toEqual(Array.from({ length: 20 }, () => 'read'))
  })

  it('is owed once a group has been answered, of what was written before too', async () => {
    const world = await createWorld('answered')
    const [alice, bob, carol] = [
      await world.join('alice', { receipts: true }),
      await world.join('bob', { receipts: true }),
      await world.join('carol', { receipts: true }),
    ]
    for (const person of [alice, bob, carol]) await person.goOnline()
    const peer = await circle(alice, [bob, carol])
    alice.write(peer, 'do you want to be here?')
    await untilSaid(bob, peer, 'alice: do you want to be here?')
    bob.look(peer)
    await untilSaid(carol, peer, 'alice: do you want to be here?')
    await bob.restart()
    await bob.goOnline()
    expect(bob.device.store.tables.receipts.people()).toEqual([])
    bob.write(peer, 'yes')
    await untilLastIs(alice, peer, { state: 'sent', waiting: ['carol'], delivered: [], read: ['bob'] })
  })

  it('is sent by nobody who wants none sent, nor to somebody who is blocked', async () => {
    const world = await createWorld('none in a group')
    const alice = await world.join('alice', { receipts: true })
    const bob = await world.join('bob', { receipts: false })
    const carol = await world.join('carol', { receipts: true })
    for (const person of [alice, bob, carol]) await person.goOnline()
    const peer = await circle(alice, [bob, carol])
    for (const person of [bob, carol]) await untilMembers(person, peer, ['alice', 'bob', 'carol'])
    for (const person of [bob, carol]) person.device.groups.accept(peer)
    carol.device.contacts.setBlocked('alice', true)
    alice.write(peer, 'one of you says nothing')
    await untilSaid(bob, peer, 'alice: one of you says nothing')
    bob.write(peer, 'I have it')
    await untilSaid(carol, peer, 'bob: I have it')
    await untilSaid(alice, peer, 'bob: I have it')
    const owed = ({ device }: Person) => device.store.tables.receipts.people()
    expect([owed(bob), owed(carol)]).toEqual([[], ['bob']])
  })

  it('stands on all devices of whoever wrote, and on the one that is linked it is of those who were members then', async () => {
    const world = await createWorld('marks on two devices')
    const { peer, people } = await talking(world, 'alice', 'bob')
    const [alice, bob] = people
    const again = await world.link(alice, 'alice again', { receipts: true })
    await again.goOnline()
    await alice.until('to know of it', () => alice.device.self.others().length === 1)
    alice.device.groups.change(peer, { kind: 'rename', title: 'Circle of two' })
    await untilMembers(again, peer, ['alice', 'bob'])
    alice.write(peer, 'from the first')
    await untilSaid(bob, peer, 'alice: from the first')
    await again.until('to have it too', () => again.written(peer).length === 1)
    again.write(peer, 'from the second')
    await untilSaid(bob, peer, 'alice: from the second')
    await alice.until('to have that too', () => alice.written(peer).length === 2)
    bob.look(peer)
    for (const person of [alice, again])
      await person.until('for both to be read', () => person.states(peer).every((state) => state === 'read'))
  })

  it('of somebody who is in no group with its writer, or was not when it was written, changes nothing', async () => {
    const world = await createWorld('a false receipt')
    const { peer, people } = await talking(world, 'alice', 'bob')
    const [alice, bob] = people
    const mallory = await world.join('mallory')
    await mallory.goOnline()
    await mallory.tell(alice, 'I know you')
    await bob.goOffline()
    alice.write(peer, 'for bob', 'known')
    await alice.untilLast(peer, 'sent')
    await forge(world, mallory, alice, { ...plainly, kind: 'receipt', status: 'read', ids: ['known'] })
    await mallory.tell(alice, 'now it should be read')
    expect(lastOf(alice, peer)).toEqual({ state: 'sent', waiting: ['bob'], delivered: [], read: [] })
  })

  it('leaves nothing behind where the message is forgotten', async () => {
    const world = await createWorld('forgotten marks')
    const { peer, people } = await talking(world, 'alice', 'bob')
    const [alice, bob] = people
    alice.write(peer, 'soon gone')
    await untilSaid(bob, peer, 'alice: soon gone')
    const { row, id } = alice.written(peer)[0] ?? { row: 0, id: '' }
    alice.device.conversations.forget(peer, id)
    bob.look(peer)
    await bob.until('to have said so', () => bob.device.store.tables.receipts.people().length === 0)
    bob.write(peer, 'read')
    await untilSaid(alice, peer, 'bob: read')
    expect(alice.device.store.tables.history.get(row)?.confirmed).toBeNull()
  })
})

describe('what is known of a message to a group', () => {
  it('goes from nothing to come to read, and never back', () => {
    const none = confirmedByNobody(['bob', 'carol'])
    expect([statusForAll(none), withReceipt(none, 'dave', 'read')]).toEqual([null, null])
    const come = withReceipt(none, 'bob', 'delivered') ?? none
    expect([withReceipt(come, 'bob', 'delivered'), statusForAll(come)]).toEqual([null, null])
    const read = withReceipt(come, 'bob', 'read') ?? come
    expect([withReceipt(read, 'bob', 'delivered'), withReceipt(read, 'bob', 'read')]).toEqual([null, null])
    const both = withReceipt(read, 'carol', 'delivered') ?? read
    expect([both, statusForAll(both)]).toEqual([{ waiting: [], delivered: ['carol'], read: ['bob'] }, 'delivered'])
    expect(statusForAll(withReceipt(both, 'carol', 'read') ?? both)).toBe('read')
    expect(statusForAll(confirmedByNobody([]))).toBeNull()
  })

  it('is written down and read again, and refused where it is cut off', () => {
    const some = { waiting: ['dave'], delivered: ['bob'], read: ['carol', 'erin'] }
    const bytes = encodeConfirmed(some)
    expect(decodeConfirmed(bytes)).toEqual(some)
    for (let size = 0; size < bytes.length; size++)
      expect(() => decodeConfirmed(bytes.subarray(0, size))).toThrow(CryptoError)
  })
})
