import { setTimeout as sleep } from 'node:timers/promises'
import { equal, hex, u64, Reader } from '../crypto/bytes.ts'
import { CryptoError } from '../crypto/errors.ts'
import { answerChallenge, type DeviceRecord } from '../crypto/identity.ts'
import { openBundle } from '../crypto/prekeys.ts'
import type { Random } from '../crypto/random.ts'
import { openSession } from '../crypto/session.ts'
import { type Delivery, type DeviceAddress, type Relay, RelayError } from '../server/api.ts'
import type { Device } from './device.ts'
import { ClientError } from './errors.ts'
import { createLease } from './lease.ts'
import type { Outgoing } from './outbox.ts'

const pollMs = 50
const renewLeaseMs = 3_000
const batchSize = 64
const inFlightMaximum = 256
const firstRetryMs = 250
const longestRetryMs = 20_000
const parkMs = 10_000
const resetEveryMs = 3600 * 1000

export type OnlineState = 'offline' | 'online' | 'elsewhere'

/** The part of a device that talks to the relay: reconnects, receives, sends, and keeps its keys filled up. */
export interface Online {
  readonly state: OnlineState
  /** Why it is not online, when it is not. */
  readonly fault: Error | null
  /** Resolves when something may have changed: in the store, by this process or another, or in `state`. */
  changed(): Promise<void>
  stop(): Promise<void>
}

