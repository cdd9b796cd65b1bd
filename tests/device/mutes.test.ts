import { describe, expect, it } from 'vitest'
import { createWorld, type Person } from '../support/world.ts'

const second = 1000
const unread = (person: Person) => person.device.conversations.all().map(({ user, unread: count }) => [user, count])
const rowOf = (person: Person, text: string) =>
  person.entries().find((entry) => entry.kind === 'message' && entry.text === text)?.row ?? 0

describe('a mute', () => {
  it('ends by itself, or when somebody ends it', async () => {
    const world = await createWorld('mutes')
    const { mutes } = (await world.join('alice')).device
    mutes.set({ peer: 'bob', until: world.clock() + 60 * second })
    mutes.set({ peer: 'carol', until: null })
    expect(mutes.all().map(({ peer }) => peer)).toEqual(['bob', 'carol'])
    world.later(61 * second)
    expect([mutes.get('bob'), mutes.get('carol')]).toEqual([null, { peer: 'carol', until: null }])
    mutes.drop('carol')
    expect(mutes.all()).toEqual([])
    expect([mutes.isSettled('bob'), mutes.isSettled('carol'), mutes.isSettled('dora')]).toEqual([true, true, false])
  })
})

describe('what was not shown', () => {
  it('is not read because something after it was: it stays unread, does not begin to go, and its sender is told nothing', async () => {
    const world = await createWorld('not shown')
    const [alice, bob] = await world.couple({ receipts: true })
    await alice.tell(bob, 'hello')
    await bob.tell(alice, 'hello yourself')
    bob.look('alice')
    alice.device.contacts.setLifetime('bob', 60)
    for (const text of ['left out', 'shown', 'later']) await alice.tell(bob, text)
    const { conversations, history } = bob.device
    conversations.markRead('alice', history.lastRow(), new Set([rowOf(bob, 'shown')]))
    expect(unread(bob)).toEqual([['alice', 3]])
    await alice.until('to hear of it', () => alice.states('bob')[2] === 'read')
    expect(alice.states('bob')).toEqual(['read', 'delivered', 'read', 'delivered'])
    // shown once more, it goes no later for that
    world.later(30 * second)
    conversations.markRead('alice', history.lastRow(), new Set([rowOf(bob, 'shown')]))
    world.later(31 * second)
    bob.letGo()
    expect(bob.texts('alice')).toEqual(['hello', 'left out', 'later'])
    conversations.markRead('alice', history.lastRow(), new Set([rowOf(bob, 'left out')]))
    expect(unread(bob)).toEqual([['alice', 1]])
    conversations.markRead('alice', history.lastRow())
    expect(unread(bob)).toEqual([['alice', 0]])
    await alice.until('to hear of the rest', () => alice.states('bob').every((state) => state === 'read'))
  })
})
