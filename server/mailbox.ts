import { CryptoError } from '../crypto/errors.ts'
import { decodeEnvelope, envelopeDigest } from '../crypto/envelope.ts'
import type { Archive } from './archive.ts'
import { type Delivery, type DeviceAddress, RelayError, type Submission } from './api.ts'
import { Collector } from './collector.ts'
import { isInUse } from './disk/storage.ts'
import { patienceMs, pauseMs } from './patience.ts'
import type { PolicyDesk } from './policy.ts'
import type { Time } from './running-time.ts'
import type { Outcome, Posting, Store } from './store/store.ts'

/** Mail waits this long, in running time. */
export const mailLifetimeMs = 30 * 24 * 3600 * 1000
/** What is acknowledged goes with the next message that comes in, or after this long. */
const acknowledgedWithinMs = 50

/** Is told what became of a submission: null when it is on disk, otherwise what went wrong. */
export type Told = (fault: unknown) => void

/** One mailbox a device: deliver, collect, acknowledge, expire. */
export interface Mailboxes {
  /** Tells after the commit that holds the envelope. */
  post(from: DeviceAddress, submission: Submission, told: Told): void
  /**
   * Resolves at once, for nobody needs to wait: after a crash, mail comes again. Only mail that was not given out here, but by
   * a relay before, goes first.
   * @param device the store's name for it
   */
  acknowledge(device: number, sequence: number): Promise<void>
  /**
   * From now on, mail goes out as it comes, what is waiting first.
   * @param failed is called where the store cannot be read
   * @returns stops it
   */
  collect(device: number, deliver: (delivery: Delivery) => void, failed: (error: unknown) => void): () => void
  /** Resolves when all that has come in so far, and all acknowledgements, have been committed or have failed. */
  settle(): Promise<void>
  /** @returns how much was too old and has been removed */
  expire(): Promise<number>
}

interface Job {
  readonly from: DeviceAddress
  readonly submission: Submission
  readonly told: Told
}

/** What goes into one commit. */
interface Load {
  readonly jobs: readonly Job[]
  /** from a device to a sequence */
  readonly acknowledgements: ReadonlyMap<number, number>
  /** are called when it is over */
  readonly waiting: readonly (() => void)[]
}

