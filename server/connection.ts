import {
  type Connection,
  countersMaximum,
  type DeviceAddress,
  prekeysMaximum,
  RelayError,
  type SentCounter,
  type Submission,
} from './api.ts'
import type { Directory } from './directory.ts'
import { type Guard, prices } from './limits.ts'
import type { Mailboxes, Told } from './mailbox.ts'
import { whenFree } from './patience.ts'
import type { Rendezvous } from './rendezvous.ts'
import type { Store, StoredCounter, StoredDevice } from './store/store.ts'
import type { Taps } from './taps.ts'

/** What a network needs of a connection besides: `submit` for many at once, and `sent` in pieces that fit an answer. */
export interface LocalConnection extends Connection {
  /** @param told is called when the envelope is on disk, with null, or with what is wrong */
  post(submission: Submission, told: Told): void
  /** @param after the row of the last counter that was given; 0 for the first page */
  sentPage(after: number): Promise<readonly StoredCounter[]>
}

/** What the relay lends to every connection. */
export interface Desk {
  readonly store: Store
  readonly directory: Directory
  readonly mailboxes: Mailboxes
  readonly taps: Taps
  readonly guard: Guard
  readonly rendezvous: Rendezvous
  readonly nowSeconds: () => number
}

/** Whether the connection still is one, and how it is ended. */
export interface Life {
  readonly isOpen: () => boolean
  readonly end: (reason: RelayError | null) => void
}

/** What one authenticated device may do, within its limits. */
export function connectionOf(desk: Desk, { row, ...address }: StoredDevice, { isOpen, end }: Life): LocalConnection {
  const { store, directory, mailboxes, taps, guard, rendezvous, nowSeconds } = desk

  function checkOpen(): void {
    if (!isOpen()) throw new RelayError('unreachable', 'the connection is closed')
  }

  async function asked<T>(price: number, work: () => Promise<T>): Promise<T> {
    checkOpen()
    try {
      guard.request(row, price)
    } catch (error) {
      // even a refusal costs something, because the question had to be read
      if (!guard.bearsRefusal(row)) end(new RelayError('too-many', 'this device does not stop asking'))
      throw error
    }
    return whenFree(work)
  }

  function post(submission: Submission, told: Told): void {
    try {
      checkOpen()
      guard.submission(row, submission.envelope.length)
    } catch (error) {
      return told(error)
    }
    mailboxes.post(address, submission, told)
  }

  /** One-time keys are spared where somebody asks too often, before any is taken. */
  async function bundle(of: DeviceAddress): Promise<Uint8Array> {
    const isFresh = guard.freshBundle(row, await directory.rowOf(of))
    return taps.bundle(of, isFresh) ?? directory.bundle(of, nowSeconds(), isFresh)
  }

  const sentPage = (after: number) => asked(prices.sentCounters, () => store.sentBy(row, after, countersMaximum))

  return {
    publishPrekeys: (prekeys, replace) =>
      asked(prices.publication + prekeys.length * prices.prekey, async () => {
        if (prekeys.length > prekeysMaximum)
          throw new RelayError('too-large', `at most ${prekeysMaximum} prekeys at once`)
        return directory.publishPrekeys(address, prekeys, replace, nowSeconds())
      }),
    countPrekeys: () => asked(prices.question, () => directory.countPrekeys(address, nowSeconds())),
    devices: (user) => asked(prices.question, () => taps.devices(address.user, user)),
    bundle: (of) => asked(prices.bundle, () => bundle(of)),
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
      asked(prices.question, async () => {
        if (rendezvous.has(slot)) return
        guard.linking(row)
        rendezvous.reserve(slot)
      }),
    post,
    submit: (submission) =>
      new Promise((done, failed) => post(submission, (fault) => (fault === null ? done() : failed(fault)))),
    async acknowledge(sequence) {
      checkOpen()
      guard.acknowledgement(row)
      return mailboxes.acknowledge(row, sequence)
    },
    close: () => end(null),
  }
}
