import type { Address } from './arena.ts'
import type { DeviceRecord } from './identity.ts'
import type { Label } from './kdf.ts'
import type { ChainKey, Digest, HeaderKey, MessageKey, RootKey, Secret } from './keys.ts'
import type { PolicyReference } from './policy.ts'

export type SuiteNumber = 1 | 2
export type RootSecret = Secret<'root secret'>

/** Which way a message goes in its session, and the byte that says so in its context. */
export const directions = { 'initiator to responder': 1, 'responder to initiator': 2 } as const
export type Direction = keyof typeof directions

/** What the keys of a conversation begin with. */
export interface FirstKeys {
  readonly rootKey: RootKey
  readonly initiatorHeaderKey: HeaderKey
  readonly responderHeaderKey: HeaderKey
}

export interface RootStep {
  readonly rootKey: RootKey
  readonly chainKey: ChainKey
  readonly nextHeaderKey: HeaderKey
}

/** What the two ends know of a message besides its stanzas and its body. */
export interface ContextParts {
  readonly transcript: Digest
  readonly direction: Direction
  readonly sender: DeviceRecord
  readonly recipient: DeviceRecord
  /** encoded, as it stands in the envelope */
  readonly handshake: Uint8Array | null
  readonly encryptedHeader: Uint8Array
  readonly policy: PolicyReference
}

/**
 * How the secrets of a conversation follow from each other, and what a message is bound to. Prekeys, handshake, ratchet and
 * message go by it; accounts, lists, policies and everything else do not.
 */
export interface Suite {
  /** what stands first in its handshakes and envelopes */
  readonly number: SuiteNumber
  readonly transcript: Label
  readonly rootSecret: Label
  readonly stanzaSeed: Label
  readonly commitment: Label
  /** sizes of a padded content, ascending, in bytes */
  readonly paddedSizes: readonly number[]
  begin(rootSecret: RootSecret, transcript: Digest): FirstKeys
  /** KDF_RK_HE, from the root key over the DH output */
  stepRoot(rootKey: RootKey, shared: Uint8Array): RootStep
  /** KDF_CK: the next chain key, and the message key of this place */
  stepChain(chainKey: ChainKey): { readonly chainKey: ChainKey; readonly messageKey: MessageKey }
  /** The chain key so many places on: a copy where there is no step to take. */
  chainKeyAfter(chainKey: ChainKey, steps: number): ChainKey
  /** In the open frame, from a message key there: what opens the body, and what makes it authentic, 32 bytes each. */
  bodyKeysAt(messageKey: Address): { readonly encryptionKey: Address; readonly commitmentKey: Address }
  context(parts: ContextParts): Digest
}
