import { CryptoError } from '../crypto/errors.ts'
import { decodeEnvelope, envelopeDigest } from '../crypto/envelope.ts'
import type { Digest } from '../crypto/keys.ts'
import type { Archive } from './archive.ts'
import { type DeviceAddress, RelayError, type Submission } from './api.ts'
import { Collector, type Reader } from './collector.ts'
import { isInUse } from './disk/storage.ts'
import { patienceEnds, pauseMs, whenFree } from './patience.ts'
import type { PolicyDesk } from './policy.ts'
import type { Time } from './running-time.ts'
import type { Outcome, Posting, Store } from './store/store.ts'

/** Mail waits this long, in running time. */
export const mailLifetimeMs = 30 * 24 * 3600 * 1000
/** So much of it goes in one transaction, some 15 ms, and everybody else comes in between. */
const expiredAtOnce = 1000
/** What is acknowledged goes with the next message that comes in, or after this long. */
const acknowledgedWithinMs = 50
/**
 * So many are committed before anybody else is heard. To commit more at once gains nothing, and what waits in memory for
 * long costs the garbage collector more than the commit takes.
 */
const fullLoad = 512
/** Where that has failed, and nobody has come since, it is tried again after this long. */
const againInMs = 1000

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
  /** From now on, mail goes out as it comes, what is waiting first. */
  collect(device: number, reader: Reader): void
  /** It gets no more. */
  dismiss(device: number, reader: Reader): void
  /**
   * Resolves when all that has come in so far, and all acknowledgements, have been committed or have failed.
   * @returns whether somebody was waiting for that, who may now say more
   */
  settle(): Promise<boolean>
  /** @returns how much was too old and has been removed */
  expire(): Promise<number>
}

interface Job {
  readonly from: DeviceAddress
  readonly submission: Submission
  readonly digest: Digest
  readonly told: Told
  /** what the relay thinks of the envelope, and under which epoch it thought so: another program may hold the store for seconds */
  judged: { readonly epoch: number; readonly refusal: unknown } | null
}

/** What goes into one commit. */
interface Load {
  readonly jobs: readonly Job[]
  /** from a device to a sequence */
  readonly acknowledgements: ReadonlyMap<number, number>
  /** are called when it is over */
  readonly waiting: readonly (() => void)[]
}

const nothing: Load = { jobs: [], acknowledgements: new Map(), waiting: [] }

