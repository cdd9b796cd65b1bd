import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { duration, parseDuration } from '../../client/words/duration.ts'
import { openStore } from '../../client/node/store.ts'
import { createWorld, type Person } from '../support/world.ts'
import { contentsOf, forge, plainly } from '../support/world-forge.ts'

const second = 1000
const noticed = (person: Person) => person.notices('lifetime').map(({ peer, sequence }) => [peer, sequence])
const lifetimeWith = (person: Person, user: string) => person.device.contacts.get(user)?.lifetimeSeconds
const rest = (person: Person) => person.entries().filter(({ kind }) => kind === 'message').length

/** Two people who have talked, one of whom then sets how long messages stay. */
async function agreeing(seed: string, seconds = 60) {
  const world = await createWorld(seed)
  const [alice, bob] = await world.couple()
  await alice.tell(bob, 'hello')
  await bob.tell(alice, 'hello yourself')
  alice.device.contacts.setLifetime('bob', seconds)
  return { world, alice, bob }
}

describe('a message with a lifetime', () => {
  it('goes that long after it was sent here, and after it was shown there', async () => {
    const { world, alice, bob } = await agreeing('goes')
    await alice.tell(bob, 'soon gone')
    await alice.untilSent('bob')
    expect([alice.written('bob'), bob.received('alice')].map((list) => list.at(-1)?.lifetimeSeconds)).toEqual([60, 60])
    world.later(58 * second)
    expect(alice.device.conversations.expire()).toBe(0)
    world.later(3 * second)
    await alice.until('for it to go', () => alice.written('bob').length === 1)
    world.later(3600 * second)
    await bob.tell(alice, 'not looked yet')
    expect(bob.texts('alice')).toEqual(['hello', 'soon gone'])
    bob.look('alice')
    world.later(58 * second)
    expect(bob.device.conversations.expire()).toBe(0)
    world.later(3 * second)
    await bob.until('for it to go', () => bob.texts('alice').length === 1)
    expect(bob.texts('alice')).toEqual(['hello'])
    const raw = ({ home }: Person) => Buffer.concat(readdirSync(home).map((name) => readFileSync(join(home, name))))
    for (const person of [alice, bob])
      await person.until('for its text to be gone from the file', () => !raw(person).includes('soon gone'))
  })

  it('takes nothing with it that stays', async () => {
    const { world, alice, bob } = await agreeing('stays')
    await alice.tell(bob, 'soon gone')
    await alice.untilSent('bob')
    bob.look('alice')
    world.later(3600 * second)
    await Promise.all([
      alice.until('for it to go', () => rest(alice) === 2),
      bob.until('for it to go', () => rest(bob) === 2),
    ])
    expect(
      alice
        .entries()
        .filter(({ kind }) => kind === 'message')
        .map(({ text }) => text),
    ).toEqual(['hello', 'hello yourself'])
    expect(noticed(bob)).toEqual([['alice', 60]])
  })

  it('stays as long as it waits to be sent', async () => {
    const { world, alice, bob } = await agreeing('waits')
    await alice.goOffline()
    alice.write('bob', 'late')
    world.later(24 * 3600 * second)
    await alice.restart()
    expect(alice.states('bob')).toEqual(['sent', 'waiting'])
    await alice.goOnline()
    await bob.untilRead('alice', 'late')
    await alice.untilSent('bob')
    world.later(61 * second)
    await alice.until('for it to go', () => alice.written('bob').length === 1)
  })

  it('is not shown again when its id comes again', async () => {
    const { world, alice, bob } = await agreeing('again')
    alice.write('bob', 'once', 'the-same')
    await bob.untilRead('alice', 'once')
    bob.look('alice')
    world.later(61 * second)
    await bob.until('for it to go', () => bob.texts('alice').length === 1)
    const again = { ...plainly, kind: 'text', id: 'the-same', sequence: 3, lifetimeSeconds: 60, text: 'once' } as const
    await forge(world, alice, bob, again)
    await bob.until('for it to be taken in', () => bob.device.store.tables.taken.all().length === 3)
    expect(bob.texts('alice')).toEqual(['hello'])
    expect(bob.notices('unreadable')).toEqual([])
  })

  it('carries it inside the encryption', async () => {
    const { world, alice, bob } = await agreeing('on the wire')
    await world.switchOn()
    await alice.untilNoticed('access', 2)
    await alice.tell(bob, 'soon gone')
    expect(contentsOf(alice, world).at(-1)).toMatchObject({ kind: 'text', lifetimeSeconds: 60, text: 'soon gone' })
    alice.device.contacts.setLifetime('bob', 0)
    await alice.tell(bob, 'this one stays')
    expect(contentsOf(alice, world).at(-1)).not.toHaveProperty('lifetimeSeconds')
  })
})

