import type { Stanza } from './envelope.ts'
import type { Digest, EncryptionKey, StanzaSeed } from './keys.ts'
import type { PolicyReference } from './policy.ts'

/** What a message offers to whoever fills a seam: its encryption key, and nothing that could forge it. */
export interface StanzaInput {
  readonly encryptionKey: EncryptionKey
  /** for coins: both ends have it, nobody else */
  readonly seed: StanzaSeed
  /** 32 bytes over everything in the envelope that comes before stanzas and body */
  readonly context: Digest
  readonly policy: PolicyReference
}

/** Where something other than the two ends may come into a message. Empty for a plain conversation. */
export interface MessageSeams {
  /** the stanzas that a complying sender adds; deterministic */
  outgoing(input: StanzaInput): readonly Stanza[]
  /** what a complying recipient insists on. @throws CryptoError `stanza-refused` */
  incoming(input: StanzaInput, stanzas: readonly Stanza[]): void
}
