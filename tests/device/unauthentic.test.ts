import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { decodeEnvelope, encodeEnvelope } from '../../crypto/envelope.ts'
import { decodeHandshake, encodeHandshake } from '../../crypto/pqxdh.ts'
import { usualSupply } from '../../client/device/prekeys.ts'
import type { TableSet } from '../../client/device/tables/tables.ts'
import { openBundle } from '../../crypto/prekeys.ts'
import type { DeviceId } from '../../crypto/keys.ts'
import type { DeviceAddress } from '../../server/api.ts'
import { at } from '../support/at.ts'
import { altered, turned } from '../support/opening.ts'
import { noticesTo } from '../support/world-shown.ts'
import { createWorld, type Person, type World } from '../support/world.ts'
import { type Rogue, rogueIn } from '../support/world-rogue.ts'

const prekeyIds = ({ device }: Person) => device.store.tables.prekeys.all().map(({ id }) => id)

/** A first message that names prekeys which nobody has made, and that nothing opens. */
async function namingMadeUpPrekeys(rogue: Rogue, victim: Person): Promise<Uint8Array> {
  const envelope = decodeEnvelope(await rogue.make(victim, {}))
  const handshake = decodeHandshake(envelope.handshake as Uint8Array)
  const madeUp = { ...handshake, signedPrekeyId: 0xffff_fff0, oneTimePrekeyId: 0xffff_fff1, kemPrekeyId: 0xffff_fff2 }
  return encodeEnvelope({ ...envelope, handshake: encodeHandshake(madeUp) })
}

/** Strangers ask for somebody's one-time keys, ten each, and never write. */
async function drain(world: World, { address, device }: Person, count: number): Promise<void> {
  const record = device.self.device.record
  for (let taken = 0; taken < count;) {
    const { connection } = await rogueIn(world, `drain.${world.random(4).join('')}`)
    for (let i = 0; i < 10 && taken < count; i++, taken++) openBundle(await connection.bundle(address), record, 1)
  }
}

describe('what a stranger sends that does not open', () => {
  it('replaces no prekeys and reports no rollback, whatever prekeys it names', async () => {
    const world = await createWorld('made up prekeys')
    const [alice, bob] = await world.couple()
    const mallory = await rogueIn(world, 'mallory')
    const [ids, published] = [prekeyIds(bob), bob.wire.asked('publishPrekeys')]
    for (let hour = 0; hour < 3; hour++) {
      bob.wire.inject(mallory.address, await namingMadeUpPrekeys(mallory, bob))
      await bob.untilNoticed('unreadable', hour + 1)
      world.later(2 * 3600 * 1000)
    }
    alice.write('bob', 'after that')
    await bob.untilRead('alice', 'after that')
    expect(bob.notices('rolled-back')).toEqual([])
    expect(prekeyIds(bob).filter((id) => !ids.includes(id))).toEqual([])
    // the one that opened had Alice's conversation begin
    expect(bob.wire.asked('publishPrekeys')).toBeLessThanOrEqual(published + 1)
  })

  it('has the relay asked for our own prekeys once an hour at most', async () => {
    const world = await createWorld('asked once')
    const [alice, bob] = await world.couple()
    const mallory = await rogueIn(world, 'mallory')
    for (let i = 0; i < 20; i++) bob.wire.inject(mallory.address, await namingMadeUpPrekeys(mallory, bob))
    alice.write('bob', 'after that')
    await bob.untilRead('alice', 'after that')
    expect(bob.wire.asked('bundle')).toBeLessThanOrEqual(1)
  })
})

const named = (world: World, user: string): DeviceAddress => ({ user, device: world.random(32) as DeviceId })

const rowsIn = ({ device: { store } }: Person, table: keyof TableSet) => store.tables[table].all().length

/** Garbage comes in, and everything before it has been taken in when a friend's word is read. */
async function flooded(to: Person, friend: Person, envelopes: readonly { from: DeviceAddress; bytes: Uint8Array }[]) {
  for (const { from, bytes } of envelopes) to.wire.inject(from, bytes)
  const text = `after ${to.wire.asked('acknowledge')}`
  friend.write(to.name, text)
  await to.untilRead(friend.name, text)
}

