import { createCipheriv } from 'node:crypto'
import { concat } from '../../../crypto/bytes.ts'

/*
 * "Invisible salamanders": one XChaCha20-Poly1305 ciphertext that is authentic under two keys. Poly1305 is a polynomial
 * over the ciphertext blocks, evaluated at a point that comes from the key. Two keys give two polynomials in the same
 * blocks; with all blocks but one fixed, "both tags are equal" is one linear equation for that one.
 */

export const prime = 2n ** 130n - 5n
export const block = 2n ** 128n
export const blockSizeBytes = 16

/** The key of one Poly1305 tag. */
export interface OneTimeKey {
  /** the point, clamped */
  readonly r: bigint
  /** what is added in the end */
  readonly s: bigint
}

export const modulo = (value: bigint, modulus: bigint): bigint => ((value % modulus) + modulus) % modulus

export const littleEndian = (bytes: Uint8Array): bigint =>
  bytes.reduceRight((value, byte) => value * 256n + BigInt(byte), 0n)

export const toBytes = (value: bigint, sizeBytes: number): Uint8Array =>
  Uint8Array.from({ length: sizeBytes }, (_, i) => Number((value >> BigInt(8 * i)) & 255n))

export function power(base: bigint, exponent: bigint): bigint {
  let result = 1n
  for (let square = base, rest = exponent; rest > 0n; rest >>= 1n, square = (square * square) % prime)
    if (rest & 1n) result = (result * square) % prime
  return result
}

export const inverse = (value: bigint): bigint => power(modulo(value, prime), prime - 2n)

/** RFC 8439, section 2.6. @param stream the first 32 bytes of the keystream */
export function oneTimeKeyIn(stream: Uint8Array): OneTimeKey {
  const clamp = 0x0ffffffc0ffffffc0ffffffc0fffffffn
  return { r: littleEndian(stream.subarray(0, 16)) & clamp, s: littleEndian(stream.subarray(16, 32)) }
}

/** RFC 8439, section 2.3: what every state begins with. */
const constants = new Uint8Array(Buffer.from('expand 32-byte k'))

/** @param counter and nonce together, 16 bytes */
function chachaBlock(key: Uint8Array, counterAndNonce: Uint8Array): Uint8Array {
  return createCipheriv('chacha20', key, counterAndNonce).update(new Uint8Array(64))
}

/**
 * The one-time key of XChaCha20-Poly1305, which libsodium keeps to itself. HChaCha20 (draft-irtf-cfrg-xchacha, section 2.2)
 * is a block of ChaCha20 without its last step, in which the state is added: that is taken off again.
 * @param nonce 24 bytes
 */
export function oneTimeKey(key: Uint8Array, nonce: Uint8Array): OneTimeKey {
  const begin = nonce.subarray(0, 16)
  const words = chachaBlock(key, begin)
  const subkey = concat(less(words.subarray(0, 16), constants), less(words.subarray(48), begin))
  return oneTimeKeyIn(chachaBlock(subkey, concat(new Uint8Array(8), nonce.subarray(16))))
}

/** Four words of 32 bits less four others. */
function less(words: Uint8Array, others: Uint8Array): Uint8Array {
  const result = new Uint8Array(16)
  const [one, other, to] = [words, others, result].map((bytes) => new DataView(bytes.buffer, bytes.byteOffset, 16))
  for (let at = 0; at < 16; at += 4)
    to?.setUint32(at, (one?.getUint32(at, true) ?? 0) - (other?.getUint32(at, true) ?? 0), true)
  return result
}

export const filledUp = (bytes: Uint8Array): Uint8Array =>
  concat(bytes, new Uint8Array(-bytes.length & (blockSizeBytes - 1)))

/** What Poly1305 runs over in the AEAD of RFC 8439, section 2.8. */
export function blocksOf(associatedData: Uint8Array, ciphertext: Uint8Array): bigint[] {
  const lengths = [associatedData, ciphertext].map(({ length }) => toBytes(BigInt(length), 8))
  const all = concat(filledUp(associatedData), filledUp(ciphertext), ...lengths)
  return Array.from(
    { length: all.length / blockSizeBytes },
    (_, i) => littleEndian(all.subarray(i * blockSizeBytes, (i + 1) * blockSizeBytes)) + block,
  )
}

export const evaluate = (blocks: readonly bigint[], r: bigint): bigint =>
  blocks.reduce((sum, one) => ((sum + one) * r) % prime, 0n)

/** The 16-byte tag that belongs to a ciphertext under this key. */
export const tagOf = ({ r, s }: OneTimeKey, associatedData: Uint8Array, ciphertext: Uint8Array): Uint8Array =>
  toBytes((evaluate(blocksOf(associatedData, ciphertext), r) + s) % block, blockSizeBytes)

/**
 * Makes a ciphertext authentic under two keys by replacing its last block.
 * @param ciphertext without tag, a multiple of 16 bytes
 * @returns ciphertext and tag, or null where this ciphertext has no solution; about two in three have one
 */
export function authenticUnder(
  [one, other]: readonly [OneTimeKey, OneTimeKey],
  associatedData: Uint8Array,
  ciphertext: Uint8Array,
): Uint8Array | null {
  const rest = ciphertext.subarray(0, -blockSizeBytes)
  const blocks = blocksOf(associatedData, ciphertext).toSpliced(-2, 1, 0n)
  const fixed = evaluate(blocks, one.r) - evaluate(blocks, other.r)
  const perUnit = inverse(one.r ** 2n - other.r ** 2n)
  for (let carry = -5n; carry < 5n; carry++) {
    const solved = modulo((other.s - one.s + carry * block - fixed) * perUnit, prime) - block
    if (solved < 0n || solved >= block) continue
    const whole = concat(rest, toBytes(solved, blockSizeBytes))
    const tag = tagOf(one, associatedData, whole)
    if (littleEndian(tag) === littleEndian(tagOf(other, associatedData, whole))) return concat(whole, tag)
  }
  return null
}
