import { afterEach, describe, expect, it, vi } from 'vitest'
import {
  add,
  coefficientOf,
  identity,
  interpolate,
  type Point,
  product,
  proveEquality,
  proveKnowledge,
  provesEquality,
  provesKnowledge,
  readPoint,
  readScalar,
  type Scalar,
  scalarFrom,
  scalarOf,
  sum,
  times,
  timesBase,
} from '../../crypto/access/ristretto.ts'
import { concat, decode, fromHex, hex, utf8 } from '../../crypto/bytes.ts'
import type Sumo from 'libsodium-wrappers-sumo'
import { at } from '../support/at.ts'
import { combinations } from '../support/combinations.ts'
import { turned } from '../support/opening.ts'
import { seededRandom } from '../support/random.ts'
import { outcome } from '../support/refusal.ts'

const random = seededRandom('group')
const drawn = (): Scalar => scalarFrom(random(64))
const base = timesBase(scalarOf(1))
/** the order of the group, little-endian */
const order = fromHex('edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010')
const notBelow = [order, order.with(0, 0xee), new Uint8Array(32).fill(255)]

/** RFC 9496, appendix A.2: numbers that are not reduced, negative ones, squares that are none, negative products, and y = 0. */
const noElements = [
  `00${'ff'.repeat(31)}`,
  `${'ff'.repeat(31)}7f`,
  `f3${'ff'.repeat(30)}7f`,
  `ed${'ff'.repeat(30)}7f`,
  `01${'00'.repeat(31)}`,
  `01${'ff'.repeat(30)}7f`,
  'ed57ffd8c914fb201471d1c3d245ce3c746fcbe63a3679d51b6a516ebebe0e20',
  'c34c4e1826e5d403b78e246e88aa051c36ccf0aafebffe137d148a2bf9104562',
  '26948d35ca62e643e26a83177332e6b6afeb9d08e4268b650f1f5bbd8d81d371',
  '3eb858e78f5a7254d8c9731174a94f76755fd3941c0ac93735c07ba14579630e',
  `ec${'ff'.repeat(30)}7f`,
].map(fromHex)

describe('an element of the group', () => {
  it('is the multiple that the RFC says it is', () => {
    expect(hex(base)).toBe('e2f2ae0a6abc4e71a884a961c500515f58e30b6aa582dd8db6a65945e08d2d76')
    expect(hex(timesBase(scalarOf(2)))).toBe('6a493210f7499cd17fecb510ae0cea23a110e8d5b901f8acadd3095c73a3b919')
    expect(add(base, base)).toEqual(timesBase(scalarOf(2)))
  })

  it('has one encoding, and is not the identity', () => {
    expect(decode(base, readPoint)).toEqual(base)
    expect(outcome(() => decode(identity, readPoint))).toBe('bad-key')
    expect(outcome(() => decode(base.subarray(1), readPoint))).toBe('malformed')
    for (const bytes of noElements)
      expect([hex(bytes), outcome(() => decode(bytes, readPoint))]).toEqual([hex(bytes), 'bad-key'])
  })

  it('is of the prime order: there is no smaller one to send somebody', () => {
    const last = sumOfAll([scalarFrom(concat(order.with(0, 0xec), new Uint8Array(32)))])
    for (const point of [base, timesBase(drawn())]) expect(add(times(last, point), point)).toEqual(identity)
  })

  it('may become the identity on the way', () => {
    expect(times(scalarOf(0), base)).toEqual(identity)
    expect(times(drawn(), identity)).toEqual(identity)
    expect(timesBase(scalarOf(0))).toEqual(identity)
    expect(interpolate([])).toEqual(identity)
  })
})

const sumOfAll = (scalars: readonly Scalar[]) => scalars.reduce(sum)

describe('a number', () => {
  it('has one encoding, below the order', () => {
    const scalar = drawn()
    expect(decode(scalar, readScalar)).toEqual(scalar)
    expect(decode(scalarOf(0), readScalar)).toEqual(scalarOf(0))
    for (const bytes of notBelow) expect(outcome(() => decode(bytes, readScalar))).toBe('malformed')
  })
})

