import { describe, expect, it } from 'vitest'
import { decryptAead, encryptAead, nonceSizeBytes, tagSizeBytes } from '../../crypto/aead.ts'
import { concat, u8 } from '../../crypto/bytes.ts'
import { turned } from '../support/opening.ts'
import { seededRandom } from '../support/random.ts'

const random = seededRandom('aead')
const [key, nonce, plaintext, associatedData] = [random(32), random(nonceSizeBytes), random(50), random(10)]
const ciphertext = encryptAead(key, nonce, plaintext, associatedData)

describe('encryption', () => {
  it('opens to what it was, and adds a tag', () => {
    expect(decryptAead(key, nonce, ciphertext, associatedData)).toEqual(plaintext)
    expect(ciphertext).toHaveLength(plaintext.length + tagSizeBytes)
    expect(decryptAead(key, nonce, encryptAead(key, nonce, plaintext))).toEqual(plaintext)
  })

  it('opens an empty text too, and takes empty associated data for none', () => {
    const empty = new Uint8Array()
    expect(decryptAead(key, nonce, encryptAead(key, nonce, empty, empty))).toEqual(empty)
  })

  it('takes a key of 32 bytes and a nonce of 24, and reads nothing beside them', () => {
    const keys = [new Uint8Array(), key.subarray(1), concat(key, u8(0))]
    const nonces = [new Uint8Array(), nonce.subarray(1), concat(nonce, u8(0))]
    for (const wrong of [...keys.map((one) => [one, nonce]), ...nonces.map((one) => [key, one])] as Pair[]) {
      expect(() => encryptAead(...wrong, plaintext, associatedData)).toThrow(RangeError)
      expect(decryptAead(...wrong, ciphertext, associatedData)).toBeNull()
    }
  })

  it('answers null to anything else', () => {
    expect(decryptAead(turned(key, 0), nonce, ciphertext, associatedData)).toBeNull()
    expect(decryptAead(key, turned(nonce, 191), ciphertext, associatedData)).toBeNull()
    expect(decryptAead(key, nonce, ciphertext, turned(associatedData, 7))).toBeNull()
    expect(decryptAead(key, nonce, ciphertext)).toBeNull()
    for (const bit of [0, 8 * plaintext.length, 8 * ciphertext.length - 1])
      expect(decryptAead(key, nonce, turned(ciphertext, bit), associatedData)).toBeNull()
    for (const size of [0, tagSizeBytes - 1, tagSizeBytes, ciphertext.length - 1])
      expect(decryptAead(key, nonce, ciphertext.subarray(0, size), associatedData)).toBeNull()
    expect(decryptAead(key, nonce, concat(ciphertext, u8(0)), associatedData)).toBeNull()
  })
})

type Pair = [key: Uint8Array, nonce: Uint8Array]
