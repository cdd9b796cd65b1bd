import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { archiveMagic, encodeRecord } from '../../../crypto/access/archive.ts'
import { joinMode } from '../../../crypto/access/index.ts'
import type { AccessMode, ModeSetup } from '../../../crypto/access/mode.ts'
import { concat } from '../../../crypto/bytes.ts'
import { newLinkSecret } from '../../../crypto/linking.ts'
import type { Random } from '../../../crypto/random.ts'
import type { Relay } from '../../../server/api.ts'
import { type Device, openDevice } from '../../device/device.ts'
import { registerDevice } from '../../device/registration.ts'
import { approveDevice, joinAccount } from '../../device/linking.ts'
import { type Link, openLink } from '../../device/link.ts'
import type { DeviceStore } from '../../device/store.ts'
import { operatorToken } from '../../lab/simulation/operator.ts'
import { openRecordingRelay } from '../../lab/simulation/recording-relay.ts'
import { openStoreInMemory } from '../../device/memory/store.ts'

/*
 * A run is played as the lab plays its worlds: the messenger's own devices and relay with real cryptography, in this
 * process, with a clock that is handed in. So a week passes in a moment, and the times in the archive are those of a week.
 */

/** what passed the relay, in the folder of a run */
export const archiveName = 'passed.archive'

/** Every run begins on this Monday morning. */
const begin = Date.parse('2026-03-02T08:00Z')
const [minuteMs, hourMs, dayMs] = [60_000, 3_600_000, 86_400_000]
const [firstHour, lastHour] = [8, 22]
const castMaximum = 12

const choices = { refusesAccess: false, receipts: false }
const place = { relayUrl: 'in this process', relayCa: null }

/** Somebody in a run: a device like any, at the relay of the run. */
export interface Person {
  readonly name: string
  readonly device: Device
}

/** A run on its way. */
export interface Stage {
  /** Puts a mode in force that was made for this run. */
  readonly access: (mode: AccessMode, setup: ModeSetup) => Promise<void>
  /** The operator's part in it. */
  readonly tap: (mode: AccessMode, setup: ModeSetup, target: string) => Promise<void>
  readonly join: (name: string) => Promise<Person>
  /** One more device of somebody's account. */
  readonly link: (first: Person) => Promise<void>
  /** Everybody's program ends and is started again. */
  readonly restart: () => Promise<void>
  /** Writes, and waits until it has been read. */
  readonly tell: (from: Person, to: Person, text: string) => Promise<void>
  /** Lets the simulated clock go on by that long; nobody writes at night. */
  readonly wait: (minutes: number) => void
  /** Lets it go on to the next morning. @returns midnight before it, milliseconds since 1970 */
  readonly nextDay: () => number
}

interface Member extends Person {
  link: Link
}

/** Plays a run, and leaves in the folder what passed the relay. */
export async function onStage<T>(folder: string, random: Random, work: (stage: Stage) => Promise<T>): Promise<T> {
  let now = begin
  const clock = () => now
  const { relay, archive } = await openRecordingRelay(castMaximum, random, clock)
  const cast: Member[] = []
  const dayOf = (ms: number) => Math.floor(ms / dayMs) * dayMs
  const nextDay = () => {
    const midnight = dayOf(now) + dayMs
    now = midnight + firstHour * hourMs
    return midnight
  }
  const wait = (minutes: number) => {
    const [then, evening] = [now + minutes * minuteMs, dayOf(now) + lastHour * hourMs]
    if (then < evening) now = then
    else now = nextDay() + firstHour * hourMs + then - evening
  }
  try {
    const result = await work({ ...stageAt(relay, random, clock, cast), wait, nextDay })
    writeFileSync(join(folder, archiveName), concat(archiveMagic, ...archive.map(encodeRecord)), { mode: 0o600 })
    return result
  } finally {
    for (const { link, device } of cast) {
      link.close()
      device.store.close()
    }
  }
}

function stageAt(relay: Relay, random: Random, clock: () => number, cast: Member[]): Omit<Stage, 'wait' | 'nextDay'> {
  async function connect(device: Device): Promise<Link> {
    const link = await openLink(device, relay, random, clock)
    await link.begin()
    return link
  }

  async function enter(store: DeviceStore): Promise<Member> {
    const device = openDevice(store, { joinMode, random, clock, running: clock })
    const member = { name: device.self.device.record.user, device, link: await connect(device) }
    cast.push(member)
    return member
  }

  async function reconnect(member: Member): Promise<void> {
    member.link.close()
    member.link = await connect(member.device)
  }

  /** Until nobody has mail before them, nor an answer of the relay to come. */
  async function settle(): Promise<void> {
    for (let quiet = 0; quiet < 2;) {
      let busy = false
      for (const { link } of cast) busy = (await link.turn()) || busy
      await new Promise(setImmediate)
      quiet = busy || cast.some(({ link }) => link.hasNews() || link.isWaiting()) ? 0 : quiet + 1
    }
  }

  return {
    async access(mode, { parameters }) {
      await relay.switchAccess(operatorToken, mode.id, parameters)
      await settle()
    },

    async tap({ id, tapping }, { secrets }, target) {
      if (!tapping) throw new Error(`${id} takes no tap`)
      const held = secrets.map(({ bytes }) => bytes)
      await relay.installTap(operatorToken, id, tapping.instrument(held, [target]))
    },

    async join(name) {
      const store = openStoreInMemory()
      await registerDevice(store, name, place, relay, choices, random)
      return enter(store)
    },

    async link({ device }) {
      const store = openStoreInMemory()
      const secret = newLinkSecret(random)
      const pause = () => new Promise<void>((resolve) => setImmediate(resolve))
      const end = { relay, secret, random, pause, agree: async () => true }
      await Promise.all([joinAccount(store, place, choices, end), approveDevice(device, end)])
      await enter(store)
      for (const member of cast) if (member.device === device) await reconnect(member)
    },

    async restart() {
      for (const member of cast) await reconnect(member)
      await settle()
    },

    async tell(from, to, text) {
      const row = to.device.history.lastRow()
      from.device.write(to.name, text)
      await settle()
      const entries = to.device.history.after(row, from.name, 100)
      if (!entries.some((entry) => entry.kind === 'message' && entry.text === text))
        throw new Error(`${to.name} never read ${JSON.stringify(text)}`)
    },
  }
}
