import { equal, utf8 } from '../crypto/bytes.ts'
import { modes } from '../crypto/access/index.ts'
import { CryptoError } from '../crypto/errors.ts'
import { type ChallengeAnswer, checkAnswer } from '../crypto/identity.ts'
import type { Digest } from '../crypto/keys.ts'
import type { SignedPolicy } from '../crypto/policy.ts'
import type { Random } from '../crypto/random.ts'
import { signWhereabouts } from '../crypto/whereabouts.ts'
import type { Archive } from './archive.ts'
import { type AccessStatus, type DeviceAddress, type Listener, type Relay, RelayError } from './api.ts'
import { createBlobs } from './blobs.ts'
import { DeviceConnection, inThisProcess, type LocalConnection } from './connection.ts'
import { Connections, sameDevice } from './connections.ts'
import type { BlobFiles } from './disk/blob-files.ts'
import { createDirectory } from './directory.ts'
import { createGuard, defaultLimits, type Limits, prices } from './limits.ts'
import { createMailboxes } from './mailbox.ts'
import { openPolicyDesk, type PolicyPair } from './policy.ts'
import { createRendezvous } from './rendezvous.ts'
import { createRunningTime, forwardOnly, keptLooks, wordsForLeap } from './running-time.ts'
import type { Store } from './store/store.ts'
import { createTaps, type Taps } from './taps.ts'

const challengeSizeBytes = 32
const challengeLifetimeMs = 60_000
const defaultGraceMs = 10_000

export interface RelayParts {
  readonly store: Store
  readonly policyPair: PolicyPair
  /** whoever has this may switch the access mode */
  readonly operatorToken: string
  readonly archive: Archive | null
  readonly blobFiles: BlobFiles
  readonly random: Random
  /** milliseconds since 1970; may be years off */
  readonly clock: () => number
  /** milliseconds that never go back, for what lasts minutes; taken from the clock where there are none */
  readonly steady?: () => number
  /** is told, in one line, what was done about a clock that leapt */
  readonly log?: (line: string) => void
  /** is told of faults that nobody waits to hear of */
  readonly failed?: (error: unknown) => void
  readonly graceMs?: number
  readonly limits?: Limits
}

/** Where a relay is, as its operator knows it. It vouches for nothing else. */
export interface Residence {
  /** canonical */
  readonly addresses: readonly string[]
  /** for the certificates that its own is signed by; null without TLS */
  readonly authority: Digest | null
}

/** A device that has shown who it is, while the relay looks it up. */
interface Arrival {
  readonly address: DeviceAddress
  isCut: boolean
}

/** A relay without a network, and what only its own process may ask of it. */
export interface LocalRelay extends Relay {
  /** The two steps of `connect`, for a network between them. */
  challenge(): Uint8Array
  /** Drops a challenge that will not be answered any more. */
  dismiss(challenge: Uint8Array): void
  admit(challenge: Uint8Array, answer: ChallengeAnswer, listener: Listener): Promise<LocalConnection>
  expire(): Promise<number>
  /** Resolves when nothing is left to be committed. */
  settle(): Promise<void>
  /** @throws RelayError `not-the-operator` */
  checkOperator(token: string): void
  /** From now on it vouches for this place, and for no other. */
  resideAt(residence: Residence): void
  /** Installs what an operator who attacks does without any mode. A switch of the mode removes it. */
  readonly install: Taps['install']
}

