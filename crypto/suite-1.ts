import { within } from './arena.ts'
import { deriveAt, derive, deriveTo, digestOf, labelsOfSuite1 as labels } from './kdf.ts'
import { deviceRecordMaximumBytes, writeDeviceRecord } from './identity.ts'
import { type ChainKey, keyAt, keySizeBytes, type MessageKey, putKey } from './keys.ts'
import { doublingSizes } from './padding.ts'
import { policyReferenceSizeBytes, writePolicyReference } from './policy.ts'
import type { Suite } from './suite.ts'

/** Room for the parts of a context that have no fixed size, and the lengths of all. */
const contextMaximumBytes = (handshake: Uint8Array | null, encryptedHeader: Uint8Array) =>
  6 * 4 +
  keySizeBytes +
  2 * deviceRecordMaximumBytes +
  (handshake?.length ?? 0) +
  encryptedHeader.length +
  policyReferenceSizeBytes

const nothing = new Uint8Array()

/** Of version 0.2 and before. What was sent and recorded under it stays readable; no new conversation begins with it. */
export const suite1: Suite = {
  number: 1,
  transcript: labels.transcript,
  rootSecret: labels.rootSecret,
  stanzaSeed: labels.stanzaSeed,
  commitment: labels.commitment,
  paddedSizes: doublingSizes,

  begin: (rootSecret, transcript) => ({
    rootKey: derive(labels.rootKey, rootSecret, [transcript]),
    initiatorHeaderKey: derive(labels.initiatorHeaderKey, rootSecret, [transcript]),
    responderHeaderKey: derive(labels.responderHeaderKey, rootSecret, [transcript]),
  }),

  stepRoot: (rootKey, shared) => ({
    rootKey: derive(labels.nextRootKey, rootKey, [shared]),
    chainKey: derive(labels.firstChainKey, rootKey, [shared]),
    nextHeaderKey: derive(labels.nextHeaderKey, rootKey, [shared]),
  }),

  stepChain: (chainKey) =>
    within(() => {
      const key = putKey(chainKey)
      return {
        chainKey: keyAt<ChainKey>(deriveAt(labels.nextChainKey, key)),
        messageKey: keyAt<MessageKey>(deriveAt(labels.messageKey, key)),
      }
    }),

  chainKeyAfter: (chainKey, steps) =>
    within(() => {
      const at = putKey(chainKey)
      for (let step = 0; step < steps; step++) deriveTo(at, labels.nextChainKey, at)
      return keyAt<ChainKey>(at)
    }),

  bodyKeysAt: (messageKey) => ({
    encryptionKey: deriveAt(labels.encryptionKey, messageKey),
    commitmentKey: deriveAt(labels.commitmentKey, messageKey),
  }),

  context: ({ transcript, sender, recipient, handshake, encryptedHeader, policy }) =>
    digestOf(labels.context, contextMaximumBytes(handshake, encryptedHeader), (to) => {
      to.field(transcript)
      to.fieldOf(() => writeDeviceRecord(to, sender))
      to.fieldOf(() => writeDeviceRecord(to, recipient))
      to.field(handshake ?? nothing)
      to.field(encryptedHeader)
      to.fieldOf(() => writePolicyReference(to, policy))
    }),
}
