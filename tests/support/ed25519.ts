import { createHash } from 'node:crypto'
import { concat } from '../../crypto/bytes.ts'
import sodium from '../../crypto/sodium.ts'

/*
 * The curve of RFC 8032 in plain numbers, slow and open, for what no honest library makes: points and encodings that
 * are not good keys.
 */

const p = 2n ** 255n - 19n
const order = 2n ** 252n + 27742317777372353535851937790883648493n

interface Point {
  readonly x: bigint
  readonly y: bigint
}

const mod = (a: bigint, modulus = p) => ((a % modulus) + modulus) % modulus

function power(base: bigint, exponent: bigint): bigint {
  let result = 1n
  for (let square = mod(base), rest = exponent; rest > 0n; rest >>= 1n, square = (square * square) % p)
    if (rest & 1n) result = (result * square) % p
  return result
}

const inverse = (a: bigint) => power(a, p - 2n)
const d = mod(-121665n * inverse(121666n))

function add(a: Point, b: Point): Point {
  const product = mod(d * mod(a.x * b.y) * mod(a.y * b.x))
  return {
    x: mod((a.x * b.y + a.y * b.x) * inverse(1n + product)),
    y: mod((a.y * b.y + a.x * b.x) * inverse(1n - product)),
  }
}

function multiply(scalar: bigint, point: Point): Point {
  let result: Point = { x: 0n, y: 1n }
  for (let double = point, rest = scalar; rest > 0n; rest >>= 1n, double = add(double, double))
    if (rest & 1n) result = add(result, double)
  return result
}

/** RFC 8032 section 5.1.3, for a `y` that is on the curve. */
function pointAt(y: bigint, sign: bigint): Point {
  const square = mod((y * y - 1n) * inverse(d * y * y + 1n))
  let x = power(square, (p + 3n) / 8n)
  if (mod(x * x) !== square) x = mod(x * power(2n, (p - 1n) / 4n))
  if (mod(x * x) !== square) throw new RangeError('no point of the curve has this y')
  return { x: (x & 1n) === sign ? x : p - x, y }
}

const littleEndian = (bytes: Uint8Array) => bytes.reduceRight((value, byte) => (value << 8n) | BigInt(byte), 0n)
const bytesOf = (value: bigint) => Uint8Array.from({ length: 32 }, (_, i) => Number((value >> BigInt(8 * i)) & 255n))
const encoding = (y: bigint, sign: bigint) => bytesOf(y | (sign << 255n))
const encode = ({ x, y }: Point) => encoding(y, x & 1n)
const decode = (bytes: Uint8Array) => pointAt(littleEndian(bytes) & (2n ** 255n - 1n), BigInt((bytes[31] ?? 0) >> 7))

/** The point with y = 3 has order 8 L, so L times it has order 8. */
const ofOrder8 = multiply(order, pointAt(3n, 0n))
const smallOrderPoints = Array.from({ length: 8 }, (_, i) => multiply(BigInt(i), ofOrder8))

/** The encodings of all eight points of order 1, 2, 4 or 8. */
export const smallOrderKeys = (): Uint8Array[] => smallOrderPoints.map(encode)

/** All encodings that are not the canonical one of their point: y from p to 2^255 - 1, and x = 0 with its sign set. */
export const nonCanonicalKeys = (): Uint8Array[] => [
  ...Array.from({ length: 19 }, (_, i) => p + BigInt(i)).flatMap((y) => [encoding(y, 0n), encoding(y, 1n)]),
  encoding(1n, 1n),
  encoding(p - 1n, 1n),
]

const sha512 = (...parts: readonly Uint8Array[]) =>
  createHash('sha512')
    .update(concat(...parts))
    .digest()
const scalarOf = (seed: Uint8Array) => (littleEndian(sha512(seed).subarray(0, 32)) & (2n ** 254n - 8n)) | (2n ** 254n)

/** A good key plus each of the seven points of small order that are not zero. */
export const mixedOrderKeys = (seed: Uint8Array): Uint8Array[] => {
  const good = decode(sodium.crypto_sign_seed_keypair(seed).publicKey)
  return smallOrderPoints.slice(1).map((small) => encode(add(good, small)))
}

/**
 * A signature under a mixed-order key that libsodium's verification takes: nonces are tried until the challenge is a
 * multiple of 8, where the small part of the key vanishes.
 */
export function signUnderMixedOrder(seed: Uint8Array, key: Uint8Array, message: Uint8Array): Uint8Array {
  for (let attempt = 0; ; attempt++) {
    const nonceSeed = sha512(seed, message, Uint8Array.of(attempt)).subarray(0, 32)
    const commitment = sodium.crypto_sign_seed_keypair(nonceSeed).publicKey
    const challenge = mod(littleEndian(sha512(commitment, key, message)), order)
    if (challenge % 8n === 0n)
      return concat(commitment, bytesOf(mod(scalarOf(nonceSeed) + challenge * scalarOf(seed), order)))
  }
}
