import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { createAccount } from '../../../crypto/identity.ts'
import { openSqliteStore } from '../../../server/store/sqlite-store.ts'
import { seededRandom } from '../../support/random.ts'
import { enroll } from '../../support/stored.ts'

/** The account at that place: the relay's store and the load make the same keys from the same seed. */
export function resident(place: number): Resident {
  const known = residents.get(place) ?? createAccount(`bench${place}`, seededRandom(`resident ${place}`))
  residents.set(place, known)
  return known
}

type Resident = ReturnType<typeof createAccount>
const residents = new Map<number, Resident>()

/** Registers them through the Store port: the quickest way to the same rows that the API makes. */
export async function settle(directory: string, count: number): Promise<void> {
  mkdirSync(directory, { recursive: true, mode: 0o700 })
  const store = openSqliteStore(join(directory, 'relay.db'))
  for (let place = 0; place < count; place++) {
    const { device, signedList } = resident(place)
    await enroll(store, device.record.user, [device.record.id], signedList)
  }
  store.close()
}
