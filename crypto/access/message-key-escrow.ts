import { decryptAead, encryptAead, nonceSizeBytes, tagSizeBytes } from '../aead.ts'
import { concat, decode, equal } from '../bytes.ts'
import { decodeContent, encodeContent } from '../content.ts'
import { CryptoError } from '../errors.ts'
import { encodeEnvelope, type Envelope, type Stanza } from '../envelope.ts'
import { derive, labels } from '../kdf.ts'
import { type Digest, type EncryptionKey, keySizeBytes, sized, wipe } from '../keys.ts'
import { openWithEncryptionKey, sealWithEncryptionKey } from '../message.ts'
import { encodePolicyReference, type PolicyReference } from '../policy.ts'
import type { StanzaInput } from '../seams.ts'
import sodium from '../sodium.ts'
import { withAnyOf } from './held.ts'
import type { AccessMode } from './mode.ts'

const id = 'message-key-escrow'

/** X-Wing (draft-connolly-cfrg-xwing-kem): X25519 and ML-KEM-768 together, so that sealing keeps the handshake's post-quantum promise. */
export const custodianKeySizeBytes = 1216
export const escrowSecretSizeBytes = 32
const kemCiphertextSizeBytes = 1120
const coinsSizeBytes = 64
const payloadSizeBytes = 2 * keySizeBytes
/** KEM ciphertext, then encryption key and context under the KEM's secret: 1,200 bytes in every envelope. */
export const stanzaSizeBytes = kemCiphertextSizeBytes + payloadSizeBytes + tagSizeBytes

/** The wrapping key is used for one payload only: it comes from coins that come from that payload. So the nonce may stand still. */
const onlyNonce = new Uint8Array(nonceSizeBytes)

const wrapKey = (sharedSecret: Uint8Array) => derive(labels.escrowWrap, sharedSecret)

/**
 * Seals one message's encryption key to the custodian. The coins are a function of what is sealed and of a seed that both
 * ends have, so the recipient can make the same stanza and compare.
 */
function seal(custodianKey: Uint8Array, { encryptionKey, seed, context, policy }: StanzaInput): Stanza {
  const payload = concat(encryptionKey, context)
  const reference = encodePolicyReference(policy)
  const coins = derive<Uint8Array>(labels.escrowCoins, seed, [reference, custodianKey, payload], coinsSizeBytes)
  const { ciphertext, sharedSecret } = sodium.crypto_kem_xwing_enc_deterministic(custodianKey, coins)
  const key = wrapKey(sharedSecret)
  const wrapped = encryptAead(key, onlyNonce, payload, reference)
  wipe(payload, coins, sharedSecret, key)
  return { modeId: id, payload: concat(ciphertext, wrapped) }
}

/** @throws CryptoError `not-authentic`: sealed to another key, or to nobody */
function unseal(
  privateKey: Uint8Array,
  stanza: Stanza,
  policy: PolicyReference,
): { encryptionKey: EncryptionKey; context: Digest } {
  const [ciphertext, wrapped] = decode(
    stanza.payload,
    (reader) => [reader.take(kemCiphertextSizeBytes), reader.take(payloadSizeBytes + tagSizeBytes)] as const,
  )
  const reference = encodePolicyReference(policy)
  const sharedSecret = decapsulate(ciphertext, privateKey)
  const payload = sharedSecret && decryptAead(wrapKey(sharedSecret), onlyNonce, wrapped, reference)
  if (!payload) throw new CryptoError('not-authentic', 'the stanza was not sealed to this escrow key')
  return decode(payload, (reader) => ({
    encryptionKey: reader.take(keySizeBytes) as EncryptionKey,
    context: reader.take(keySizeBytes) as Digest,
  }))
}

/** @returns null for an X25519 part of low order, which a sender who does not comply can put there */
function decapsulate(ciphertext: Uint8Array, privateKey: Uint8Array): Uint8Array | null {
  try {
    return sodium.crypto_kem_xwing_dec(ciphertext, privateKey)
  } catch {
    return null
  }
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

  setup(random) {
    const secret = random(escrowSecretSizeBytes)
    const { publicKey } = sodium.crypto_kem_xwing_seed_keypair(secret)
    return {
      parameters: publicKey,
      secrets: [{ name: 'escrow key', holder: 'the authority', jurisdiction: 'one state', bytes: secret }],
    }
  },

  join(parameters) {
    const custodianKey = sized<Uint8Array>(parameters, custodianKeySizeBytes)
    checkCustodianKey(custodianKey)
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
    const privateKeys = held.map(
      (secret) => sodium.crypto_kem_xwing_seed_keypair(sized(secret, escrowSecretSizeBytes)).privateKey,
    )
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

/** One trial seal shows whether a key is one that clients can seal to. */
function checkCustodianKey(custodianKey: Uint8Array): void {
  try {
    sodium.crypto_kem_xwing_enc_deterministic(custodianKey, new Uint8Array(coinsSizeBytes))
  } catch {
    throw new CryptoError('bad-key', 'not a public key that messages can be sealed to')
  }
}
