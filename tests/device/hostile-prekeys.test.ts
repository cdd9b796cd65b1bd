import { describe, expect, it } from 'vitest'
import { openDeviceList } from '../../crypto/identity.ts'
import { createPrekey, encodeBundle, openBundle, type PrekeyBundle } from '../../crypto/prekeys.ts'
import { usualSupply } from '../../client/device/prekeys.ts'
import { type Relay, RelayError } from '../../server/api.ts'
import { at } from '../support/at.ts'
import { inTheFuture } from '../support/couple.ts'
import { createWorld, type Person, type World } from '../support/world.ts'
import { rogueIn } from '../support/world-rogue.ts'
import { noticesTo, shownTo } from '../support/world-shown.ts'

const weaker = (name: string) =>
  `the conversation with ${name} began without one-time keys, so its first messages are protected less well`

/** The bundle that somebody's device would be given now, taken apart. */
const opened = (bytes: Uint8Array, { device: { self } }: Person): PrekeyBundle =>
  openBundle(bytes, self.device.record, 1)

/** What is put in the place of Bob's bundle. */
type Lie = (truth: PrekeyBundle, world: World) => Promise<Uint8Array> | Uint8Array

async function mallorys(world: World): Promise<PrekeyBundle> {
  const mallory = await rogueIn(world, 'mallory')
  const record = at(openDeviceList(mallory.account.signedList).devices, 0)
  return openBundle(await mallory.connection.bundle({ user: 'mallory', device: record.id }), record, 1)
}

const lies: Record<string, [Lie, string]> = {
  "somebody else's": [async (_truth, world) => encodeBundle(await mallorys(world)), 'bad-signature'],
  "somebody else's KEM key": [
    async (truth, world) => encodeBundle({ ...truth, kem: (await mallorys(world)).kem }),
    'bad-signature',
  ],
  "somebody else's signed prekey": [
    async (truth, world) => encodeBundle({ ...truth, signed: (await mallorys(world)).signed }),
    'bad-signature',
  ],
  'a KEM key that nobody has signed': [
    (truth, { random }) => encodeBundle({ ...truth, kem: { ...truth.kem, signature: random(64) } }),
    'bad-signature',
  ],
  'the one-time key twice, as signed prekey too': [
    (truth) => encodeBundle({ ...truth, signed: { ...truth.signed, key: truth.oneTime?.key ?? truth.signed.key } }),
    'bad-signature',
  ],
  'a piece of them': [(truth) => encodeBundle(truth).slice(0, -1), 'malformed'],
  'nothing': [() => new Uint8Array(), 'malformed'],
}

