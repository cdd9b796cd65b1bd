import { equal } from '../crypto/bytes.ts'
import { CryptoError } from '../crypto/errors.ts'
import { decodeEnvelope, envelopeDigest } from '../crypto/envelope.ts'
import type { Archive } from './archive.ts'
import { type Delivery, type DeviceAddress, RelayError, type Submission } from './api.ts'
import type { Directory } from './directory.ts'
import { patienceMs, pauseMs } from './patience.ts'
import type { PolicyDesk } from './policy.ts'
import type { Time } from './running-time.ts'
import { isInUse } from './disk/storage.ts'
import type { MailboxSize, Store, StoredMail } from './store/store.ts'

/** Either of these fills a mailbox that nobody empties. */
export const mailboxMaximumMessages = 10_000
export const mailboxMaximumBytes = 64 * 1024 * 1024
/** The part of a mailbox that one sending device may fill, so that one stranger shuts nobody out. */
const shareOfSender = 1 / 2
/** Mail waits this long, in running time. */
export const mailLifetimeMs = 30 * 24 * 3600 * 1000

/** How much may be under way to one device before it must acknowledge. This limits the cost of a slow reader. */
const windowMessages = 256
const windowBytes = 1024 * 1024
const readAtOnce = 16

/** One mailbox a device: deliver, collect, acknowledge, expire. */
export interface Mailboxes {
  /** Resolves after the commit that holds the envelope. */
  submit(from: DeviceAddress, submission: Submission): Promise<void>
  acknowledge(device: DeviceAddress, sequence: number): Promise<void>
  /** From now on, mail goes out as it comes, what is waiting first. @returns stops it */
  collect(device: DeviceAddress, deliver: (delivery: Delivery) => void): () => void
  /** @returns how much was too old and has been removed */
  expire(): number
}

interface Job {
  /** runs within the commit; throws RelayError for this job alone */
  run(): void
  resolve(): void
  reject(error: unknown): void
}

interface Collector {
  readonly row: number
  readonly deliver: (delivery: Delivery) => void
  pushed: number
  /** whether something may stand in the mailbox behind what was pushed */
  more: boolean
  underWay: { readonly sequence: number; readonly sizeBytes: number }[]
}