export function createMailboxes(
  store: Store,
  policy: PolicyDesk,
  archive: Archive | null,
  { clock, running }: Time,
): Mailboxes {
  /** from a mailbox to whoever collects from it */
  const collectors = new Map<number, readonly Collector[]>()
  const collectorsOf = (device: number) => collectors.get(device) ?? []
  let jobs: Job[] = []
  let acknowledgements = new Map<number, number>()
  let waiting: (() => void)[] = []
  let timer: NodeJS.Timeout | null = null
  let isUnderWay = false
  /** how long those who have come wait for another program that holds the store */
  let waitUntil: number | null = null

  /** Group commit: whatever has come in since the last commit goes into one, and is answered after it. */
  function begin(): void {
    if (isUnderWay) return
    isUnderWay = true
    setImmediate(() => void work())
  }

  async function work(): Promise<void> {
    if (timer) clearTimeout(timer)
    timer = null
    const load = { jobs, acknowledgements, waiting }
    jobs = []
    acknowledgements = new Map()
    waiting = []
    if (!(await carryOut(load))) {
      jobs = [...load.jobs, ...jobs]
      waiting = [...load.waiting, ...waiting]
      setTimeout(() => void work(), pauseMs)
      return
    }
    isUnderWay = false
    if (jobs.length > 0 || waiting.length > 0) begin()
  }

  /** @returns false where another program holds the store: nothing has happened, and others may join meanwhile */
  async function carryOut(load: Load): Promise<boolean> {
    const refusals = load.jobs.map(({ submission }) => refusalOf(submission.envelope))
    const postings = postingsOf(load.jobs, refusals)
    const outcomes = await commit(load, postings)
    if (outcomes === null) return false
    for (const [i, { told }] of load.jobs.entries()) told(outcomes.fault ?? faultOf(outcomes.judged[i], refusals[i]))
    for (const [i, outcome] of outcomes.judged.entries()) hand(postings[i], outcome)
    for (const done of load.waiting) done()
    return true
  }

  function postingsOf(some: readonly Job[], refusals: readonly unknown[]): readonly Posting[] {
    const [time, sinceMs] = [clock(), running()]
    return some.map(({ from, submission: { to, counter, envelope } }, i) => ({
      from,
      to,
      counter,
      envelope,
      digest: envelopeDigest(envelope),
      time,
      sinceMs,
      isFaulty: refusals[i] !== null,
    }))
  }

  async function commit(
    load: Load,
    postings: readonly Posting[],
  ): Promise<{ readonly judged: readonly Outcome[]; readonly fault: unknown } | null> {
    try {
      const judged = await store.commit({
        acknowledgements: load.acknowledgements,
        postings,
        beforeDisk: (outcomes) => archive && record(archive, postings, outcomes),
      })
      waitUntil = null
      return { judged, fault: null }
    } catch (error) {
      archive?.discard()
      // nobody waits for these: the next commit takes them along
      for (const [device, sequence] of load.acknowledgements) note(device, sequence)
      waitUntil ??= performance.now() + patienceMs
      if (isInUse(error) && performance.now() <= waitUntil) return null
      waitUntil = null
      return { judged: [], fault: error }
    }
  }

  /** Why the relay does not take an envelope, by the policy that is in force now; null where it does. */
  function refusalOf(envelope: Uint8Array): unknown {
    try {
      policy.admit(decodeEnvelope(envelope))
      return null
    } catch (error) {
      if (!(error instanceof CryptoError)) return error
      return new RelayError('bad-envelope', `the envelope is ${error.code}: ${error.message}`)
    }
  }

  /** What has just been stored goes to those who collect it. */
  function hand(posting: Posting | undefined, outcome: Outcome): void {
    if (!posting || outcome.kind !== 'accepted') return
    const { time, from, envelope } = posting
    for (const collector of collectorsOf(outcome.device))
      collector.pass({ sequence: outcome.sequence, time, from, envelope })
  }

  function note(device: number, sequence: number): void {
    acknowledgements.set(device, Math.max(sequence, acknowledgements.get(device) ?? 0))
  }

  const committed = () =>
    new Promise<void>((done) => {
      waiting.push(done)
      begin()
    })

  return {
    post(from, submission, told) {
      jobs.push({ from, submission, told })
      begin()
    },

    async acknowledge(device, sequence) {
      note(device, sequence)
      const here = collectorsOf(device)
      const behind = here.filter((collector) => !collector.hasPushed(sequence))
      for (const collector of here) if (!behind.includes(collector)) collector.acknowledged(sequence)
      if (here.length > 0 && behind.length === 0)
        return void (timer ??= setTimeout(begin, acknowledgedWithinMs).unref())
      await committed()
      for (const collector of behind) collector.acknowledged(sequence)
    },

    collect(device, deliver, failed) {
      const collector = new Collector(store, device, deliver, failed)
      collectors.set(device, [...collectorsOf(device), collector])
      // what it has just acknowledged does not come again
      if (acknowledgements.has(device)) void committed().then(() => collector.read())
      else void collector.read()
      return () => {
        collector.stop()
        const others = collectorsOf(device).filter((other) => other !== collector)
        if (others.length > 0) collectors.set(device, others)
        else collectors.delete(device)
      }
    },

    settle: async () => (isUnderWay || acknowledgements.size > 0 ? committed() : undefined),
    expire: () => store.expireMail(running() - mailLifetimeMs),
  }
}

/** Nothing is on disk in the store that is not in the archive. */
function record(archive: Archive, postings: readonly Posting[], outcomes: readonly Outcome[]): void {
  for (const [i, { from, to, time, envelope }] of postings.entries()) {
    if (outcomes[i]?.kind !== 'accepted') continue
    archive.append({
      time,
      fromUser: from.user,
      fromDevice: from.device,
      toUser: to.user,
      toDevice: to.device,
      bytes: envelope,
    })
  }
  archive.flush()
}

/** What the sender is told. @param refusal why the relay does not take the envelope, if it does not */
function faultOf(outcome: Outcome | undefined, refusal: unknown): unknown {
  switch (outcome?.kind) {
    case 'accepted':
    case 'known':
      return null
    case 'no-sender':
    case 'no-recipient':
      return new RelayError('unknown-device', 'that person has no such device')
    case 'other-bytes':
      return new RelayError('out-of-order', 'another envelope was accepted under that counter')
    case 'gap':
      return new RelayError('out-of-order', `the next counter for that device is ${outcome.next}`)
    case 'mailbox-full':
      return new RelayError('mailbox-full', "that device's mailbox is full until it collects its mail")
    case 'share-full':
      return new RelayError('mailbox-full', 'this device has filled its share of that mailbox until it is collected')
    case 'faulty':
      return refusal
    case undefined:
      throw new Error('the store has not judged every posting')
  }
}
