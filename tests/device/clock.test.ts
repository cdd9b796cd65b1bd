import { describe, expect, it } from 'vitest'
import { createWorld } from '../support/world.ts'
import { noticesTo } from '../support/world-shown.ts'

const yearMs = 365 * 24 * 3600 * 1000

/** Alice with a clock of her own, and Bob. */
async function withOwnClock(seed: string, offMs: number) {
  const world = await createWorld(seed)
  const off = { ms: offMs }
  const alice = await world.join('alice', { ownClock: () => world.clock() + off.ms })
  const bob = await world.join('bob')
  return { world, off, alice, bob }
}

const directions = [
  ['ahead', yearMs],
  ['behind', -yearMs],
] as const

describe('a clock that is a year off', () => {
  it.each(directions)('holds up no conversation, and changes no order: %s', async (_where, ms) => {
    const { off, alice, bob } = await withOwnClock('a conversation', 0)
    await alice.goOnline()
    await bob.goOnline()
    await alice.tell(bob, 'one')
    await bob.tell(alice, 'uno')
    off.ms = ms
    await alice.tell(bob, 'two')
    await bob.tell(alice, 'due')
    await alice.restart()
    await alice.goOnline()
    off.ms = 0
    await alice.tell(bob, 'three')
    await bob.tell(alice, 'tre')
    expect([bob.texts('alice'), alice.texts('bob')]).toEqual([
      ['one', 'two', 'three'],
      ['uno', 'due', 'tre'],
    ])
    expect([noticesTo(alice), noticesTo(bob)]).toEqual([[], []])
    expect(alice.sessionsWith(bob)).toHaveLength(1)
  })

  it('ahead takes the prekeys of others for expired, and sends nothing with them', async () => {
    const { off, alice, bob } = await withOwnClock('ahead', yearMs)
    await bob.goOnline()
    await alice.goOnline()
    alice.write('bob', 'in a year')
    await alice.untilNoticed('not-sent')
    expect(noticesTo(alice)).toEqual(['not sent to bob: expired'])
    expect(alice.wire.submitted).toEqual([])
    off.ms = 0
    await alice.restart()
    await alice.goOnline()
    await bob.untilRead('alice', 'in a year')
  })

  it('behind publishes prekeys that nobody takes, until it is right again', async () => {
    const { off, alice, bob } = await withOwnClock('behind', -yearMs)
    await alice.goOnline()
    await bob.goOnline()
    bob.write('alice', 'a year late')
    await bob.untilNoticed('not-sent')
    expect(noticesTo(bob)).toEqual(['not sent to alice: expired'])
    off.ms = 0
    await alice.restart()
    await alice.goOnline()
    await bob.restart()
    await bob.goOnline()
    await alice.untilRead('bob', 'a year late')
  })
})
