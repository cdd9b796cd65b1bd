import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { createAccount } from '../../../crypto/identity.ts'
import { openSqliteStore } from '../../../server/store/sqlite-store.ts'
import { seededRandom } from '../../support/random.ts'

/** The account at that place: the relay's store and the load make the same keys from the same seed. */
export function resident(place: number): Resident {
  const known = residents.get(place) ?? createAccount(`bench${place}`, seededRandom(`resident ${place}`))
  residents.set(place, known)
  return known
}

type Resident = ReturnType<typeof createAccount>
const residents = new Map<number, Resident>()

/** Registers them through the Store port, in one transaction: the quickest way to the same rows that the API makes. */
export function settle(directory: string, count: number): void {
  mkdirSync(directory, { recursive: true, mode: 0o700 })
  const store = openSqliteStore(join(directory, 'relay.db'))
  store.transaction(() => {
    for (let place = 0; place < count; place++) {
      const { device, signedList } = resident(place)
      store.addAccount(device.record.user, signedList, [device.record.id])
    }
  })
  store.close()
}
