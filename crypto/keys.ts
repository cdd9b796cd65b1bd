import { type Address, copy, put, take, within } from './arena.ts'
import { CryptoError } from './errors.ts'
import { primitives } from './primitives.ts'
import type { Random } from './random.ts'
import { raw } from './sodium.ts'

declare const role: unique symbol

/**
 * Bytes that must stay with their holder. The type says which secret it is, so that two of them cannot be swapped by
 * mistake.
 */
export type Secret<R extends string> = Uint8Array & { readonly [role]: { readonly secret: R } }
/** Bytes that anybody may know, and that have a meaning in one place only. */
export type Public<R extends string> = Uint8Array & { readonly [role]: { readonly public: R } }

export type AccountSecret = Secret<'account key'>
export type AccountKey = Public<'account key'>
export type SigningSecret = Secret<'signing key'>
export type SigningKey = Public<'signing key'>
export type PolicySecret = Secret<'policy key'>
export type PolicyKey = Public<'policy key'>
export type AgreementSecret = Secret<'agreement key'>
export type AgreementKey = Public<'agreement key'>
export type KemSeed = Secret<'KEM seed'>
export type KemKey = Public<'KEM key'>

export type RootKey = Secret<'root key'>
export type ChainKey = Secret<'chain key'>
export type HeaderKey = Secret<'header key'>
export type MessageKey = Secret<'message key'>
export type EncryptionKey = Secret<'encryption key'>
export type CommitmentKey = Secret<'commitment key'>
/** What a mode may draw its sealing coins from. It is derived from the message key, so the recipient has it too. */
export type StanzaSeed = Secret<'stanza seed'>

export type DeviceId = Public<'device id'>
export type Digest = Public<'digest'>

export const keySizeBytes = 32
export const signatureSizeBytes = 64
export const kemSeedSizeBytes = 64
export const kemKeySizeBytes = 1184
export const kemCiphertextSizeBytes = 1088
export const kemSecretKeySizeBytes = 2400

export interface SigningPair<S, P> {
  readonly secret: S
  readonly public: P
}

type AnySigningSecret = AccountSecret | SigningSecret | PolicySecret
type AnySigningKey = AccountKey | SigningKey | PolicyKey

/** An Ed25519 pair from a 32-byte seed; the secret kept is the seed. */
const signingPair = <S extends AnySigningSecret, P extends AnySigningKey>(seed: Uint8Array): SigningPair<S, P> =>
  within(() => ({ secret: seed as S, public: keyAt<P>(expandSigningSeed(putKey(seed)).publicKey) }))

/** Ed25519, in the open frame, from a seed there: 32 bytes of public key, 64 of what libsodium signs with. */
export function expandSigningSeed(seed: Address): { readonly publicKey: Address; readonly secretKey: Address } {
  const [publicKey, secretKey] = [take(keySizeBytes), take(2 * keySizeBytes)]
  primitives.signingPair(publicKey, secretKey, seed)
  return { publicKey, secretKey }
}

export const generateAccountPair = (random: Random) => signingPair<AccountSecret, AccountKey>(random(keySizeBytes))
export const generateSigningPair = (random: Random) => signingPair<SigningSecret, SigningKey>(random(keySizeBytes))
export const generatePolicyPair = (random: Random) => signingPair<PolicySecret, PolicyKey>(random(keySizeBytes))
export const signingPairFrom = (seed: Uint8Array) => signingPair<SigningSecret, SigningKey>(sized(seed, keySizeBytes))
export const policyPairFrom = (seed: Uint8Array) => signingPair<PolicySecret, PolicyKey>(sized(seed, keySizeBytes))

export interface AgreementPair {
  readonly secret: AgreementSecret
  readonly public: AgreementKey
}

/** An X25519 pair; both halves 32 bytes. */
export function generateAgreementPair(random: Random): AgreementPair {
  const secret = random(keySizeBytes) as AgreementSecret
  return { secret, public: agreementKeyOf(secret) }
}

const agreementKeyOf = (secret: AgreementSecret): AgreementKey =>
  within(() => {
    const to = take(keySizeBytes)
    primitives.agreementKey(to, putKey(secret))
    return keyAt<AgreementKey>(to)
  })

/**
 * X25519 (RFC 7748 section 6.1), 32 bytes.
 * @throws CryptoError `bad-key` for a low-order public key, whose shared secret would be no secret
 */
