import { equal, hex, Reader, u64 } from '../../crypto/bytes.ts'
import { CryptoError } from '../../crypto/errors.ts'
import { type DeviceRecord, isSameDevice } from '../../crypto/identity.ts'
import type { SignedPolicy } from '../../crypto/policy.ts'
import { openBundle } from '../../crypto/prekeys.ts'
import type { Random } from '../../crypto/random.ts'
import { openSession, type Session } from '../../crypto/session.ts'
import { currentSuite } from '../../crypto/suites.ts'
import { type Connection, type DeviceAddress, RelayError } from '../../server/api.ts'
import { type Device, refuses } from './device.ts'
import { isRecent } from './recent.ts'

const parkMs = 10_000
const resetEveryMs = 3600 * 1000
/** Whoever has not answered for so long is written to in a new session: theirs may have begun with keys that they do not have. */
const unansweredMs = 24 * 3600 * 1000
/** Somebody's new device is written to after this long at the latest. */
const refreshEveryMs = 60_000

/** Whether a fault is that of the connection, and of nobody it was used for. */
const isOurs = ({ code }: RelayError) => code === 'unreachable' || code === 'too-many'

/** Those written to over one connection: their devices as the relay knows them, and a session with each. */
export interface Partners {
  /** Nothing goes out to them: a changed key nobody has looked at, or a mode this device refuses. */
  isClosedTo(user: string): boolean
  /** Whether something went wrong with them moments ago. */
  isParked(user: string): boolean
  /** Does something for one person. What goes wrong with them alone is told of, and stops nothing else. */
  forOne(user: string, work: () => Promise<void>): Promise<void>
  /** The account's own other devices that can be written to, each with a session. */
  ours(): Promise<readonly DeviceRecord[]>
  /** Somebody's devices that can be written to, each with a session; none where nothing may go out. @throws RelayError `no-prekeys`, CryptoError `expired` if none can */
  theirs(user: string): Promise<readonly DeviceRecord[]>
  /** The relay does not know one of their devices: who there is has to be asked again, and not at once. */
  deviceGone(user: string): void
  /** Asks for the devices of somebody whom another device of ours has written to. */
  meet(user: string): Promise<void>
  /** A message that says nothing carries a new session to somebody whose mail we cannot read any more; at most one an hour. */
  startAnew(address: DeviceAddress): Promise<void>
}

