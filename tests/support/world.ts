import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { messageKeyEscrow } from '../../crypto/access/message-key-escrow.ts'
import { generatePolicyPair } from '../../crypto/keys.ts'
import { followPolicy, type SignedPolicy } from '../../crypto/policy.ts'
import type { RecordedEnvelope } from '../../crypto/access/mode.ts'
import type { Random } from '../../crypto/random.ts'
import { modeCalled } from '../../crypto/access/index.ts'
import { registerDevice } from '../../client/device/registration.ts'
import type { JoinMode } from '../../client/device/policies.ts'
import { approveDevice, joinAccount, type Pause } from '../../client/device/linking.ts'
import type { Supply } from '../../client/device/prekeys.ts'
import { openStore } from '../../client/node/store.ts'
import { blobFilesInMemory } from '../../server/disk/blob-files.ts'
import { defaultLimits, type Limits } from '../../server/limits.ts'
import { newLinkSecret } from '../../crypto/linking.ts'
import type { Relay } from '../../server/api.ts'
import type { Archive } from '../../server/archive.ts'
import { type LocalRelay, openRelay as openLocalRelay } from '../../server/relay.ts'
import { openSqliteStore } from '../../server/store/sqlite-store.ts'
import { seededRandom } from './random.ts'
import { createPerson, type Person, smallSupply } from './world-person.ts'
import { wireTo } from './world-wire.ts'

export type { Person } from './world-person.ts'

const operatorToken = 'the operator'
const halfADayMs = 12 * 3600 * 1000

export interface WorldOptions {
  /** how long the relay takes the epoch before the head; 0 turns a switch into `policy-stale` for whoever has not heard */
  graceMs?: number
  /** whether the relay keeps its store in a file, so that it can be rolled back */
  relayOnDisk?: boolean
  /** where the relay archives what passes; it keeps no archive without */
  recording?: RecordedEnvelope[]
  /** other limits than those of a relay */
  limits?: Partial<Limits>
}

/** Two devices that are being linked, and what each is told of the relay. */
interface LinkHabits {
  receipts?: boolean
  firstsRelay?: Relay
  newRelay?: Relay
  pause?: Pause
}

const looksMaximum = 50
const inVain = new Error('nobody left the note that was waited for')

/** Looks for notes again and again, and not for ever. */
export function patience(): Pause {
  let looks = 0
  return async () => {
    looks += 1
    if (looks > looksMaximum) throw inVain
    await new Promise(setImmediate)
  }
}

const archiveIn = (recording: RecordedEnvelope[]): Archive => ({
  append: (record) => void recording.push(record),
  flush: () => undefined,
  discard: () => undefined,
  close: () => undefined,
})

