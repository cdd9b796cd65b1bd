import { concat, decode, equal, type Reader, utf8 } from '../bytes.ts'
import { CryptoError } from '../errors.ts'
import { derive, digest, labels } from '../kdf.ts'
import { type Public, type Secret, sized } from '../keys.ts'
import sumo from '../sodium-sumo.ts'

/*
 * The group ristretto255 (RFC 9496). Its order is prime, and each element has one encoding, so there are no elements of
 * low order and no second spellings. What is left to refuse is the identity, which libsodium takes for a valid point.
 */

/** An element of the group, 32 bytes. One that came from outside is never the identity. */
export type Point = Public<'group element'>
/** A number below the group's order, 32 bytes, little-endian. Most are secret; those in a proof are not. */
export type Scalar = Secret<'scalar'>

export const elementSizeBytes = 32
/** challenge and response */
export const proofSizeBytes = 64

/** Zero times any element. */
export const identity = new Uint8Array(elementSizeBytes) as Point
const isZero = (bytes: Uint8Array) => equal(bytes, identity)

/** @throws CryptoError `bad-key` for bytes that encode no element, and for the identity */
export function readPoint(reader: Reader): Point {
  const bytes = reader.take(elementSizeBytes)
  if (isZero(bytes) || !sumo.crypto_core_ristretto255_is_valid_point(bytes))
    throw new CryptoError('bad-key', 'not an element of the group, or the one that hides nothing')
  return bytes as Point
}

/** @throws CryptoError `malformed` for a number that is not below the group's order */
export function readScalar(reader: Reader): Scalar {
  const bytes = reader.take(elementSizeBytes)
  if (!equal(scalarFrom(concat(bytes, identity)), bytes)) throw new CryptoError('malformed', 'number not reduced')
  return bytes as Scalar
}

/** @param wide 64 bytes, so that what is left after reduction is even */
export const scalarFrom = (wide: Uint8Array): Scalar =>
  sumo.crypto_core_ristretto255_scalar_reduce(sized(wide, 64)) as Scalar

/** @param value from 0 to 255 */
export const scalarOf = (value: number): Scalar => new Uint8Array(elementSizeBytes).with(0, value) as Scalar

/**
 * Everything that a proof is about, hashed to a number. Each part stands behind its length, and each use has a fixed
 * number of parts.
 */
const challengeOver = (...parts: readonly Uint8Array[]): Scalar =>
  scalarFrom(derive(labels.accessMode, digest(labels.accessMode, ...parts), [], 64))

export const sum = (a: Scalar, b: Scalar): Scalar => sumo.crypto_core_ristretto255_scalar_add(a, b) as Scalar
export const product = (a: Scalar, b: Scalar): Scalar => sumo.crypto_core_ristretto255_scalar_mul(a, b) as Scalar
const difference = (a: Scalar, b: Scalar): Scalar => sumo.crypto_core_ristretto255_scalar_sub(a, b) as Scalar

export const add = (a: Point, b: Point): Point => sumo.crypto_core_ristretto255_add(a, b) as Point
const subtract = (a: Point, b: Point): Point => sumo.crypto_core_ristretto255_sub(a, b) as Point

/** In constant time, except for zero and the identity, which libsodium refuses. */
export const times = (scalar: Scalar, point: Point): Point =>
  isZero(scalar) || isZero(point) ? identity : (sumo.crypto_scalarmult_ristretto255(scalar, point) as Point)

export const timesBase = (scalar: Scalar): Point =>
  isZero(scalar) ? identity : (sumo.crypto_scalarmult_ristretto255_base(scalar) as Point)

const proofOf = (secret: Scalar, nonce: Scalar, challenge: Scalar) =>
  concat(challenge, sum(nonce, product(challenge, secret)))

/** @returns null for 64 bytes that are no two numbers */
function numbersIn(proof: Uint8Array): { readonly challenge: Scalar; readonly response: Scalar } | null {
  try {
    return decode(proof, (reader) => ({ challenge: readScalar(reader), response: readScalar(reader) }))
  } catch (error) {
    if (error instanceof CryptoError) return null
    throw error
  }
}

const knowledge = utf8('knowledge of a logarithm')

/**
 * Schnorr's proof that somebody knew the secret behind a point when these bytes were put beside it.
 * @param nonce secret; the same only for the same point and the same `about`
 */
export const proveKnowledge = (secret: Scalar, point: Point, nonce: Scalar, about: readonly Uint8Array[]): Uint8Array =>
  proofOf(secret, nonce, challengeOver(knowledge, point, timesBase(nonce), ...about))

export function provesKnowledge(proof: Uint8Array, point: Point, about: readonly Uint8Array[]): boolean {
  const numbers = numbersIn(proof)
  if (!numbers) return false
  const { challenge, response } = numbers
  const commitment = subtract(timesBase(response), times(challenge, point))
  return equal(challenge, challengeOver(knowledge, point, commitment, ...about))
}

const equality = utf8('equality of logarithms')

/** Two points that should be the same multiple: `publicShare` of the group's base, `partial` of another point. */
export interface Multiples {
  readonly base: Point
  readonly publicShare: Point
  readonly partial: Point
}

/**
 * The proof of Chaum and Pedersen that both are the same multiple, without saying which.
 * @param nonce secret; the same only for the same points and the same `about`
 */
export function proveEquality(secret: Scalar, points: Multiples, nonce: Scalar, about: readonly Uint8Array[]) {
  const commitments = [timesBase(nonce), times(nonce, points.base)]
  return proofOf(secret, nonce, challengeOver(equality, ...inOrder(points), ...commitments, ...about))
}

export function provesEquality(proof: Uint8Array, points: Multiples, about: readonly Uint8Array[]): boolean {
  const numbers = numbersIn(proof)
  if (!numbers) return false
  const { challenge, response } = numbers
  const commitments = [
    subtract(timesBase(response), times(challenge, points.publicShare)),
    subtract(times(response, points.base), times(challenge, points.partial)),
  ]
  return equal(challenge, challengeOver(equality, ...inOrder(points), ...commitments, ...about))
}

const inOrder = ({ base, publicShare, partial }: Multiples) => [base, publicShare, partial]

/**
 * Lagrange's coefficient: the weight with which the value at this place enters the value at 0, or at another place,
 * given all those places.
 */
export function coefficientOf(place: number, places: readonly number[], to = 0): Scalar {
  let [above, below] = [scalarOf(1), scalarOf(1)]
  for (const other of places) {
    if (other === place) continue
    above = product(above, difference(scalarOf(to), scalarOf(other)))
    below = product(below, difference(scalarOf(place), scalarOf(other)))
  }
  return product(above, sumo.crypto_core_ristretto255_scalar_invert(below) as Scalar)
}

/** The value at 0, or at another place, of the one polynomial of least degree through these, at places from 1 to 255. */
export function interpolate(values: readonly (readonly [place: number, value: Point])[], to = 0): Point {
  const places = values.map(([place]) => place)
  return values.map(([place, value]) => times(coefficientOf(place, places, to), value)).reduce(add, identity)
}
