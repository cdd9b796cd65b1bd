import type { DeviceRecord } from '../identity.ts'
import type { DeviceId } from '../keys.ts'
import type { PolicyReference } from '../policy.ts'
import type { Prekey } from '../prekeys.ts'
import type { MessageSeams } from '../seams.ts'

/** A device as relays address it. */
export interface TapAddress {
  readonly user: string
  readonly device: DeviceId
}

/** A device that belongs to nobody, under somebody's name. The relay keeps a mailbox and prekeys for it. */
export interface PuppetListing {
  readonly record: DeviceRecord
  /** none where the tap makes bundles itself */
  readonly prekeys: readonly Prekey[]
}

/** What a tap may ask of the relay that it is installed at. */
export interface TapLine {
  /** the person's own signed device list; null for nobody */
  signedList(user: string): Promise<Uint8Array | null>
  /** Whether a device of one has ever sent to a device of the other, or the other way round; puppets do not count. */
  areAcquainted(one: string, other: string): Promise<boolean>
  /** @returns an encoded prekey bundle; null while the device has none */
  bundle(address: TapAddress): Promise<Uint8Array | null>
  /** the policy in force, and what it asks of a message */
  policy(): { readonly reference: PolicyReference; readonly seams: MessageSeams }
  /** Puts an envelope into a mailbox, as if that device had handed it in. */
  submit(from: TapAddress, to: TapAddress, envelope: Uint8Array): Promise<void>
  /** milliseconds since 1970 */
  now(): number
}

/** What the directory answers instead of the signed list, and the puppets that this answer names. */
export interface TapAnswer {
  readonly list: Uint8Array
  readonly puppets: readonly PuppetListing[]
}

/** What an operator's relay does differently for the sake of a mode. */
export interface Tap {
  /** the puppets known before anybody asks; the relay keeps their mailboxes from the beginning */
  readonly puppets: readonly PuppetListing[]
  /** @returns null where the directory's own answer is given */
  answer(asker: string, user: string, signedList: Uint8Array): TapAnswer | null | Promise<TapAnswer | null>
  /**
   * Makes a puppet's bundle when somebody asks for it.
   * @param fresh whether it may contain one-time keys
   * @returns an encoded prekey bundle; null for a device that the tap has no keys of
   */
  readonly bundle?: (address: TapAddress, fresh: boolean) => Uint8Array | null
  /**
   * Takes mail for a puppet as it comes, one after the other; absent: it waits in the mailbox for whoever has the secrets.
   */
  readonly take?: (from: TapAddress, to: TapAddress, envelope: Uint8Array) => Promise<void>
}

/** The part of a mode that an operator plays: the authority hands over an instrument, the relay works by it. */
export interface Tapping {
  /**
   * @param held secrets of the mode
   * @param targets names of those it is for; empty: everybody
   * @throws CryptoError `malformed` for other secrets, and for targets that there cannot be
   */
  instrument(held: readonly Uint8Array[], targets: readonly string[]): Uint8Array
  /** Names of those it is for; empty: everybody. @throws CryptoError `malformed` and others for another mode's instrument */
  targets(instrument: Uint8Array): readonly string[]
  /** whether an instrument contains the secrets themselves, so that the operator can read as well */
  readonly operatorLearns: boolean
  /** @throws CryptoError as `targets` */
  tap(instrument: Uint8Array, line: TapLine): Tap
}
