import { equal } from '../../crypto/bytes.ts'
import type { Random } from '../../crypto/random.ts'
import type { Relay } from '../../server/api.ts'
import {
  type Choices,
  chooseAnew,
  createSelf,
  dropSelf,
  loadSelf,
  type RelayPlace,
  type Self,
  storeSelf,
} from './self.ts'
import type { DeviceStore } from './store.ts'

/**
 * How far a device's registration has come: `begun` until its relay is known to have taken it, `taken` until it has been
 * online once, which is when others can write to it.
 */
export type Registration = 'begun' | 'taken' | 'complete'

/** `complete` is what earlier versions wrote as soon as the relay had taken it. */
const notes = { taken: new Uint8Array([0]), complete: new Uint8Array([1]) }

export const noteRegistration = (store: DeviceStore, how: keyof typeof notes): void =>
  store.setMeta('registered', notes[how])

/** @returns null where the store holds no device */
export function registrationOf(store: DeviceStore): Registration | null {
  if (!store.meta('self')) return null
  const noted = store.meta('registered')
  if (!noted) return 'begun'
  return equal(noted, notes.taken) ? 'taken' : 'complete'
}

/**
 * Makes a device in an empty store and registers it. The keys are stored before the relay hears of them; asked again before
 * it has been online, the same device is registered, with what is chosen then.
 * @throws ClientError `device-exists` | RelayError `name-taken`
 */
export async function registerDevice(
  store: DeviceStore,
  user: string,
  place: RelayPlace,
  relay: Relay,
  choices: Choices,
  random: Random,
): Promise<Self> {
  const before = registrationOf(store)
  const known = before && before !== 'complete' ? loadSelf(store) : null
  const isSame =
    known?.device.record.user === user && known.relayUrl === place.relayUrl && known.relayCa === place.relayCa
  if (before === 'begun' && !isSame) dropSelf(store)
  const begin = async () => createSelf(user, { ...place, policyKey: await relay.policyKey(), choices }, random)
  const self = known && isSame ? chooseAnew(store, known, choices) : storeSelf(store, await begin())
  await relay.register(self.signedList)
  noteRegistration(store, 'taken')
  return self
}
