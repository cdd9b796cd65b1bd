import {
  type Connection,
  countersMaximum,
  type Delivery,
  type DeviceAddress,
  type Listener,
  type PrekeyCounts,
  prekeysMaximum,
  RelayError,
  type SentCounter,
  type Submission,
} from './api.ts'
import type { BlobId } from '../crypto/attachment.ts'
import type { Digest } from '../crypto/keys.ts'
import type { Reader } from './collector.ts'
import type { Blobs } from './blobs.ts'
import type { Directory } from './directory.ts'
import { type Guard, prices } from './limits.ts'
import type { Mailboxes, Told } from './mailbox.ts'
import type { Rendezvous } from './rendezvous.ts'
import type { Store, StoredCounter } from './store/store.ts'
import type { Taps } from './taps.ts'

/** What a network needs of a connection besides: `submit` for many at once, and `sent` in pieces that fit an answer. */
export interface LocalConnection extends Connection {
  /** @param told is called when the envelope is on disk, with null, or with what is wrong */
  post(submission: Submission, told: Told): void
  /** @param after the row of the last counter that was given; 0 for the first page */
  sentPage(after: number): Promise<readonly StoredCounter[]>
  /** Something has come that nobody asked for: too much of it ends the connection. */
  disturbed(): void
}

/** What the relay lends to every connection. */
export interface Desk {
  readonly store: Store
  readonly directory: Directory
  readonly mailboxes: Mailboxes
  readonly taps: Taps
  readonly guard: Guard
  readonly rendezvous: Rendezvous
  readonly blobs: Blobs
  readonly nowSeconds: () => number
  readonly failed: (error: unknown) => void
  /** is told of each connection that is over */
  readonly left: (connection: DeviceConnection) => void
}

/** One authenticated device that is connected. What it may do has limits. Thousands may do nothing, so each holds on to little. */
export class DeviceConnection implements LocalConnection, Reader {
  readonly address: DeviceAddress
  /** the store's name for the device */
  readonly row: number
  private readonly desk: Desk
  private readonly listener: Listener
  private isOpen = true

  constructor(desk: Desk, address: DeviceAddress, row: number, listener: Listener) {
    this.desk = desk
    this.address = address
    this.row = row
    this.listener = listener
  }

  /** From now on it gets its mail. */
  collect(): void {
    this.desk.mailboxes.collect(this.row, this)
  }

  deliver(delivery: Delivery): void {
    this.listener.deliver(delivery)
  }

  unreadable(error: unknown): void {
    this.desk.failed(error)
    this.end(new RelayError('internal', 'the relay failed; its log says why'))
  }

  policy(link: Uint8Array): void {
    if (this.isOpen) this.listener.policy(link)
  }

  /** @param reason what the device is told; null when it has closed it itself */
  end(reason: RelayError | null): void {
    if (!this.isOpen) return
    this.isOpen = false
    this.desk.mailboxes.dismiss(this.row, this)
    this.desk.left(this)
    this.listener.closed(reason)
  }

  close(): void {
    this.end(null)
  }

  publishPrekeys(prekeys: readonly Uint8Array[], replace: boolean): Promise<void> {
    return this.asked(prices.publication + prekeys.length * prices.prekey, async () => {
      if (prekeys.length > prekeysMaximum)
        throw new RelayError('too-large', `at most ${prekeysMaximum} prekeys at once`)
      return this.desk.directory.publishPrekeys(this.address, prekeys, replace, this.desk.nowSeconds())
    })
  }

  countPrekeys(): Promise<PrekeyCounts> {
    return this.asked(prices.question, () => this.desk.directory.countPrekeys(this.address, this.desk.nowSeconds()))
  }

  devices(user: string): Promise<Uint8Array> {
    return this.asked(prices.question, () => this.desk.taps.devices(this.address.user, user))
  }

