import { take, within, writerAt } from './arena.ts'
import { deriveAt, derive, deriveTo, digestOf, labels } from './kdf.ts'
import {
  type ChainKey,
  type HeaderKey,
  keyAt,
  keySizeBytes,
  type MessageKey,
  putKey,
  type RootKey,
  sized,
  wipe,
} from './keys.ts'
import { policyReferenceSizeBytes, writePolicyReference } from './policy.ts'
import { directions, type Suite } from './suite.ts'

/** Two keys at once: the halves of one hash. */
const pairSizeBytes = 2 * keySizeBytes

/** 128, 256, 512 and 1,024; then four sizes an octave, up to 65,536. */
const paddedSizes: readonly number[] = [
  128,
  256,
  512,
  1024,
  ...[1024, 2048, 4096, 8192, 16_384, 32_768].flatMap((octave) =>
    [1, 2, 3, 4].map((step) => octave + (step * octave) / 4),
  ),
]

const nothing = new Uint8Array()

/** Five parts, each behind its length: transcript, direction, handshake or nothing, encrypted header, policy reference. */
const contextSizeBytes = (handshake: Uint8Array | null, encryptedHeader: Uint8Array) =>
  5 * 4 + keySizeBytes + 1 + (handshake?.length ?? 0) + encryptedHeader.length + policyReferenceSizeBytes

/** What conversations go by. */
export const suite2: Suite = {
  number: 2,
  transcript: labels.transcript,
  rootSecret: labels.rootSecret,
  stanzaSeed: labels.stanzaSeed,
  commitment: labels.commitment,
  paddedSizes,

  begin: (rootSecret, transcript) => ({
    rootKey: derive(labels.rootKey, rootSecret, [transcript]),
    initiatorHeaderKey: derive(labels.initiatorHeaderKey, rootSecret, [transcript]),
    responderHeaderKey: derive(labels.responderHeaderKey, rootSecret, [transcript]),
  }),

  /** The next header key has a derivation of its own: it is the one that lives on. */
  stepRoot(rootKey, shared) {
    const pair = derive<Uint8Array>(labels.rootStep, rootKey, [shared], pairSizeBytes)
    const step = {
      rootKey: pair.slice(0, keySizeBytes) as RootKey,
      chainKey: pair.slice(keySizeBytes) as ChainKey,
      nextHeaderKey: derive<HeaderKey>(labels.nextHeaderKey, rootKey, [shared]),
    }
    wipe(pair)
    return step
  },

  stepChain: (chainKey) =>
    within(() => {
      const pair = deriveAt(labels.chainStep, putKey(chainKey), pairSizeBytes)
      return { chainKey: keyAt<ChainKey>(pair), messageKey: keyAt<MessageKey>(pair + keySizeBytes) }
    }),

  chainKeyAfter: (chainKey, steps) =>
    within(() => {
      const at = take(pairSizeBytes)
      writerAt(at, keySizeBytes).bytes(sized(chainKey, keySizeBytes))
      for (let step = 0; step < steps; step++) deriveTo(at, labels.chainStep, at, pairSizeBytes)
      return keyAt<ChainKey>(at)
    }),

  bodyKeysAt(messageKey) {
    const pair = deriveAt(labels.messageKeys, messageKey, pairSizeBytes)
    return { encryptionKey: pair, commitmentKey: pair + keySizeBytes }
  },

  context: ({ transcript, direction, handshake, encryptedHeader, policy }) =>
    digestOf(labels.context, contextSizeBytes(handshake, encryptedHeader), (to) => {
      to.field(transcript)
      to.fieldOf(() => to.u8(directions[direction]))
      to.field(handshake ?? nothing)
      to.field(encryptedHeader)
      to.fieldOf(() => writePolicyReference(to, policy))
    }),
}