/** @param failed is told of what nobody waits for */
export function createMailboxes(
  store: Store,
  policy: PolicyDesk,
  archive: Archive | null,
  { clock, running }: Time,
  failed: (error: unknown) => void,
): Mailboxes {
  /** from a mailbox to whoever collects from it */
  const collectors = new Map<number, readonly Collector[]>()
  const collectorsOf = (device: number) => collectors.get(device) ?? []
  let jobs: Job[] = []
  let acknowledgements = new Map<number, number>()
  let waiting: (() => void)[] = []
  let underWay: Load | null = null
  let next: NodeJS.Immediate | undefined
  let timer: NodeJS.Timeout | null = null
  /** how long those who have come wait for another program that holds the store */
  let waitUntil: number | null = null

  /** Group commit: whatever has come in since the last commit goes into one, and is answered after it. */
  function begin(): void {
    if (underWay) return
    underWay = nothing
    next = setImmediate(() => void work())
  }

  /** For acknowledgements, which nobody waits for. */
  function beginIn(ms: number): void {
    timer ??= setTimeout(() => {
      timer = null
      if (acknowledgements.size > 0) begin()
    }, ms).unref()
  }

  async function work(): Promise<void> {
    clearImmediate(next)
    const load = { jobs, acknowledgements, waiting }
    jobs = []
    acknowledgements = new Map()
    waiting = []
    underWay = load
    let isLater = false
    try {
      isLater = !(await carryOut(load))
    } catch (error) {
      for (const { told } of load.jobs) attempt(() => told(error))
    }
    if (isLater) {
      jobs = [...load.jobs, ...jobs]
      waiting = [...load.waiting, ...waiting]
      setTimeout(() => void work(), pauseMs)
      return
    }
    underWay = null
    for (const done of load.waiting) done()
    if (jobs.length > 0 || waiting.length > 0) begin()
    else if (acknowledgements.size > 0) beginIn(acknowledgedWithinMs)
  }

  /** @returns false where another program holds the store: nothing has happened, and others may join meanwhile */
  async function carryOut(load: Load): Promise<boolean> {
    const refusals = load.jobs.map(refusalOf)
    const postings = postingsOf(load.jobs, refusals)
    const answer = await commit(load, postings)
    if (answer === null) return false
    for (const [i, { told }] of load.jobs.entries())
      attempt(() => told(answer.fault ?? faultOf(answer.outcomes[i], refusals[i])))
    for (const [i, outcome] of answer.outcomes.entries()) attempt(() => hand(postings[i], outcome))
    return true
  }

  /** What one of many does wrong is nothing to the others. */
  function attempt(work: () => void): void {
    try {
      work()
    } catch (error) {
      failed(error)
    }
  }

  function postingsOf(some: readonly Job[], refusals: readonly unknown[]): readonly Posting[] {
    const [time, sinceMs] = [clock(), running()]
    return some.map(({ from, submission: { to, counter, envelope }, digest }, i) => ({
      from,
      to,
      counter,
      envelope,
      digest,
      time,
      sinceMs,
      isFaulty: refusals[i] !== null,
    }))
  }

  /** @returns null where it may work later */
  async function commit(
    load: Load,
    postings: readonly Posting[],
  ): Promise<{ readonly outcomes: readonly Outcome[]; readonly fault: unknown } | null> {
    try {
      const outcomes = await store.commit({
        acknowledgements: load.acknowledgements,
        postings,
        beforeDisk: (judged) => archive && record(archive, postings, judged),
      })
      waitUntil = null
      return { outcomes, fault: null }
    } catch (error) {
      archive?.discard()
      // the next commit takes them along
      for (const [device, sequence] of load.acknowledgements) note(device, sequence)
      waitUntil ??= patienceEnds()
      if (isInUse(error) && performance.now() <= waitUntil) return null
      waitUntil = null
      if (load.jobs.length > 0) return { outcomes: [], fault: error }
      failed(error)
      beginIn(againInMs)
      return { outcomes: [], fault: null }
    }
  }

  /** Why the relay does not take an envelope, by the policy that is in force now; null where it does. */
  function refusalOf(job: Job): unknown {
    const { epoch } = policy.head().policy
    if (job.judged?.epoch !== epoch) job.judged = { epoch, refusal: judge(job.submission.envelope) }
    return job.judged?.refusal
  }

  function judge(envelope: Uint8Array): unknown {
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
      jobs.push({ from, submission, digest: envelopeDigest(submission.envelope), told, judged: null })
      begin()
      if (jobs.length >= fullLoad && underWay === nothing) void work()
    },

    async acknowledge(device, sequence) {
      note(device, sequence)
      const here = collectorsOf(device)
      const behind = here.filter((collector) => !collector.hasPushed(sequence))
      for (const collector of here) if (!behind.includes(collector)) collector.acknowledged(sequence)
      if (here.length > 0 && behind.length === 0) return beginIn(acknowledgedWithinMs)
      await committed()
      for (const collector of behind) collector.acknowledged(sequence)
    },

    collect(device, reader) {
      const collector = new Collector(store, device, reader)
      collectors.set(device, [...collectorsOf(device), collector])
      // what it has just acknowledged does not come again
      if (acknowledgements.has(device) || underWay?.acknowledgements.has(device))
        void committed().then(() => collector.begin())
      else collector.begin()
    },

    dismiss(device, reader) {
      const others: Collector[] = []
      for (const collector of collectorsOf(device)) {
        if (collector.reader === reader) collector.stop()
        else others.push(collector)
      }
      if (others.length > 0) collectors.set(device, others)
      else collectors.delete(device)
    },

    async settle() {
      const isAwaited = underWay !== null || jobs.length > 0
      if (isAwaited || acknowledgements.size > 0) await committed()
      if (timer) clearTimeout(timer)
      timer = null
      return isAwaited
    },
    async expire() {
      const beforeMs = running() - mailLifetimeMs
      for (let removed = 0; ; await new Promise(setImmediate)) {
        const more = await whenFree(() => store.expireMail(beforeMs, expiredAtOnce))
        removed += more
        if (more < expiredAtOnce) return removed
      }
    },
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
