import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { joinMode } from '../../../crypto/access/index.ts'
import type { AccessMode, ModeSetup } from '../../../crypto/access/mode.ts'
import { newLinkSecret } from '../../../crypto/linking.ts'
import type { Random } from '../../../crypto/random.ts'
import type { Relay } from '../../../server/api.ts'
import { type Device, openDevice, registerDevice } from '../../device/device.ts'
import { approveDevice, joinAccount } from '../../device/linking.ts'
import { goOnline, type Online } from '../../device/online.ts'
import { relayAt } from '../../node/relay.ts'
import type { DeviceStore } from '../../device/store.ts'
import { openStoreInMemory } from '../../node/store.ts'
import { goneAtEnd } from '../../node/temporary.ts'
import { startRelayProcess } from '../cast.ts'
import { Stop } from '../exit.ts'
import { killAll } from '../running.ts'
import { soon, untilOnline, untilSent } from '../waiting.ts'

export const taskFile = 'task.txt'
/** what passed the relay, in the folder of a run */
export const archiveName = 'passed.archive'

const patienceMs = 20_000
const choices = { refusesAccess: false, receipts: false }

/** Somebody in a run: a device like any, in this process, at the relay of the run. */
export interface Person {
  readonly name: string
  readonly device: Device
}

/** A run on its way: a relay in a process of its own that keeps an archive, and those who talk. */
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
}

/** Makes an empty folder for a run, in the place of the one before. @returns its part that is gone when the run is over */
function emptied(folder: string): string {
  const stage = join(folder, 'stage')
  const isOurs =
    !existsSync(folder) ||
    readdirSync(folder).length === 0 ||
    [taskFile, 'stage'].some((name) => existsSync(join(folder, name)))
  if (!isOurs) throw new Stop('user', `${folder} holds something that is not an exercise, and is left alone`)
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(stage, { recursive: true, mode: 0o700 })
  return stage
}

/** Plays a run: whatever comes of it, nothing is left but what passed the relay, and what the work writes into the folder. */
export async function onStage<T>(folder: string, random: Random, work: (stage: Stage) => Promise<T>): Promise<T> {
  const place = emptied(folder)
  const remove = goneAtEnd(place)
  const cast: Member[] = []
  try {
    const { url } = await startRelayProcess(place, join('..', archiveName))
    const token = readFileSync(join(place, 'relay', 'operator.token'), 'utf8').trim()
    return await work(stageAt(relayAt(url), url, token, random, cast))
  } finally {
    await Promise.all(cast.map(({ online }) => online.stop()))
    for (const { device } of cast) device.store.close()
    await killAll()
    remove()
  }
}

interface Member extends Person {
  online: Online
}

function stageAt(relay: Relay, relayUrl: string, token: string, random: Random, cast: Member[]): Stage {
  const place = { relayUrl, relayCa: null }
  const connect = (device: Device) => goOnline(device, relay, random, Date.now)

  async function enter(store: DeviceStore): Promise<Member> {
    const device = openDevice(store, { joinMode, random, clock: Date.now })
    const member = { name: device.self.device.record.user, device, online: connect(device) }
    cast.push(member)
    await untilOnline(member.online)
    return member
  }

  function memberOf({ name, device }: Person): Member {
    const member = cast.find((one) => one.device === device)
    if (!member) throw new Error(`${name} is not in this run`)
    return member
  }

  async function until({ name, online }: Member, what: string, reached: () => boolean): Promise<void> {
    for (const end = performance.now() + patienceMs; !reached();) {
      if (performance.now() > end) throw new Stop('unexpected', `${name} never ${what}`)
      await soon(online)
    }
  }

  return {
    async access(mode, { parameters }) {
      const { epoch } = await relay.switchAccess(token, mode.id, parameters)
      const hasHeard = ({ device }: Member) => device.policies.head()?.policy.epoch === epoch
      await Promise.all(cast.map((member) => until(member, 'heard of the mode', () => hasHeard(member))))
    },

    async tap({ id, tapping }, { secrets }, target) {
      if (!tapping) throw new Error(`${id} takes no tap`)
      const held = secrets.map(({ bytes }) => bytes)
      await relay.installTap(token, id, tapping.instrument(held, [target]))
    },

    async join(name) {
      const store = openStoreInMemory()
      await registerDevice(store, name, place, relay, choices, random)
      return enter(store)
    },

    async link({ device }) {
      const store = openStoreInMemory()
      const secret = newLinkSecret(random)
      const end = { relay, secret, random, pause: () => sleep(20), agree: async () => true }
      await Promise.all([joinAccount(store, place, choices, end), approveDevice(device, end)])
      await enter(store)
    },

    async restart() {
      await Promise.all(cast.map(({ online }) => online.stop()))
      for (const member of cast) member.online = connect(member.device)
      await Promise.all(cast.map(({ online }) => untilOnline(online)))
    },

    async tell(from, to, text) {
      const row = to.device.history.lastRow()
      const message = from.device.write(to.name, text)
      // to all of their devices, so that what passes the relay next is about the next message
      await untilSent(from.device, memberOf(from).online, [message], () => undefined)
      const isRead = () =>
        to.device.history.after(row, from.name, 100).some((entry) => entry.kind === 'message' && entry.text === text)
      await until(memberOf(to), `read ${JSON.stringify(text)}`, isRead)
    },
  }
}
