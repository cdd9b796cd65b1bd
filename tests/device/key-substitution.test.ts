import { describe, expect, it } from 'vitest'
import { modeCalled } from '../../crypto/access/index.ts'
import { middle } from '../../crypto/access/key-substitution.ts'
import type { RecordedEnvelope } from '../../crypto/access/mode.ts'
import { decodeEnvelope } from '../../crypto/envelope.ts'
import { answerChallenge, createAccount, openDeviceList } from '../../crypto/identity.ts'
import { openBundle } from '../../crypto/prekeys.ts'
import { encrypt, openSession } from '../../crypto/session.ts'
import { safetyNumber } from '../../crypto/fingerprint.ts'
import { at } from '../support/at.ts'
import { noSeams, text } from '../support/couple.ts'
import { seededRandom } from '../support/random.ts'
import { createWorld, type Person } from '../support/world.ts'

const id = 'key-substitution'
/** after this long a client asks for the devices of somebody again */
const refreshMs = 61_000

function reading(held: readonly Uint8Array[], recording: readonly RecordedEnvelope[]) {
  const reader = modeCalled(id).reader(held)
  const read = recording.flatMap((recorded) => reader.read(recorded, decodeEnvelope(recorded.bytes)) ?? [])
  const texts = read
    .filter(({ content }) => content.kind === 'text')
    .map(({ recorded, content }) => `${recorded.fromUser}: ${content.text}`)
  return { reader, texts }
}

const numberOf = (one: Person, other: Person) => {
  const list = one.device.contacts.get(other.name)?.list
  return list && safetyNumber(one.device.self.list, list)
}

