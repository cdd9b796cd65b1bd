import { equal, utf8 } from '../crypto/bytes.ts'
import { modes } from '../crypto/access/index.ts'
import { CryptoError } from '../crypto/errors.ts'
import { type ChallengeAnswer, checkAnswer } from '../crypto/identity.ts'
import type { Random } from '../crypto/random.ts'
import type { Archive } from './archive.ts'
import {
  type AccessStatus,
  type Connection,
  type DeviceAddress,
  type Listener,
  prekeysMaximum,
  type Relay,
  RelayError,
} from './api.ts'
import { createDirectory } from './directory.ts'
import { createGuard, createSeats, defaultLimits, type Limits } from './limits.ts'
import { createMailboxes } from './mailbox.ts'
import { whenFree } from './patience.ts'
import { createPolicyDesk, type PolicyPair } from './policy.ts'
import { createRendezvous } from './rendezvous.ts'
import type { Store } from './store/store.ts'
import { createTaps, type Taps } from './taps.ts'

const challengeSizeBytes = 32
const challengeLifetimeMs = 60_000
const defaultGraceMs = 10_000

export interface RelayParts {
  readonly store: Store
  readonly policyPair: PolicyPair
  /** who has this may switch the access mode */
  readonly operatorToken: string
  readonly archive: Archive | null
  readonly random: Random
  /** milliseconds since 1970 */
  readonly clock: () => number
  readonly graceMs?: number
  readonly limits?: Limits
}

/** A relay without a network, and what only its own process may ask of it. */
export interface LocalRelay extends Relay {
  /** Two steps of `connect`, for a network between them. */
  challenge(): Uint8Array
  admit(challenge: Uint8Array, answer: ChallengeAnswer, listener: Listener): Connection
  expire(): number
  /** What an operator who attacks does without any mode; a switch of the mode removes it. */
  readonly install: Taps['install']
}