describe('looking for what is over', () => {
  it('needs no lock where nothing is: another process may be writing', async () => {
    const { world, alice, bob } = await agreeing('nothing over')
    await alice.tell(bob, 'still here')
    await alice.goOffline()
    const other = openStore(alice.home)
    const look = () => alice.device.conversations.expire()
    expect(other.transaction(look)).toBe(0)
    other.close()
    world.later(3600 * second)
    expect(look()).toBe(1)
  })
})

describe('the lifetime of a conversation', () => {
  it('is taken over by the other side with the first such message, told of once, and kept in what they write', async () => {
    const { alice, bob } = await agreeing('taken over', 7 * 86_400)
    expect(lifetimeWith(bob, 'alice')).toBe(0)
    await alice.tell(bob, 'one')
    await alice.tell(bob, 'two')
    expect([lifetimeWith(bob, 'alice'), noticed(bob)]).toEqual([7 * 86_400, [['alice', 7 * 86_400]]])
    const at = bob.entries().findIndex(({ kind }) => kind === 'lifetime')
    expect(bob.entries()[at + 1]?.text).toBe('one')
    await bob.tell(alice, 'agreed')
    expect(alice.received('bob').at(-1)?.lifetimeSeconds).toBe(7 * 86_400)
    expect(noticed(alice)).toEqual([])
  })

  it('is ended by either side with `off`, for what is written from then on', async () => {
    const { alice, bob } = await agreeing('off')
    await alice.tell(bob, 'one')
    bob.device.contacts.setLifetime('alice', 0)
    await bob.tell(alice, 'this stays')
    expect([lifetimeWith(alice, 'bob'), noticed(alice)]).toEqual([0, [['bob', 0]]])
    await alice.tell(bob, 'this too')
    expect(bob.received('alice').map(({ lifetimeSeconds }) => lifetimeSeconds)).toEqual([0, 60, 0])
  })

  it('is set only with somebody who is known', async () => {
    const world = await createWorld('nobody')
    const alice = await world.join('alice')
    expect(() => alice.device.contacts.setLifetime('nobody', 60)).toThrow(
      expect.objectContaining({ code: 'no-such-contact' }),
    )
  })
})

describe('a time as it is typed', () => {
  it.each([
    ['1s', 1],
    ['90s', 90],
    ['5min', 300],
    ['12h', 43_200],
    ['7d', 604_800],
    ['366d', 366 * 86_400],
    ['off', 0],
  ])('is %s', (text, seconds) => expect(parseDuration(text)).toBe(seconds))

  it.each(['', '0s', '367d', '31622401s', '-1s', '1.5h', '1e3s', '7', 'd', '7D', '7w', 'OFF', '07d', ' 7d', '7d '])(
    'is not %j',
    (text) => expect(parseDuration(text)).toBeNull(),
  )

  it('reads back as it is shown', () => {
    for (const seconds of [1, 59, 60, 90, 3600, 86_400, 604_800]) expect(parseDuration(duration(seconds))).toBe(seconds)
  })
})
