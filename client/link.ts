import { equal, hex, Reader, u64 } from '../crypto/bytes.ts'
import { CryptoError } from '../crypto/errors.ts'
import { answerChallenge, type DeviceRecord } from '../crypto/identity.ts'
import { openBundle } from '../crypto/prekeys.ts'
import type { Random } from '../crypto/random.ts'
import { openSession, type Session } from '../crypto/session.ts'
import {
  type Connection,
  type Delivery,
  type DeviceAddress,
  type Listener,
  type Relay,
  RelayError,
} from '../server/api.ts'
import { type Device, refuses } from './device.ts'
import { ClientError } from './errors.ts'
import { patient } from './patience.ts'
import { createTransmitter } from './transmitter.ts'

const receiveAtOnce = 64
const parkMs = 10_000
const resetEveryMs = 3600 * 1000
const publishEveryMs = 6 * 3600 * 1000
/** What is counted on from here has to stay a number that JavaScript counts exactly. */
const counterMaximum = 2 ** 48

/** Whether a fault is that of the connection, and of nobody it was used for. */
const isOurs = ({ code }: RelayError) => code === 'unreachable' || code === 'too-many'

/** One connection of a device to its relay, worked in turns. */
export interface Link {
  /** What comes before anything else: the policy chain, what the relay remembers of our sending, our prekeys. */
  begin(): Promise<void>
  /**
   * Takes in what has come, sends what is to go.
   * @returns whether anything was done
   * @throws RelayError when the connection is over
   */
  turn(): Promise<boolean>
  /** Until something comes, or that long. */
  idle(ms: number): Promise<void>
  close(): void
}