describe('a proof that somebody knew a logarithm', () => {
  const [secret, nonce] = [drawn(), drawn()]
  const point = timesBase(secret)
  const about = [utf8('this message'), utf8('and no other')]
  const proof = proveKnowledge(secret, point, nonce, about)

  it('holds for its point and what it is about', () => {
    expect(proof).toHaveLength(64)
    expect(provesKnowledge(proof, point, about)).toBe(true)
  })

  it('holds for nothing else', () => {
    const others = [['this message'], ['and no other', 'this message'], ['this messageand no other', '']]
    for (const other of others) expect(provesKnowledge(proof, point, other.map(utf8))).toBe(false)
    expect(provesKnowledge(proof, add(point, base), about)).toBe(false)
    expect(provesKnowledge(proof, identity, about)).toBe(false)
    for (let bit = 0; bit < 512; bit += 7) expect(provesKnowledge(turned(proof, bit), point, about)).toBe(false)
    for (const bytes of [proof.subarray(1), new Uint8Array(64), concat(proof, new Uint8Array(1))])
      expect(provesKnowledge(bytes, point, about)).toBe(false)
  })

  it('is not made by somebody with another secret', () => {
    expect(provesKnowledge(proveKnowledge(drawn(), point, nonce, about), point, about)).toBe(false)
  })

  it('has one encoding: a number with the order added to it is refused', () => {
    const [challenge, response] = [proof.subarray(0, 32), proof.subarray(32)]
    expect(provesKnowledge(concat(challenge, unreduced(response)), point, about)).toBe(false)
    expect(provesKnowledge(concat(unreduced(challenge), response), point, about)).toBe(false)
  })
})

/** The same number once more: the order added, byte by byte. */
function unreduced(scalar: Uint8Array): Uint8Array {
  let carry = 0
  return scalar.map((byte, i) => {
    const total = byte + (order[i] ?? 0) + carry
    carry = total >> 8
    return total & 255
  })
}

describe('a proof that two logarithms are equal', () => {
  const [secret, nonce, foreign] = [drawn(), drawn(), timesBase(drawn())]
  const points = { base: foreign, publicShare: timesBase(secret), partial: times(secret, foreign) }
  const about = [utf8('a request')]
  const proof = proveEquality(secret, points, nonce, about)

  it('holds for its points and what it is about', () => {
    expect(provesEquality(proof, points, about)).toBe(true)
  })

  it('holds for nothing else', () => {
    const wrong: Partial<typeof points>[] = [
      { base: base },
      { publicShare: timesBase(drawn()) },
      { partial: times(drawn(), foreign) },
      { partial: identity },
      { publicShare: points.partial, partial: points.publicShare },
    ]
    for (const one of wrong) expect(provesEquality(proof, { ...points, ...one }, about)).toBe(false)
    expect(provesEquality(proof, points, [utf8('another')])).toBe(false)
    for (let bit = 0; bit < 512; bit += 7) expect(provesEquality(turned(proof, bit), points, about)).toBe(false)
    expect(provesEquality(proof.subarray(1), points, about)).toBe(false)
  })

  it('is not made for two that are not, even by somebody who knows both', () => {
    const other = drawn()
    const unequal = { ...points, partial: times(other, foreign) }
    for (const known of [secret, other])
      expect(provesEquality(proveEquality(known, unequal, nonce, about), unequal, about)).toBe(false)
  })

  it('is no proof of the other kind', () => {
    expect(provesKnowledge(proof, points.publicShare, about)).toBe(false)
  })
})

describe('interpolation', () => {
  const coefficients = [drawn(), drawn(), drawn()]
  const valueAt = (place: number) =>
    sumOfAll(coefficients.map((one, i) => Array.from({ length: i }, () => scalarOf(place)).reduce(product, one)))
  const values = [1, 2, 3, 4, 255].map((place): [number, Point] => [place, timesBase(valueAt(place))])

  it('finds every value from any three of a polynomial of degree two, and not from two', () => {
    for (const to of [0, 1, 4, 7, 255]) {
      for (const some of combinations(values, 3)) expect(interpolate(some, to)).toEqual(timesBase(valueAt(to)))
      for (const some of combinations(values, 2).filter((pair) => pair.every(([place]) => place !== to)))
        expect(interpolate(some, to)).not.toEqual(timesBase(valueAt(to)))
    }
  })

  it('is the same over numbers', () => {
    const places = [2, 3, 255]
    expect(sumOfAll(places.map((place) => product(coefficientOf(place, places), valueAt(place))))).toEqual(
      at(coefficients, 0),
    )
  })
})

describe('a larger libsodium that lacks something', () => {
  afterEach(() => vi.doUnmock('libsodium-wrappers-sumo'))

  async function over(instead: Record<string, unknown>): Promise<unknown> {
    vi.resetModules()
    const { default: real } = await vi.importActual<{ default: typeof Sumo }>('libsodium-wrappers-sumo')
    vi.doMock('libsodium-wrappers-sumo', () => ({ default: Object.assign(Object.create(real), instead) as unknown }))
    return import('../../crypto/sodium-sumo.ts')
  }

  it('is not used, by nobody', async () => {
    for (const name of ['crypto_pwhash', 'crypto_core_ristretto255_add', 'crypto_scalarmult_ristretto255_base'])
      await expect(over({ [name]: undefined })).rejects.toThrow(`has no ${name}`)
    await expect(over({})).resolves.toBeDefined()
  })
})
