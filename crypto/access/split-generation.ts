import { equal, u8, utf8 } from '../bytes.ts'
import { CryptoError } from '../errors.ts'
import { wipe } from '../keys.ts'
import type { Random } from '../random.ts'
import {
  add,
  identity,
  type Point,
  product,
  proveKnowledge,
  provesKnowledge,
  type Scalar,
  scalarFrom,
  scalarOf,
  sum,
  times,
  timesBase,
} from './ristretto.ts'
import { checkCounts, type Share, type SplitKey } from './split-key.ts'

/*
 * Pedersen's key generation without a dealer (EUROCRYPT '91). Each custodian draws a polynomial, shows it to all as
 * points (Feldman's commitments) and gives each of the others its value at their place. The key is the sum of what all
 * have shown at 0; nobody ever has the sum of what lies behind it.
 */

/** What one custodian shows to all. */
export interface Contribution {
  readonly custodian: number
  /** of the coefficients, the constant one first: as many as custodians are needed */
  readonly commitments: readonly Point[]
  /** proves that its author knew the constant coefficient; otherwise the last one to speak could choose the key */
  readonly possession: Uint8Array
}

/** A contribution, and the value for each custodian, in their order. Each value is for that custodian alone. */
export interface Deal {
  readonly contribution: Contribution
  readonly values: readonly Scalar[]
}

const aboutPossession = (custodian: number, needed: number) => [
  utf8('split-escrow possession'),
  u8(custodian),
  u8(needed),
]

const draw = (random: Random) => scalarFrom(random(64))

/** @throws CryptoError `malformed` for counts that cannot be */
export function deal(custodian: number, needed: number, custodians: number, random: Random): Deal {
  checkCounts(needed, custodians)
  const coefficients = Array.from({ length: needed }, () => draw(random))
  const [constant = scalarOf(0)] = coefficients
  const values = Array.from({ length: custodians }, (_, i) => valueAt(i + 1, coefficients))
  const commitments = coefficients.map(timesBase)
  const about = aboutPossession(custodian, needed)
  const possession = proveKnowledge(constant, commitments[0] ?? identity, draw(random), about)
  wipe(...coefficients)
  return { contribution: { custodian, commitments, possession }, values }
}

/** Horner's rule, from the highest coefficient down. */
const valueAt = (place: number, coefficients: readonly Scalar[]): Scalar =>
  coefficients.reduceRight((value, coefficient) => sum(product(value, scalarOf(place)), coefficient), scalarOf(0))

/** The same behind the commitments. */
const pointAt = (place: number, commitments: readonly Point[]): Point =>
  commitments.reduceRight((value, commitment) => add(times(scalarOf(place), value), commitment), identity)

/** @throws CryptoError `bad-key` for a contribution that its author may have made from those of others */
export function checkContribution({ custodian, commitments, possession }: Contribution, needed: number): void {
  const [constant] = commitments
  const isProven = constant && provesKnowledge(possession, constant, aboutPossession(custodian, needed))
  if (!isProven || commitments.length !== needed)
    throw new CryptoError('bad-key', `custodian ${custodian} has not shown that it knows its part of the key`)
}

/** @throws CryptoError `bad-key` | `malformed` unless there is one sound contribution of each custodian, in their order */
export function keyFrom(contributions: readonly Contribution[]): SplitKey {
  const needed = contributions[0]?.commitments.length ?? 0
  checkCounts(needed, contributions.length)
  for (const [i, contribution] of contributions.entries()) {
    if (contribution.custodian !== i + 1)
      throw new CryptoError('malformed', 'one contribution of each custodian is needed')
    checkContribution(contribution, needed)
  }
  const commitments = Array.from({ length: needed }, (_, degree) =>
    contributions.map((one) => one.commitments[degree] ?? identity).reduce(add),
  )
  return {
    needed,
    key: pointAt(0, commitments),
    publicShares: contributions.map(({ custodian }) => pointAt(custodian, commitments)),
  }
}

/**
 * A custodian's share, once all have contributed.
 * @param splitKey what the contributions make
 * @param dealt by each of them to this one, in the order of the contributions
 * @throws CryptoError `bad-key`, which names who has dealt something else than it has shown
 */
export function takeShare(
  custodian: number,
  splitKey: SplitKey,
  contributions: readonly Contribution[],
  dealt: readonly Scalar[],
): Share {
  for (const [i, { custodian: dealer, commitments }] of contributions.entries()) {
    if (!equal(timesBase(dealt[i] ?? scalarOf(0)), pointAt(custodian, commitments)))
      throw new CryptoError('bad-key', `custodian ${dealer} has dealt another value than it has shown`)
  }
  return { splitKey, custodian, secret: dealt.reduce(sum, scalarOf(0)) }
}

/** Runs all custodians in one process. Each does and checks what it would do and check on a machine of its own. */
export function generateShares(
  needed: number,
  custodians: number,
  random: Random,
): { readonly splitKey: SplitKey; readonly shares: readonly Share[] } {
  const deals = Array.from({ length: custodians }, (_, i) => deal(i + 1, needed, custodians, random))
  const contributions = deals.map(({ contribution }) => contribution)
  const splitKey = keyFrom(contributions)
  const shares = contributions.map(({ custodian }) => {
    const dealt = deals.map(({ values }) => values[custodian - 1] ?? scalarOf(0))
    return takeShare(custodian, splitKey, contributions, dealt)
  })
  for (const { values } of deals) wipe(...values)
  return { splitKey, shares }
}