export function createRelay(parts: RelayParts): LocalRelay {
  const { store, policyPair, archive, random, clock } = parts
  const directory = createDirectory(store)
  const policy = createPolicyDesk(store, policyPair, clock(), parts.graceMs ?? defaultGraceMs)
  const mailboxes = createMailboxes(store, directory, policy, archive, clock)
  const taps = createTaps(store, directory, mailboxes, policy, clock)
  const rendezvous = createRendezvous(clock)
  const limits = parts.limits ?? defaultLimits
  const guard = createGuard(limits, clock)
  const seats = createSeats(limits.socketsOfDevice)
  const listeners = new Set<Listener>()
  /** connected devices, and how each is cut off */
  const cuts = new Map<DeviceAddress, () => void>()
  const challenges = new Map<string, { readonly bytes: Uint8Array; readonly expires: number }>()
  const nowSeconds = () => Math.floor(clock() / 1000)

  const status = (): AccessStatus => {
    const { epoch, modeId, time } = policy.head().policy
    return { epoch, mode: modeId, since: time, archive: archive !== null }
  }

  function checkOperator(token: string): void {
    if (!equal(utf8(token), utf8(parts.operatorToken)))
      throw new RelayError('not-the-operator', "that is not the operator's token")
  }

  function challenge(): Uint8Array {
    const now = clock()
    for (const [key, { expires }] of challenges) {
      if (expires >= now) break
      challenges.delete(key)
    }
    const bytes = random(challengeSizeBytes)
    challenges.set(bytes.join(), { bytes, expires: now + challengeLifetimeMs })
    return bytes
  }

  /** A challenge is good once, whatever comes of it. */
  function authenticate(bytes: Uint8Array, answer: ChallengeAnswer): DeviceAddress {
    const known = challenges.get(bytes.join())
    challenges.delete(bytes.join())
    if (!known || known.expires < clock())
      throw new RelayError('challenge-spent', 'the challenge is used up or too old')
    const address = { user: answer.user, device: answer.id }
    try {
      checkAnswer(directory.recordOf(address), policyPair.public, bytes, answer)
      return address
    } catch (error) {
      if (error instanceof CryptoError)
        throw new RelayError('not-authenticated', "the answer is not signed with that device's key")
      throw error
    }
  }

  function admit(bytes: Uint8Array, answer: ChallengeAnswer, listener: Listener): Connection {
    const address = authenticate(bytes, answer)
    const device = directory.rowOf(address)
    let open = true
    const leave = seats.take(String(device), () =>
      end(new RelayError('too-many', 'this device has connected too often, and this connection was its oldest')),
    )
    listeners.add(listener)
    listener.ready()
    const stop = mailboxes.collect(address, (delivery) => listener.deliver(delivery))
    function end(reason: RelayError | null): void {
      if (!open) return
      open = false
      stop()
      leave()
      listeners.delete(listener)
      cuts.delete(address)
      listener.closed(reason)
    }
    cuts.set(address, () => end(new RelayError('unknown-device', 'this device has been removed from its account')))
    const ifOpen = async <T>(work: () => T | Promise<T>): Promise<T> => {
      if (!open) throw new RelayError('unreachable', 'the connection is closed')
      return work()
    }
    const asked = <T>(work: () => T): Promise<T> =>
      ifOpen<T>(() => {
        guard.request(device)
        return whenFree(work)
      })
    return {
      publishPrekeys: (prekeys, replace) =>
        asked(() => {
          if (prekeys.length > prekeysMaximum)
            throw new RelayError('too-large', `at most ${prekeysMaximum} prekeys at once`)
          directory.publishPrekeys(address, prekeys, replace, nowSeconds())
        }),
      countPrekeys: () => asked(() => directory.countPrekeys(address, nowSeconds())),
      devices: (user) => asked(() => taps.devices(address.user, user)),
      bundle: (of) => asked(() => directory.bundle(of, nowSeconds(), guard.freshBundle(device, directory.rowOf(of)))),
      sent: () => asked(() => store.sentBy(device)),
      submit: (submission) =>
        ifOpen(() => {
          guard.submission(device)
          return mailboxes.submit(address, submission)
        }),
      acknowledge: (sequence) =>
        ifOpen(() => {
          guard.acknowledgement(device)
          return mailboxes.acknowledge(address, sequence)
        }),
      close: () => end(null),
    }
  }

  return {
    challenge,
    admit,
    expire: () => mailboxes.expire(clock()),
    install: (make) => taps.install(make),
    policyKey: async () => policyPair.public,
    leaveNote: async (slot, step, note) => rendezvous.leave(slot, step, note),
    readNote: async (slot, step) => rendezvous.look(slot, step),
    async register(list) {
      guard.registration()
      return whenFree(() => {
        const removed = directory.register(list)
        for (const [address, cut] of cuts) if (removed.some((one) => sameDevice(one, address))) cut()
      })
    },
    policies: async (afterEpoch) => policy.after(afterEpoch),
    access: async () => status(),
    async switchAccess(token, modeId, parameters) {
      checkOperator(token)
      guard.switching()
      return whenFree(() => {
        const { bytes } = policy.change(modeId, parameters, clock())
        taps.remove()
        for (const listener of listeners) listener.policy(bytes)
        return status()
      })
    },
    async installTap(token, modeId, instrument) {
      checkOperator(token)
      guard.switching()
      const tapping = modes.find(({ id }) => id === modeId && id === status().mode)?.tapping
      if (!tapping) throw new RelayError('bad-request', 'no access mode is in force that this could be for')
      try {
        const stranger = tapping.targets(instrument).find((user) => !store.account(user))
        if (stranger !== undefined)
          throw new RelayError('unknown-user', `nobody has registered the name ${stranger} here`)
        taps.install((line) => tapping.tap(instrument, line))
      } catch (error) {
        if (error instanceof CryptoError) throw new RelayError('bad-request', error.message)
        throw error
      }
    },
    async connect(answer, listener) {
      const bytes = challenge()
      return admit(bytes, answer(policyPair.public, bytes), listener)
    },
  }
}

const sameDevice = (one: DeviceAddress, other: DeviceAddress) =>
  one.user === other.user && equal(one.device, other.device)
