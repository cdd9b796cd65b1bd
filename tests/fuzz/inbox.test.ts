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
  { timeout: patience(30) },
  async () => {
    const world = createWorld('fuzzed mail')
    const [alice, bob] = await world.couple()
    const carol = await world.join('carol')
    await alice.tell(bob, 'hello')
    await bob.tell(alice, 'hello yourself')
    const opening = at(alice.wire.submitted, 0).envelope
    await bob.goOffline()
    for (const text of ['one', 'two']) alice.write('bob', text)
    await alice.untilSent('bob')
    const waiting = alice.wire.submitted.slice(-2).map(({ envelope }) => envelope)
    const counted = count('mail from a relay')
    const senders: DeviceAddress[] = [alice.address, bob.address, carol.address]
    const delivery = fc.record({
      sequence: fc.oneof(fc.nat(5), fc.maxSafeNat()),
      time: fc.maxSafeNat(),
      from: fc.constantFrom(...senders),
      envelope: mutationsOf([opening, ...waiting]),
    })

    fc.assert(
      fc.property(fc.array(delivery, { minLength: 1, maxLength: 3 }), (batch) => {
        const [keys, read] = [keysOf(bob), bob.texts('alice').length]
        const { resets } = bob.device.inbox.receive(batch)
        counted(bob.texts('alice').length > read)
        for (const address of resets) expect(senders).toContain(address)
        if (bob.texts('alice').length === read) expect(keysOf(bob)).toEqual(keys)
        expect(bob.texts('carol')).toEqual([])
        expect(bob.texts('bob')).toEqual([])
      }),
      parameters(30),
    )
    await bob.goOnline()
    for (const text of ['one', 'two']) await bob.untilRead('alice', text)
    await alice.tell(bob, 'still here')
    expect(bob.texts('alice').toSorted()).toEqual(['hello', 'one', 'still here', 'two'])
  },
)
