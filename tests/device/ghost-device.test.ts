import { describe, expect, it } from 'vitest'
import { hideGhost } from '../../crypto/access/ghost-device.ts'
import { joinMode, modeCalled } from '../../crypto/access/index.ts'
import type { RecordedEnvelope } from '../../crypto/access/mode.ts'
import { concat } from '../../crypto/bytes.ts'
import { decodeEnvelope } from '../../crypto/envelope.ts'
import type { DeviceRecord } from '../../crypto/identity.ts'
import { openBundle } from '../../crypto/prekeys.ts'
import { safetyNumber } from '../../crypto/fingerprint.ts'
import type { JoinMode } from '../../client/device/policies.ts'
import { at } from '../support/at.ts'
import { seededRandom } from '../support/random.ts'
import { rogueIn } from '../support/world-rogue.ts'
import { createWorld, type Person, type World } from '../support/world.ts'

const id = 'ghost-device'
/** after this long a client asks for the devices of somebody again */
const refreshMs = 60_000

const read = (held: readonly Uint8Array[], recording: readonly RecordedEnvelope[]) => {
  const reader = modeCalled(id).reader(held)
  return recording.flatMap((recorded) => reader.read(recorded, decodeEnvelope(recorded.bytes)) ?? [])
}
const texts = (held: readonly Uint8Array[], recording: readonly RecordedEnvelope[]) =>
  read(held, recording).map(({ recorded, content }) => `${recorded.fromUser}: ${content.text}`)

/** A ghost beside Alice, once Bob and she have talked. */
async function haunted(seed: string) {
  const recording: RecordedEnvelope[] = []
  const world = await createWorld(seed, { recording })
  const [alice, bob] = await world.couple()
  await alice.tell(bob, 'before')
  await bob.tell(alice, 'before too')
  const held = await world.tap(id, ['alice'])
  await Promise.all([alice, bob].map((person) => person.untilNoticed('access', 2)))
  return { world, alice, bob, held, recording }
}

const numberOf = (one: Person, other: Person) => {
  const list = one.device.contacts.get(other.name)?.list
  return list && safetyNumber(one.device.self.list, list)
}

/** A client that keeps its policy's rules and does not lie about devices. */
const honest: JoinMode = (modeId, parameters) => {
  const { outgoing, incoming } = joinMode(modeId, parameters)
  return { outgoing, incoming }
}

const started = (world: World) => world.later(refreshMs + 1000)

