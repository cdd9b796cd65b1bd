import { join } from 'node:path'
import { joinMode } from '../../crypto/access/index.ts'
import { base64url } from '../../crypto/bytes.ts'
import { systemRandom } from '../../crypto/random.ts'
import { type Departures, watchDepartures } from '../device/departures.ts'
import { type Device, openDevice } from '../device/device.ts'
import { goOnline, type Online } from '../device/online.ts'
import type { HistoryMessage } from '../device/history-entries.ts'
import { registerDevice, registrationOf } from '../device/registration.ts'
import { createSelf, loadSelf, type RelayPlace, storePlace, storeSelf } from '../device/self.ts'
import { relayAt } from '../node/relay.ts'
import { openStore } from '../node/store.ts'

/** Somebody on stage: the messenger's own device, at a relay across the network. */
export interface Actor {
  readonly name: string
  readonly device: Device
  readonly departures: Departures
  readonly online: Online
  /** Writes a message down, under an id that is written once only. */
  write(to: string, id: string, text: string): void
  /** What was received from somebody under an id; null where it has not arrived, or is deleted. */
  received(from: string, id: string): HistoryMessage | null
  forget(): number
  stop(): Promise<void>
}

/** Only those on stage write to each other, and one after the other. */
const supply = { refillBelow: 4, refillTo: 12 }

const choices = { refusesAccess: false, receipts: false }

/**
 * Makes keys for somebody, or takes up those that are in the folder, and tells nobody yet.
 * @returns the account key, base64url
 */
export async function prepare(folder: string, name: string, place: RelayPlace): Promise<string> {
  const store = openStore(join(folder, name))
  try {
    if (!store.meta('self')) {
      const policyKey = await relayAt(place.relayUrl, place.relayCa).policyKey()
      storeSelf(store, createSelf(name, { ...place, policyKey, choices }, systemRandom))
    } else storePlace(store, place)
    return base64url(loadSelf(store).device.record.accountKey)
  } finally {
    store.close()
  }
}

/** Whoever was prepared comes in, with an account where there is none yet. @throws RelayError */
export async function enter(folder: string, name: string, place: RelayPlace): Promise<Actor> {
  const store = openStore(join(folder, name))
  const relay = relayAt(place.relayUrl, place.relayCa)
  if (registrationOf(store) !== 'complete') await registerDevice(store, name, place, relay, choices, systemRandom)
  const device = openDevice(store, { joinMode, random: systemRandom, clock: Date.now, supply })
  const departures = watchDepartures(relay, store)
  const online = goOnline(device, departures.relay, systemRandom, Date.now)
  const { contacts, conversations, history } = device
  return {
    name,
    device,
    departures,
    online,
    write: (to, id, text) => void device.write(to, text, id),
    received(from, id) {
      const row = store.tables.history.incoming(from, id)
      return row && history.message(row.row)
    },
    forget: () => contacts.all().reduce((sum, { user }) => sum + conversations.forget(user, null), 0),
    async stop() {
      await online.stop()
      store.close()
    },
  }
}
