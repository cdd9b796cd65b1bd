import './zod.ts'
import { z } from 'zod'
import { joinMode } from '../../../crypto/access/index.ts'
import { base64url } from '../../../crypto/bytes.ts'
import { openDeviceList } from '../../../crypto/identity.ts'
import { systemRandom } from '../../../crypto/random.ts'
import type { Relay } from '../../../server/api.ts'
import { watchDepartures } from '../../device/departures.ts'
import { type Device, openDevice } from '../../device/device.ts'
import { registerDevice } from '../../device/registration.ts'
import { relayOver } from '../../device/relay.ts'
import { deviceMigrations } from '../../device/sqlite/schema.ts'
import { sqliteTables } from '../../device/sqlite/tables.ts'
import { alone, type DeviceStore, storeOn } from '../../device/store.ts'
import { visible } from '../../words/visible.ts'
import { createKeeper, type Keeper } from '../storage/keeper.ts'
import { createPagedFile } from '../storage/pages.ts'
import { addDevice, Cleared, keep, keptDevices, openShelf, removeDevices, TakenOver, takeUp } from '../storage/shelf.ts'
import { openSpool, removeSpools } from '../storage/spool.ts'
import { openDatabase } from '../storage/sqlite.ts'
import { deviceFiles, type Files, sweepSpool } from './files.ts'
import { keptRelay } from './kept-relay.ts'

import { browserNetwork } from './network.ts'
import { askRoom } from '../shared/ask.ts'
import type { AskName, Asks, FromWorker, KeptDevice, SeatAsk, ToWorker } from './protocol.ts'
import { ownLocks, type OwnLocks } from './own-locks.ts'
import { newId, type Resident, takeResidence } from './resident.ts'

/*
 * One device in a worker of its own, so that no key is ever on the page and no send holds the page up.
 */

const tab = newId()
const shelf = await openShelf()
let resident: (Resident & OwnLocks & Files) | null = null
let current: string | null = null
let isShown = false

const tell = (message: FromWorker) => postMessage(message)

/** At most one view for each turn of the event loop, and none while the page has not been shown the last. */
function show(): void {
  if (isShown) return
  isShown = true
  setTimeout(() => {
    isShown = false
    if (resident) tell({ view: resident.view() })
  }, 30)
}

/** What cannot be kept ends the device here: whatever it did from now on would be forgotten. */
function endWith(error: Error): void {
  const over = resident
  resident = null
  void over?.stop()
  tell({ over: wordsOf(error) })
}

function wordsOf(error: Error): string {
  if (error instanceof TakenOver) return 'Doormat is open in another tab, and goes on there. Nothing is lost.'
  if (error instanceof Cleared)
    return 'What this browser kept for Doormat has been deleted. Your keys and messages here are gone: join again under another name.'
  if (error.name === 'QuotaExceededError')
    return 'This phone has no room left, so nothing more can be kept. What was sent before is safe. Free some space and load the page again.'
  return `This browser could not keep what was written: ${visible(error.message)}. Load the page again.`
}

interface Opened {
  readonly store: DeviceStore
  readonly keeper: Keeper
}

async function openStore(id: string): Promise<Opened> {
  const file = createPagedFile(await takeUp(shelf, id, tab))
  const keeper = createKeeper(file.takeChanges, (changes) => keep(shelf, id, tab, changes), endWith)
  const store = storeOn(sqliteTables(await openDatabase(file, deviceMigrations)), alone)
  return { store, keeper }
}

async function moveIn(id: string, { store, keeper }: Opened, relay: Relay): Promise<KeptDevice> {
  const spool = await openSpool(id)
  const device: Device = openDevice(store, { joinMode, random: systemRandom, clock: Date.now, spool })
  await sweepSpool(device)
  device.conversations.expire()
  current = id
  const changed = () => {
    // what has been received and shown is kept soon, whether anything leaves or not
    keeper.settled().catch(() => undefined)
    show()
  }
  const departures = watchDepartures(keptRelay(relay, keeper.settled), store)
  resident = {
    ...takeResidence(device, departures, keeper.settled, changed),
    ...ownLocks(device, systemRandom),
    ...deviceFiles(device, relay, systemRandom, keeper.settled, changed),
  }
  return { id, name: device.self.device.record.user }
}

