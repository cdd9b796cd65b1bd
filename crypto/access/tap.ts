import type { DeviceId } from '../keys.ts'
import type { PolicyReference } from '../policy.ts'
import type { Prekey } from '../prekeys.ts'
import type { Random } from '../random.ts'

/** A device that is nobody's, under the name of somebody: the relay keeps a mailbox and prekeys for it. */
export interface Puppet {
  readonly user: string
  readonly device: DeviceId
  readonly prekeys: readonly PublishedPrekey[]
}

/** A prekey as a relay keeps it. */
export type PublishedPrekey = Pick<Prekey, 'kind' | 'id' | 'expiresAtSeconds'> & { readonly bytes: Uint8Array }

/** A device of somebody, as relays address it. */
export interface TapAddress {
  readonly user: string
  readonly device: DeviceId
}

/** What a tap may ask of the relay that it is installed at. */
export interface TapLine {
  /** the person's own device list. Null for nobody */
  signedList(user: string): Uint8Array | null
  /** Whether either has ever sent to the other. */
  areAcquainted(one: string, other: string): boolean
  bundle(address: TapAddress): Uint8Array
  /** The policy in force. */
  policy(): PolicyReference
  /** Puts an envelope into a mailbox, as if that device had handed it in. */
  submit(from: TapAddress, to: TapAddress, envelope: Uint8Array): void
  /** milliseconds since 1970 */
  now(): number
}

/** What an operator's relay does differently for the mode's sake. */
export interface Tap {
  /** What the directory answers instead, and the puppets that its answer names. */
  answer(
    asker: string,
    user: string,
    signedList: Uint8Array,
  ): { readonly list: Uint8Array; readonly puppets: readonly Puppet[] }
  /** Takes mail that has come for a puppet. */
  take(from: TapAddress, to: TapAddress, envelope: Uint8Array): void
}

/** The part of a mode that an operator plays: the authority hands it an instrument, the relay works by it. */
export interface Tapping {
  /**
   * @param held secrets of the mode
   * @param targets the signed device lists of those it is for; empty: everybody, where the mode can do that
   * @returns what is handed to the operator
   */
  instrument(held: readonly Uint8Array[], targets: readonly Uint8Array[]): Uint8Array
  /** @throws CryptoError `malformed` for another mode's instrument */
  tap(instrument: Uint8Array, line: TapLine, random: Random): Tap
}
