import { expect, it } from 'vitest'
import { change, circle, saidTo, untilMembers, untilSaid } from '../support/group-world.ts'
import { createWorld } from '../support/world.ts'
import { shownTo } from '../support/world-shown.ts'

it('a lifetime of a group is set by its admins for all, and what is written there goes', async () => {
  const world = await createWorld('a group that forgets')
  const [alice, bob, carol] = [await world.join('alice'), await world.join('bob'), await world.join('carol')]
  for (const person of [alice, bob, carol]) await person.goOnline()
  const peer = await circle(alice, [bob, carol])
  for (const person of [bob, carol]) await untilMembers(person, peer, ['alice', 'bob', 'carol'])
  alice.write(peer, 'stays')
  await untilSaid(bob, peer, 'alice: stays')
  expect(() => change(bob, peer, { kind: 'lifetime', seconds: 60 })).toThrow(/only admins of Circle/)
  change(alice, peer, { kind: 'lifetime', seconds: 60 })
  await bob.until('to hear of it', () => bob.device.groups.get(peer)?.now.lifetimeSeconds === 60)
  expect(shownTo(bob).join('\n')).toContain(
    'alice has set that new messages disappear 1 min after they are sent or read',
  )
  await carol.goOffline()
  bob.write(peer, 'goes')
  await untilSaid(alice, peer, 'bob: goes')
  alice.look(peer)
  await bob.untilLast(peer, 'sent')
  world.later(61_000)
  await alice.until('for it to go', () => saidTo(alice, peer).length === 0)
  await bob.until('for it to go', () => bob.written(peer).length === 0)
  expect(alice.written(peer).map(({ text }) => text)).toEqual(['stays'])
  // whoever was away has it, and it goes from there once it was shown
  await carol.goOnline()
  await untilSaid(carol, peer, 'bob: goes')
  world.later(61_000)
  carol.letGo()
  expect(saidTo(carol, peer)).toEqual(['alice: stays', 'bob: goes'])
  carol.look(peer)
  world.later(61_000)
  await carol.until('for it to go', () => saidTo(carol, peer).join() === 'alice: stays')
  change(alice, peer, { kind: 'lifetime', seconds: 0 })
  alice.write(peer, 'stays again')
  await untilSaid(carol, peer, 'alice: stays again')
  expect(shownTo(carol).join('\n')).toContain('alice has set that new messages stay')
  expect(carol.received(peer).at(-1)?.lifetimeSeconds).toBe(0)
})
