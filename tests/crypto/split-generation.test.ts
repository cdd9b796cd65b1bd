import { describe, expect, it } from 'vitest'
import {
  add,
  identity,
  type Point,
  proveKnowledge,
  type Scalar,
  scalarFrom,
  scalarOf,
  sum,
  timesBase,
} from '../../crypto/access/ristretto.ts'
import {
  checkContribution,
  type Contribution,
  deal,
  generateShares,
  keyFrom,
  takeShare,
} from '../../crypto/access/split-generation.ts'
import { decodeShare, decodeSplitKey, encodeShare, encodeSplitKey } from '../../crypto/access/split-key.ts'
import { u8, utf8 } from '../../crypto/bytes.ts'
import { at } from '../support/at.ts'
import { combinations } from '../support/combinations.ts'
import { turned } from '../support/opening.ts'
import { seededRandom } from '../support/random.ts'
import { outcome, refusalOf } from '../support/refusal.ts'
import { negative, privateKeyFrom } from '../support/split.ts'

const random = seededRandom('generation')

/** Three custodians of whom two are needed, before they have taken their shares. */
function three() {
  const deals = [1, 2, 3].map((custodian) => deal(custodian, 2, 3, random))
  const contributions = deals.map(({ contribution }) => contribution)
  const dealtTo = (custodian: number): Scalar[] => deals.map(({ values }) => at(values, custodian - 1))
  return { deals, contributions, dealtTo, splitKey: keyFrom(contributions) }
}

describe('a key that custodians make together', () => {
  it.each([
    [1, 1],
    [1, 3],
    [2, 2],
    [3, 5],
    [4, 16],
  ])('is in any %i of the shares of %i, and in no fewer', (needed, custodians) => {
    const { splitKey, shares } = generateShares(needed, custodians, random)
    const pick = (count: number) => combinations(shares, count).slice(0, 20)
    for (const some of pick(needed)) expect(timesBase(privateKeyFrom(some))).toEqual(splitKey.key)
    if (needed > 1)
      for (const some of pick(needed - 1)) expect(timesBase(privateKeyFrom(some))).not.toEqual(splitKey.key)
    expect(shares.map(({ secret }) => timesBase(secret))).toEqual(splitKey.publicShares)
  })

  it('has in it what each of them has drawn, and nobody else knows', () => {
    const { deals, contributions, dealtTo, splitKey } = three()
    const shares = [1, 2, 3].map((custodian) => takeShare(custodian, splitKey, contributions, dealtTo(custodian)))
    expect(timesBase(privateKeyFrom(shares.slice(1)))).toEqual(splitKey.key)
    expect(splitKey.key).toEqual(contributions.map(({ commitments }) => at(commitments, 0)).reduce(add))
    // two who put together all that they were dealt, and all that they drew, by themselves make no key without a share
    const withoutThird = [0, 1].map((i) => at(at(deals, i).contribution.commitments, 0)).reduce(add)
    expect(withoutThird).not.toEqual(splitKey.key)
  })

  it('cannot be of more custodians than there are, of none, or of more than 16', () => {
    for (const [needed, custodians] of [
      [3, 2],
      [0, 0],
      [0, 3],
      [1, 17],
      [17, 17],
    ] as const)
      expect(outcome(() => generateShares(needed, custodians, random))).toBe('malformed')
    expect(outcome(() => deal(1, 3, 2, random))).toBe('malformed')
    expect(outcome(() => keyFrom([]))).toBe('malformed')
  })

  it('is whole where there is one custodian, though what was dealt is wiped', () => {
    const [share] = generateShares(1, 1, random).shares
    expect(share && timesBase(share.secret)).toEqual(share?.splitKey.key)
    expect(share?.secret).not.toEqual(scalarOf(0))
  })
})

describe('a custodian who does not keep to it', () => {
  it('is named by whoever was dealt something else than was shown', () => {
    const { contributions, dealtTo, splitKey } = three()
    const take = (dealt: readonly Scalar[]) => refusalOf(() => takeShare(3, splitKey, contributions, dealt))
    const right = dealtTo(3)
    expect(take(right)).toBe('accepted')
    expect(take(right.with(1, sum(at(right, 1), scalarOf(1))))).toBe(
      'bad-key: custodian 2 has dealt another value than it has shown',
    )
    expect(take(right.with(0, scalarOf(0)))).toContain('custodian 1 has dealt')
    expect(take(right.slice(0, 2))).toContain('custodian 3 has dealt')
    expect(take(dealtTo(2))).toContain('custodian 1 has dealt')
  })

  it('cannot speak last and make the key its own: it would have to know what is behind the difference', () => {
    const { contributions } = three()
    const [first, second, third] = contributions as [Contribution, Contribution, Contribution]
    const own = scalarFrom(random(64))
    const others = [first, second].map(({ commitments }) => at(commitments, 0)).reduce(add)
    const chosen: Point = add(timesBase(own), negative(others))
    const [, slope] = third.commitments as [Point, Point]
    const about = [utf8('split-escrow possession'), u8(3), u8(2)]
    const proofFor = (point: Point) => proveKnowledge(own, point, scalarFrom(random(64)), about)
    const speakLast = (constant: Point, possession: Uint8Array) =>
      refusalOf(() => keyFrom([first, second, { custodian: 3, commitments: [constant, slope], possession }]))
    // without a proof the key would be the rogue's alone
    expect(add(others, chosen)).toEqual(timesBase(own))
    for (const possession of [proofFor(chosen), proofFor(timesBase(own)), third.possession, new Uint8Array(64)])
      expect(speakLast(chosen, possession)).toContain('bad-key: custodian 3')
    expect(speakLast(timesBase(own), proofFor(timesBase(own)))).toBe('accepted')
  })

  it("cannot show another's part as its own, or a part of another size", () => {
    const { contributions } = three()
    const [first, , third] = contributions as [Contribution, Contribution, Contribution]
    for (const wrong of [
      { ...first, custodian: 3 },
      { ...third, possession: turned(third.possession, 1) },
      { ...third, commitments: [identity, at(third.commitments, 1)] },
      { ...third, commitments: third.commitments.slice(0, 1) },
      { ...third, commitments: [...third.commitments, at(third.commitments, 0)] },
      { ...third, commitments: [] },
    ])
      expect(outcome(() => keyFrom([...contributions.slice(0, 2), wrong]))).toBe('bad-key')
    expect(outcome(() => checkContribution(third, 2))).toBe('accepted')
    expect(outcome(() => keyFrom([first, third]))).toBe('malformed')
    expect(outcome(() => keyFrom([...contributions, third]))).toBe('malformed')
  })
})