export async function openRelay(parts: RelayParts): Promise<LocalRelay> {
  const { store, policyPair, archive, random, clock } = parts
  const steady = parts.steady ?? forwardOnly(clock)
  const failed = (error: unknown) => parts.failed?.(error)
  const looks = await keptLooks(store)
  const running = createRunningTime(looks, clock, (leapMs) => parts.log?.(wordsForLeap(leapMs)))
  const directory = createDirectory(store)
  const policy = await openPolicyDesk(store, policyPair, clock(), parts.graceMs ?? defaultGraceMs, steady)
  const mailboxes = createMailboxes(store, policy, archive, { clock, running }, failed)
  const taps = createTaps(store, directory, mailboxes, policy, clock, failed)
  const rendezvous = createRendezvous(steady)
  const limits = parts.limits ?? defaultLimits
  const blobs = createBlobs(store, parts.blobFiles, limits.blobs, running, failed)
  const guard = createGuard(limits, steady)
  const connections = new Connections(limits.socketsOfDevice)
  /** devices that are about to be connected */
  const arrivals = new Set<Arrival>()
  let residence: Residence = { addresses: [], authority: null }
  const challenges = new Map<string, { readonly bytes: Uint8Array; readonly expires: number }>()
  const nowSeconds = () => Math.floor(clock() / 1000)
  const left = (connection: DeviceConnection) => connections.remove(connection)
  const desk = { store, directory, mailboxes, taps, guard, rendezvous, blobs, nowSeconds, failed, left }

  const status = (): AccessStatus => {
    const { epoch, modeId, time } = policy.head().policy
    return { epoch, mode: modeId, since: time, archive: archive !== null }
  }

  function checkOperator(token: string): void {
    if (!equal(utf8(token), utf8(parts.operatorToken)))
      throw new RelayError('not-the-operator', "that is not the operator's token")
  }

  function announce({ bytes }: SignedPolicy): void {
    taps.remove()
    for (const connection of connections.all()) connection.policy(bytes)
  }

  function challenge(): Uint8Array {
    const now = steady()
    for (const [key, { expires }] of challenges) {
      if (expires >= now) break
      challenges.delete(key)
    }
    const bytes = random(challengeSizeBytes)
    challenges.set(bytes.join(), { bytes, expires: now + challengeLifetimeMs })
    return bytes
  }

  /** A challenge is used up by its first answer, whatever that is. */
  async function authenticate(bytes: Uint8Array, answer: ChallengeAnswer): Promise<DeviceAddress> {
    const known = challenges.get(bytes.join())
    challenges.delete(bytes.join())
    if (!known || known.expires < steady())
      throw new RelayError('challenge-spent', 'the challenge is used up or too old')
    const address = { user: answer.user, device: answer.id }
    const record = await directory.recordOf(address)
    try {
      checkAnswer(record, policyPair.public, bytes, answer)
      return address
    } catch (error) {
      if (error instanceof CryptoError)
        throw new RelayError('not-authenticated', "the answer is not signed with that device's key")
      throw error
    }
  }

  async function admit(bytes: Uint8Array, answer: ChallengeAnswer, listener: Listener): Promise<LocalConnection> {
    const address = await authenticate(bytes, answer)
    // it is cut off when it is removed from here on, and before that it was not
    const arrival = { address, isCut: false }
    arrivals.add(arrival)
    try {
      const row = await directory.rowOf(address)
      guard.request(row, prices.connection)
      if (arrival.isCut) throw removed()
      const connection = new DeviceConnection(desk, address, row, listener)
      listener.ready()
      connections.add(connection)
      connection.collect()
      return connection
    } finally {
      arrivals.delete(arrival)
    }
  }

  function cutOff(device: DeviceAddress): void {
    for (const arrival of arrivals) if (sameDevice(device, arrival.address)) arrival.isCut = true
    for (const connection of connections.all()) if (sameDevice(device, connection.address)) connection.end(removed())
  }

  return {
    challenge,
    dismiss: (bytes) => void challenges.delete(bytes.join()),
    admit,
    checkOperator,
    async expire() {
      try {
        return await mailboxes.expire()
      } finally {
        await blobs.expire().catch(failed)
      }
    },
    install: (make) => taps.install(make),
    async settle() {
      // what is passed on is handed in, and what is handed in may be for a puppet
      do await taps.settle()
      while (await mailboxes.settle())
    },
    resideAt: (place) => void (residence = place),
    policyKey: async () => policyPair.public,
    async vouch(nonce, where) {
      const { addresses, authority } = residence
      if (!addresses.includes(where.address))
        throw new RelayError('other-address', `the address of this relay is ${addresses.join(' or ') || 'not known'}`)
      if (where.authority && !(authority && equal(authority, where.authority)))
        throw new RelayError('other-address', "this relay's certificate is signed by another authority")
      return signWhereabouts(nonce, where, policyPair.secret)
    },
    leaveNote: async (slot, step, note) => rendezvous.leave(slot, step, note),
    readNote: async (slot, step) => rendezvous.look(slot, step),
    async register(list) {
      const charge = (user: string, isNew: boolean) => (isNew ? guard.registration() : guard.update(user))
      for (const device of await directory.register(list, charge)) cutOff(device)
    },
    blob: (id) => blobs.state(id),
    putBlob: (id, at, bytes) => blobs.put(id, at, bytes),
    readBlob: (id, at) => blobs.read(id, at),
    policies: async (afterEpoch) => policy.after(afterEpoch),
    async returnPolicy(link) {
      const restored = await policy.restore(link)
      if (restored) announce(restored)
    },
    access: async () => status(),
    async switchAccess(token, modeId, parameters) {
      checkOperator(token)
      guard.switching()
      announce(await policy.change(modeId, parameters, clock()))
      return status()
    },
    async installTap(token, modeId, instrument) {
      checkOperator(token)
      guard.switching()
      const tapping = modes.find(({ id }) => id === modeId && id === status().mode)?.tapping
      if (!tapping) throw new RelayError('bad-request', 'no access mode is in force that this could be for')
      try {
        for (const user of tapping.targets(instrument))
          if (!(await store.account(user)))
            throw new RelayError('unknown-user', `nobody has registered the name ${user} here`)
        // the mode may have been switched meanwhile
        if (modeId !== status().mode)
          throw new RelayError('bad-request', 'no access mode is in force that this could be for')
        await taps.install((line) => tapping.tap(instrument, line))
      } catch (error) {
        if (error instanceof CryptoError) throw new RelayError('bad-request', error.message)
        throw error
      }
    },
    async connect(answer, listener) {
      const bytes = challenge()
      return inThisProcess(await admit(bytes, answer(policyPair.public, bytes), listener))
    },
  }
}

const removed = () => new RelayError('unknown-device', 'this device has been removed from its account')
