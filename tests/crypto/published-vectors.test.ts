import { describe, expect, it } from 'vitest'
import { custodianPair, decapsulate as openKem } from '../../crypto/access/custodian.ts'
import { concat, fromHex, hex, u8 } from '../../crypto/bytes.ts'
import { CryptoError } from '../../crypto/errors.ts'
import {
  agree,
  type AgreementKey,
  type AgreementSecret,
  decapsulate,
  encapsulate,
  generateKemPair,
  kemCiphertextSizeBytes,
  type KemKey,
  type KemSeed,
} from '../../crypto/keys.ts'
import sodium from '../../crypto/sodium.ts'
import { vectorsMissing, wycheproof, xwingAnswers } from '../support/vectors.ts'

/*
 * Wycheproof and the X-Wing draft, through our own functions where there is one. Signatures and bodies carry labels and
 * contexts of ours, so raw Ed25519 and raw XChaCha20-Poly1305 go to libsodium as crypto/ does. The vectors of
 * HMAC-SHA-512 and HKDF-SHA-512 have nothing to say here: the protocol uses neither (keyed BLAKE2b takes their place).
 */

const x25519 = (secret: string, key: string) => agree(fromHex(secret) as AgreementSecret, fromHex(key) as AgreementKey)
const encapsulated = (key: string, coins: string) => {
  const { ciphertext, sharedSecret } = encapsulate(fromHex(key) as KemKey, fromHex(coins))
  return concat(ciphertext, sharedSecret)
}

/** What a function gives in hex, or that it refuses: with a code of ours, or as libsodium does with an `Error`. */
function given(attempt: () => Uint8Array): string {
  try {
    return hex(attempt())
  } catch (error) {
    return error instanceof CryptoError ? error.code : 'refused'
  }
}

describe.skipIf(vectorsMissing)(`published vectors${vectorsMissing}`, () => {
  it('give X25519: every result, except that a secret of zeros is refused', () => {
    const cases = wycheproof<{ public: string; private: string; shared: string }>('x25519')
    let zeros = 0
    for (const { vector } of cases) {
      const isZero = vector.flags?.includes('ZeroSharedSecret') ?? false
      // "acceptable" is on the twist or not canonical: RFC 7748 computes these too. Nothing in this file is invalid.
      expect(['valid', 'acceptable'], `case ${vector.tcId}`).toContain(vector.result)
      const said = given(() => x25519(vector.private, vector.public))
      expect(said, `case ${vector.tcId}`).toBe(isZero ? 'bad-key' : vector.shared)
      zeros += Number(isZero)
    }
    expect(cases.length).toBeGreaterThan(500)
    expect(zeros).toBeGreaterThan(25)
  })

  it('give Ed25519: every signature that is valid, and no other', () => {
    const cases = wycheproof<{ msg: string; sig: string }, { publicKey: { pk: string } }>('ed25519')
    for (const { group, vector } of cases) {
      const { tcId, result, sig, msg } = vector
      const holds = () => sodium.crypto_sign_verify_detached(fromHex(sig), fromHex(msg), fromHex(group.publicKey.pk))
      const said = given(() => u8(Number(holds())))
      expect(said === '01' ? 'valid' : 'invalid', `case ${tcId}`).toBe(result)
    }
    expect(cases.length).toBeGreaterThan(140)
  })

  it('give XChaCha20-Poly1305: both ways, and nothing altered', () => {
    const cases = wycheproof<Record<'key' | 'iv' | 'aad' | 'msg' | 'ct' | 'tag', string>>('xchacha20_poly1305')
    const { crypto_aead_xchacha20poly1305_ietf_encrypt: seal, crypto_aead_xchacha20poly1305_ietf_decrypt: open } =
      sodium
    for (const { vector } of cases) {
      const { tcId, result, aad, iv, key, msg, ct, tag } = vector
      const sealed = given(() => seal(fromHex(msg), fromHex(aad), null, fromHex(iv), fromHex(key)))
      const opened = given(() => open(null, fromHex(ct + tag), fromHex(aad), fromHex(iv), fromHex(key)))
      expect(['valid', 'invalid'], `case ${tcId}`).toContain(result)
      expect(opened, `case ${tcId}`).toBe(result === 'valid' ? msg : 'refused')
      expect(sealed === ct + tag, `case ${tcId}`).toBe(result === 'valid')
    }
    expect(cases.length).toBeGreaterThan(300)
  })

  it('give ML-KEM-768: every key from its seed', () => {
    const cases = wycheproof<{ seed: string; ek: string }>('mlkem_768_keygen_seed')
    for (const { vector } of cases) {
      expect(vector.result).toBe('valid')
      expect(hex(generateKemPair(() => fromHex(vector.seed)).public), `case ${vector.tcId}`).toBe(vector.ek)
    }
    expect(cases.length).toBeGreaterThan(90)
  })

  it('give ML-KEM-768: every encapsulation, and none to a key that is not reduced or not of its size', () => {
    const cases = wycheproof<{ m: string; ek: string; c: string; K: string }>('mlkem_768_encaps')
    for (const { vector } of cases) {
      const { tcId, result, m, ek, c, K } = vector
      const said = given(() => encapsulated(ek, m))
      expect(['valid', 'invalid'], `case ${tcId}`).toContain(result)
      expect(said, `case ${tcId}`).toBe(result === 'valid' ? c + K : 'bad-key')
    }
    expect(cases.length).toBeGreaterThan(260)
  })

  it('give ML-KEM-768: every decapsulation, also of a wrong ciphertext, and none of a wrong size', () => {
    const cases = wycheproof<{ seed: string; c: string; K: string }>('mlkem_768')
    for (const { vector } of cases) {
      const { tcId, result, seed, c, K } = vector
      const said = given(() => decapsulate(fromHex(seed) as KemSeed, fromHex(c)))
      // a ciphertext of the wrong size is somebody else's fault, a seed of the wrong size our own
      const refusal = c.length === 2 * kemCiphertextSizeBytes ? 'refused' : 'malformed'
      expect(['valid', 'invalid'], `case ${tcId}`).toContain(result)
      expect(said, `case ${tcId}`).toBe(result === 'valid' ? K : refusal)
    }
    expect(cases.length).toBeGreaterThan(190)
  })

  it('give X-Wing: keys, encapsulation and decapsulation, as message-key-escrow uses them', () => {
    const answers = xwingAnswers()
    for (const { seed, eseed, pk, ct, ss } of answers) {
      const pair = custodianPair(fromHex(seed))
      expect(hex(pair.publicKey)).toBe(pk)
      const made = sodium.crypto_kem_xwing_enc_deterministic(fromHex(pk), fromHex(eseed))
      expect([hex(made.ciphertext), hex(made.sharedSecret)]).toEqual([ct, ss])
      expect(hex(openKem(fromHex(ct), pair) as Uint8Array)).toBe(ss)
    }
    expect(answers.length).toBeGreaterThan(2)
  })
})
