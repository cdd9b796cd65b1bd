import { describe, expect, it } from 'vitest'
import { type CustodianPair, custodianPair, decapsulate } from '../../crypto/access/custodian.ts'
import { concat, hex } from '../../crypto/bytes.ts'
import { lowOrderAgreementKeys } from '../../crypto/known-answers.ts'
import sodium from '../../crypto/sodium.ts'
import { below, seededRandom } from '../support/random.ts'

/*
 * A custodian's key is expanded once. What it opens must be what libsodium's own X-Wing opens with the 32 bytes, for every
 * ciphertext that anybody can make.
 */

const random = seededRandom('custodians')

/** In hexadecimal; null where libsodium refuses. */
function byLibsodium(ciphertext: Uint8Array, secret: Uint8Array): string | null {
  try {
    return hex(sodium.crypto_kem_xwing_dec(ciphertext, secret))
  } catch {
    return null
  }
}

function byUs(ciphertext: Uint8Array, pair: CustodianPair): string | null {
  const shared = decapsulate(ciphertext, pair)
  return shared && hex(shared)
}

const custodians = Array.from({ length: 8 }, () => {
  const secret = random(32)
  return { secret, pair: custodianPair(secret) }
})

const sealedTo = ({ publicKey }: CustodianPair) =>
  sodium.crypto_kem_xwing_enc_deterministic(publicKey, random(64)) as {
    readonly ciphertext: Uint8Array
    readonly sharedSecret: Uint8Array
  }

describe("a custodian's key, expanded", () => {
  it('has the public key that libsodium makes', () => {
    for (const { secret, pair } of custodians)
      expect(hex(pair.publicKey)).toBe(hex(sodium.crypto_kem_xwing_seed_keypair(secret).publicKey))
  })

  it('opens what was sealed to it', () => {
    for (const { secret, pair } of custodians) {
      const { ciphertext, sharedSecret } = sealedTo(pair)
      expect(byUs(ciphertext, pair)).toBe(hex(sharedSecret))
      expect(byLibsodium(ciphertext, secret)).toBe(hex(sharedSecret))
    }
  })

  it('gives what libsodium gives for garbage, for what is sealed to others, and for one wrong bit anywhere', () => {
    const answers = new Set<string | null>()
    for (const [i, { secret, pair }] of custodians.entries()) {
      const { ciphertext } = sealedTo(pair)
      const others = sealedTo((custodians[(i + 1) % custodians.length] ?? custodians[0])?.pair as CustodianPair)
      const bent = Array.from({ length: 24 }, () => {
        const at = below(ciphertext.length, random)
        return ciphertext.with(at, (ciphertext[at] ?? 0) ^ (1 << below(8, random)))
      })
      const ends = [0, 1087, 1088, 1119].map((at) => ciphertext.with(at, (ciphertext[at] ?? 0) ^ 0x80))
      const wild = [random(1120), new Uint8Array(1120).fill(255), others.ciphertext, ...bent, ...ends]
      for (const one of wild) {
        const answer = byUs(one, pair)
        expect(answer).toBe(byLibsodium(one, secret))
        answers.add(answer)
      }
    }
    // X25519 ignores the last bit: only there does a bent ciphertext open like the straight one
    expect(answers.size).toBeGreaterThan(custodians.length * 20)
  })

  it('refuses a point of low order, as libsodium does, whatever the ML-KEM part is', () => {
    const { secret, pair } = custodians[0] as (typeof custodians)[number]
    for (const point of lowOrderAgreementKeys) {
      const kem = sealedTo(pair).ciphertext.subarray(0, 1088)
      expect([byUs(concat(kem, point), pair), byLibsodium(concat(kem, point), secret)]).toEqual([null, null])
    }
  })
})
