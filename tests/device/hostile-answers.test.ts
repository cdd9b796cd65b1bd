import { describe, expect, it } from 'vitest'
import { RelayError } from '../../server/api.ts'
import { createWorld } from '../support/world.ts'
import { noticesTo } from '../support/world-shown.ts'

const noSuchDevice = () => new RelayError('unknown-device', 'a lie')

describe('a relay that says a device is gone', () => {
  it('in the middle of a change of policy, leaves nothing that cannot go out afterwards', async () => {
    const world = await createWorld('gone and stale', { graceMs: 0 })
    const [alice, bob] = await world.couple()
    await alice.tell(bob, 'one')
    alice.wire.tellsPolicy = false
    await world.switchOn()
    // the first of two is out of date, which is true; that there is no such device, which is said of the second, is not
    const answers = [new RelayError('policy-stale', 'the truth'), noSuchDevice()]
    alice.wire.refuses = () => answers.shift() ?? null
    alice.device.writeAll('bob', [{ text: 'two' }, { text: 'three' }])
    const faults = new Set<string>()
    await alice.until('for all to be sent', () => {
      if (alice.online.fault) faults.add(alice.online.fault.message)
      // who is said to have no such device is asked about again a little later
      world.later(1000)
      return alice.written('bob').every(({ state }) => state === 'sent')
    })
    await bob.untilRead('alice', 'two')
    await bob.untilRead('alice', 'three')
    expect([...faults]).toEqual([])
    expect(noticesTo(alice)).toEqual([])
  })

  it('of our own, has nothing sent to others once more', async () => {
    const world = await createWorld('our own is gone')
    const [alice, bob] = await world.couple()
    const tablet = await world.link(bob)
    await tablet.goOnline()
    await bob.tell(alice, 'with a copy')
    await tablet.until('for the copy', () => tablet.written('alice').length === 1)
    const to = (name: string) => bob.wire.submitted.filter((one) => one.to.user === name).length
    bob.wire.refuses = (one) => (one.to.user === 'bob' ? new RelayError('mailbox-full', 'a lie') : null)
    await bob.tell(alice, 'without one')
    await bob.untilSent('alice')
    const [toAlice, toOurselves] = [to('alice'), to('bob')]
    bob.wire.refuses = (one) => (one.to.user === 'bob' ? noSuchDevice() : null)
    world.later(31_000)
    await bob.until('for that to be refused too', () => to('bob') > toOurselves)
    await bob.tell(alice, 'and again')
    await bob.untilSent('alice')
    expect(to('alice')).toBe(toAlice + 1)
  })
})