/** A relay in this process, and people with devices in folders of their own. Gone when the test is. */
export async function createWorld(
  seed: string,
  { graceMs = 10_000, relayOnDisk = false, recording, limits = {} }: WorldOptions = {},
) {
  const random = seededRandom(seed)
  const policyPair = generatePolicyPair(random)
  const escrow = messageKeyEscrow.setup(random)
  const folder = mkdtempSync(join(tmpdir(), 'doormat-world-'))
  const relayFolder = join(folder, '.relay')
  if (relayOnDisk) mkdirSync(relayFolder, { mode: 0o700 })
  const people: Person[] = []
  let passedMs = 0
  let stoppedAt: number | null = null
  const clock = () => (stoppedAt ?? Date.now()) + passedMs
  let relay = await openRelay()

  async function openRelay(): Promise<LocalRelay & { stop(): void }> {
    const store = openSqliteStore(relayOnDisk ? join(relayFolder, 'relay.db') : ':memory:')
    const parts = {
      store,
      blobFiles: blobFilesInMemory(),
      policyPair,
      operatorToken,
      archive: recording ? archiveIn(recording) : null,
      random,
      clock,
      graceMs,
      limits: { ...defaultLimits, ...limits },
    }
    return { ...(await openLocalRelay(parts)), stop: () => store.close() }
  }

  async function restartRelay(meanwhile: () => void): Promise<void> {
    await relay.settle()
    relay.stop()
    meanwhile()
    relay = await openRelay()
  }

  function moveIn(
    name: string,
    home: string,
    drawn: Random,
    ownClock: () => number,
    joinMode?: JoinMode,
    supply?: Supply,
  ): Person {
    const person = createPerson(
      name,
      home,
      wireTo(() => relay),
      drawn,
      ownClock,
      joinMode,
      supply,
    )
    people.push(person)
    return person
  }

  onTestFinished(async () => {
    for (const person of people) await person.leave()
    await relay.settle()
    relay.stop()
    rmSync(folder, { recursive: true })
  })

  return {
    random,
    clock,
    policyPair,
    folder,
    /** the custodian to whom `switchOn` seals */
    escrow: { parameters: escrow.parameters, secret: escrow.secrets[0]?.bytes ?? new Uint8Array() },
    get relay(): LocalRelay {
      return relay
    },
    /** Keeps a copy of the relay's store, for `rollRelayBack`. While nobody is online. */
    saveRelay: () => restartRelay(() => cpSync(relayFolder, `${relayFolder}.saved`, { recursive: true })),
    /** The relay starts again on the copy that `saveRelay` has kept. */
    rollRelayBack: () =>
      restartRelay(() => {
        rmSync(relayFolder, { recursive: true })
        cpSync(`${relayFolder}.saved`, relayFolder, { recursive: true })
      }),
    /** the operator's policy chain, as anybody may ask for it */
    async chain(): Promise<readonly SignedPolicy[]> {
      const chain: SignedPolicy[] = []
      for (const link of await relay.policies(0))
        chain.push(followPolicy(chain.at(-1) ?? null, link, policyPair.public))
      return chain
    },
    later: (ms: number) => void (passedMs += ms),
    /** Days pass while relay and devices run: each looks for what is over twice a day. @returns how much mail expired */
    async passes(days: number): Promise<number> {
      let expired = 0
      for (let i = 0; i < 2 * days; i++) {
        passedMs += halfADayMs
        expired += await relay.expire()
        for (const person of people) person.letGo()
      }
      return expired
    },
    /** For a moment in which everything happens at once; whoever loses the connection meanwhile waits for `startClock`. */
    stopClock: () => void (stoppedAt = Date.now()),
    startClock: () => void (stoppedAt = null),
    switchOn: () => relay.switchAccess(operatorToken, messageKeyEscrow.id, escrow.parameters),
    /** Puts a mode in force that the operator takes part in, with an instrument for these targets. @returns the mode's secrets */
    async tap(modeId: string, targets: readonly string[]): Promise<readonly Uint8Array[]> {
      const mode = modeCalled(modeId)
      const { parameters, secrets } = mode.setup(random)
      const held = secrets.map(({ bytes }) => bytes)
      await relay.switchAccess(operatorToken, modeId, parameters)
      await relay.installTap(operatorToken, modeId, mode.tapping?.instrument(held, targets) ?? new Uint8Array())
      return held
    },
    switchOff: () => relay.switchAccess(operatorToken, 'none', new Uint8Array()),

    /** Somebody with a registered device, not online yet. */
    async join(
      name: string,
      {
        refusesAccess = false,
        receipts = false,
        folderName = name,
        relayUrl = 'in this process',
        /** what this person's clock shows, where it is not that of the world */
        ownClock = clock,
        /** what this person's client does under a mode, where it does not comply */
        joinMode = undefined as JoinMode | undefined,
        supply = smallSupply,
      } = {},
    ): Promise<Person> {
      const home = join(folder, folderName)
      const store = openStore(home)
      const random = seededRandom(`${seed}, ${folderName}`)
      await registerDevice(store, name, { relayUrl, relayCa: null }, relay, { refusesAccess, receipts }, random)
      store.close()
      return moveIn(name, home, random, ownClock, joinMode, supply)
    },
    /** A further device of somebody's account, approved on the first one, not online yet. */
    async link(
      first: Person,
      folderName = `${first.name} again`,
      { receipts = false, firstsRelay = relay, newRelay = relay, pause = patience() }: LinkHabits = {},
    ): Promise<Person> {
      const home = join(folder, folderName)
      const store = openStore(home)
      const random = seededRandom(`${seed}, ${folderName}`)
      const secret = newLinkSecret(random)
      const choices = { refusesAccess: false, receipts }
      const end = { secret, random, pause, agree: async () => true }
      try {
        const ends = [
          joinAccount(store, { relayUrl: 'in this process', relayCa: null }, choices, { ...end, relay: newRelay }),
          approveDevice(first.device, { ...end, relay: firstsRelay }),
        ]
        const failed = (await Promise.allSettled(ends)).flatMap((end) =>
          end.status === 'rejected' ? [end.reason] : [],
        )
        // who waited in vain did so for the other's reason
        if (failed.length > 0) throw failed.find((reason) => reason !== inVain) ?? inVain
      } finally {
        store.close()
      }
      return moveIn(first.name, home, random, clock)
    },
    /** Two people, both online. */
    async couple({ receipts = false } = {}) {
      const [alice, bob] = [await this.join('alice', { receipts }), await this.join('bob', { receipts })]
      await Promise.all([alice.goOnline(), bob.goOnline()])
      return [alice, bob] as const
    },
  }
}

export type World = Awaited<ReturnType<typeof createWorld>>
