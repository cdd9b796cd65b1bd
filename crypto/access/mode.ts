import type { Content } from '../content.ts'
import type { Envelope, Stanza } from '../envelope.ts'
import type { DeviceId } from '../keys.ts'
import type { Random } from '../random.ts'
import type { ClientSeams } from '../seams.ts'
import { silentSeams } from './silent.ts'
import type { Tapping } from './tap.ts'

/** Where a complying client or relay lets a mode in. */
export interface Seams extends ClientSeams {
  /** what the relay insists on before it takes an envelope: presence and shape, for it can open nothing */
  admit(stanzas: readonly Stanza[]): boolean
}

/** A secret of a mode, with who is meant to hold it. The operator never does. */
export interface ModeSecret {
  readonly name: string
  readonly holder: string
  readonly jurisdiction: string
  readonly bytes: Uint8Array
}

export interface ModeSetup {
  readonly parameters: Uint8Array
  readonly secrets: readonly ModeSecret[]
}

/** An envelope as somebody on its way recorded it. */
export interface RecordedEnvelope {
  readonly time: number
  readonly fromUser: string
  readonly fromDevice: DeviceId
  readonly toUser: string
  readonly toDevice: DeviceId
  readonly bytes: Uint8Array
}

/** One message that was decrypted: with these secrets, out of these bytes. */
export interface Reading {
  readonly recorded: RecordedEnvelope
  readonly content: Content
  readonly modeId: string
  readonly epoch: number
}

/** Somebody who holds secrets of a mode, at work: envelope after envelope, in the order in which they passed. */
export interface Reader {
  /** What opens: null for "not mine". @throws CryptoError for "mine, but broken" */
  read(recorded: RecordedEnvelope, envelope: Envelope): Reading | null
  /**
   * The best attempt at an envelope that says something else and would be taken for the sender's own, once `read` has
   * opened this one. Whether it is accepted has to be tried. Null where the secrets give no way to begin.
   */
  forge(recorded: RecordedEnvelope, envelope: Envelope, text: string, random: Random): Uint8Array | null
}

/** A way for somebody besides the two ends to read. A mode is one file that fills this in, and one line in `index.ts`. */
export interface AccessMode {
  readonly id: string
  readonly title: string
  /** who can read while it is in force, in one line: the sentence that every list of modes prints */
  readonly summary: string
  readonly year: number
  readonly source: string
  /** what the published design has and this does not */
  readonly simplifies: string
  /** public parameters for the operator's policy; secrets for their holders */
  setup(random: Random): ModeSetup
  /** @throws CryptoError `malformed` | `bad-key` for parameters that are not this mode's */
  join(parameters: Uint8Array): Seams
  /**
   * What somebody reads who holds these of the mode's secrets, and no other.
   * @throws CryptoError `malformed` | `bad-key` for bytes that are no secret of this mode, or not together
   */
  reader(held: readonly Uint8Array[]): Reader
  /** where a reader opens a message by what passed before it, so that whoever reads has to begin at the beginning */
  readonly remembers?: true
  /**
   * How many of the secrets open together, by what this one of them says; absent: each opens alone.
   * @throws CryptoError `malformed` | `bad-key`
   */
  needed?(secret: Uint8Array): number
  /** where the operator has to take part */
  readonly tapping?: Tapping
}

/** Nobody but the two ends: the honest baseline. */
export const none: AccessMode = {
  id: 'none',
  title: 'No access',
  summary: 'Only the two ends can read: there is no key under the mat.',
  year: 2013,
  source: 'End-to-end encryption with the Double Ratchet of Perrin and Marlinspike, specified in 2016',
  simplifies: 'Nothing is added, so there is nothing to simplify.',
  setup: () => ({ parameters: new Uint8Array(), secrets: [] }),
  join: silentSeams,
  reader: () => ({ read: () => null, forge: () => null }),
}
