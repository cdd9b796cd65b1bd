import type { BlobId } from '../../crypto/attachment.ts'
import type { DeviceId, Digest } from '../../crypto/keys.ts'
import type { PrekeyKind } from '../../crypto/prekeys.ts'
import type { DeviceAddress, PrekeyCounts, SentCounter } from '../api.ts'
import type { Look } from '../running-time.ts'

/** A device as the store knows it: `row` is the store's own name for it. */
export interface StoredDevice extends DeviceAddress {
  readonly row: number
}

/** `row` is the recipient's. */
export interface StoredCounter extends SentCounter {
  readonly row: number
}

export interface StoredPrekey {
  readonly kind: PrekeyKind
  readonly id: number
  readonly expiresAtSeconds: number
  readonly bytes: Uint8Array
}

/** Which prekeys are good: those that expire after the first second and not after the last. */
export interface Lasting {
  readonly afterSeconds: number
  readonly untilSeconds: number
  /** one-time keys expire at most so long after the signed one beside them, whatever clock made it */
  readonly onceAfterSignedSeconds: number
}

/** What a bundle is made of. */
export interface TakenPrekeys {
  readonly signed: Uint8Array
  readonly kem: Uint8Array
  readonly oneTime: Uint8Array | null
}

export interface StoredMail {
  readonly sequence: number
  readonly time: number
  readonly from: DeviceAddress
  readonly envelope: Uint8Array
}

/** The keys that the id of a device belongs to. */
export interface Claim {
  readonly device: DeviceId
  readonly keys: Uint8Array
}

/** The next state of an account. */
export interface AccountChange {
  readonly user: string
  /** the list that this change was made for; null for a new account */
  readonly known: Uint8Array | null
  readonly list: Uint8Array
  readonly added: readonly DeviceId[]
  /** They lose their mail and prekeys, and their row belongs to nobody any more. */
  readonly removed: readonly DeviceId[]
  /** are taken down in this order; an id that has keys keeps them for ever */
  readonly claims: readonly Claim[]
}

/** One envelope that somebody hands in. */
export interface Posting {
  readonly from: DeviceAddress
  readonly to: DeviceAddress
  readonly counter: number
  readonly envelope: Uint8Array
  readonly digest: Digest
  /** what the clock shows, for those who read it: milliseconds since 1970 */
  readonly time: number
  /** running time, by which it grows old */
  readonly sinceMs: number
  /** whether the relay does not take it; that counts only where the counter is the next */
  readonly isFaulty: boolean
}

/** What became of a posting, by the first check that it did not pass. Only what is accepted is written. */
export type Outcome =
  | { readonly kind: 'accepted'; readonly device: number; readonly sequence: number }
  /** accepted before */
  | { readonly kind: 'known' }
  | { readonly kind: 'no-sender' | 'no-recipient' | 'other-bytes' | 'faulty' | 'mailbox-full' | 'share-full' }
  | { readonly kind: 'gap'; readonly next: number }

/** Acknowledgements first, then postings in their order. */
export interface Batch {
  /** from a device's row to a sequence: mail up to it goes */
  readonly acknowledgements: ReadonlyMap<number, number>
  readonly postings: readonly Posting[]
  /** Is called when all is judged, before anything is on disk. If it throws, nothing of the batch has happened. */
  readonly beforeDisk: (outcomes: readonly Outcome[]) => void
}

/** An encrypted file that somebody leaves at the relay. Its bytes lie elsewhere: see server/disk/blob-files.ts. */
export interface NewBlob {
  readonly id: BlobId
  /** the account that has reserved it */
  readonly owner: string
  readonly sizeBytes: number
  /** running time, by which it grows old: of the reservation, or of the last part that has come since */
  readonly sinceMs: number
}

export interface StoredBlob extends NewBlob {
  /** how much of it is on disk */
  readonly receivedBytes: number
}

/**
 * How much there may be. What an account has reserved counts against itself alone; against everybody counts only what is on
 * the disk, for a reservation costs nothing.
 */
export interface BlobRoom {
  readonly bytesOfAccount: number
  readonly countOfAccount: number
  /** those of an account that have not come whole */
  readonly openOfAccount: number
  readonly bytesOfAll: number
  /** those of which something has come */
  readonly countOfAll: number
}

export type Reservation = 'done' | 'taken' | 'owner-full' | 'owner-open'