  /** One-time keys are spared where somebody asks too often, before any is taken. */
  bundle(of: DeviceAddress): Promise<Uint8Array> {
    const { directory, guard, taps, nowSeconds } = this.desk
    return this.asked(prices.bundle, async () => {
      const isFresh = guard.freshBundle(this.row, await directory.rowOf(of))
      return taps.bundle(of, isFresh) ?? directory.bundle(of, nowSeconds(), isFresh)
    })
  }

  sentPage(after: number): Promise<readonly StoredCounter[]> {
    return this.asked(prices.sentCounters, () => this.desk.store.sentBy(this.row, after, countersMaximum))
  }

  async sent(): Promise<readonly SentCounter[]> {
    const all: SentCounter[] = []
    for (let after = 0; ;) {
      const page = await this.sentPage(after)
      all.push(...page.map(({ to, counter, digest }) => ({ to, counter, digest })))
      if (page.length < countersMaximum) return all
      after = page.at(-1)?.row ?? after
    }
  }

  reserveLink(slot: Digest): Promise<void> {
    const { guard, rendezvous } = this.desk
    return this.asked(prices.question, async () => {
      if (rendezvous.has(slot)) return
      guard.linking(this.row)
      rendezvous.reserve(slot)
    })
  }

  reserveBlob(id: BlobId, sizeBytes: number): Promise<void> {
    return this.asked(prices.blob, () => this.desk.blobs.reserve(this.address.user, id, sizeBytes))
  }

  removeBlob(id: BlobId): Promise<void> {
    return this.asked(prices.blob, () => this.desk.blobs.remove(this.address.user, id))
  }

  post(submission: Submission, told: Told): void {
    const { guard } = this.desk
    try {
      this.checkOpen()
      guard.submission(this.row, submission.envelope.length)
    } catch (error) {
      told(error)
      // whatever else is refused has been paid for
      if (this.isOpen && !guard.bearsRefusedSubmission(this.row))
        this.end(new RelayError('too-many', 'this device does not stop handing in'))
      return
    }
    this.desk.mailboxes.post(this.address, submission, told)
  }

  submit(submission: Submission): Promise<void> {
    return new Promise((done, failed) => this.post(submission, (fault) => (fault === null ? done() : failed(fault))))
  }

  async acknowledge(sequence: number): Promise<void> {
    this.checkOpen()
    this.desk.guard.acknowledgement(this.row)
    return this.desk.mailboxes.acknowledge(this.row, sequence)
  }

  disturbed(): void {
    if (!this.desk.guard.bearsRefusal(this.row))
      this.end(new RelayError('too-many', 'this device pings too often, or answers what it was not asked'))
  }

  private checkOpen(): void {
    if (!this.isOpen) throw new RelayError('unreachable', 'the connection is closed')
  }

  private async asked<T>(price: number, work: () => Promise<T>): Promise<T> {
    this.checkOpen()
    const { guard } = this.desk
    try {
      guard.request(this.row, price)
    } catch (error) {
      // even a refusal costs something, because the question had to be read
      if (!guard.bearsRefusal(this.row)) this.end(new RelayError('too-many', 'this device does not stop asking'))
      throw error
    }
    return work()
  }
}

/** For a client in this process: an object whose functions it may put into objects of its own. */
export const inThisProcess = (connection: LocalConnection): Connection => ({
  publishPrekeys: (prekeys, replace) => connection.publishPrekeys(prekeys, replace),
  countPrekeys: () => connection.countPrekeys(),
  devices: (user) => connection.devices(user),
  bundle: (of) => connection.bundle(of),
  sent: () => connection.sent(),
  reserveLink: (slot) => connection.reserveLink(slot),
  reserveBlob: (id, sizeBytes) => connection.reserveBlob(id, sizeBytes),
  removeBlob: (id) => connection.removeBlob(id),
  submit: (submission) => connection.submit(submission),
  acknowledge: (sequence) => connection.acknowledge(sequence),
  close: () => connection.close(),
})
