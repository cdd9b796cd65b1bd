import type { Stanza } from './envelope.ts'
import type { DeviceRecord } from './identity.ts'
import type { ChainKey, Digest, EncryptionKey, HeaderKey, StanzaSeed } from './keys.ts'
import type { PolicyReference } from './policy.ts'
import type { Direction, SuiteNumber } from './suite.ts'

/**
 * What a message offers to a mode that fills a seam. A mode at its best takes the encryption key, which forges nothing.
 */
export interface StanzaInput {
  readonly encryptionKey: EncryptionKey
  /** for coins: both ends have it, and nobody else has */
  readonly seed: StanzaSeed
  /** 32 bytes over everything in the envelope that comes before stanzas and body */
  readonly context: Digest
  readonly policy: PolicyReference
  readonly sender: DeviceRecord
  readonly recipient: DeviceRecord
  readonly chain: ChainInput
}

/** Where a message stands in its chain. */
export interface ChainInput {
  readonly suite: SuiteNumber
  readonly transcript: Digest
  readonly direction: Direction
  readonly headerKey: HeaderKey
  readonly index: number
  /** Whether the message's keys come from this chain key: a recipient may have stepped past it long ago. */
  begins(chainKey: ChainKey): boolean
}

/**
 * What a message offers: nothing is derived or copied for a mode that does not ask. Whoever asks is given the same again;
 * its keys are wiped when the message is made or read, so nobody keeps them.
 */
export type Offer = () => StanzaInput

/** Where a mode may enter a message. Empty for a plain conversation. */
export interface MessageSeams {
  /** the stanzas that a complying sender adds; deterministic. `chainKey` is the sending chain's at this message */
  outgoing(offer: Offer, chainKey: ChainKey): readonly Stanza[]
  /** what a complying recipient insists on. @throws CryptoError `stanza-refused` */
  incoming(offer: Offer, stanzas: readonly Stanza[]): void
}

/** How a device interprets an answer of the directory. */
export interface DirectoryView {
  /** the list that is checked, kept and shown */
  readonly signedList: Uint8Array
  /** further devices that are written to as well */
  readonly hidden: readonly DeviceRecord[]
}

/** Everything in which a complying client differs from a plain one. */
export interface ClientSeams extends MessageSeams {
  /** absent: an answer of the directory is the signed list, and nothing is hidden. @throws CryptoError */
  readonly present?: (answer: Uint8Array) => DirectoryView
}
