import { type Logger, pino } from 'pino'
import { onTestFinished } from 'vitest'
import { answerChallenge } from '../../crypto/identity.ts'
import { encodePrekey } from '../../crypto/prekeys.ts'
import { followPolicy, type PolicyReference, type SignedPolicy } from '../../crypto/policy.ts'
import { relayAt } from '../../client/node/relay.ts'
import { type BlobFiles, blobFilesInMemory } from '../../server/disk/blob-files.ts'
import { type Connection, type DeviceAddress, type Relay, RelayError, type RelayErrorCode } from '../../server/api.ts'
import { buildApp } from '../../server/app.ts'
import type { Archive } from '../../server/archive.ts'
import { defaultLimits, type Limits } from '../../server/limits.ts'
import { type LocalRelay, openRelay, type RelayParts } from '../../server/relay.ts'
import { openSqliteStore } from '../../server/store/sqlite-store.ts'
import type { Store } from '../../server/store/store.ts'
import { couple, type End, noSeams, type policyChain, type TestPerson } from './couple.ts'
import { createEar } from './relay-ear.ts'

export const operatorToken = 'only-the-operator-knows-this'
export const startTime = 1_700_000_000_000

/** A way to a relay. Whatever it opens, it closes when the test is over. */
export type Reach = (local: LocalRelay) => Promise<Relay>

export const inProcess: Reach = async (local) => local
export const overNetwork: Reach = async (local) => relayAt(await listening(local))

/** Listens on a port of this machine until the test is over. @returns its address */
export async function listening(
  local: LocalRelay,
  logger: Logger = pino({ level: 'silent' }),
  limits: Partial<Limits> = {},
): Promise<string> {
  const app = await buildApp(local, logger, null, { ...defaultLimits, ...limits })
  onTestFinished(() => app.close())
  return app.listen({ host: '127.0.0.1', port: 0 })
}

export interface PostOfficeOptions {
  /** the relay's policies so far; `none` unless told */
  readonly modes?: Parameters<typeof policyChain>[1]
  readonly archive?: Archive
  /** in memory unless told */
  readonly blobFiles?: BlobFiles
  /** other limits than those of a relay */
  readonly limits?: Partial<Limits>
  /** stands between the relay and its store */
  readonly around?: (store: Store) => Store
}

/** A relay with a clock of the test's own, and two people registered there whose messages are real. */
export async function postOffice(seed: string, reach: Reach = inProcess, options: PostOfficeOptions = {}) {
  const { alice, bob, chain, random } = couple(seed, noSeams, options.modes)
  const kept = openSqliteStore(':memory:')
  onTestFinished(() => kept.close())
  for (const [i, { bytes }] of chain.links.entries()) await kept.addPolicy(bytes, i + 1)
  const store = options.around?.(kept) ?? kept
  const clock = { now: startTime }
  const parts: RelayParts = {
    store,
    blobFiles: options.blobFiles ?? blobFilesInMemory(),
    policyPair: chain.pair,
    operatorToken,
    archive: options.archive ?? null,
    random,
    clock: () => clock.now,
    limits: { ...defaultLimits, ...options.limits },
  }
  const local = await openRelay(parts)
  const relay = await reach(local)
  for (const { signedList } of [alice, bob]) await relay.register(signedList)

  const addressedTo = (to: End) => (counter: number, text: string, reference?: PolicyReference) => ({
    to: addressOf(to),
    counter,
    envelope: (to === bob ? alice : bob).send(text, reference),
  })
  return {
    alice,
    bob,
    chain,
    random,
    store,
    clock,
    parts,
    local,
    relay,
    /** a submission of Alice's */
    toBob: addressedTo(bob),
    /** a submission of Bob's */
    toAlice: addressedTo(alice),
    /** the policy in force, followed from the beginning of the relay's chain */
    head: async (): Promise<SignedPolicy> => {
      let head: SignedPolicy | null = null
      for (const link of await relay.policies(0)) head = followPolicy(head, link, chain.pair.public)
      return head ?? chain.head
    },
    rowOf: async (person: TestPerson) => (await store.device(addressOf(person)))?.row ?? 0,
  }
}

export type PostOffice = Awaited<ReturnType<typeof postOffice>>

export const addressOf = ({ device: { record } }: Pick<TestPerson, 'device'>): DeviceAddress => ({
  user: record.user,
  device: record.id,
})

/** A device that is connected, and what it has been told. */
export async function signIn(relay: Relay, person: Pick<TestPerson, 'device'>) {
  const { listener, ...ear } = createEar()
  const address = addressOf(person)
  const connection = await relay.connect((key, challenge) => answerChallenge(person.device, key, challenge), listener)
  return { ...ear, address, connection, settled: () => settled(connection, address) }
}

/** Resolves when all that the relay had to do and to tell before this is done and told: counter 0 is no news to it. */
export const settled = (connection: Connection, to: DeviceAddress): Promise<void> =>
  connection.submit({ to, counter: 0, envelope: new Uint8Array() })

/** What the relay says to something: `done`, or the code of its refusal. */
export async function answerTo(attempt: Promise<unknown>): Promise<RelayErrorCode | 'done'> {
  try {
    await attempt
    return 'done'
  } catch (error) {
    if (error instanceof RelayError) return error.code
    throw error
  }
}

/** Publishes everything that others need to write to somebody. */
export const publish = (connection: Connection, { prekeys }: TestPerson): Promise<void> =>
  connection.publishPrekeys(Object.values(prekeys).map(encodePrekey), false)

/** The texts of deliveries, decrypted by the one they were for. */
export const readBy = (end: End, mail: readonly { readonly envelope: Uint8Array }[]): string[] =>
  mail.map(({ envelope }) => end.receive(envelope).text)

/** Stands between relay and store: counts commits, and lets them fail at their very end. */
export function faultyDisk() {
  const disk = {
    commits: 0,
    attempts: 0,
    full: false,
    around: (store: Store): Store => ({
      ...store,
      commit: (batch) =>
        store.commit({
          ...batch,
          beforeDisk(outcomes) {
            batch.beforeDisk(outcomes)
            disk.attempts += 1
            if (disk.full) throw new Error('the disk is full')
            disk.commits += 1
          },
        }),
    }),
  }
  return disk
}