describe('mail that cannot be read', () => {
  it('of all strangers together leaves 16 lines a day, which then say how many were only counted', async () => {
    const world = await createWorld('a line for each')
    const [alice, bob] = await world.couple()
    const garbage = (count: number) =>
      Array.from({ length: count }, (_, i) => ({ from: named(world, `m${i}`), bytes: world.random(200) }))
    await flooded(bob, alice, garbage(1000))
    expect(bob.notices('unreadable')).toHaveLength(16)
    world.later(24 * 3600 * 1000)
    await flooded(bob, alice, garbage(2))
    expect(bob.notices('unreadable').map(({ sequence }) => sequence)).toEqual([...Array(16).fill(null), 984, null])
    expect(noticesTo(bob).at(-2)).toBe(
      'a message from m0 could not be read: malformed; 984 more messages could not be read either',
    )
  })

  it('under the name of one contact leaves 16 lines a day, and takes none from another', async () => {
    const world = await createWorld('a line for each of one')
    const [alice, bob] = await world.couple()
    const carol = await world.join('carol')
    await carol.goOnline()
    await carol.tell(bob, 'hello')
    await alice.tell(bob, 'hello')
    const from = (person: Person, count: number) =>
      Array.from({ length: count }, () => ({ from: person.address, bytes: world.random(200) }))
    await flooded(bob, alice, [...from(carol, 100), ...from(alice, 1)])
    expect(bob.notices('unreadable').map(({ peer }) => peer)).toEqual([...Array(16).fill('carol'), 'alice'])
  })

  it('is not remembered on the device, however much of it comes', async () => {
    const world = await createWorld('digests')
    const [alice, bob] = await world.couple()
    const mallory = await rogueIn(world, 'mallory')
    await flooded(bob, alice, [])
    const before = [rowsIn(bob, 'taken'), rowsIn(bob, 'held'), rowsIn(bob, 'sessions'), rowsIn(bob, 'contacts')]
    const envelope = await namingMadeUpPrekeys(mallory, bob)
    const kinds = [envelope, world.random(300), world.random(60_000)]
    await flooded(
      bob,
      alice,
      Array.from({ length: 300 }, (_, i) => ({ from: mallory.address, bytes: at(kinds, i % 3) })),
    )
    const after = [rowsIn(bob, 'taken'), rowsIn(bob, 'held'), rowsIn(bob, 'sessions'), rowsIn(bob, 'contacts')]
    // the friend's word alone
    expect(after).toEqual([at(before, 0) + 1, ...before.slice(1)])
  })

  it('ends the connection where more waits in memory than 16 MiB', async () => {
    const world = await createWorld('more than anybody reads')
    const bob = await world.join('bob')
    await bob.goOnline()
    const connected = bob.wire.asked('connect')
    const large = world.random(65_000)
    const from = named(world, 'mallory')
    for (let i = 0; i < 300; i++) bob.wire.inject(from, large)
    await bob.until('for the connection to end', () => bob.wire.asked('connect') > connected)
  })

  it('of somebody who is blocked leaves no line and asks for no new session', async () => {
    const world = await createWorld('blocked and unreadable')
    const [alice, bob] = await world.couple()
    const carol = await world.join('carol')
    await carol.goOnline()
    await carol.tell(bob, 'hello')
    bob.device.contacts.setBlocked('carol', true)
    const submitted = bob.wire.submitted.length
    carol.write('bob', 'one more')
    await carol.untilSent('bob')
    const ofNoSession = altered(at(carol.wire.submitted, -1).envelope, { handshake: null })
    await flooded(bob, alice, [
      { from: carol.address, bytes: turned(ofNoSession, 8 * 45) },
      { from: carol.address, bytes: world.random(200) },
    ])
    expect(bob.notices('unreadable')).toEqual([])
    expect(bob.wire.submitted.slice(submitted).filter(({ to }) => to.user === 'carol')).toEqual([])
  })
})

