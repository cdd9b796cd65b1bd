import { cpSync, rmSync } from 'node:fs'
import { joinMode as complying } from '../../crypto/access/index.ts'
import type { JoinMode } from '../../client/device/policies.ts'
import type { Random } from '../../crypto/random.ts'
import type { Session } from '../../crypto/session.ts'
import { openDevice } from '../../client/device/device.ts'
import type { HistoryEntry, HistoryMessage, HistoryNotice } from '../../client/device/history-entries.ts'
import type { MessageState, NoticeKind } from '../../client/device/history-kinds.ts'
import { goOnline, type Online } from '../../client/device/online.ts'
import type { Supply } from '../../client/device/prekeys.ts'
import type { Database } from '../../client/device/sqlite/database.ts'
import { sqliteTables } from '../../client/device/sqlite/tables.ts'
import { storeOn, type Unlock } from '../../client/device/store.ts'
import { databaseIn, hostAt } from '../../client/node/store.ts'
import { outgoingSpool } from '../../client/node/spools.ts'
import type { DeviceAddress, Relay } from '../../server/api.ts'
import type { Wire } from './world-wire.ts'
import { hangMs } from './hang.ts'

/** One-time keys of each kind: fewer than the messenger's own supply, which takes most of the time of a short test to make. */
export const smallSupply = { refillBelow: 4, refillTo: 10 }

/** how often a wait looks again where nothing has announced a change */
const lookAgainMs = 500

const isSent = (state: MessageState) => state === 'sent' || state === 'delivered' || state === 'read'

interface Addressee {
  readonly name: string
  readonly address: DeviceAddress
}

interface Reader extends Addressee {
  untilRead(from: string, text: string): Promise<void>
}

/** Somebody with one device, whose program starts and stops. */
export function createPerson(
  name: string,
  home: string,
  wire: Wire,
  random: Random,
  clock: () => number,
  joinMode: JoinMode = complying,
  supply: Supply = smallSupply,
) {
  let database: Database
  let device = open((database) => database)
  let online: Online | null = null
  let left = false

  /** @param wrap stands between the device and its database */
  function open(wrap: (database: Database) => Database, unlock?: Unlock) {
    database = wrap(databaseIn(home))
    try {
      return openDevice(storeOn(sqliteTables(database), hostAt(home), unlock), {
        joinMode,
        random,
        clock,
        supply,
        spool: outgoingSpool(home),
      })
    } catch (error) {
      database.close()
      throw error
    }
  }

  async function goOffline(): Promise<void> {
    await online?.stop()
    online = null
  }

  async function leave(): Promise<void> {
    await goOffline()
    if (!left) device.store.close()
    left = true
  }

  async function restart(
    meanwhile: () => void = () => undefined,
    wrap: (database: Database) => Database = (database) => database,
    unlock?: Unlock,
  ): Promise<void> {
    await leave()
    meanwhile()
    device = open(wrap, unlock)
    left = false
  }

  const entries = (): readonly HistoryEntry[] => device.history.after(0, null, 100_000)
  const messages = (peer: string, direction: 'in' | 'out') =>
    entries().filter(
      (entry): entry is HistoryMessage =>
        entry.kind === 'message' && entry.direction === direction && entry.peer === peer,
    )
  const texts = (from: string): readonly string[] => messages(from, 'in').map(({ text }) => text)
  const notices = (kind: NoticeKind) => entries().filter((entry): entry is HistoryNotice => entry.kind === kind)

  const sessionsWith = (other: Addressee): readonly Session[] => device.sessions.with(other.name, other.address.device)

  /** Waits for changes until something is so. @throws Error that says what was waited for */
  async function until(what: string, reached: () => boolean): Promise<void> {
    const end = Date.now() + hangMs
    while (!reached()) {
      if (!online || Date.now() > end) throw new Error(`${name} waited in vain ${what}`)
      await Promise.race([online.changed(), new Promise((resolve) => setTimeout(resolve, lookAgainMs).unref())])
    }
  }

  const untilRead = (from: string, text: string) =>
    until(`to read ${JSON.stringify(text)} from ${from}`, () => texts(from).includes(text))

  return {
    name,
    home,
    wire,
    random,
    get device() {
      return device
    },
    /** what the device's store stands in */
    get database(): Database {
      return database
    },
    get address(): DeviceAddress {
      return { user: name, device: device.self.device.record.id }
    },
    get online(): Online {
      if (!online) throw new Error(`${name} is not online`)
      return online
    },

    /** Begins to be online; whether that succeeds is for the test to find out. */
    tryToGoOnline(relay: Relay = wire) {
      online = goOnline(device, relay, random, clock)
    },
    async goOnline(relay: Relay = wire) {
      online = goOnline(device, relay, random, clock)
      await until('to be online', () => online?.state === 'online')
    },
    goOffline,
    /** The program ends, for good or until `restart`. */
    leave,
    /** The program ends and is started again, offline. */
    restart,
    /** Puts a copy of the device's folder somewhere. */
    copyTo: (folder: string) => restart(() => cpSync(home, folder, { recursive: true })),
    /** Puts an older copy in the place of the device's folder. */
    restoreFrom: (folder: string) =>
      restart(() => {
        rmSync(home, { recursive: true })
        cpSync(folder, home, { recursive: true })
      }),

    write: (to: string, text: string, id?: string) => device.write(to, text, id),
    /** Writes, and waits until it has been read. */
    async tell(reader: Reader, text: string) {
      device.write(reader.name, text)
      await reader.untilRead(name, text)
    },

    entries,
    /** what this person has been shown of somebody */
    texts,
    /** what this person has written to somebody */
    written: (to: string) => messages(to, 'out'),
    received: (from: string) => messages(from, 'in'),
    /** how far each message to somebody has come, in order */
    states: (to: string): readonly MessageState[] => messages(to, 'out').map(({ state }) => state),
    /** The device lets go of what is over, as it does all the time. */
    letGo: () => (left ? 0 : device.conversations.expire()),
    /** Looks at all that somebody has written so far. */
    look: (at: string) => device.conversations.markRead(at, device.history.lastRow()),
    notices,
    sessionsWith,
    /** how many message keys of somebody are kept for messages that have not come */
    keysKeptFor: (other: Addressee): number =>
      sessionsWith(other)
        .flatMap(({ ratchet }) => ratchet.receiving)
        .reduce((sum, chain) => sum + chain.kept.length, 0),

    until,
    untilRead,
    untilNoticed: (kind: NoticeKind, count = 1) => until(`for ${count} × ${kind}`, () => notices(kind).length >= count),
    untilSent: (to: string) =>
      until(`for everything to ${to} to be sent`, () => messages(to, 'out').every(({ state }) => isSent(state))),
    /** Waits until the last message to somebody has come that far. */
    untilLast: (to: string, state: MessageState) =>
      until(`for the last message to ${to} to be ${state}`, () => messages(to, 'out').at(-1)?.state === state),
  }
}

export type Person = ReturnType<typeof createPerson>