describe('a relay that lies about prekeys', () => {
  it.each(Object.entries(lies))('is told of, and gets nothing to carry: %s', async (_what, [lie, code]) => {
    const world = await createWorld('lies about prekeys')
    const [alice, bob] = await world.couple()
    const told = await lie(opened(await (await rogueIn(world, 'carol')).connection.bundle(bob.address), bob), world)
    alice.wire.lies.bundle = () => told
    alice.write('bob', 'for Bob alone')
    await alice.untilNoticed('not-sent')
    expect(shownTo(alice)).toEqual(['alice: for Bob alone (waiting)', `* not sent to bob: ${code}`])
    expect(alice.wire.submitted).toEqual([])
    expect(alice.sessionsWith(bob)).toEqual([])
    delete alice.wire.lies.bundle
    await alice.restart()
    await alice.goOnline()
    await bob.untilRead('alice', 'for Bob alone')
  })

  it('can withhold all of them: the message waits, and that is told', async () => {
    const world = await createWorld('withheld')
    const [alice, bob] = await world.couple()
    alice.wire.lies.bundle = () => {
      throw new RelayError('no-prekeys', 'there are none')
    }
    alice.write('bob', 'when there are any')
    await alice.untilNoticed('not-sent')
    expect(shownTo(alice)).toEqual(['alice: when there are any (waiting)', '* not sent to bob: no-prekeys'])
    delete alice.wire.lies.bundle
    await alice.restart()
    await alice.goOnline()
    await bob.untilRead('alice', 'when there are any')
  })

  it('can withhold the one-time ones: both sides are told that the beginning is weaker', async () => {
    const world = await createWorld('without one-time keys')
    const [alice, bob] = await world.couple()
    alice.wire.lies.bundle = (bytes: Uint8Array) => encodeBundle({ ...opened(bytes, bob), oneTime: null })
    await alice.tell(bob, 'hello')
    expect(shownTo(bob)).toEqual([`* ${weaker('alice')}`, 'alice: hello'])
    expect(noticesTo(alice)).toEqual([weaker('bob')])
  })

  it('cannot give expired ones', async () => {
    const world = await createWorld('expired')
    const [alice, bob] = await world.couple()
    const old = await (await rogueIn(world, 'carol')).connection.bundle(bob.address)
    world.later(91 * 24 * 3600 * 1000)
    alice.wire.lies.bundle = () => old
    alice.write('bob', 'not under those')
    await alice.untilNoticed('not-sent')
    expect(noticesTo(alice)).toEqual(['not sent to bob: expired'])
    expect(alice.wire.submitted).toEqual([])
  })

  it('cannot make up a KEM key, though it has the kind and the id right', async () => {
    const world = await createWorld('a KEM key of the relay')
    const [alice, bob] = await world.couple()
    const relay = await rogueIn(world, 'mallory')
    alice.wire.lies.bundle = (bytes: Uint8Array) => {
      const truth = opened(bytes, bob)
      const { kind, id } = truth.kem
      const kem = createPrekey(kind, id, inTheFuture, relay.account.device, world.random) as typeof truth.kem
      return encodeBundle({ ...truth, kem })
    }
    alice.write('bob', 'for Bob alone')
    await alice.untilNoticed('not-sent')
    expect(noticesTo(alice)).toEqual(['not sent to bob: bad-signature'])
  })

  const givenTwice = async (seed: string) => {
    const world = await createWorld(seed)
    const [alice, bob] = await world.couple()
    const carol = await world.join('carol')
    await carol.goOnline()
    const once: { bundle: Uint8Array } = { bundle: new Uint8Array() }
    alice.wire.lies.bundle = (truth: Uint8Array) => (once.bundle = truth)
    await alice.tell(bob, 'the first with it')
    carol.wire.lies.bundle = () => once.bundle
    carol.write('bob', 'the second with it')
    await bob.untilNoticed('unreadable')
    delete carol.wire.lies.bundle
    return { world, alice, bob, carol }
  }

  it('can give a one-time key to two: the second cannot be read, which is told, until an answer begins anew', async () => {
    const { bob, carol } = await givenTwice('given twice')
    expect(shownTo(bob)).toEqual(['alice: the first with it', '* a message from carol could not be read: key-gone'])
    await bob.tell(carol, 'did you write?')
    await carol.tell(bob, 'yes')
    expect(bob.texts('carol')).toEqual(['yes'])
  })

  // Whoever cannot open the beginning of a session answers nothing: it may be anybody's. Its sender begins anew.
  it('leaves no conversation dead by it once it is honest again for a day, though nobody answers', async () => {
    const { world, bob, carol } = await givenTwice('dead')
    world.later(24 * 3600 * 1000)
    carol.write('bob', 'can you read me now?')
    await bob.until('for the next', () => bob.notices('unreadable').length > 1 || bob.texts('carol').length > 0)
    expect(bob.texts('carol')).toEqual(['can you read me now?'])
  })

  it('has us ask for no more than one bundle a day of somebody who does not answer', async () => {
    const world = await createWorld('nobody answers')
    const [alice, bob] = await world.couple()
    await alice.tell(bob, 'the first')
    const before = alice.wire.asked('bundle')
    for (let i = 0; i < 5; i++) await alice.tell(bob, `and ${i}`)
    expect(alice.wire.asked('bundle')).toBe(before)
    world.later(24 * 3600 * 1000)
    for (let i = 0; i < 5; i++) await alice.tell(bob, `a day later ${i}`)
    expect(alice.wire.asked('bundle')).toBe(before + 1)
    expect(bob.texts('alice')).toHaveLength(11)
    await bob.tell(alice, 'here I am')
    world.later(24 * 3600 * 1000)
    await alice.tell(bob, 'at last')
    expect(alice.wire.asked('bundle')).toBe(before + 1)
  })

  /** How many prekeys of one-time kinds Alice keeps after so many connections to a relay that says it has none. */
  const keptAfter = async (connections: number) => {
    const world = await createWorld('none left')
    const alice = await world.join('alice', { supply: usualSupply })
    const relay: Relay = {
      ...alice.wire,
      async connect(answer, listener) {
        const connection = await alice.wire.connect(answer, listener)
        return {
          ...connection,
          countPrekeys: async () => ({ oneTime: 0, kemOneTime: 0 }),
          publishPrekeys: async () => undefined,
        }
      },
    }
    for (let i = 0; i < connections; i++) {
      await alice.goOnline(relay)
      await alice.goOffline()
    }
    return alice.device.store.tables.prekeys.all().filter(({ kind }) => kind.endsWith('one-time')).length
  }

  it('can have fifty new ones of each kind made at each connection', async () => {
    expect(await keptAfter(1)).toBe(100)
    expect(await keptAfter(2)).toBe(200)
  })

  it('cannot fill a disk with those that it says it does not have', async () => {
    expect(await keptAfter(6)).toBeLessThan(500)
  })
})
