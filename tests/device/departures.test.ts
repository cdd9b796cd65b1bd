import { expect, it } from 'vitest'
import { watchDepartures } from '../../client/device/departures.ts'
import { createWorld } from '../support/world.ts'

/** after this long a client asks for the devices of somebody again */
const refreshMs = 60_000

it.each(['alice', 'bob'])(
  'of one message, what went to the person it was written to is remembered, and no copy for a ghost beside %s',
  async (tapped) => {
    const world = await createWorld(`departures ${tapped}`)
    const [alice, bob] = await world.couple()
    await alice.tell(bob, 'before')
    await bob.tell(alice, 'before too')
    await world.tap('ghost-device', [tapped])
    await Promise.all([alice, bob].map((person) => person.untilNoticed('access', 2)))
    await alice.restart()
    const departures = watchDepartures(alice.wire, alice.device.store)
    await alice.goOnline(departures.relay)
    world.later(refreshMs + 1000)
    const before = alice.wire.submitted.length
    await alice.tell(bob, 'to one device')
    await alice.untilLast('bob', 'sent')
    const left = alice.wire.submitted.slice(before)
    const shown = bob.device.self.device.record.id
    expect(new Set(left.map(({ to }) => to.device.join())).size).toBe(2)
    const row = alice.written('bob').at(-1)?.row ?? 0
    const toBob = left.find(({ to }) => to.user === 'bob' && to.device.join() === shown.join())
    expect(departures.of(row)).toEqual({ to: 'bob', envelope: toBob?.envelope })
  },
)
