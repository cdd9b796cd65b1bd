import fc from 'fast-check'
import { expect, it } from 'vitest'
import { hex } from '../../crypto/bytes.ts'
import type { DeviceAddress } from '../../server/api.ts'
import { at } from '../support/at.ts'
import { counting, mutationsOf, parameters, patience } from '../support/fuzz.ts'
import { createWorld, type Person } from '../support/world.ts'

const count = counting()

/** What a device must not lose to a message that it cannot read. */
const keysOf = ({ device }: Person): string[] =>
  ['session', 'prekey', 'contact'].flatMap((table) =>
    device.store
      .all(`SELECT * FROM ${table}`)
      .map((row) => JSON.stringify(row, (_name, value: unknown) => (value instanceof Uint8Array ? hex(value) : value))),
  )

it(
  'a device takes in whatever a relay delivers, and keeps its keys as they are when it can read none of it',
  { timeout: patience(15) },
  async () => {
    const world = createWorld('fuzzed mail')
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
    const textsRead = () => bob.texts('alice').length + bob.texts('carol').length
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
        const [keys, read] = [keysOf(bob), textsRead()]
        const { resets } = bob.device.inbox.receive(batch)
        counted(textsRead() > read)
        for (const address of resets) expect(senders).toContain(address)
        if (textsRead() === read) expect(keysOf(bob)).toEqual(keys)
        expect(bob.texts('bob')).toEqual([])
      }),
      parameters(15),
    )
    await bob.goOnline()
    for (const text of ['one', 'two']) await bob.untilRead('alice', text)
    await alice.tell(bob, 'still here')
    await bob.untilRead('carol', 'the first')
    expect(bob.texts('carol')).toEqual(['the first'])
    expect(bob.texts('alice').toSorted()).toEqual(['hello', 'one', 'still here', 'two'])
  },
)