describe('a relay with other keys for everybody', () => {
  it('lets new contacts talk both ways, and reads all of it out of a recording', async () => {
    const recording: RecordedEnvelope[] = []
    const world = await createWorld('new contacts', { recording })
    const [alice, bob] = await world.couple({ receipts: true })
    const held = await world.tap(id, ['alice'])
    await alice.tell(bob, 'hello Bob')
    await bob.tell(alice, 'hello Alice')
    await bob.tell(alice, 'how are you')
    await alice.tell(bob, 'well')
    await bob.untilLast('alice', 'delivered')
    expect(reading(held, recording).texts).toEqual([
      'alice: hello Bob',
      'bob: hello Alice',
      'bob: how are you',
      'alice: well',
    ])
    const told = [alice, bob].flatMap((person) =>
      (['gap', 'late', 'unreadable', 'account-changed'] as const).flatMap((kind) => person.notices(kind)),
    )
    expect(told).toEqual([])
  })

  it('gives the two different safety numbers', async () => {
    const world = await createWorld('numbers')
    const [alice, bob] = await world.couple()
    await world.tap(id, [])
    await alice.tell(bob, 'hello Bob')
    await bob.tell(alice, 'hello Alice')
    expect(numberOf(alice, bob)).not.toEqual(numberOf(bob, alice))
  })

  it('puts words into the mouth of either', async () => {
    const recording: RecordedEnvelope[] = []
    const world = await createWorld('forged', { recording })
    const [alice, bob] = await world.couple()
    const held = await world.tap(id, ['alice'])
    await alice.tell(bob, 'hello Bob')
    await bob.tell(alice, 'hello Alice')
    const { reader } = reading(held, recording)
    const last = recording.findLast(({ fromUser, toUser }) => fromUser === 'bob' && toUser === 'alice')
    if (!last) throw new Error('nothing was recorded')
    const forged = reader.forge(last, decodeEnvelope(last.bytes), 'meet me at the bridge', seededRandom('a forger'))
    if (!forged) throw new Error('there was no way to begin')
    alice.wire.inject({ user: 'bob', device: last.fromDevice }, forged)
    await alice.untilRead('bob', 'meet me at the bridge')
    expect(bob.written('alice').map(({ text }) => text)).toEqual(['hello Alice'])
  })

  it('stops a conversation that was there before, and both are told', async () => {
    const recording: RecordedEnvelope[] = []
    const world = await createWorld('before', { recording })
    const [alice, bob] = await world.couple()
    await alice.tell(bob, 'before')
    await bob.tell(alice, 'before too')
    const held = await world.tap(id, ['alice'])
    world.later(refreshMs)
    alice.write('bob', 'is it you?')
    bob.write('alice', 'is it you?')
    await Promise.all([alice, bob].map((person) => person.untilNoticed('account-changed')))
    expect(reading(held, recording).texts).toEqual([])
    expect(bob.texts('alice')).toEqual(['before'])
    expect(alice.texts('bob')).toEqual(['before too'])
  })

  it('leaves a conversation alone that was there before, where it is told to, and takes the new ones', async () => {
    const recording: RecordedEnvelope[] = []
    const world = await createWorld('spared', { recording })
    const [alice, bob] = await world.couple()
    const carol = await world.join('carol')
    await carol.goOnline()
    await alice.tell(bob, 'before')
    const seed = seededRandom('an operator who attacks')(32)
    await world.relay.install((line) => middle(seed, ['alice'], true, line))
    world.later(refreshMs)
    await alice.tell(bob, 'as ever')
    await bob.tell(alice, 'as ever too')
    await carol.tell(alice, 'hello Alice')
    await alice.tell(carol, 'hello Carol')
    expect(reading([seed], recording).texts).toEqual(['carol: hello Alice', 'alice: hello Carol'])
    expect([...alice.notices('account-changed'), ...bob.notices('account-changed')]).toEqual([])
  })

  it("passes on to nobody else, though a stranger's device has the id of its target's partner", async () => {
    const recording: RecordedEnvelope[] = []
    const world = await createWorld('one id for two', { recording })
    const [alice, bob] = await world.couple()
    const held = await world.tap(id, [])
    const drawn = world.random
    const first = { left: true }
    const sharing = (sizeBytes: number) => {
      if (!first.left) return drawn(sizeBytes)
      first.left = false
      return bob.address.device
    }
    const mallory = createAccount('mallory', sharing)
    await world.relay.register(mallory.signedList)
    const connection = await world.relay.connect((key, challenge) => answerChallenge(mallory.device, key, challenge), {
      ready: () => undefined,
      deliver: () => undefined,
      policy: () => undefined,
      closed: () => undefined,
    })
    const impostor = at(openDeviceList(await connection.devices('alice')).devices, 0)
    const bundle = openBundle(await connection.bundle({ user: 'alice', device: impostor.id }), impostor, 1)
    const { reference } = at(await world.chain(), -1)
    const late = world.clock() + 1_000_000
    const session = openSession(mallory.device, mallory.signedList, impostor, bundle, reference, late, drawn)
    const said = text('hello from mallory', drawn)
    const { envelope } = encrypt(session, mallory.device.record, said, reference, noSeams, drawn)
    await connection.submit({ to: { user: 'alice', device: impostor.id }, counter: 1, envelope })
    await bob.tell(alice, 'hello Alice')
    await alice.tell(bob, 'hello Bob')
    expect(reading(held, recording).texts).toEqual(
      expect.arrayContaining(['mallory: hello from mallory', 'bob: hello Alice', 'alice: hello Bob']),
    )
    expect(bob.notices('unreadable')).toEqual([])
  })

  it('reaches every device of its target', async () => {
    const recording: RecordedEnvelope[] = []
    const world = await createWorld('devices', { recording })
    const [alice, bob] = await world.couple()
    const second = await world.link(alice)
    await second.goOnline()
    const held = await world.tap(id, ['alice'])
    await bob.tell(alice, 'hello both')
    await second.untilRead('bob', 'hello both')
    await second.tell(bob, 'from the second')
    expect(reading(held, recording).texts).toEqual(['bob: hello both', 'alice: from the second'])
    expect(at(alice.written('bob'), 0).text).toBe('from the second')
  })
})
