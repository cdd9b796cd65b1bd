import { decryptAead, encryptAead, nonceSizeBytes, tagSizeBytes } from '../aead.ts'
import { copy, put, take, within } from '../arena.ts'
import { concat, decode, equal } from '../bytes.ts'
import { CryptoError } from '../errors.ts'
import { keySizeBytes, putKey, sized, wipe } from '../keys.ts'
import type { Random } from '../random.ts'
import { raw } from '../sodium.ts'
import type { ModeSetup } from './mode.ts'

/*
 * Sealing to one custodian with X-Wing (draft-connolly-cfrg-xwing-kem): X25519 and ML-KEM-768 together, so that what is
 * sealed keeps the handshake's post-quantum promise. The coins are an argument: both ends of a message have them.
 */

export const custodianKeySizeBytes = 1216
export const escrowSecretSizeBytes = 32
export const coinsSizeBytes = 64
const kemCiphertextSizeBytes = 1120

/** KEM ciphertext, then the payload under a key from the KEM's secret. */
export const sealedSizeBytes = (payloadSizeBytes: number): number =>
  kemCiphertextSizeBytes + payloadSizeBytes + tagSizeBytes

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

/** @param secret 32 bytes: the seed of the custodian's pair */
export const custodianPair = (
  secret: Uint8Array,
): { readonly publicKey: Uint8Array; readonly privateKey: Uint8Array } =>
  within(() => {
    const [publicKey, privateKey] = [take(custodianKeySizeBytes), take(escrowSecretSizeBytes)]
    raw._crypto_kem_xwing_seed_keypair(publicKey, privateKey, put(sized(secret, escrowSecretSizeBytes)))
    return {
      publicKey: copy(publicKey, custodianKeySizeBytes),
      privateKey: copy(privateKey, escrowSecretSizeBytes),
    }
  })

/** @throws CryptoError `bad-key` for a key that is none */
const encapsulate = (custodianKey: Uint8Array, coins: Uint8Array) =>
  within(() => {
    const [ciphertext, shared] = [take(kemCiphertextSizeBytes), take(keySizeBytes)]
    const [key, by] = [put(sized(custodianKey, custodianKeySizeBytes)), put(sized(coins, coinsSizeBytes))]
    if (raw._crypto_kem_xwing_enc_deterministic(ciphertext, shared, key, by) !== 0)
      throw new CryptoError('bad-key', 'not a public key that messages can be sealed to')
    return { ciphertext: copy(ciphertext, kemCiphertextSizeBytes), sharedSecret: copy(shared, keySizeBytes) }
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
  decode(
    sealed,
    (reader) => [reader.take(kemCiphertextSizeBytes), reader.take(payloadSizeBytes + tagSizeBytes)] as const,
  )

/** @throws CryptoError `not-authentic`: sealed to another key, or to nobody; `malformed` for another size */
export function openAsCustodian(
  privateKey: Uint8Array,
  sealed: Uint8Array,
  payloadSizeBytes: number,
  wrapKey: WrapKey,
  associatedData: Uint8Array,
): Uint8Array {
  const [ciphertext, wrapped] = split(sealed, payloadSizeBytes)
  const sharedSecret = decapsulate(ciphertext, privateKey)
  const payload = sharedSecret && decryptAead(wrapKey(sharedSecret), onlyNonce, wrapped, associatedData)
  if (!payload) throw new CryptoError('not-authentic', 'the stanza was not sealed to this escrow key')
  return payload
}

/** @returns null for an X25519 part of low order, which a sender who does not comply can put there */
const decapsulate = (ciphertext: Uint8Array, privateKey: Uint8Array): Uint8Array | null =>
  within(() => {
    const shared = take(keySizeBytes)
    const [sealed, key] = [put(sized(ciphertext, kemCiphertextSizeBytes)), putKey(privateKey)]
    return raw._crypto_kem_xwing_dec(shared, sealed, key) === 0 ? copy(shared, keySizeBytes) : null
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
