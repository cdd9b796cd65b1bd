import { equal, utf8 } from '../crypto/bytes.ts'
import { modes } from '../crypto/access/index.ts'
import { CryptoError } from '../crypto/errors.ts'
import { type ChallengeAnswer, checkAnswer } from '../crypto/identity.ts'
import type { Digest } from '../crypto/keys.ts'
import type { SignedPolicy } from '../crypto/policy.ts'
import type { Random } from '../crypto/random.ts'
import { signWhereabouts } from '../crypto/whereabouts.ts'
import type { Archive } from './archive.ts'
import {
  type AccessStatus,
  type Connection,
  countersMaximum,
  type DeviceAddress,
  type Listener,
  prekeysMaximum,
  type Relay,
  RelayError,
  type SentCounter,
} from './api.ts'
import { createDirectory } from './directory.ts'
import { createGuard, createSeats, defaultLimits, type Limits, prices } from './limits.ts'
import { createMailboxes } from './mailbox.ts'
import { whenFree } from './patience.ts'
import { createPolicyDesk, type PolicyPair } from './policy.ts'
import { createRendezvous } from './rendezvous.ts'
import { createRunningTime, forwardOnly, wordsForLeap } from './running-time.ts'
import type { Store, StoredCounter } from './store/store.ts'
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
  readonly random: Random
  /** milliseconds since 1970; may be years off */
  readonly clock: () => number
  /** milliseconds that never go back, for what lasts minutes; taken from the clock where there are none */
  readonly steady?: () => number
  /** is told, in one line, what was done about a clock that leapt */
  readonly log?: (line: string) => void
  readonly graceMs?: number
  readonly limits?: Limits
}

/** What a network needs of a connection besides: `sent`, in pieces that fit an answer. */
export interface LocalConnection extends Connection {
  /** @param after the row of the last counter that was given; 0 for the first page */
  sentPage(after: number): Promise<readonly StoredCounter[]>
}

/** Where a relay is, as its operator knows it. It vouches for nothing else. */
export interface Residence {
  /** canonical */
  readonly addresses: readonly string[]
  /** for the certificates that its own is signed by; null without TLS */
  readonly authority: Digest | null
}

/** A relay without a network, and what only its own process may ask of it. */
export interface LocalRelay extends Relay {
  /** The two steps of `connect`, for a network between them. */
  challenge(): Uint8Array
  /** Drops a challenge that will not be answered any more. */
  dismiss(challenge: Uint8Array): void
  admit(challenge: Uint8Array, answer: ChallengeAnswer, listener: Listener): LocalConnection
  expire(): number
  /** @throws RelayError `not-the-operator` */
  checkOperator(token: string): void
  /** From now on it vouches for this place, and for no other. */
  settle(residence: Residence): void
  /** Installs what an operator who attacks does without any mode. A switch of the mode removes it. */
  readonly install: Taps['install']
}

export function createRelay(parts: RelayParts): LocalRelay {
  const { store, policyPair, archive, random, clock } = parts
  const steady = parts.steady ?? forwardOnly(clock)
  const running = createRunningTime(store.lastLook, clock, (leapMs) => parts.log?.(wordsForLeap(leapMs)))
  const directory = createDirectory(store)
  const policy = createPolicyDesk(store, policyPair, clock(), parts.graceMs ?? defaultGraceMs, steady)
  const mailboxes = createMailboxes(store, directory, policy, archive, { clock, running })
  const taps = createTaps(store, directory, mailboxes, policy, clock)
  const rendezvous = createRendezvous(steady)
  const limits = parts.limits ?? defaultLimits
  const guard = createGuard(limits, steady)
  const seats = createSeats(limits.socketsOfDevice)
  const listeners = new Set<Listener>()
  /** connected devices, and how each is cut off */
  const cuts = new Map<DeviceAddress, () => void>()
  let residence: Residence = { addresses: [], authority: null }
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

  function announce({ bytes }: SignedPolicy): void {
    taps.remove()
    for (const listener of listeners) listener.policy(bytes)
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
  function authenticate(bytes: Uint8Array, answer: ChallengeAnswer): DeviceAddress {
    const known = challenges.get(bytes.join())
    challenges.delete(bytes.join())
    if (!known || known.expires < steady())
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

  function admit(bytes: Uint8Array, answer: ChallengeAnswer, listener: Listener): LocalConnection {
    const address = authenticate(bytes, answer)
    const device = directory.rowOf(address)
    guard.request(device, prices.connection)
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
    const asked = <T>(price: number, work: () => T): Promise<T> =>
      ifOpen<T>(() => {
        try {
          guard.request(device, price)
        } catch (error) {
          // even a refusal costs something, because the question had to be read
          if (!guard.bearsRefusal(device)) end(new RelayError('too-many', 'this device does not stop asking'))
          throw error
        }
        return whenFree(work)
      })
    const sentPage = (after: number) => asked(prices.sentCounters, () => store.sentBy(device, after, countersMaximum))
    return {
      publishPrekeys: (prekeys, replace) =>
        asked(prices.publication + prekeys.length * prices.prekey, () => {
          if (prekeys.length > prekeysMaximum)
            throw new RelayError('too-large', `at most ${prekeysMaximum} prekeys at once`)
          directory.publishPrekeys(address, prekeys, replace, nowSeconds())
        }),
      countPrekeys: () => asked(prices.question, () => directory.countPrekeys(address, nowSeconds())),
      devices: (user) => asked(prices.question, () => taps.devices(address.user, user)),
      bundle: (of) =>
        asked(prices.bundle, () => {
          const fresh = guard.freshBundle(device, directory.rowOf(of))
          return taps.bundle(of, fresh) ?? directory.bundle(of, nowSeconds(), fresh)
        }),
      sentPage,
      async sent() {
        const all: SentCounter[] = []
        for (let after = 0; ;) {
          const page = await sentPage(after)
          all.push(...page.map(({ to, counter, digest }) => ({ to, counter, digest })))
          if (page.length < countersMaximum) return all
          after = page.at(-1)?.row ?? after
        }
      },
      reserveLink: (slot) =>
        asked(prices.question, () => {
          if (rendezvous.has(slot)) return
          guard.linking(device)
          rendezvous.reserve(slot)
        }),
      submit: (submission) =>
        ifOpen(() => {
          guard.submission(device, submission.envelope.length)
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
    dismiss: (bytes) => void challenges.delete(bytes.join()),
    admit,
    checkOperator,
    expire: () => mailboxes.expire(),
    install: (make) => taps.install(make),
    settle: (place) => void (residence = place),
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
      return whenFree(() => {
        const removed = directory.register(list, (user, isNew) => (isNew ? guard.registration() : guard.update(user)))
        for (const [address, cut] of cuts) if (removed.some((one) => sameDevice(one, address))) cut()
      })
    },
    policies: async (afterEpoch) => policy.after(afterEpoch),
    async returnPolicy(link) {
      const restored = policy.restore(link)
      if (restored) announce(restored)
    },
    access: async () => status(),
    async switchAccess(token, modeId, parameters) {
      checkOperator(token)
      guard.switching()
      return whenFree(() => {
        announce(policy.change(modeId, parameters, clock()))
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
