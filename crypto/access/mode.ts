import type { Content } from '../content.ts'
import type { Envelope, Stanza } from '../envelope.ts'
import type { DeviceId } from '../keys.ts'
import type { Random } from '../random.ts'
import type { ClientSeams } from '../seams.ts'
import type { SuiteNumber } from '../suite.ts'
import { silentSeams } from './silent.ts'
import type { Tapping } from './tap.ts'

/** What a complying client or relay does for a mode. */
export interface Seams extends ClientSeams {
  /**
   * what the relay insists on before it takes an envelope: only that a stanza is there and has its shape, since it can
   * open nothing
   */
  admit(stanzas: readonly Stanza[], suite: SuiteNumber): boolean
}

/** A secret of a mode, and who is meant to hold it. The operator never does. */
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

/** An envelope as somebody recorded it on its way. */
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

/**
 * Somebody who holds secrets of a mode, at work. They are given one envelope after another, in the order in which those
 * passed.
 */
export interface Reader {
  /** What opens: null for "not mine". @throws CryptoError for "mine, but broken" */
  read(recorded: RecordedEnvelope, envelope: Envelope): Reading | null
  /**
   * The best attempt at an envelope that says something else and would be accepted as the sender's own, once `read` has
   * opened this one. Only a trial shows whether it is accepted. Null where the secrets give no way to begin.
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
  /** what the published design has and this mode lacks */
  readonly simplifies: string
  /** public parameters for the operator's policy; secrets for their holders */
  setup(random: Random): ModeSetup
  /** @throws CryptoError `malformed` | `bad-key` for parameters that are not this mode's */
  join(parameters: Uint8Array): Seams
  /**
   * What somebody reads who holds exactly these secrets of the mode.
   * @throws CryptoError `malformed` | `bad-key` for bytes that are no secret of this mode, or not together
   */
  reader(held: readonly Uint8Array[]): Reader
  /** set where a reader opens a message by means of earlier ones, so that reading has to begin at the beginning */
  readonly remembers?: true
  /**
   * How many of the secrets it takes to open a message, as stated by this one of them. Absent: each opens alone.
   * @throws CryptoError `malformed` | `bad-key`
   */
  needed?(secret: Uint8Array): number
  /** set where the operator has a part in the mode */
  readonly tapping?: Tapping
}

/** Nobody but the two ends: the honest baseline. */
export const none: AccessMode = {
  id: 'none',
  title: 'No access',
  summary: 'Only the two ends can read: there is no key under the mat.',
  year: 2013,
  source: 'End-to-end encryption with the Double Ratchet of Perrin and Marlinspike, specified in 2016',
  simplifies: 'Nothing is added, so nothing is simplified.',
  setup: () => ({ parameters: new Uint8Array(), secrets: [] }),
  join: silentSeams,
  reader: () => ({ read: () => null, forge: () => null }),
}