describe('a stranger who never got through', () => {
  it('can be blocked by the name that the relay gives, and leaves no line from then on, nor a word that opens', async () => {
    const world = await createWorld('blocked unknown')
    const [alice, bob] = await world.couple()
    bob.device.contacts.setBlocked('mallory', true)
    expect(bob.device.contacts.isBlocked('mallory')).toBe(true)
    const mallory = await rogueIn(world, 'mallory')
    await flooded(bob, alice, [{ from: mallory.address, bytes: world.random(300) }])
    expect(bob.notices('unreadable')).toEqual([])
    await mallory.submit(bob, await mallory.make(bob, { text: 'an honest word' }))
    await flooded(bob, alice, [])
    expect(bob.texts('mallory')).toEqual([])
    expect(bob.device.contacts.get('mallory')).toMatchObject({ blocked: true })
    expect(() => bob.device.write('mallory', 'no')).toThrow(expect.objectContaining({ code: 'blocked' }))
    bob.device.contacts.setBlocked('mallory', false)
    await mallory.submit(bob, await mallory.make(bob, { text: 'and another' }))
    await bob.untilRead('mallory', 'and another')
  })

  it('can be unblocked again, and nobody can be who was not blocked', async () => {
    const world = await createWorld('unblocked unknown')
    const bob = await world.join('bob')
    bob.device.contacts.setBlocked('mallory', true)
    bob.device.contacts.setBlocked('mallory', true)
    bob.device.contacts.setBlocked('mallory', false)
    expect(bob.device.contacts.isBlocked('mallory')).toBe(false)
    expect(() => bob.device.contacts.setBlocked('mallory', false)).toThrow(
      expect.objectContaining({ code: 'no-such-contact' }),
    )
  })
})

describe('another account key under a known name', () => {
  const known = async (seed: string) => {
    const world = await createWorld(seed)
    const [alice, bob] = await world.couple()
    await bob.tell(alice, 'hello')
    await alice.tell(bob, 'hello yourself')
    const impostor = await rogueIn(world, 'mallory', 'bob')
    const carol = await world.join('carol')
    await carol.goOnline()
    return { world, alice, bob, carol, impostor }
  }

  it('changes nothing, is not told of and held nowhere before its message has opened', async () => {
    const { alice, bob, carol, impostor } = await known('an unopened change')
    alice.device.contacts.verify('bob')
    const envelope = await impostor.make(alice, {})
    const spoilt = [turned(envelope, 8 * envelope.length - 1), await namingMadeUpPrekeys(impostor, alice)]
    await flooded(
      alice,
      carol,
      spoilt.map((bytes) => ({ from: impostor.address, bytes })),
    )
    expect(alice.notices('account-changed')).toEqual([])
    expect(alice.device.contacts.get('bob')).toMatchObject({ changed: null, verified: true })
    expect(rowsIn(alice, 'held')).toBe(0)
    await alice.tell(bob, 'still you')
  })

  it('has 256 envelopes held and 4 MiB of them, over all names; what comes then is unreadable', async () => {
    const { alice, carol, impostor } = await known('held for ever')
    const { held: table } = alice.device.store.tables
    const heldAlready = (count: number, sizeBytes: number) => {
      const { device } = impostor.address
      for (let i = 0; i < count; i++)
        table.add({ user: 'somebody', device, time: 0, envelope: new Uint8Array(sizeBytes) })
    }
    const five = async (text: string) => {
      const envelopes: { from: DeviceAddress; bytes: Uint8Array }[] = []
      for (let i = 0; i < 5; i++)
        envelopes.push({ from: impostor.address, bytes: await impostor.make(alice, { text }) })
      return envelopes
    }
    heldAlready(254, 0)
    await flooded(alice, carol, await five('short'))
    expect(table.size().count).toBe(256)
    expect(alice.notices('account-changed')).toHaveLength(1)
    expect(alice.notices('unreadable').map(({ text }) => text)).toEqual(Array(3).fill('account-changed'))
    table.clear()
    heldAlready(1, 4 * 1024 * 1024 - 150_000)
    await flooded(alice, carol, await five('x'.repeat(60_000)))
    expect(table.size().count).toBe(3)
    expect(table.size().bytes).toBeLessThanOrEqual(4 * 1024 * 1024)
  })
})

describe('a device whose store is older than the prekeys that the relay has of it', () => {
  it('believes its own signature under a prekey that it does not have, says so, and replaces all of them', async () => {
    const world = await createWorld('older than its prekeys')
    const alice = await world.join('alice', { supply: usualSupply })
    await alice.goOnline()
    await alice.copyTo(join(world.folder, 'a copy'))
    await drain(world, alice, 35)
    await alice.goOnline()
    await drain(world, alice, 15)
    await alice.restoreFrom(join(world.folder, 'a copy'))
    await alice.goOnline()
    const old = prekeyIds(alice)
    const carol = await world.join('carol')
    await carol.goOnline()
    carol.write('alice', 'under a key that you have lost')
    await alice.untilNoticed('rolled-back')
    expect(alice.notices('rolled-back')).toHaveLength(1)
    await alice.until('for new prekeys', () => prekeyIds(alice).some((id) => !old.includes(id)))
    await alice.tell(carol, 'what did you say?')
    await carol.tell(alice, 'never mind')
  })
})
