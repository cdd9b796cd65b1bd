import { type Connection, type DeviceAddress, RelayError } from '../../server/api.ts'
import type { Outbox } from './outbox.ts'
import type { Partners } from './partners.ts'
import { addressKey, type Outgoing } from './queue.ts'
import { isRecent } from './recent.ts'

const inFlightMaximum = 256
const fullMailboxMs = 30_000
const firstPauseMs = 250
const longestPauseMs = 10_000

/** A queue in which relay and device disagree; `stale` when the relay asks for a newer access policy. */
export interface Dispute {
  readonly to: DeviceAddress
  readonly stale: boolean
}

/** Hands the outbox to the relay: many at once, each pair of devices in order. */
export interface Transmitter {
  transmit(): void
  /** Books what has been answered. @returns whether anything was, and queues that can go on only once they are mended */
  settle(): { readonly settled: boolean; readonly disputed: readonly Dispute[] }
  hasNews(): boolean
  isWaiting(): boolean
}

/**
 * @param wake is called when an answer has come
 */
export function createTransmitter(
  outbox: Outbox,
  connection: Connection,
  partners: Pick<Partners, 'isClosedTo' | 'deviceGone'>,
  clock: () => number,
  wake: () => void,
): Transmitter {
  const answers: { readonly outgoing: Outgoing; readonly error: RelayError | null }[] = []
  /** outbox row -> its queue */
  const inFlight = new Map<number, string>()
  /** queues that wait until what is under way has been answered */
  const disputes = new Map<string, Dispute>()
  /** queues of full mailboxes, and since when */
  const parked = new Map<string, number>()
  /** the relay has had too much of us: nothing goes out meanwhile, and the next pause is longer if nothing is taken then */
  let paused = { at: 0, ms: 0 }
  let pauseMs = firstPauseMs

  const isPaused = () => isRecent(paused.at, paused.ms, clock())
  const isParked = (key: string) => isRecent(parked.get(key) ?? 0, fullMailboxMs, clock())

  function pause(): void {
    if (isPaused()) return
    paused = { at: clock(), ms: pauseMs }
    pauseMs = Math.min(2 * pauseMs, longestPauseMs)
  }

  function answered(outgoing: Outgoing, error: RelayError | null): void {
    answers.push({ outgoing, error })
    wake()
  }

  function refused(outgoing: Outgoing, error: RelayError): void {
    const { to } = outgoing.submission
    const key = addressKey(to)
    const stale = error.code === 'policy-stale'
    const behindOneNotTaken = error.code === 'out-of-order' && isPaused()
    if (error.code === 'too-many') pause()
    else if (behindOneNotTaken) return
    else if (stale || error.code === 'out-of-order')
      disputes.set(key, { to, stale: stale || (disputes.get(key)?.stale ?? false) })
    else if (error.code === 'mailbox-full') parked.set(key, clock())
    else if (['unreachable', 'internal', 'policy-unknown'].includes(error.code)) throw error
    else if (error.code === 'unknown-device') {
      outbox.dropped(outgoing)
      partners.deviceGone(to.user)
    } else outbox.failed(outgoing, error.code)
  }

  return {
    transmit() {
      if (isPaused()) return
      for (const address of outbox.addresses()) {
        const key = addressKey(address)
        if (disputes.has(key) || isParked(key) || partners.isClosedTo(address.user)) continue
        for (const outgoing of outbox.next(address, inFlightMaximum)) {
          if (inFlight.size >= inFlightMaximum) return
          if (inFlight.has(outgoing.row)) continue
          inFlight.set(outgoing.row, key)
          connection.submit(outgoing.submission).then(
            () => answered(outgoing, null),
            (error: unknown) =>
              answered(outgoing, error instanceof RelayError ? error : new RelayError('internal', 'could not be sent')),
          )
        }
      }
    },

    settle() {
      const batch = answers.splice(0)
      for (const { outgoing } of batch) inFlight.delete(outgoing.row)
      const accepted = batch.filter(({ error }) => error === null).map(({ outgoing }) => outgoing)
      if (accepted.length > 0 && !isPaused()) pauseMs = firstPauseMs
      if (accepted.length > 0) outbox.accepted(accepted)
      for (const { outgoing, error } of batch) if (error) refused(outgoing, error)
      const underWay = new Set(inFlight.values())
      const disputed = [...disputes].filter(([key]) => !underWay.has(key))
      for (const [key] of disputed) disputes.delete(key)
      return { settled: batch.length > 0, disputed: disputed.map(([, dispute]) => dispute) }
    },

    hasNews: () => answers.length > 0,
    isWaiting: () => inFlight.size > answers.length,
  }
}