export function createMailboxes(
  store: Store,
  directory: Directory,
  policy: PolicyDesk,
  archive: Archive | null,
  { clock, running }: Time,
): Mailboxes {
  /** from a mailbox to whoever collects from it */
  const collectors = new Map<number, Set<Collector>>()
  const collectorsOf = (row: number): ReadonlySet<Collector> => collectors.get(row) ?? nobody
  let jobs: Job[] = []
  /** mailboxes in which a commit has made room; no others need to be looked into */
  const roomy = new Set<number>()
  /** what a commit has put into mailboxes, in order */
  let appended: { readonly row: number; readonly mail: StoredMail }[] = []

  /** how long those who have come wait for another program that holds the store */
  let waitUntil: number | null = null

  /** Group commit: whatever has come in since the last commit goes into one transaction, and is answered after it. */
  const enqueue = (run: () => void) =>
    new Promise<void>((resolve, reject) => {
      if (jobs.length === 0) setImmediate(commit)
      jobs.push({ run, resolve, reject })
    })

  /**
   * A batch that did not get the store has done nothing, and others may join it meanwhile.
   * @returns whether it waits
   */
  function waits(batch: Job[], error: unknown): boolean {
    waitUntil ??= performance.now() + patienceMs
    if (!isInUse(error) || performance.now() > waitUntil) return false
    jobs = batch
    setTimeout(commit, pauseMs)
    return true
  }

  function commit(): void {
    const batch = jobs
    jobs = []
    const refused = new Map<Job, RelayError>()
    roomy.clear()
    appended = []
    try {
      store.transaction(() => {
        for (const job of batch) {
          try {
            job.run()
          } catch (error) {
            if (!(error instanceof RelayError)) throw error
            refused.set(job, error)
          }
        }
        archive?.flush()
      })
    } catch (error) {
      archive?.discard()
      if (waits(batch, error)) return
      waitUntil = null
      for (const job of batch) job.reject(error)
      return
    }
    waitUntil = null
    for (const job of batch) {
      const error = refused.get(job)
      if (error) job.reject(error)
      else job.resolve()
    }
    for (const { row, mail } of appended) for (const collector of collectorsOf(row)) pass(collector, mail)
    for (const row of roomy) for (const collector of collectorsOf(row)) pump(collector)
  }

  /** What has just been stored goes out as it is, if it comes next and there is room. Otherwise the store is asked. */
  function pass(collector: Collector, mail: StoredMail): void {
    if (mail.sequence <= collector.pushed) return
    const isNext = !collector.more && mail.sequence === collector.pushed + 1
    const bytesUnderWay = collector.underWay.reduce((sum, { sizeBytes }) => sum + sizeBytes, mail.envelope.length)
    if (!isNext || collector.underWay.length >= windowMessages || bytesUnderWay > windowBytes) return pump(collector)
    push(collector, mail)
  }

  function push(collector: Collector, mail: StoredMail): void {
    collector.pushed = mail.sequence
    collector.underWay.push({ sequence: mail.sequence, sizeBytes: mail.envelope.length })
    collector.deliver(mail)
  }

  function pump(collector: Collector): void {
    const { underWay } = collector
    collector.more = true
    let bytesUnderWay = underWay.reduce((sum, mail) => sum + mail.sizeBytes, 0)
    while (underWay.length < windowMessages) {
      const limit = Math.min(readAtOnce, windowMessages - underWay.length)
      const batch = store.mailAfter(collector.row, collector.pushed, limit)
      for (const mail of batch) {
        bytesUnderWay += mail.envelope.length
        if (bytesUnderWay > windowBytes) return
        push(collector, mail)
      }
      collector.more = batch.length === limit
      if (!collector.more) return
    }
  }

  /** Does its checks in an order in which nothing is written before the last of them. */
  function accept(from: DeviceAddress, { to, counter, envelope }: Submission): void {
    const sender = directory.rowOf(from)
    const recipient = directory.rowOf(to)
    const last = store.sentTo(sender, recipient)
    const digest = envelopeDigest(envelope)
    const known = last?.counter ?? 0
    if (counter === known && last && !equal(last.digest, digest))
      throw new RelayError('out-of-order', 'another envelope was accepted under that counter')
    if (counter <= known) return
    if (counter !== known + 1) throw new RelayError('out-of-order', `the next counter for that device is ${known + 1}`)
    const now = clock()
    policy.admit(decode(envelope))
    const size = store.mailboxSize(recipient)
    if (isBeyond(size, envelope, 1))
      throw new RelayError('mailbox-full', "that device's mailbox is full until it collects its mail")
    if (isBeyond(store.shareOf(recipient, sender), envelope, shareOfSender))
      throw new RelayError('mailbox-full', 'this device has filled its share of that mailbox until it is collected')
    const sequence = store.appendMail(recipient, sender, now, envelope, running())
    appended.push({ row: recipient, mail: { sequence, time: now, from, envelope } })
    store.setSentTo(sender, recipient, counter, digest)
    archive?.append({
      time: now,
      fromUser: from.user,
      fromDevice: from.device,
      toUser: to.user,
      toDevice: to.device,
      bytes: envelope,
    })
  }

  return {
    submit: (from, submission) => enqueue(() => accept(from, submission)),

    acknowledge(device, sequence) {
      const row = directory.rowOf(device)
      for (const collector of collectorsOf(row))
        collector.underWay = collector.underWay.filter((mail) => mail.sequence > sequence)
      return enqueue(() => {
        store.acknowledgeMail(row, sequence)
        // if something did not go out before, there is room for it now
        if ([...collectorsOf(row)].some(({ more }) => more)) roomy.add(row)
      })
    },

    collect(device, deliver) {
      const collector: Collector = { row: directory.rowOf(device), deliver, pushed: 0, more: true, underWay: [] }
      const { row } = collector
      collectors.set(row, new Set([...collectorsOf(row), collector]))
      pump(collector)
      return () => {
        const others = new Set(collectorsOf(row))
        others.delete(collector)
        if (others.size > 0) collectors.set(row, others)
        else collectors.delete(row)
      }
    },

    expire: () => store.transaction(() => store.expireMail(running() - mailLifetimeMs)),
  }
}

const nobody: ReadonlySet<Collector> = new Set()

const isBeyond = ({ messages, bytes }: MailboxSize, envelope: Uint8Array, part: number) =>
  messages >= mailboxMaximumMessages * part || bytes + envelope.length > mailboxMaximumBytes * part

function decode(envelope: Uint8Array) {
  try {
    return decodeEnvelope(envelope)
  } catch (error) {
    if (error instanceof CryptoError)
      throw new RelayError('bad-envelope', `the envelope is ${error.code}: ${error.message}`)
    throw error
  }
}