/** The seat is told which account it is for, before there is one: nobody else can make one under its name. */
const seated = (relay: Relay, name: string, seat: SeatAsk): Relay => ({
  ...relay,
  async register(list) {
    const account = base64url(openDeviceList(list).accountKey)
    await askRoom(z.object({}), '/room/seats', { ...seat, name, account })
    return relay.register(list)
  },
})

function here(): Resident & OwnLocks & Files {
  if (!resident) throw new Error('no device is open')
  return resident
}

const answers: { [N in AskName]: (given: Asks[N]['ask']) => Promise<Asks[N]['answer']> } = {
  async kept({ room }) {
    const all = await keptDevices(shelf)
    const old = all.filter((device) => device.room !== room).map(({ id }) => id)
    await removeDevices(shelf, old)
    await removeSpools(old)
    return all.filter((device) => device.room === room && device.count > 0).map(({ id, name }) => ({ id, name }))
  },
  async join({ room, name, url, receipts, seat }) {
    const id = newId()
    await addDevice(shelf, { id, room, name, owner: tab })
    try {
      const opened = await openStore(id)
      const relay = relayOver(browserNetwork, url)
      const kept = seated(keptRelay(relay, opened.keeper.settled), name, seat)
      const choices = { refusesAccess: false, receipts }
      await registerDevice(opened.store, name, { relayUrl: url, relayCa: null }, kept, choices, systemRandom)
      await opened.keeper.settled()
      return await moveIn(id, opened, relay)
    } catch (error) {
      await removeDevices(shelf, [id])
      throw error
    }
  },
  resume: async ({ id, url }) => moveIn(id, await openStore(id), relayOver(browserNetwork, url)),
  async people({ names }) {
    here().people(names)
    return null
  },
  async open({ user }) {
    here().open(user)
    return null
  },
  async seen({ row }) {
    here().seen(row)
    return null
  },
  async write(given) {
    await here().write(given)
    return null
  },
  async react(given) {
    await here().react(given)
    return null
  },
  async deleteForAll(given) {
    await here().deleteForAll(given)
    return null
  },
  async lock({ to, text, passphrase, answers }) {
    const there = here()
    await there.write({ to, text: there.lock(to, text, passphrase), answers: answers ?? null })
    return null
  },
  async sendFile({ to, name, bytes }) {
    await here().sendFile(to, name, bytes)
    return null
  },
  async sendVoice({ to, samples }) {
    await here().sendVoice(to, samples)
    return null
  },
  file: async ({ row }) => here().file(row),
  unlock: async ({ row, passphrase }) => here().unlock(row, passphrase),
  found: async ({ title, people }) => here().found(title, people),
  async change({ group, wish }) {
    await here().change(group, wish)
    return null
  },
  number: async ({ user }) => here().number(user),
  async confirm({ user }) {
    here().confirm(user)
    return null
  },
  async refuse({ user }) {
    here().refuse(user)
    return null
  },
  async differ({ user }) {
    here().differ(user)
    return null
  },
  inside: async ({ row }) => here().inside(row),
  forget: async () => here().forget(),
  async remove() {
    const over = resident
    resident = null
    await over?.stop()
    if (current !== null) {
      await removeDevices(shelf, [current])
      await removeSpools([current])
    }
    return null
  },
}

async function answer({ ask, name, given }: ToWorker): Promise<void> {
  try {
    tell({ answer: ask, value: await (answers[name] as (given: unknown) => Promise<unknown>)(given) })
  } catch (thrown) {
    const error = thrown instanceof Error ? thrown : new Error(String(thrown))
    // what the browser does not keep now, it will not keep the next time either
    if (error instanceof DOMException) return tell({ over: wordsOf(error) })
    const code = 'code' in error ? String(error.code) : error.name
    tell({ answer: ask, fault: { code, message: visible(error.message) } })
  }
}

addEventListener('message', ({ data }: MessageEvent<ToWorker>) => void answer(data))
// asks that came while this file was loading are kept by the page until it says so
tell({ answer: 0, value: null })
