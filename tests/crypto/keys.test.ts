import { describe, expect, it } from 'vitest'
import { concat, u8 } from '../../crypto/bytes.ts'
import {
  agree,
  type AgreementKey,
  type AgreementSecret,
  decapsulate,
  encapsulate,
  generateAgreementPair,
  generateKemPair,
  type KemKey,
  type KemSeed,
  sized,
  signingPairFrom,
  wipe,
} from '../../crypto/keys.ts'
import sodium from '../../crypto/sodium.ts'
import { verdict } from '../support/decoding.ts'
import { turned } from '../support/opening.ts'
import { seededRandom } from '../support/random.ts'

/* Sizes, and libsodium as its wrapper has it. Its functions themselves read on past bytes that are too short. */

const random = seededRandom('keys')
const otherSizes = (bytes: Uint8Array) => [new Uint8Array(), bytes.subarray(1), concat(bytes, u8(0))]

describe('an ML-KEM-768 pair', () => {
  const pair = generateKemPair(random)
  const coins = random(32)
  const { ciphertext, sharedSecret } = encapsulate(pair.public, coins)

  it('is what its seed of 64 bytes makes', () => {
    expect(pair.seed).toHaveLength(64)
    expect(pair.public).toEqual(sodium.crypto_kem_mlkem768_seed_keypair(pair.seed).publicKey)
  })

  it('gives both ends one secret', () => {
    expect([ciphertext.length, sharedSecret.length]).toEqual([1088, 32])
    expect({ ciphertext, sharedSecret }).toEqual(sodium.crypto_kem_mlkem768_enc_deterministic(pair.public, coins))
    expect(decapsulate(pair.seed, ciphertext)).toEqual(sharedSecret)
  })

  it('answers a wrong ciphertext, or another seed, with another secret', () => {
    const others = [decapsulate(pair.seed, turned(ciphertext, 9)), decapsulate(turned(pair.seed, 9), ciphertext)]
    for (const other of others) {
      expect(other).toHaveLength(32)
      expect(other).not.toEqual(sharedSecret)
    }
  })

  it('has parts of one size', () => {
    for (const key of otherSizes(pair.public)) expect(verdict(() => encapsulate(key as KemKey, coins))).toBe('bad-key')
    for (const wrong of otherSizes(coins)) expect(verdict(() => encapsulate(pair.public, wrong))).toBe('malformed')
    for (const wrong of otherSizes(ciphertext)) expect(verdict(() => decapsulate(pair.seed, wrong))).toBe('malformed')
    for (const seed of otherSizes(pair.seed)) {
      expect(() => decapsulate(seed as KemSeed, ciphertext)).toThrow(RangeError)
      expect(() => generateKemPair(() => seed)).toThrow(RangeError)
    }
  })
})

describe('a pair of 32 bytes each', () => {
  it('is made from 32 bytes and no other number', () => {
    const seed = random(32)
    expect(signingPairFrom(seed)).toEqual({ secret: seed, public: sodium.crypto_sign_seed_keypair(seed).publicKey })
    for (const wrong of otherSizes(seed)) {
      expect(verdict(() => signingPairFrom(wrong))).toBe('malformed')
      expect(verdict(() => generateAgreementPair(() => wrong))).toBe('malformed')
    }
  })

  it('agrees with another, and with nothing of another size', () => {
    const [ours, theirs] = [generateAgreementPair(random), generateAgreementPair(random)]
    expect(agree(ours.secret, theirs.public)).toEqual(agree(theirs.secret, ours.public))
    for (const wrong of otherSizes(theirs.public)) {
      expect(verdict(() => agree(ours.secret, wrong as AgreementKey))).toBe('malformed')
      expect(verdict(() => agree(wrong as AgreementSecret, theirs.public))).toBe('malformed')
    }
  })
})

it('lets bytes of the right size through as they are', () => {
  const bytes = random(5)
  expect(sized(bytes, 5)).toBe(bytes)
  for (const size of [4, 6]) expect(verdict(() => sized(bytes, size))).toBe('malformed')
})

it('wipes all that it is given', () => {
  const secrets = [random(3), random(0), random(40)]
  wipe(...secrets)
  expect(secrets).toEqual([new Uint8Array(3), new Uint8Array(0), new Uint8Array(40)])
})