/** @param random also for the jitter of reconnections */
export function goOnline(device: Device, relay: Relay, random: Random, clock: () => number): Online {
  const { store, self, outbox, inbox, policies, contacts, sessions, prekeys, history } = device
  const lease = createLease(store, clock)
  const stopping = new AbortController()
  let state: OnlineState = 'offline'
  let fault: Error | null = null
  let watchers: (() => void)[] = []

  const announce = () => {
    const woken = watchers
    watchers = []
    for (const wake of woken) wake()
  }

  const enter = (next: OnlineState, why: Error | null = null) => {
    fault = why
    if (next === state && !why) return
    state = next
    announce()
  }

  const pause = (ms: number) => sleep(ms, undefined, { signal: stopping.signal }).catch(() => undefined)

  async function run(): Promise<void> {
    let retryMs = firstRetryMs
    while (!stopping.signal.aborted) {
      if (!lease.take()) {
        enter('elsewhere')
        await watchStore(pollMs * 4)
        continue
      }
      try {
        await stayConnected(() => (retryMs = firstRetryMs))
      } catch (error) {
        if (!(error instanceof RelayError || error instanceof CryptoError || error instanceof ClientError)) throw error
        enter('offline', error)
      }
      lease.release()
      await watchStore(retryMs * (0.5 + (random(1)[0] ?? 0) / 255))
      retryMs = Math.min(retryMs * 2, longestRetryMs)
    }
  }

  /** Waits, and tells of what other processes write meanwhile. */
  async function watchStore(ms: number): Promise<void> {
    let version = store.version()
    for (const end = clock() + ms; clock() < end && !stopping.signal.aborted;) {
      await pause(pollMs)
      if (store.version() === version) continue
      version = store.version()
      announce()
    }
  }

  /** One connection, from its challenge to its end. */
  async function stayConnected(succeeded: () => void): Promise<void> {
    const deliveries: Delivery[] = []
    const links: Uint8Array[] = []
    const settled: { outgoing: Outgoing; error: RelayError | null }[] = []
    const inFlight = new Map<number, string>()
    const parked = new Map<string, number>()
    const refreshed = new Set<string>()
    let over: RelayError | null = null
    let open = true
    let wake = () => {}

    const connection = await relay.connect(
      (policyKey, challenge) => {
        if (!equal(policyKey, self.policyKey))
          throw new ClientError(
            'wrong-relay',
            'the relay has another policy key than the one pinned when this device was registered',
          )
        return answerChallenge(self.device, policyKey, challenge)
      },
      {
        ready: () => undefined,
        deliver(delivery) {
          deliveries.push(delivery)
          wake()
        },
        policy(link) {
          links.push(link)
          wake()
        },
        closed(error) {
          over = error
          open = false
          wake()
        },
      },
    )

    const isParked = (key: string) => (parked.get(key) ?? 0) > clock()
    const park = (key: string, ms = parkMs) => parked.set(key, clock() + ms)

    async function catchUpPolicy(): Promise<void> {
      for (const link of await relay.policies(policies.head()?.policy.epoch ?? 0)) policies.append(link)
    }

    async function reconcile(): Promise<void> {
      if (outbox.reconcile(await connection.sent()) === 'agrees') return
      await prekeys.republish(connection)
      for (const { user, list } of contacts.all())
        for (const { id } of list.devices) await startAnew({ user, device: id })
    }

    /** A message that says nothing carries a new session to somebody whose mail we cannot read any more. */
    async function startAnew({ user, device: id }: DeviceAddress): Promise<void> {
      const key = `reset ${user} ${hex(id)}`
      const last = store.meta(key)
      const record = contacts.get(user)?.list.devices.find((one) => equal(one.id, id))
      if (!record || isClosedTo(user) || (last && new Reader(last).u64() + resetEveryMs > clock())) return
      store.setMeta(key, u64(clock()))
      sessions.retire(user, id)
      await ensureSession(record)
      const policy = policies.head()
      if (policy) outbox.sealReset(record, policy)
    }

    async function ensureSession(record: DeviceRecord): Promise<void> {
      if (sessions.toSendWith(record.user, record.id)) return
      const bundle = openBundle(
        await connection.bundle({ user: record.user, device: record.id }),
        record,
        Math.floor(clock() / 1000),
      )
      const policy = policies.head()
      if (!policy) throw new RelayError('internal', 'the relay has published no access policy')
      const start = sessions.nextStart(record.user, record.id, clock())
      const session = openSession(self.device, self.signedList, record, bundle, policy.reference, start, random)
      store.transaction(() => {
        if (!session.fresh)
          history.notice('weak-session', record.user, { text: 'the conversation began without one-time keys' })
        sessions.add(session)
      })
    }

    /** Nothing goes out to them: a changed key nobody has looked at, or a mode this device refuses. */
    const isClosedTo = (user: string) => (contacts.get(user)?.changed ?? null) !== null || refuses(device)

    async function sealFor(user: string): Promise<void> {
      try {
        if (!refreshed.has(user)) contacts.learn(user, await connection.devices(user))
        refreshed.add(user)
        if (isClosedTo(user)) return
        const records = contacts.get(user)?.list.devices ?? []
        for (const record of records) await ensureSession(record)
        const policy = policies.head()
        if (policy) while (outbox.seal(user, records, policy) > 0) transmit()
      } catch (error) {
        if (!(error instanceof CryptoError) && !(error instanceof RelayError && error.code !== 'unreachable'))
          throw error
        park(user)
        device.cannotSend(user, error.code, error instanceof RelayError && error.code === 'unknown-user')
      }
    }

    function transmit(): void {
      for (const outgoing of outbox.pending()) {
        const key = queueOf(outgoing)
        if (inFlight.size >= inFlightMaximum) return
        if (inFlight.has(outgoing.row) || isParked(key) || restarting.has(key)) continue
        inFlight.set(outgoing.row, key)
        const settle = (error: RelayError | null) => {
          settled.push({ outgoing, error })
          wake()
        }
        connection.submit(outgoing.submission).then(
          () => settle(null),
          (error: unknown) =>
            settle(error instanceof RelayError ? error : new RelayError('internal', 'could not be sent')),
        )
      }
    }

    /** Queues whose next envelopes must wait until those under way have been answered: why, and to whom. */
    const restarting = new Map<string, { readonly to: DeviceAddress; stale: boolean }>()

    async function settle(): Promise<void> {
      const batch = settled.splice(0)
      outbox.accepted(batch.filter(({ error }) => error === null).map(({ outgoing }) => outgoing))
      for (const { outgoing, error } of batch) {
        inFlight.delete(outgoing.row)
        if (error) refused(outgoing, error)
      }
      for (const [key, { to, stale }] of restarting) {
        if ([...inFlight.values()].includes(key)) continue
        restarting.delete(key)
        await reconcile()
        if (!stale) continue
        await catchUpPolicy()
        const policy = policies.head()
        if (policy && !isClosedTo(to.user)) outbox.reseal(to, policy)
      }
    }

    function refused(outgoing: Outgoing, error: RelayError): void {
      const key = queueOf(outgoing)
      const { to } = outgoing.submission
      const stale = error.code === 'policy-stale'
      if (stale || error.code === 'out-of-order')
        restarting.set(key, { to, stale: stale || (restarting.get(key)?.stale ?? false) })
      else if (error.code === 'mailbox-full') park(key)
      else if (['unreachable', 'internal', 'policy-unknown'].includes(error.code)) over = error
      else outbox.failed(outgoing, error.code)
    }

    async function receive(): Promise<void> {
      while (deliveries.length > 0) {
        const batch = deliveries.splice(0, batchSize)
        if (inbox.needsPolicy(batch, policies.head()?.policy.epoch ?? 0)) await catchUpPolicy()
        const { acknowledge, resets } = inbox.receive(batch)
        await connection.acknowledge(acknowledge)
        announce()
        for (const address of resets) await startAnew(address)
      }
    }

    try {
      await catchUpPolicy()
      await reconcile()
      await prekeys.publish(connection)
      enter('online')
      succeeded()
      let leaseUntil = clock() + renewLeaseMs
      let version = store.version()
      while (open && !over && !stopping.signal.aborted) {
        for (const link of links.splice(0)) policies.append(link)
        await receive()
        await settle()
        for (const user of outbox.waitingFor()) if (!isParked(user) && !isClosedTo(user)) await sealFor(user)
        transmit()
        if (store.version() !== version) version = store.version()
        announce()
        if (clock() > leaseUntil && !lease.take()) return
        if (clock() > leaseUntil) leaseUntil = clock() + renewLeaseMs
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, pollMs)
          wake = () => {
            clearTimeout(timer)
            resolve()
          }
          if (deliveries.length + links.length + settled.length > 0 || !open || stopping.signal.aborted) wake()
        })
      }
      if (over) throw over as RelayError
    } finally {
      open = false
      connection.close()
    }
  }

  const running = run().catch((error: unknown) => {
    state = 'offline'
    fault = error as Error
    announce()
    throw error
  })

  return {
    get state() {
      return state
    },
    get fault() {
      return fault
    },
    changed: () => new Promise<void>((resolve) => watchers.push(resolve)),
    async stop() {
      stopping.abort()
      await running
      lease.release()
    },
  }
}

const queueOf = ({ submission: { to } }: Outgoing) => `${to.user} ${hex(to.device)}`

/** Whether this device keeps its messages back because of the access mode in force. */
export const refuses = ({ self, policies }: Device): boolean => {
  const mode = policies.head()?.policy.modeId ?? 'none'
  return self.refusesAccess && mode !== 'none'
}