/** What has come of all blobs together. */
export interface BlobUse {
  readonly count: number
  readonly bytes: number
}

/** Running time: a blob goes whose `sinceMs` is before this. */
export interface BlobAges {
  readonly wholeMs: number
  readonly unfinishedMs: number
  /** for those of which nothing has come */
  readonly untouchedMs: number
}

/**
 * What the relay remembers. Every method is one complete operation: all of it or nothing has happened, and is on disk, when
 * its promise is settled. Every implementation passes tests/contract/store.ts.
 */
export interface Store {
  /** @returns the signed device list */
  account(user: string): Promise<Uint8Array | null>
  /** Null too for one that was removed. */
  device(address: DeviceAddress): Promise<StoredDevice | null>
  /**
   * The keys that a device's id belongs to, also for a device that was removed; null for an id that nobody has used.
   */
  keysOf(address: DeviceAddress): Promise<Uint8Array | null>
  /** @returns `changed` where the account has another list than is known, `other-keys` where an id belongs to others */
  register(change: AccountChange): Promise<'done' | 'changed' | 'other-keys'>

  /**
   * A prekey with an id already there takes its place. Of a kind of which there are too many, what is not good goes, the
   * lowest ids first; of those that are used again, what is good too.
   * @param replace whether all those from before go first
   * @param most of a kind
   * @returns false, having done nothing, where there would still be more of a kind
   */
  publishPrekeys(
    device: number,
    prekeys: readonly StoredPrekey[],
    replace: boolean,
    good: Lasting,
    most: number,
  ): Promise<boolean>
  /**
   * The last signed prekey and the last KEM prekey that are good, or the last of all where none is; and where it is to be
   * fresh, a one-time key of each kind instead, which nobody else gets.
   * @returns null, having taken nothing, where one is missing
   */
  takeBundle(device: number, good: Lasting, isFresh: boolean): Promise<TakenPrekeys | null>
  /** How many one-time keys are good. */
  countPrekeys(device: number, good: Lasting): Promise<PrekeyCounts>

  /** @returns what became of each posting. A sequence is 1, 2, 3 … in each mailbox, and never used again. */
  commit(batch: Batch): Promise<readonly Outcome[]>
  /** @param mostBytes nothing follows behind the envelope with which there are more */
  mailAfter(device: number, sequence: number, limit: number, mostBytes?: number): Promise<readonly StoredMail[]>
  /**
   * The oldest first.
   * @param beforeMs running time
   * @param most at once
   * @returns how many were removed
   */
  expireMail(beforeMs: number, most: number): Promise<number>

  /** Whether one of these has ever sent to one of those. */
  hasSent(senders: readonly number[], recipients: readonly number[]): Promise<boolean>
  sentTo(sender: number, recipient: number): Promise<number>
  /** @param after only recipients whose row is above this one's, in their order */
  sentBy(sender: number, after: number, limit: number): Promise<readonly StoredCounter[]>

  /** The links of the policy chain, in their order. */
  policies(): Promise<readonly Uint8Array[]>
  /** @returns false, having done nothing, where this epoch is not the next */
  addPolicy(link: Uint8Array, epoch: number): Promise<boolean>

  /** Null too for one that was removed. */
  blob(id: BlobId): Promise<StoredBlob | null>
  blobUse(): Promise<BlobUse>
  /**
   * The same again, while it has not come whole, is as young as a new one.
   * @returns `done` too for the same that is there; `taken` for another of that id, also for one whose room stays taken
   */
  reserveBlob(blob: NewBlob, room: BlobRoom): Promise<Reservation>
  /** @returns false, having done nothing, where another number of bytes is there than the first */
  growBlob(id: BlobId, fromBytes: number, toBytes: number, sinceMs: number): Promise<boolean>
  /** @param staysCounted whether its room stays taken until it would have grown old */
  removeBlob(id: BlobId, staysCounted: boolean): Promise<void>
  /**
   * Those that are to go, also those that were removed and stay counted until now. Those that came whole stand first, and the
   * oldest of either first.
   */
  oldBlobs(ages: BlobAges, most: number): Promise<readonly BlobId[]>
  /**
   * Removes those of them that are still old: a part may have come since somebody looked.
   * @returns the ids of those that were removed
   */
  expireBlobs(ids: readonly BlobId[], ages: BlobAges): Promise<readonly BlobId[]>

  lastLook(): Promise<Look | null>
  saveLook(look: Look): Promise<void>

  close(): void
}
