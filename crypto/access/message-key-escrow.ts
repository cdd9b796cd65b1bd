import { concat, decode, equal } from '../bytes.ts'
import { decodeContent, encodeContent } from '../content.ts'
import { CryptoError } from '../errors.ts'
import { encodeEnvelope, type Envelope, type Stanza } from '../envelope.ts'
import { derive, labels } from '../kdf.ts'
import { type Digest, type EncryptionKey, keySizeBytes, wipe } from '../keys.ts'
import { openWithEncryptionKey, sealWithEncryptionKey } from '../message.ts'
import { encodePolicyReference, type PolicyReference } from '../policy.ts'
import type { StanzaInput } from '../seams.ts'
import {
  checkCustodianKey,
  coinsSizeBytes,
  custodianPair,
  openAsCustodian,
  sealedSizeBytes,
  sealToCustodian,
  setupCustodian,
} from './custodian.ts'
import { withAnyOf } from './held.ts'
import type { AccessMode } from './mode.ts'

const id = 'message-key-escrow'

const payloadSizeBytes = 2 * keySizeBytes
/** 1,200 bytes in every envelope. */
export const stanzaSizeBytes = sealedSizeBytes(payloadSizeBytes)

const wrapKey = (sharedSecret: Uint8Array) => derive<Uint8Array>(labels.escrowWrap, sharedSecret)

/**
 * Seals one message's encryption key to the custodian. The coins are a function of what is sealed and of a seed that both
 * ends have, so the recipient can make the same stanza and compare.
 */
function seal(custodianKey: Uint8Array, { encryptionKey, seed, context, policy }: StanzaInput): Stanza {
  const payload = concat(encryptionKey, context)
  const reference = encodePolicyReference(policy)
  const coins = derive<Uint8Array>(labels.escrowCoins, seed, [reference, custodianKey, payload], coinsSizeBytes)
  const sealed = sealToCustodian(custodianKey, coins, wrapKey, payload, reference)
  wipe(payload, coins)
  return { modeId: id, payload: sealed }
}

/** @throws CryptoError `not-authentic`: sealed to another key, or to nobody */
function unseal(
  privateKey: Uint8Array,
  stanza: Stanza,
  policy: PolicyReference,
): { encryptionKey: EncryptionKey; context: Digest } {
  const payload = openAsCustodian(privateKey, stanza.payload, payloadSizeBytes, wrapKey, encodePolicyReference(policy))
  return decode(payload, (reader) => ({
    encryptionKey: reader.take(keySizeBytes) as EncryptionKey,
    context: reader.take(keySizeBytes) as Digest,
  }))
}

/**
 * Escrow at its best: each message's encryption key, and nothing else, is sealed to one custodian. The commitment key
 * never leaves the two ends, so the holder reads every message and can forge none.
 */
export const messageKeyEscrow: AccessMode = {
  id,
  title: 'Message key escrow',
  year: 1996,
  source:
    'The data recovery field of Denning and Branstad, "A Taxonomy for Key Escrow Encryption Systems" (1996), for each message',
  simplifies:
    'One custodian holds one key that is never changed; a deployed system would keep it in hardware, split it or rotate it, and would need rules for who may use it.',

  setup: setupCustodian,

  join(parameters) {
    const custodianKey = checkCustodianKey(parameters)
    return {
      outgoing: (input) => [seal(custodianKey, input)],
      incoming(input, stanzas) {
        const [given, ...rest] = stanzas
        const right = seal(custodianKey, input)
        if (!given || rest.length > 0 || given.modeId !== id || !equal(given.payload, right.payload)) {
          throw new CryptoError(
            'stanza-refused',
            'the message does not carry the stanza that the access mode in force asks for',
          )
        }
      },
      admit: ([stanza, ...rest]) =>
        rest.length === 0 && stanza?.modeId === id && stanza.payload.length === stanzaSizeBytes,
    }
  },

  reader(held) {
    const privateKeys = held.map((secret) => custodianPair(secret).privateKey)
    const open = (envelope: Envelope) => {
      const stanza = envelope.stanzas.find(({ modeId }) => modeId === id)
      return stanza ? withAnyOf(privateKeys, (privateKey) => unseal(privateKey, stanza, envelope.policy)) : null
    }
    return {
      read(recorded, envelope) {
        const opened = open(envelope)
        if (!opened) return null
        const { encryptionKey, context } = opened
        const content = decodeContent(openWithEncryptionKey(encryptionKey, envelope, context))
        wipe(encryptionKey)
        return { recorded, content, modeId: id, epoch: envelope.policy.epoch }
      },
      /** Another text under the right encryption key, in the same place. The commitment has to stay: its key is not there. */
      forge(_recorded, envelope, text) {
        const opened = open(envelope)
        if (!opened) return null
        const { encryptionKey, context } = opened
        const said = decodeContent(openWithEncryptionKey(encryptionKey, envelope, context))
        const content = encodeContent({ ...said, text })
        return encodeEnvelope({
          ...envelope,
          ciphertext: sealWithEncryptionKey(encryptionKey, envelope, context, content),
        })
      },
    }
  },
}
