import { describe, expect, it } from 'vitest'
import { hideGhost } from '../../crypto/access/ghost-device.ts'
import { modeCalled } from '../../crypto/access/index.ts'
import type { RecordedEnvelope } from '../../crypto/access/mode.ts'
import { puppetOf } from '../../crypto/access/puppet.ts'
import { concat, field, utf8 } from '../../crypto/bytes.ts'
import { decodeEnvelope } from '../../crypto/envelope.ts'
import { answerChallenge, createDevice, proveDevice } from '../../crypto/identity.ts'
import type { DeviceId } from '../../crypto/keys.ts'
import { withDevice } from '../../crypto/linking.ts'
import { createPrekey, encodePrekey } from '../../crypto/prekeys.ts'
import { at } from '../support/at.ts'
import { inTheFuture } from '../support/couple.ts'
import { seededRandom } from '../support/random.ts'
import { answerTo } from '../support/relay.ts'
import { createWorld, type Person, type World } from '../support/world.ts'

/*
 * Somebody who does not comply learns the id of the ghost beside them, and signs a device of their own under it: an id is
 * chosen, and says nothing of whose a device is.
 */

const id = 'ghost-device'
const refreshMs = 61_000

const texts = (held: readonly Uint8Array[], recording: readonly RecordedEnvelope[]) => {
  const reader = modeCalled(id).reader(held)
  return recording
    .flatMap((recorded) => reader.read(recorded, decodeEnvelope(recorded.bytes)) ?? [])
    .map(({ recorded, content }) => `${recorded.fromUser}: ${content.text}`)
}

/** The target's next list, with a device of her own under that id, and the device. */
function ownDeviceUnder({ device: { self } }: Person, ghost: DeviceId, world: World) {
  const { user, accountKey } = self.device.record
  const device = createDevice(user, accountKey, ghost, world.random)
  return { device, list: withDevice(self.signedList, device.record, proveDevice(device), self.accountSecret()) }
}

/** As far as the relay lets her: the list is registered, and the device has prekeys. */
async function tryToTakeOver({ device, list }: ReturnType<typeof ownDeviceUnder>, { relay, random }: World) {
  const answer = await answerTo(relay.register(list))
  if (answer !== 'done') return answer
  const connection = await relay.connect((key, challenge) => answerChallenge(device, key, challenge), {
    ready: () => undefined,
    deliver: () => undefined,
    policy: () => undefined,
    closed: () => undefined,
  })
  const prekeys = (['signed', 'one-time', 'KEM one-time', 'KEM last-resort'] as const).map((kind, i) =>
    encodePrekey(createPrekey(kind, 1 + i, inTheFuture, device, random)),
  )
  await connection.publishPrekeys(prekeys, true)
  return answer
}

describe("a target's own device under the id of the ghost beside her", () => {
  it('is refused by the relay, and the ghost reads on, whether or not anybody has written to it yet', async () => {
    for (const met of [true, false]) {
      const recording: RecordedEnvelope[] = []
      const world = await createWorld(`under its id ${met}`, { recording })
      const [alice, bob] = await world.couple()
      const held = await world.tap(id, ['alice'])
      world.later(refreshMs)
      if (met) {
        await bob.tell(alice, 'before')
        await alice.tell(bob, 'before too')
      }
      const ghost = puppetOf(at(held, 0), 'alice').device.record
      const answer = await tryToTakeOver(ownDeviceUnder(alice, ghost.id, world), world)
      world.later(refreshMs)
      await bob.tell(alice, 'to her')
      await alice.tell(bob, 'from her')
      const talk = [...(met ? ['bob: before', 'alice: before too'] : []), 'bob: to her', 'alice: from her']
      expect(texts(held, recording)).toEqual(talk)
      expect(bob.device.contacts.get('alice')?.list.devices).toHaveLength(1)
      expect(answer).toBe('bad-request')
    }
  })

  it('keeps a tap from beginning that comes after it, and the operator is told', async () => {
    const world = await createWorld('there before')
    const [alice, bob] = await world.couple()
    const mode = modeCalled(id)
    const { parameters, secrets } = mode.setup(world.random)
    const held = secrets.map(({ bytes }) => bytes)
    const ghost = puppetOf(at(held, 0), 'alice').device.record
    expect(await tryToTakeOver(ownDeviceUnder(alice, ghost.id, world), world)).toBe('done')
    await world.relay.switchAccess('the operator', id, parameters)
    const install = (seed: readonly Uint8Array[]) =>
      world.relay.installTap('the operator', id, mode.tapping?.instrument(seed, ['bob', 'alice']) ?? new Uint8Array())
    await expect(install(held)).rejects.toThrow(
      'alice has a device of other keys under the id of a puppet: make an instrument with another key',
    )
    await bob.tell(alice, 'nobody else reads this')
    await install([seededRandom('another ghost')(32)])
  })
})

describe('a complying client', () => {
  it('writes to no ghost under the id of a device that the account has signed with other keys', async () => {
    const world = await createWorld('a client')
    const alice = await world.join('alice')
    const ghost = puppetOf(seededRandom('a ghost')(32), 'alice')
    const { list } = ownDeviceUnder(alice, ghost.device.record.id, world)
    const answer = (signed: Uint8Array) => concat(utf8('doormat ghost 1\n'), field(signed), field(ghost.signedList))
    expect(hideGhost(answer(alice.device.self.signedList)).hidden).toEqual([ghost.device.record])
    expect(() => hideGhost(answer(list))).toThrow('a ghost under the id of another device')
  })
})
