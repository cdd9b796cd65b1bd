import { expect, it } from 'vitest'
import { createAccount } from '../../crypto/identity.ts'
import { type Choices, loadSelf } from '../../client/device/self.ts'
import { registerDevice } from '../../client/device/registration.ts'
import { openStoreInMemory } from '../../client/device/memory/store.ts'
import { RelayError } from '../../server/api.ts'
import { seededRandom } from '../support/random.ts'
import { createWorld } from '../support/world.ts'

const willing: Choices = { refusesAccess: false, receipts: true }
const cautious: Choices = { refusesAccess: true, receipts: false }
const refusal = (code: string) => expect.objectContaining({ code })
const place = { relayUrl: 'in this process', relayCa: null }

it.each(['before the relay took it', 'after it'] as const)(
  'a registration that broke off %s is completed by another, which may choose otherwise',
  async (when) => {
    const { relay } = await createWorld('registering')
    const [store, random] = [openStoreInMemory(), seededRandom('alice')]
    const breaking = {
      ...relay,
      async register(list: Uint8Array) {
        if (when === 'after it') await relay.register(list)
        throw new RelayError('unreachable', 'the relay cannot be reached')
      },
    }
    await expect(registerDevice(store, 'alice', place, breaking, willing, random)).rejects.toEqual(
      refusal('unreachable'),
    )
    const before = loadSelf(store).device.record

    const self = await registerDevice(store, 'alice', place, relay, cautious, random)
    expect(self.device.record).toEqual(before)
    expect(loadSelf(store)).toMatchObject(cautious)
    const another = createAccount('alice', random).signedList
    await expect(relay.register(another)).rejects.toEqual(refusal('name-taken'))
  },
)

it('a device that has not been online yet is registered again as the same, and only as the same', async () => {
  const { relay } = await createWorld('registering')
  const [store, random] = [openStoreInMemory(), seededRandom('alice')]
  const register = (name: string) => registerDevice(store, name, place, relay, willing, random)
  const { device } = await register('alice')
  expect((await register('alice')).device.record).toEqual(device.record)
  await expect(register('bob')).rejects.toEqual(refusal('device-exists'))
})

it('a device that has been online is not registered again, and stays as it is', async () => {
  const world = await createWorld('registering')
  const alice = await world.join('alice')
  await alice.goOnline()
  const again = registerDevice(alice.device.store, 'alice', place, world.relay, cautious, seededRandom('again'))
  await expect(again).rejects.toEqual(refusal('device-exists'))
  expect(loadSelf(alice.device.store).refusesAccess).toBe(false)
})

it('a device whose signing key does not belong to its record signs nothing: the store was changed', async () => {
  const { relay } = await createWorld('registering')
  const [store, random] = [openStoreInMemory(), seededRandom('alice')]
  const { device } = await registerDevice(store, 'alice', place, relay, willing, random)
  const self = store.meta('self') as Uint8Array
  const at = Buffer.from(self).indexOf(device.signingSecret)
  expect(at).toBeGreaterThan(0)
  store.setMeta('self', self.with(at, (self[at] ?? 0) ^ 1))
  expect(() => loadSelf(store)).toThrow(expect.objectContaining({ code: 'not-authentic' }))
  store.setMeta('self', self)
  expect(loadSelf(store).device.signingSecret).toEqual(device.signingSecret)
})
