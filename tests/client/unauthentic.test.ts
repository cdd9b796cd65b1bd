import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { decodeEnvelope, encodeEnvelope } from '../../crypto/envelope.ts'
import { decodeHandshake, encodeHandshake } from '../../crypto/pqxdh.ts'
import { openBundle } from '../../crypto/prekeys.ts'
import { createWorld, type Person, type World } from '../support/world.ts'
import { type Rogue, rogueIn } from '../support/world-rogue.ts'

const prekeyIds = ({ device }: Person) =>
  device.store.all('SELECT id FROM prekey ORDER BY id').map(({ id }) => Number(id))

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
    const world = createWorld('made up prekeys')
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
    const world = createWorld('asked once')
    const [alice, bob] = await world.couple()
    const mallory = await rogueIn(world, 'mallory')
    for (let i = 0; i < 20; i++) bob.wire.inject(mallory.address, await namingMadeUpPrekeys(mallory, bob))
    alice.write('bob', 'after that')
    await bob.untilRead('alice', 'after that')
    expect(bob.wire.asked('bundle')).toBeLessThanOrEqual(1)
  })
})

describe('a device whose store is older than the prekeys that the relay has of it', () => {
  it('believes its own signature under a prekey that it does not have, says so, and replaces all of them', async () => {
    const world = createWorld('older than its prekeys')
    const alice = await world.join('alice')
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
