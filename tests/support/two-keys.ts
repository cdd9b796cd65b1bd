import { readFileSync } from 'node:fs'
import { xchacha20 } from '@noble/ciphers/chacha.js'
import { concat } from '../../crypto/bytes.ts'
import {
  authenticUnder,
  block,
  blockSizeBytes,
  blocksOf,
  evaluate,
  filledUp,
  inverse,
  littleEndian,
  modulo,
  oneTimeKeyIn,
  power,
  prime,
  toBytes,
} from '../../client/lab/adversaries/two-tags.ts'

/*
 * The attack of the lab (client/lab/adversaries/two-tags.ts), with one-time keys from another library. Whoever has one key
 * can, in the same way, give another ciphertext the tag of the first.
 */

export const oneTimeKeyByNoble = (key: Uint8Array, nonce: Uint8Array) =>
  oneTimeKeyIn(xchacha20(key, nonce, new Uint8Array(32)))

/** @see authenticUnder */
export const authenticForBoth = (
  [one, other]: readonly [Uint8Array, Uint8Array],
  nonce: Uint8Array,
  associatedData: Uint8Array,
  ciphertext: Uint8Array,
) => authenticUnder([oneTimeKeyByNoble(one, nonce), oneTimeKeyByNoble(other, nonce)], associatedData, ciphertext)

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
  const { r, s } = oneTimeKeyByNoble(key, nonce)
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
