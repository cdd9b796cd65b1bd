import type { PrekeyKind } from '../../crypto/prekeys.ts'
import type { DeviceId, Digest } from '../../crypto/keys.ts'
import type { DeviceAddress, SentCounter } from '../api.ts'
import type { LastLook } from '../running-time.ts'

/** `row` is the recipient's. */
export interface StoredCounter extends SentCounter {
  readonly row: number
}

/** A device as the store knows it: `row` is the store's own name for it. */
export interface StoredDevice extends DeviceAddress {
  readonly row: number
}

export interface StoredPrekey {
  readonly kind: PrekeyKind
  readonly id: number
  readonly expiresAtSeconds: number
  readonly bytes: Uint8Array
}

/** Prekeys that are good expire after the first second given and not after the last. */
export interface ExpiryRange {
  readonly afterSeconds: number
  readonly untilSeconds: number
}

export interface StoredMail {
  readonly sequence: number
  readonly time: number
  readonly from: DeviceAddress
  readonly envelope: Uint8Array
}

export interface MailboxSize {
  readonly messages: number
  readonly bytes: number
}

/** What the relay remembers. Every implementation passes tests/contract/store.ts. */
export interface Store {
  /** All or nothing, and on disk when it returns. */
  transaction<T>(work: () => T): T

  account(user: string): Uint8Array | null
  /** A new account with its signed list and devices. */
  addAccount(user: string, list: Uint8Array, devices: readonly DeviceId[]): void
  /** The next list of an account. Devices that leave lose mail and prekeys, and their row belongs to nobody any more. */
  changeAccount(user: string, list: Uint8Array, added: readonly DeviceId[], removed: readonly DeviceId[]): void
  /**
   * The keys that a device's id belongs to, also for a device that was removed; null for an id that nobody has used.
   */
  keysOf(address: DeviceAddress): Uint8Array | null
  setKeys(address: DeviceAddress, keys: Uint8Array): void
  /** Null too for one that was removed. */
  device(address: DeviceAddress): StoredDevice | null

  /** A prekey with an id already there takes its place. */
  putPrekeys(device: number, prekeys: readonly StoredPrekey[]): void
  dropPrekeys(device: number): void
  /**
   * Where there are more than this of a kind, what is not good goes, the lowest ids first; of those that are used again,
   * what is good too.
   */
  thinPrekeys(device: number, kind: PrekeyKind, good: ExpiryRange, most: number): void
  /** Takes one out, so that nobody else gets it; null when none is good. */
  takePrekey(device: number, kind: PrekeyKind, good: ExpiryRange): Uint8Array | null
  /** The highest id among those that are good, or among all where none is; left where it is. */
  lastPrekey(device: number, kind: PrekeyKind, good: ExpiryRange): Uint8Array | null
  countPrekeys(device: number, kind: PrekeyKind, good: ExpiryRange): number

  mailboxSize(device: number): MailboxSize
  /** How much of a mailbox came from one sending device. */
  shareOf(device: number, sender: number): MailboxSize
  /**
   * @param time what the clock shows, for those who read it
   * @param sinceMs running time, by which it grows old
   * @returns the sequence it got: 1, 2, 3 … in each mailbox, never used again
   */
  appendMail(device: number, sender: number, time: number, envelope: Uint8Array, sinceMs: number): number
  mailAfter(device: number, sequence: number, limit: number): readonly StoredMail[]
  acknowledgeMail(device: number, sequence: number): void
  /** @param beforeMs running time. @returns how many were removed */
  expireMail(beforeMs: number): number

  sentTo(sender: number, recipient: number): { readonly counter: number; readonly digest: Digest } | null
  setSentTo(sender: number, recipient: number, counter: number, digest: Digest): void
  /** @param after only recipients whose row is above this one's, in their order */
  sentBy(sender: number, after: number, limit: number): readonly StoredCounter[]

  policies(): readonly Uint8Array[]
  addPolicy(link: Uint8Array): void

  readonly lastLook: LastLook

  close(): void
}
