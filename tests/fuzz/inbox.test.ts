import fc from 'fast-check'
import { expect, it } from 'vitest'
import { hex } from '../../crypto/bytes.ts'
import type { DeviceAddress } from '../../server/api.ts'
import { at } from '../support/at.ts'
import { counting, mutationsOf, parameters, patience } from '../support/fuzz.ts'
import { createWorld, type Person } from '../support/world.ts'

const count = counting()

/** What a device must not lose to a message that it cannot read, and how many it has read. */
function keysOf({ device: { store } }: Person): readonly unknown[] {
  const { sessions, prekeys, contacts } = store.tables
  const bytes = [...sessions.all(), ...prekeys.all()].map((row) => row.bytes)
  return [...bytes, ...contacts.all().map(({ list }) => list)].map(hex)
}
const textsRead = ({ device: { store } }: Person): number =>
  store.tables.history.all().filter(({ direction }) => direction === 'in').length

it(
  'a device takes in whatever a relay delivers, and keeps its keys as they are when it can read none of it',
  { timeout: patience(15) },
  async () => {
    const world = await createWorld('fuzzed mail')
    const [alice, bob] = await world.couple()
    const carol = await world.join('carol')
    await carol.goOnline()
    await alice.tell(bob, 'hello')
    await bob.tell(alice, 'hello yourself')
    const opening = at(alice.wire.submitted, 0).envelope
    await bob.goOffline()
    for (const text of ['one', 'two']) alice.write('bob', text)
    carol.write('bob', 'the first')
    await Promise.all([alice.untilSent('bob'), carol.untilSent('bob')])
    const first = at(carol.wire.submitted, 0).envelope
    const waiting = alice.wire.submitted.slice(-2).map(({ envelope }) => envelope)
    const counted = count('mail from a relay')
    const senders: DeviceAddress[] = [alice.address, bob.address, carol.address]
    const delivery = (from: fc.Arbitrary<DeviceAddress>, samples: readonly Uint8Array[]) =>
      fc.record({
        sequence: fc.oneof(fc.nat(5), fc.maxSafeNat()),
        time: fc.maxSafeNat(),
        from,
        envelope: mutationsOf(samples),
      })
    const anyDelivery = fc.oneof(
      delivery(fc.constant(alice.address), [opening, ...waiting]),
      delivery(fc.constant(carol.address), [first]),
      delivery(fc.constantFrom(...senders), [opening, first, ...waiting]),
    )

    fc.assert(
      fc.property(fc.array(anyDelivery, { minLength: 1, maxLength: 3 }), (batch) => {
        const [keys, read] = [keysOf(bob), textsRead(bob)]
        const { resets } = bob.device.inbox.receive(batch)
        counted(textsRead(bob) > read)
        for (const address of resets) expect(senders).toContainEqual(address)
        if (textsRead(bob) === read) expect(keysOf(bob)).toEqual(keys)
      }),
      parameters(15),
    )
    await bob.goOnline()
    for (const text of ['one', 'two']) await bob.untilRead('alice', text)
    await alice.tell(bob, 'still here')
    await bob.untilRead('carol', 'the first')
    expect([bob.texts('carol'), bob.texts('bob')]).toEqual([['the first'], []])
    expect(bob.texts('alice').toSorted()).toEqual(['hello', 'one', 'still here', 'two'])
  },
)