/** @throws ClientError `wrong-relay` | RelayError */
export async function openLink(device: Device, relay: Relay, random: Random, clock: () => number): Promise<Link> {
  const { store, self, outbox, inbox, policies, contacts, sessions, prekeys, history } = device
  const deliveries: Delivery[] = []
  const links: Uint8Array[] = []
  /** people whose device list has been asked for on this connection */
  const refreshed = new Set<string>()
  /** people who cannot be written to for now, and until when */
  const parked = new Map<string, number>()
  /** what has been told of this connection's faults, so that trying again is no news */
  const told = new Set<string>()
  let over: RelayError | null = null
  let published = 0
  let wake = () => {}

  const listener: Listener = {
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
      over = error ?? new RelayError('unreachable', 'the connection is closed')
      wake()
    },
  }

  const connected = await relay.connect((policyKey, challenge) => {
    if (equal(policyKey, self.policyKey)) return answerChallenge(self.device, policyKey, challenge)
    throw new ClientError(
      'wrong-relay',
      'the relay has another policy key than the one pinned when this device was registered',
    )
  }, listener)
  const connection: Connection = patient(connected)

  /** Nothing goes out to them: a changed key nobody has looked at, or a mode this device refuses. */
  const isClosedTo = (user: string) => (contacts.get(user)?.changed ?? null) !== null || refuses(device)

  const transmitter = createTransmitter(outbox, connection, isClosedTo, clock, () => wake())

  async function catchUpPolicy(): Promise<void> {
    for (const link of await relay.policies(policies.head()?.policy.epoch ?? 0)) policies.append(link)
  }

  const head = () => {
    const policy = policies.head()
    if (!policy) throw new RelayError('internal', 'the relay has published no access policy')
    return policy
  }

  async function reconcile(): Promise<void> {
    const counters = await connection.sent()
    if (counters.some(({ counter }) => counter > counterMaximum))
      throw new RelayError('internal', 'the relay says that more was sent than anybody can have sent')
    if (outbox.reconcile(counters)) return
    await prekeys.republish(connection)
    for (const { user, list } of contacts.all())
      for (const { id } of list.devices) await startAnew({ user, device: id })
    outbox.renewed()
  }

  /** Does something for one person. What goes wrong with them alone is told of, and stops nothing else. */
  async function forOne(user: string, work: () => Promise<void>): Promise<void> {
    try {
      await work()
    } catch (error) {
      const ofTheirs = error instanceof CryptoError || (error instanceof RelayError && !isOurs(error))
      if (!ofTheirs) throw error
      parked.set(user, clock() + parkMs)
      const fault = `${user} ${error.code}`
      if (error.code === 'unknown-user' || !told.has(fault))
        device.cannotSend(user, error.code, error.code === 'unknown-user')
      told.add(fault)
    }
  }

  /** A message that says nothing carries a new session to somebody whose mail we cannot read any more; at most one an hour. */
  async function startAnew({ user, device: id }: DeviceAddress): Promise<void> {
    const key = `reset ${user} ${hex(id)}`
    const last = store.meta(key)
    if (last && new Reader(last).u64() + resetEveryMs > clock()) return
    await forOne(user, async () => {
      if (!contacts.get(user)) contacts.learn(user, await connection.devices(user))
      const record = contacts.get(user)?.list.devices.find((one) => equal(one.id, id))
      if (!record || isClosedTo(user)) return
      const session = await newSession(record)
      store.transaction(() => {
        store.setMeta(key, u64(clock()))
        sessions.retire(user, id)
        keep(session)
        outbox.sealReset(record, head())
      })
    })
  }

  async function newSession(record: DeviceRecord): Promise<Session> {
    const bundle = openBundle(
      await connection.bundle({ user: record.user, device: record.id }),
      record,
      Math.floor(clock() / 1000),
    )
    const start = sessions.nextStart(record.user, record.id, clock())
    return openSession(self.device, self.signedList, record, bundle, head().reference, start, random)
  }

  function keep(session: Session): void {
    store.transaction(() => {
      if (!session.fresh)
        history.notice('weak-session', session.theirs.user, { text: 'the conversation began without one-time keys' })
      sessions.add(session)
    })
  }

  /** @returns how many messages are on their way now that were not */
  async function seal(user: string): Promise<number> {
    let sealed = 0
    await forOne(user, async () => {
      if (!refreshed.has(user)) contacts.learn(user, await connection.devices(user))
      refreshed.add(user)
      if (isClosedTo(user)) return
      const records = contacts.get(user)?.list.devices ?? []
      for (const record of records) if (!sessions.toSendWith(user, record.id)) keep(await newSession(record))
      sealed = outbox.seal(user, records, head())
    })
    return sealed
  }

  async function receive(): Promise<boolean> {
    const batch = deliveries.splice(0, receiveAtOnce)
    if (batch.length === 0) return false
    if (inbox.needsPolicy(batch, head().policy.epoch)) await catchUpPolicy()
    const { acknowledge, resets, opened } = inbox.receive(batch)
    await connection.acknowledge(acknowledge)
    if (opened) await prekeys.publish(connection)
    for (const address of resets) await startAnew(address)
    return true
  }

  async function send(): Promise<boolean> {
    const { settled, disputed } = transmitter.settle()
    for (const { to, stale } of disputed) {
      await reconcile()
      if (!stale) continue
      await catchUpPolicy()
      if (!isClosedTo(to.user)) outbox.reseal(to, head())
    }
    const writable = outbox.waitingFor().filter((user) => (parked.get(user) ?? 0) < clock() && !isClosedTo(user))
    let sealed = 0
    for (const user of writable) sealed += await seal(user)
    transmitter.transmit()
    return settled || sealed > 0
  }

  return {
    async begin() {
      await catchUpPolicy()
      await reconcile()
      await prekeys.publish(connection)
      published = clock()
    },
    async turn() {
      if (over) throw over
      if (clock() > published + publishEveryMs) {
        published = clock()
        await prekeys.publish(connection)
      }
      const news = links.splice(0)
      for (const link of news) policies.append(link)
      const received = await receive()
      const sent = await send()
      return news.length > 0 || received || sent
    },
    idle: (ms) =>
      new Promise((resolve) => {
        const timer = setTimeout(resolve, ms)
        wake = () => {
          clearTimeout(timer)
          resolve()
        }
        if (over || deliveries.length + links.length > 0 || transmitter.hasNews()) wake()
      }),
    close: () => connection.close(),
  }
}
