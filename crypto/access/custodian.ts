import { decryptAead, encryptAead, nonceSizeBytes, tagSizeBytes } from '../aead.ts'
import { copy, put, take, view, within, writerAt } from '../arena.ts'
import { concat, decode, equal, utf8 } from '../bytes.ts'
import { CryptoError } from '../errors.ts'
import {
  keySizeBytes,
  kemCiphertextSizeBytes,
  kemKeySizeBytes,
  kemSecretKeySizeBytes,
  kemSeedSizeBytes,
  putKey,
  sized,
  wipe,
} from '../keys.ts'
import type { Random } from '../random.ts'
import { primitives } from '../primitives.ts'
import { raw } from '../sodium.ts'
import type { ModeSetup } from './mode.ts'

/*
 * Sealing to one custodian with X-Wing (draft-connolly-cfrg-xwing-kem): X25519 and ML-KEM-768 together, so that what is
 * sealed keeps the handshake's post-quantum promise. The coins are an argument: both ends of a message have them.
 */

/** Each the ML-KEM part, then the X25519 part. */
export const custodianKeySizeBytes = kemKeySizeBytes + keySizeBytes
const ciphertextSizeBytes = kemCiphertextSizeBytes + keySizeBytes
export const escrowSecretSizeBytes = 32
export const coinsSizeBytes = 64

/** KEM ciphertext, then the payload under a key from the KEM's secret. */
export const sealedSizeBytes = (payloadSizeBytes: number): number =>
  ciphertextSizeBytes + payloadSizeBytes + tagSizeBytes

/**
 * Each wrapping key encrypts one payload only, because it comes from coins that no other payload has. So the nonce may
 * be constant.
 */
const onlyNonce = new Uint8Array(nonceSizeBytes)

/** Turns the KEM's shared secret into the key that wraps. Each mode derives its own. */
export type WrapKey = (sharedSecret: Uint8Array) => Uint8Array

export function setupCustodian(random: Random): ModeSetup {
  const secret = random(escrowSecretSizeBytes)
  return {
    parameters: custodianPair(secret).publicKey,
    secrets: [{ name: 'escrow key', holder: 'the authority', jurisdiction: 'one state', bytes: secret }],
  }
}

/** @throws CryptoError `malformed` | `bad-key`: one trial seal shows whether a key is one that clients can seal to */
export function checkCustodianKey(parameters: Uint8Array): Uint8Array {
  const custodianKey = sized<Uint8Array>(parameters, custodianKeySizeBytes)
  encapsulate(custodianKey, new Uint8Array(coinsSizeBytes))
  return custodianKey
}

/**
 * What opens seals. libsodium's own X-Wing takes the secret of 32 bytes, and makes both key pairs of it anew for every
 * seal, which takes a third of the time. They are made once here, by whoever has seals to open.
 */
export interface CustodianPair {
  /** 1,216 bytes */
  readonly publicKey: Uint8Array
  /** what ML-KEM-768 decapsulates with: 2,400 bytes */
  readonly kemSecret: Uint8Array
  /** X25519, 32 bytes */
  readonly agreementSecret: Uint8Array
}

/**
 * `expandDecapsulationKey` of the draft.
 * @param secret 32 bytes: the seed of the custodian's pair
 */
export const custodianPair = (secret: Uint8Array): CustodianPair =>
  within(() => {
    const expanded = take(kemSeedSizeBytes + keySizeBytes)
    raw._crypto_xof_shake256(expanded, kemSeedSizeBytes + keySizeBytes, putKey(secret), keySizeBytes, 0)
    const [publicKey, kemSecret] = [take(custodianKeySizeBytes), take(kemSecretKeySizeBytes)]
    const agreementSecret = expanded + kemSeedSizeBytes
    raw._crypto_kem_mlkem768_seed_keypair(publicKey, kemSecret, expanded)
    primitives.agreementKey(publicKey + kemKeySizeBytes, agreementSecret)
    return {
      publicKey: copy(publicKey, custodianKeySizeBytes),
      kemSecret: copy(kemSecret, kemSecretKeySizeBytes),
      agreementSecret: copy(agreementSecret, keySizeBytes),
    }
  })