/** @param head the policy in force */
export function createPartners(
  device: Device,
  connection: Connection,
  head: () => SignedPolicy,
  random: Random,
  clock: () => number,
): Partners {
  const { store, self, contacts, sessions, history, outbox, policies } = device
  const ourName = self.device.record.user
  /** people whose device list has been asked for, and when */
  const refreshed = new Map<string, number>()
  /** devices that the access mode has us write to and show to nobody */
  const hidden = new Map<string, readonly DeviceRecord[]>()
  /** devices with which a new session was tried for, and when */
  const renewed = new Map<string, number>()
  /** people who cannot be written to for now, and since when */
  const parked = new Map<string, number>()
  /** what has been told of this connection's faults, so that trying again is no news */
  const told = new Set<string>()

  const wasRecent = (at: number | undefined, ms: number) => at !== undefined && isRecent(at, ms, clock())

  async function refresh(user: string): Promise<void> {
    if (wasRecent(refreshed.get(user), refreshEveryMs)) return
    const view = policies.present(await connection.devices(user))
    if (user === ourName) self.adopt(view.signedList)
    else contacts.learn(user, view.signedList)
    hidden.set(user, view.hidden)
    refreshed.set(user, clock())
  }

  const hiddenOf = (user: string): readonly DeviceRecord[] => (policies.hides() ? (hidden.get(user) ?? []) : [])

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

  /**
   * Whether another session is to take the place of the one to send with: it began before suite 2, or nobody has answered it.
   * @param isShown one that is shown to nobody answers nobody
   */
  const isToBeRenewed = (session: Session, isShown: boolean): boolean => {
    if (session.ratchet.suite !== currentSuite.number) return true
    return isShown && session.handshake !== null && session.startedAt + unansweredMs <= clock()
  }

  /** They may still send in a session that this store has lost: a reset ends it for them. */
  async function meetAgain(record: DeviceRecord): Promise<void> {
    const session = await newSession(record)
    store.transaction(() => {
      keep(session)
      if (outbox.hasSentTo({ user: record.user, device: record.id })) outbox.sealReset(record, head())
    })
  }

  /** Where that cannot be done now, the session there is will do. */
  async function renew(record: DeviceRecord): Promise<void> {
    const key = hex(record.id)
    if (wasRecent(renewed.get(key), refreshEveryMs)) return
    renewed.set(key, clock())
    try {
      keep(await newSession(record))
    } catch (error) {
      if (!lacksPrekeys(error)) throw error
    }
  }

  /** One that has just been linked has no prekeys yet, one long unused has old ones: it is written to as soon as it has good ones. */
  async function withSessions(shown: readonly DeviceRecord[], unseen: readonly DeviceRecord[]) {
    const ready: DeviceRecord[] = []
    let missing: RelayError | CryptoError | null = null
    for (const record of [...shown, ...unseen]) {
      try {
        const session = sessions.toSendWith(record.user, record.id)
        if (!session || !isSameDevice(session.theirs, record)) await meetAgain(record)
        else if (isToBeRenewed(session, shown.includes(record))) await renew(record)
        ready.push(record)
      } catch (error) {
        if (!lacksPrekeys(error)) throw error
        missing = error
      }
    }
    return { ready, missing }
  }

  const partners: Partners = {
    isClosedTo: (user) => contacts.isChanged(user) || refuses(device),
    isParked: (user) => wasRecent(parked.get(user), parkMs),

    async forOne(user, work) {
      try {
        await work()
      } catch (error) {
        if (!(error instanceof CryptoError) && !(error instanceof RelayError && !isOurs(error))) throw error
        parked.set(user, clock())
        const fault = `${user} ${error.code}`
        // a relay that was put back to an older state may know somebody again who is a contact here
        const isNobody = error.code === 'unknown-user' && !contacts.isKnown(user)
        const unfetched = isNobody || !told.has(fault) ? device.cannotSend(user, error.code, isNobody) : []
        // where that fails, they go with their time
        for (const blob of unfetched) void connection.removeBlob(blob).catch(() => undefined)
        told.add(fault)
      }
    },

    async ours() {
      if (self.others().length === 0 && !policies.hides()) return []
      await refresh(ourName)
      return (await withSessions(self.others(), hiddenOf(ourName))).ready
    },

    async theirs(user) {
      await refresh(user)
      if (partners.isClosedTo(user)) return []
      const shown = contacts.get(user)?.list.devices ?? []
      const { ready, missing } = await withSessions(shown, hiddenOf(user))
      // what only a hidden device could read has reached nobody
      if (missing && !shown.some((record) => ready.includes(record))) throw missing
      return ready
    },

    deviceGone(user) {
      refreshed.delete(user)
      parked.set(user, clock())
    },

    meet: (user) => partners.forOne(user, () => refresh(user)),

    async startAnew({ user, device: id }) {
      const key = `reset ${user} ${hex(id)}`
      const last = store.meta(key)
      if (last && wasRecent(new Reader(last).u64(), resetEveryMs)) return
      await partners.forOne(user, async () => {
        if (user !== ourName && !contacts.isKnown(user)) await refresh(user)
        const list = user === ourName ? self.list : contacts.get(user)?.list
        const record = list?.devices.find((one) => equal(one.id, id))
        if (!record || partners.isClosedTo(user)) return
        const session = await newSession(record)
        store.transaction(() => {
          store.setMeta(key, u64(clock()))
          sessions.retire(user, id)
          keep(session)
          outbox.sealReset(record, head())
        })
      })
    },
  }
  return partners
}

const lacksPrekeys = (error: unknown): error is RelayError | CryptoError =>
  (error instanceof RelayError && error.code === 'no-prekeys') ||
  (error instanceof CryptoError && error.code === 'expired')