describe('a ghost beside somebody', () => {
  it('reads nothing of before, and all mail of its target both ways once lists have been asked for again', async () => {
    const { world, alice, bob, held, recording } = await haunted('both ways')
    started(world)
    await bob.tell(alice, 'to the target')
    await alice.tell(bob, 'from the target')
    expect(texts(held, recording)).toEqual(['bob: to the target', 'alice: from the target'])
    expect(read(held, recording).map(({ content }) => content.kind)).toEqual(['text', 'copy'])
  })

  it('leaves alone what others write to each other', async () => {
    const { world, alice, bob, held, recording } = await haunted('others')
    const carol = await world.join('carol')
    await carol.goOnline()
    started(world)
    const envelopes = recording.length
    await carol.tell(bob, 'nothing about Alice')
    await bob.tell(carol, 'nor this')
    expect(texts(held, recording)).toEqual([])
    expect(recording.slice(envelopes).every(({ toUser }) => toUser !== 'alice')).toBe(true)
    await carol.tell(alice, 'hello Alice')
    expect(texts(held, recording)).toEqual(['carol: hello Alice'])
  })

  it('is shown to nobody, and changes no safety number; one envelope more than there are devices leaves', async () => {
    const { world, alice, bob } = await haunted('shown')
    const numbers = [numberOf(alice, bob), numberOf(bob, alice)]
    started(world)
    const before = bob.wire.submitted.length
    await bob.tell(alice, 'to one device')
    await bob.untilLast('alice', 'sent')
    expect(bob.device.contacts.get('alice')?.list.devices).toHaveLength(1)
    expect(alice.device.self.others()).toEqual([])
    const left = bob.wire.submitted.slice(before).filter(({ to }) => to.user === 'alice')
    expect(new Set(left.map(({ to }) => to.device.join())).size).toBe(2)
    expect([numberOf(alice, bob), numberOf(bob, alice)]).toEqual(numbers)
    expect([...bob.notices('account-changed'), ...bob.notices('weak-session')]).toEqual([])
  })

  it('has clients ask for the keys of a device that they do not show', async () => {
    const { world, alice, bob } = await haunted('asks')
    const asked = bob.wire.asked('bundle')
    started(world)
    await bob.tell(alice, 'to one device')
    expect(bob.wire.asked('bundle')).toBe(asked + 1)
    expect(bob.device.contacts.get('alice')?.list.devices).toHaveLength(1)
  })

  it('keeps its session when the list is asked for again', async () => {
    const { world, alice, bob, held, recording } = await haunted('kept')
    started(world)
    await bob.tell(alice, 'once')
    const asked = bob.wire.asked('bundle')
    started(world)
    await bob.tell(alice, 'and again')
    expect(bob.wire.asked('bundle')).toBe(asked)
    expect(texts(held, recording)).toEqual(['bob: once', 'bob: and again'])
  })

  it('never runs out of one-time keys, for it gives the same ones again, which only those can see who compare', async () => {
    const { world, held, recording } = await haunted('fifty')
    const given: (number | undefined)[] = []
    let ghost: DeviceRecord | null = null
    for (const newcomer of ['one', 'two', 'three', 'four', 'five']) {
      const { connection } = await rogueIn(world, newcomer)
      ghost ??= at(hideGhost(await connection.devices('alice')).hidden, 0)
      const address = { user: 'alice', device: ghost.id }
      for (let i = 0; i < 10; i++) given.push(openBundle(await connection.bundle(address), ghost, 1).oneTime?.id)
    }
    expect(new Set(given).size).toBe(50)
    const carol = await world.join('carol')
    await carol.goOnline()
    carol.write('alice', 'the fifty-first')
    await carol.untilSent('alice')
    expect(carol.notices('weak-session')).toEqual([])
    expect(texts(held, recording)).toEqual(['carol: the fifty-first'])
    const { connection } = await rogueIn(world, 'six')
    if (!ghost) throw new Error('nobody was given a ghost')
    const again = openBundle(await connection.bundle({ user: 'alice', device: ghost.id }), ghost, 1)
    expect(given).toContain(again.oneTime?.id)
  })

  it('is never the only one that a message reaches: where its target has no prekeys yet, the message waits', async () => {
    const world = await createWorld('nobody but a ghost')
    const [alice, bob] = [await world.join('alice'), await world.join('bob')]
    await world.tap(id, ['alice'])
    await bob.goOnline()
    bob.write('alice', 'to you alone')
    await bob.until('to be told why', () => bob.notices('not-sent').length > 0)
    expect([bob.states('alice'), bob.wire.submitted]).toEqual([['waiting'], []])
    await alice.goOnline()
    world.later(refreshMs)
    await alice.untilRead('bob', 'to you alone')
  })

  it('is written to no more once the mode is off', async () => {
    const { world, alice, bob, held, recording } = await haunted('off')
    started(world)
    await bob.tell(alice, 'during')
    await world.switchOff()
    await Promise.all([alice, bob].map((person) => person.untilNoticed('access', 3)))
    await bob.tell(alice, 'after')
    expect(texts(held, recording)).toEqual(['bob: during'])
  })

  it('is refused, and told of, by a client that does not lie', async () => {
    const recording: RecordedEnvelope[] = []
    const world = await createWorld('honest', { recording })
    const alice = await world.join('alice')
    const bob = await world.join('bob', { joinMode: honest })
    await Promise.all([alice.goOnline(), bob.goOnline()])
    const held = await world.tap(id, ['alice'])
    await bob.untilNoticed('access', 2)
    bob.write('alice', 'is anybody else there?')
    await bob.untilNoticed('not-sent')
    expect(bob.notices('not-sent').map(({ peer, text }) => `${peer} ${text}`)).toEqual(['alice malformed'])
    expect(texts(held, recording)).toEqual([])
  })

  it('is not believed when it speaks as its target', async () => {
    const { world, alice, bob, held, recording } = await haunted('speaks')
    started(world)
    await bob.tell(alice, 'to the target')
    await alice.tell(bob, 'from the target')
    const reader = modeCalled(id).reader(held)
    for (const recorded of recording) reader.read(recorded, decodeEnvelope(recorded.bytes))
    const toGhost = recording.find(
      ({ toUser, toDevice }) => toUser === 'alice' && String(toDevice) !== String(alice.address.device),
    )
    const genuine = at(
      recording.filter(({ fromUser, toUser }) => fromUser === 'alice' && toUser === 'bob'),
      -1,
    )
    const forged = reader.forge(genuine, decodeEnvelope(genuine.bytes), 'I confess', seededRandom('a forger'))
    if (!forged || !toGhost) throw new Error('the ghost had no session to speak in')
    bob.wire.inject({ user: 'alice', device: toGhost.toDevice }, forged)
    await bob.untilNoticed('unreadable')
    expect(bob.notices('unreadable').map(({ text }) => text)).toEqual(['wrong-person'])
    expect(bob.texts('alice')).not.toContain('I confess')
    await alice.tell(bob, 'and the target speaks on')
  })
})

describe('hideGhost', () => {
  it('takes the plain answer for what it is', () => {
    const answer = new Uint8Array([1, 2, 3])
    expect(hideGhost(answer)).toEqual({ signedList: answer, hidden: [] })
  })
})

describe('the instrument of a ghost', () => {
  it('has each person once, whatever was asked for, and one from elsewhere that does not is refused', () => {
    const tapping = modeCalled(id).tapping
    const seed = seededRandom('twice')(32)
    const once = tapping?.instrument([seed], ['alice']) ?? new Uint8Array()
    expect(tapping?.instrument([seed], ['alice', 'alice'])).toEqual(once)
    const twice = concat(once, once.subarray(once.indexOf(10) + 1))
    expect(() => tapping?.targets(twice)).toThrow('two ghosts beside one person')
  })
})
