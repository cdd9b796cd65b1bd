import { readFileSync } from 'node:fs'
import { xchacha20 } from '@noble/ciphers/chacha.js'
import { concat } from '../../crypto/bytes.ts'

/*
 * "Invisible salamanders": one XChaCha20-Poly1305 ciphertext that is authentic under two keys. Poly1305 is a polynomial
 * over the ciphertext blocks, evaluated at a point that comes from the key. Two keys give two polynomials in the same
 * blocks; with all blocks but one fixed, "both tags are equal" is one linear equation for that one. Whoever has one key
 * can, in the same way, give another ciphertext the tag of the first.
 */

const prime = 2n ** 130n - 5n
const block = 2n ** 128n
const blockSizeBytes = 16

const modulo = (value: bigint, modulus: bigint) => ((value % modulus) + modulus) % modulus

const littleEndian = (bytes: Uint8Array): bigint => bytes.reduceRight((value, byte) => value * 256n + BigInt(byte), 0n)

const toBytes = (value: bigint, sizeBytes: number): Uint8Array =>
  Uint8Array.from({ length: sizeBytes }, (_, i) => Number((value >> BigInt(8 * i)) & 255n))

function power(base: bigint, exponent: bigint): bigint {
  let result = 1n
  for (let square = base, rest = exponent; rest > 0n; rest >>= 1n, square = (square * square) % prime)
    if (rest & 1n) result = (result * square) % prime
  return result
}

const inverse = (value: bigint) => power(modulo(value, prime), prime - 2n)

/** RFC 8439, section 2.6: the one-time key is the first keystream block; `r` is clamped. */
function oneTimeKey(key: Uint8Array, nonce: Uint8Array): { r: bigint; s: bigint } {
  const stream = xchacha20(key, nonce, new Uint8Array(32))
  const clamp = 0x0ffffffc0ffffffc0ffffffc0fffffffn
  return { r: littleEndian(stream.subarray(0, 16)) & clamp, s: littleEndian(stream.subarray(16)) }
}

const filledUp = (bytes: Uint8Array) => concat(bytes, new Uint8Array(-bytes.length & (blockSizeBytes - 1)))

/** What Poly1305 runs over in the AEAD of RFC 8439, section 2.8. */
function blocksOf(associatedData: Uint8Array, ciphertext: Uint8Array): bigint[] {
  const lengths = [associatedData, ciphertext].map(({ length }) => toBytes(BigInt(length), 8))
  const all = concat(filledUp(associatedData), filledUp(ciphertext), ...lengths)
  return Array.from(
    { length: all.length / blockSizeBytes },
    (_, i) => littleEndian(all.subarray(i * blockSizeBytes, (i + 1) * blockSizeBytes)) + block,
  )
}

const evaluate = (blocks: readonly bigint[], r: bigint) => blocks.reduce((sum, one) => ((sum + one) * r) % prime, 0n)

/** The 16-byte tag that belongs to a ciphertext under this key, as anybody who has the key can make it. */
export const tagFor = (key: Uint8Array, nonce: Uint8Array, associatedData: Uint8Array, ciphertext: Uint8Array) => {
  const { r, s } = oneTimeKey(key, nonce)
  return toBytes((evaluate(blocksOf(associatedData, ciphertext), r) + s) % block, blockSizeBytes)
}

/**
 * Makes a ciphertext authentic under two keys by replacing its last block.
 * @param ciphertext without tag, a multiple of 16 bytes
 * @returns ciphertext and tag, or null where this ciphertext has no solution; about two in three have one
 */
export function authenticForBoth(
  keys: readonly [Uint8Array, Uint8Array],
  nonce: Uint8Array,
  associatedData: Uint8Array,
  ciphertext: Uint8Array,
): Uint8Array | null {
  const [one, other] = [oneTimeKey(keys[0], nonce), oneTimeKey(keys[1], nonce)]
  const rest = ciphertext.subarray(0, -blockSizeBytes)
  const blocks = blocksOf(associatedData, ciphertext).toSpliced(-2, 1, 0n)
  const fixed = evaluate(blocks, one.r) - evaluate(blocks, other.r)
  const perUnit = inverse(one.r ** 2n - other.r ** 2n)
  for (let carry = -5n; carry < 5n; carry++) {
    const solved = modulo((other.s - one.s + carry * block - fixed) * perUnit, prime) - block
    if (solved < 0n || solved >= block) continue
    const whole = concat(rest, toBytes(solved, blockSizeBytes))
    const tag = tagFor(keys[0], nonce, associatedData, whole)
    if (littleEndian(tag) === littleEndian(tagFor(keys[1], nonce, associatedData, whole))) return concat(whole, tag)
  }
  return null
}

/**
 * Gives a ciphertext the tag that another one has under the same key, by replacing one of its blocks.
 * @param ciphertext without tag
 * @param freeBlock which of its blocks of 16 bytes may become anything
 * @returns null where this ciphertext has no solution; about two in three have one
 */
export function withTag(
  tag: Uint8Array,
  key: Uint8Array,
  nonce: Uint8Array,
  associatedData: Uint8Array,
  ciphertext: Uint8Array,
  freeBlock: number,
): Uint8Array | null {
  const { r, s } = oneTimeKey(key, nonce)
  const blocks = blocksOf(associatedData, ciphertext)
  const place = filledUp(associatedData).length / blockSizeBytes + freeBlock
  const fixed = evaluate(blocks.with(place, 0n), r)
  const perUnit = inverse(power(r, BigInt(blocks.length - place)))
  for (let carry = 0n; carry < 4n; carry++) {
    const wanted = modulo(littleEndian(tag) - s, block) + carry * block
    const solved = modulo((wanted - fixed) * perUnit, prime) - block
    if (wanted >= prime || solved < 0n || solved >= block) continue
    const rest = ciphertext.subarray((freeBlock + 1) * blockSizeBytes)
    return concat(ciphertext.subarray(0, freeBlock * blockSizeBytes), toBytes(solved, blockSizeBytes), rest, tag)
  }
  return null
}

const published = new URL('../../../shared/vectors/xchacha20poly1305_two_keys_one_ciphertext.json', import.meta.url)

/** The ciphertext made for this project that opens under two keys to two readable texts; everything in hex. */
export const publishedForTwo = () =>
  JSON.parse(readFileSync(published, 'utf8')) as Record<'k1' | 'k2' | 'nonce' | 'ct', string>
