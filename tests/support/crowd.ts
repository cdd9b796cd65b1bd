import { joinMode } from '../../crypto/access/index.ts'
import { base64url } from '../../crypto/bytes.ts'
import { openDeviceList } from '../../crypto/identity.ts'
import { systemRandom } from '../../crypto/random.ts'
import { type Device, openDevice } from '../../client/device/device.ts'
import { registerDevice } from '../../client/device/registration.ts'
import { goOnline, type Online } from '../../client/device/online.ts'
import { relayAt } from '../../client/node/relay.ts'
import type { Relay } from '../../server/api.ts'
import { openStoreInMemory } from '../../client/device/memory/store.ts'
import type { WorkshopRun } from './workshop.ts'

/** Somebody in a room whose phone is a real device, in this process. */
export interface Guest {
  readonly name: string
  readonly device: Device
  readonly online: Online
}

/** People who have joined by the code, as the page does. */
export async function crowdIn(run: WorkshopRun, count: number): Promise<readonly Guest[]> {
  const url = `http://127.0.0.1:${run.port}`
  const guests: Guest[] = []
  for (let i = 1; i <= count; i++) {
    const name = `guest${i}`
    const place = { relayUrl: url, relayCa: null }
    const relay = relayAt(url)
    const seated: Relay = {
      ...relay,
      async register(list) {
        const account = base64url(openDeviceList(list).accountKey)
        const seat = { code: run.code(), name, mayShow: true, ticket: String(i).padStart(22, 'x'), account }
        const answer = await fetch(`${url}/room/seats`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify(seat),
        })
        if (!answer.ok) throw new Error(`${name} got no seat: ${await answer.text()}`)
        return relay.register(list)
      },
    }
    const store = openStoreInMemory()
    await registerDevice(store, name, place, seated, { refusesAccess: false, receipts: true }, systemRandom)
    const device = openDevice(store, { joinMode, random: systemRandom, clock: Date.now })
    guests.push({ name, device, online: goOnline(device, relayAt(url), systemRandom, Date.now) })
  }
  return guests
}

/** Each says something to everybody else, evenly over these seconds. @returns the ids, by who said them */
export async function everybodySpeaks(
  guests: readonly Guest[],
  others: readonly string[],
  turn: number,
  seconds: number,
): Promise<ReadonlyMap<string, string>> {
  const all = [...guests.map(({ name }) => name), ...others]
  const said = new Map<string, string>()
  for (const { name, device } of guests) {
    const id = `everybody-${name}-${turn}`
    device.sendToMany(
      all.filter((one) => one !== name),
      `${name} says ${turn}.`,
      id,
    )
    said.set(id, name)
    await new Promise((resolve) => setTimeout(resolve, (seconds * 1000) / guests.length))
  }
  return said
}

/** The ids of what has come to a device, as often as each has. */
export const heardBy = ({ device }: Guest): readonly string[] =>
  device.store.tables.history
    .all()
    .filter(({ direction }) => direction === 'in')
    .map(({ id }) => String(id))
    .sort()

export async function leave(guests: readonly Guest[]): Promise<void> {
  await Promise.all(guests.map(({ online }) => online.stop()))
  for (const { device } of guests) device.store.close()
}