describe('the public half of a split key', () => {
  const { splitKey, shares } = generateShares(3, 5, random)
  const change = (to: Partial<typeof splitKey>) => outcome(() => decodeSplitKey(encodeSplitKey({ ...splitKey, ...to })))
  const { key, publicShares } = splitKey
  const bytes = encodeSplitKey(splitKey)

  it('comes back from its encoding of 194 bytes', () => {
    expect(bytes).toHaveLength(194)
    expect(decodeSplitKey(bytes)).toEqual(splitKey)
  })

  it('is refused when key and shares do not belong together', () => {
    const other = timesBase(scalarFrom(random(64)))
    expect(change({ key: other })).toBe('bad-key')
    expect(change({ key: negative(key) })).toBe('bad-key')
    for (let i = 0; i < 5; i++) expect(change({ publicShares: publicShares.with(i, other) })).toBe('bad-key')
    expect(change({ publicShares: publicShares.toReversed() })).toBe('bad-key')
    expect(change({ publicShares: publicShares.slice(1) })).toBe('bad-key')
    expect(change({ needed: 2 })).toBe('bad-key')
    expect(change({ publicShares: publicShares.slice(0, 4) })).toBe('accepted')
  })

  it('is refused when fewer would open than it says', () => {
    const two = generateShares(2, 5, random).splitKey
    expect(change({ ...two, needed: 3 })).toBe('bad-key')
    expect(change({ ...two, needed: 4 })).toBe('bad-key')
    expect(change({ needed: 4 })).toBe('bad-key')
    expect(change({ needed: 3, key, publicShares: [key, key, key] })).toBe('bad-key')
    expect(change({ needed: 1, key, publicShares: [key, key, key] })).toBe('accepted')
  })

  it('is refused with the identity in it, or what is no element', () => {
    const noElement = new Uint8Array(32).fill(255) as Point
    for (const point of [identity, noElement]) {
      expect(change({ key: point })).toBe('bad-key')
      for (let i = 0; i < 5; i++) expect(change({ publicShares: publicShares.with(i, point) })).toBe('bad-key')
    }
    expect(change({ needed: 1, key: identity, publicShares: [identity] })).toBe('bad-key')
  })

  it('is refused with counts that cannot be', () => {
    for (const [needed, custodians] of [
      [0, 5],
      [6, 5],
      [3, 0],
      [3, 4],
      [3, 6],
      [3, 17],
    ])
      expect(outcome(() => decodeSplitKey(bytes.with(0, needed ?? 0).with(1, custodians ?? 0)))).toBe('malformed')
    const many = generateShares(1, 16, random).splitKey
    expect(decodeSplitKey(encodeSplitKey(many))).toEqual(many)
    expect(change({ ...many, publicShares: [...many.publicShares, many.key] })).toBe('malformed')
  })

  it('says of a share whose it is', () => {
    const share = at(shares, 1)
    expect(encodeShare(share)).toHaveLength(227)
    expect(decodeShare(encodeShare(share))).toEqual(share)
    const wrong = (to: Partial<typeof share>) => refusalOf(() => decodeShare(encodeShare({ ...share, ...to })))
    expect(wrong({ custodian: 3 })).toBe(
      'bad-key: the share of custodian 3 was altered: it does not match the public values that it carries',
    )
    expect(wrong({ secret: at(shares, 2).secret })).toContain('bad-key')
    expect(wrong({ secret: sum(share.secret, scalarOf(1)) })).toContain('bad-key')
    expect(wrong({ secret: scalarOf(0) })).toContain('bad-key')
    expect(wrong({ secret: new Uint8Array(32).fill(255) as Scalar })).toContain('malformed')
    for (const custodian of [0, 6, 255]) expect(wrong({ custodian })).toContain('malformed')
    expect(wrong({ splitKey: { ...splitKey, key: at(publicShares, 0) } })).toContain('do not belong together')
  })
})
