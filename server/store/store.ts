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
  mailAfter(device: number, sequence: number, limit: number): Promise<readonly StoredMail[]>
  /** @param beforeMs running time. @returns how many were removed */
  expireMail(beforeMs: number): Promise<number>

  /** Whether one of these has ever sent to one of those. */
  hasSent(senders: readonly number[], recipients: readonly number[]): Promise<boolean>
  sentTo(sender: number, recipient: number): Promise<number>
  /** @param after only recipients whose row is above this one's, in their order */
  sentBy(sender: number, after: number, limit: number): Promise<readonly StoredCounter[]>

  /** The links of the policy chain, in their order. */
  policies(): Promise<readonly Uint8Array[]>
  /** @returns false, having done nothing, where this epoch is not the next */
  addPolicy(link: Uint8Array, epoch: number): Promise<boolean>

  lastLook(): Promise<Look | null>
  saveLook(look: Look): Promise<void>

  close(): void
}