/** @throws CryptoError `bad-key` for a key that is none */
const encapsulate = (custodianKey: Uint8Array, coins: Uint8Array) =>
  within(() => {
    const [ciphertext, shared] = [take(ciphertextSizeBytes), take(keySizeBytes)]
    const [key, by] = [put(sized(custodianKey, custodianKeySizeBytes)), put(sized(coins, coinsSizeBytes))]
    if (raw._crypto_kem_xwing_enc_deterministic(ciphertext, shared, key, by) !== 0)
      throw new CryptoError('bad-key', 'not a public key that messages can be sealed to')
    return { ciphertext: copy(ciphertext, ciphertextSizeBytes), sharedSecret: copy(shared, keySizeBytes) }
  })

/** @param coins 64 bytes; the same only for the same payload */
export function sealToCustodian(
  custodianKey: Uint8Array,
  coins: Uint8Array,
  wrapKey: WrapKey,
  payload: Uint8Array,
  associatedData: Uint8Array,
): Uint8Array {
  const { ciphertext, sharedSecret } = encapsulate(custodianKey, coins)
  const key = wrapKey(sharedSecret)
  const wrapped = encryptAead(key, onlyNonce, payload, associatedData)
  wipe(sharedSecret, key)
  return concat(ciphertext, wrapped)
}

const split = (sealed: Uint8Array, payloadSizeBytes: number) =>
  decode(sealed, (reader) => [reader.take(ciphertextSizeBytes), reader.take(payloadSizeBytes + tagSizeBytes)] as const)

/** @throws CryptoError `not-authentic`: sealed to another key, or to nobody; `malformed` for another size */
export function openAsCustodian(
  pair: CustodianPair,
  sealed: Uint8Array,
  payloadSizeBytes: number,
  wrapKey: WrapKey,
  associatedData: Uint8Array,
): Uint8Array {
  const [ciphertext, wrapped] = split(sealed, payloadSizeBytes)
  const sharedSecret = decapsulate(ciphertext, pair)
  const payload = sharedSecret && decryptAead(wrapKey(sharedSecret), onlyNonce, wrapped, associatedData)
  if (!payload) throw new CryptoError('not-authentic', 'the stanza was not sealed to this escrow key')
  return payload
}

/** `\\.//^\\`, the last word of the draft's combiner */
const label = utf8('\\.//^\\')

/**
 * X-Wing's decapsulation: SHA3-256 over both shared secrets, the X25519 part of the ciphertext, that of the public key, and
 * the label. A wrong ML-KEM part gives another secret, as ML-KEM's implicit rejection wants it.
 * @returns null for an X25519 part of low order, which a sender who does not comply can put there
 */
export const decapsulate = (ciphertext: Uint8Array, pair: CustodianPair): Uint8Array | null =>
  within(() => {
    const [sealed, kemSecret, agreementSecret] = [
      put(sized(ciphertext, ciphertextSizeBytes)),
      put(pair.kemSecret),
      put(pair.agreementSecret),
    ]
    const combinedSizeBytes = 4 * keySizeBytes + label.length
    const combined = take(combinedSizeBytes)
    const theirs = sealed + kemCiphertextSizeBytes
    raw._crypto_kem_mlkem768_dec(combined, sealed, kemSecret)
    if (!primitives.agree(combined + keySizeBytes, agreementSecret, theirs)) return null
    const rest = writerAt(combined + 2 * keySizeBytes, 2 * keySizeBytes + label.length)
    rest.bytes(view(theirs, keySizeBytes))
    rest.bytes(pair.publicKey.subarray(kemKeySizeBytes))
    rest.bytes(label)
    const shared = take(keySizeBytes)
    raw._crypto_hash_sha3256(shared, combined, combinedSizeBytes, 0)
    // its result stays on libsodium's own stack until another hash, of nothing, takes its place
    raw._crypto_hash_sha3256(take(keySizeBytes), combined, 0, 0)
    return copy(shared, keySizeBytes)
  })

/**
 * Opens a seal with the coins that it was made with, for somebody who does not know the payload.
 * @returns null when it was made with others, or to another key
 */
export function openWithCoins(
  custodianKey: Uint8Array,
  coins: Uint8Array,
  sealed: Uint8Array,
  payloadSizeBytes: number,
  wrapKey: WrapKey,
  associatedData: Uint8Array,
): Uint8Array | null {
  const [given, wrapped] = split(sealed, payloadSizeBytes)
  const { ciphertext, sharedSecret } = encapsulate(custodianKey, coins)
  if (!equal(given, ciphertext)) return null
  return decryptAead(wrapKey(sharedSecret), onlyNonce, wrapped, associatedData)
}