export const agree = (ours: AgreementSecret, theirs: AgreementKey): Uint8Array =>
  within(() => {
    const to = take(keySizeBytes)
    if (!primitives.agree(to, putKey(ours), putKey(theirs))) throw new CryptoError('bad-key', 'X25519 key of low order')
    return copy(to, keySizeBytes)
  })

export interface KemPair {
  /** 64 bytes, from which the 2,400-byte decapsulation key is made anew at each use */
  readonly seed: KemSeed
  /** 1,184 bytes */
  readonly public: KemKey
}

/** An ML-KEM-768 pair (FIPS 203). */
export function generateKemPair(random: Random): KemPair {
  const seed = random(kemSeedSizeBytes) as KemSeed
  return { seed, public: within(() => copy(expandKemSeed(seed).publicKey, kemKeySizeBytes) as KemKey) }
}

/** In the open frame: 1,184 bytes of public key, 2,400 of what libsodium decapsulates with. */
function expandKemSeed(seed: KemSeed): { readonly publicKey: Address; readonly secretKey: Address } {
  if (seed.length !== kemSeedSizeBytes) throw new RangeError(`a KEM seed has ${kemSeedSizeBytes} bytes`)
  const [publicKey, secretKey] = [take(kemKeySizeBytes), take(kemSecretKeySizeBytes)]
  raw._crypto_kem_mlkem768_seed_keypair(publicKey, secretKey, put(seed))
  return { publicKey, secretKey }
}

/**
 * @param coins 32 bytes of the `Random` argument
 * @throws CryptoError `bad-key` for a key that fails the modulus check of FIPS 203 section 7.2
 */
export const encapsulate = (theirs: KemKey, coins: Uint8Array): { ciphertext: Uint8Array; sharedSecret: Uint8Array } =>
  within(() => {
    const [ciphertext, shared] = [take(kemCiphertextSizeBytes), take(keySizeBytes)]
    if (
      theirs.length !== kemKeySizeBytes ||
      raw._crypto_kem_mlkem768_enc_deterministic(ciphertext, shared, put(theirs), putKey(coins)) !== 0
    )
      throw new CryptoError('bad-key', 'ML-KEM-768 key is not valid')
    return { ciphertext: copy(ciphertext, kemCiphertextSizeBytes), sharedSecret: copy(shared, keySizeBytes) }
  })

/** Implicit rejection (FIPS 203 section 7.3): a wrong ciphertext gives another secret, not an error. */
export const decapsulate = (seed: KemSeed, ciphertext: Uint8Array): Uint8Array =>
  within(() => {
    const shared = take(keySizeBytes)
    const { secretKey } = expandKemSeed(seed)
    raw._crypto_kem_mlkem768_dec(shared, put(sized(ciphertext, kemCiphertextSizeBytes)), secretKey)
    return copy(shared, keySizeBytes)
  })

/**
 * Lets through only Ed25519 keys of the prime-order group in canonical form; libsodium's conversion to X25519 gives
 * the verdict. Ed25519 verification alone accepts some keys under which several messages share a signature.
 * @throws CryptoError `bad-key`
 */
export function checkSigningKey<K extends AnySigningKey>(key: K): K {
  if (!isGoodSigningKey(key)) throw new CryptoError('bad-key', 'Ed25519 key is low-order, mixed-order or not canonical')
  return key
}

const isGoodSigningKey = (key: Uint8Array): boolean =>
  key.length === keySizeBytes && within(() => primitives.toAgreementKey(take(keySizeBytes), put(key)))

/** Turns bytes of known size into a typed value. This is the one cast for what has been decoded or derived. */
export function sized<T extends Uint8Array>(bytes: Uint8Array, sizeBytes: number): T {
  if (bytes.length !== sizeBytes) throw new CryptoError('malformed', `expected ${sizeBytes} bytes, got ${bytes.length}`)
  return bytes as T
}

/** Copies a key of 32 bytes into the open frame. @throws CryptoError `malformed` for another size */
export const putKey = (key: Uint8Array): Address => put(sized(key, keySizeBytes))

/** A key of 32 bytes copied out of the open frame. */
export const keyAt = <K extends Uint8Array>(address: Address): K => copy(address, keySizeBytes) as K

/** Overwrites secrets. Best effort: a JavaScript engine may hold copies. */
export function wipe(...secrets: readonly Uint8Array[]): void {
  for (const secret of secrets) secret.fill(0)
}
