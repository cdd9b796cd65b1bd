import { describe, expect, it } from 'vitest'
import {
  add,
  identity,
  interpolate,
  type Point,
  proveKnowledge,
  provesKnowledge,
  type Scalar,
  scalarFrom,
  scalarOf,
  sum,
  times,
  timesBase,
} from '../../crypto/access/ristretto.ts'
import { type Answer, answerSizeBytes, combine, respond } from '../../crypto/access/split-custodians.ts'
import { generateShares } from '../../crypto/access/split-generation.ts'
import type { Share } from '../../crypto/access/split-key.ts'
import { type Request, takeApart, unwrap } from '../../crypto/access/split-request.ts'
import { concat, hex, utf8 } from '../../crypto/bytes.ts'
import { at } from '../support/at.ts'
import { combinations } from '../support/combinations.ts'
import { turned } from '../support/opening.ts'
import { seededRandom } from '../support/random.ts'
import { outcome, refusalOf } from '../support/refusal.ts'
import { commitmentIn, negative, sealedBetween } from '../support/split.ts'

const random = seededRandom('custodians')
const { splitKey, shares } = generateShares(3, 5, random)
const drawn = (): Scalar => scalarFrom(random(64))
const anybody = () => true

const { input, request } = sealedBetween(splitKey, 'alice', 'bob')
const next = sealedBetween(splitKey, 'alice', 'bob', 'the next message').request
const foreign = sealedBetween(splitKey, 'carol', 'dave')

const answerOf = (share: Share, asked: Request = request): Answer => ({
  custodian: share.custodian,
  bytes: respond(share, asked, anybody),
})
const honest = shares.map((share) => answerOf(share))
const withElement = ({ stanza, ...rest }: Request, element: Uint8Array): Request => ({
  ...rest,
  stanza: concat(element, stanza.subarray(32)),
})

describe('custodians', () => {
  it('open together what any three of them answer', () => {
    for (const some of combinations(honest, 3)) {
      const { encryptionKey, context, liars } = combine(splitKey, request, some)
      expect([encryptionKey, context, liars]).toEqual([input.encryptionKey, input.context, []])
    }
    expect(combine(splitKey, request, honest.toReversed()).encryptionKey).toEqual(input.encryptionKey)
  })

  it('are too few below three, and none counts twice', () => {
    for (const some of [...combinations(honest, 2), ...combinations(honest, 1), []])
      expect(outcome(() => combine(splitKey, request, [...some, ...some]))).toBe('not-enough-shares')
    expect(refusalOf(() => combine(splitKey, request, honest.slice(3)))).toBe(
      'not-enough-shares: 3 custodians are needed, and 2 answered',
    )
  })

  it('give the same answer of 96 bytes whenever they are asked the same', () => {
    expect(honest.map(({ bytes }) => bytes.length)).toEqual([96, 96, 96, 96, 96])
    expect(answerSizeBytes).toBe(96)
    expect(shares.map((share) => answerOf(share))).toEqual(honest)
  })

  it('cannot be others than there are', () => {
    for (const custodian of [0, 6, -1, 1.5])
      expect(outcome(() => combine(splitKey, request, [...honest, { ...at(honest, 0), custodian }]))).toBe('malformed')
  })

  it('each open one message: what they have answered on one opens no other', () => {
    const again = { ...request, stanza: next.stanza }
    for (const asked of [next, again]) {
      const replayed = refusalOf(() => combine(splitKey, asked, honest))
      expect(replayed).toContain('custodian-lied: what custodian 1 and 2 and 3 and 4 and 5 answered is false')
    }
    const partials = honest.map(({ custodian, bytes }): [number, Point] => [custodian, bytes.subarray(0, 32) as Point])
    expect(outcome(() => unwrap(interpolate(partials), takeApart(splitKey, next)))).toBe('not-authentic')
    expect(outcome(() => unwrap(interpolate(partials), takeApart(splitKey, request)))).toBe('accepted')
  })
})

const secretOf = (share: Share) => share.secret
const withSecret = (share: Share, secret: Scalar) => answerOf({ ...share, secret }).bytes
const partialOf = (bytes: Uint8Array) => bytes.subarray(0, 32) as Point
const proofOf = (bytes: Uint8Array) => bytes.subarray(32)
const another = ({ custodian }: Share) => at(shares, custodian % 5)

/** What a custodian can answer who does not want to, or wants another to be blamed. */
const lies: Record<string, (share: Share) => Uint8Array> = {
  'with a secret that is not its own': (share) => withSecret(share, drawn()),
  'with a secret that is one off': (share) => withSecret(share, sum(secretOf(share), scalarOf(1))),
  'with the secret of a key made anew': ({ custodian }) =>
    withSecret(at(shares, custodian - 1), at(generateShares(3, 5, random).shares, custodian - 1).secret),
  "with another custodian's answer": (share) => answerOf(another(share)).bytes,
  "with another custodian's secret under its own number": (share) => withSecret(share, secretOf(another(share))),
  'on the next message between the same people': (share) => answerOf(share, next).bytes,
  'on a message between others': (share) => answerOf(share, foreign.request).bytes,
  'on the next message, with the proof for this one': (share) =>
    concat(partialOf(answerOf(share, next).bytes), proofOf(answerOf(share).bytes)),
  'rightly, with the proof for the next message': (share) =>
    concat(partialOf(answerOf(share).bytes), proofOf(answerOf(share, next).bytes)),
  'rightly, with the proof of another': (share) =>
    concat(partialOf(answerOf(share).bytes), proofOf(answerOf(another(share)).bytes)),
  'rightly, without a proof': (share) => concat(partialOf(answerOf(share).bytes), new Uint8Array(64)),
  'with the negative of what is right': (share) =>
    concat(negative(partialOf(answerOf(share).bytes)), proofOf(answerOf(share).bytes)),
  'with the identity': (share) => concat(identity, proofOf(answerOf(share).bytes)),
  'with the identity, and its proof': (share) => withSecret(share, scalarOf(0)),
  'with the element itself': (share) => concat(request.stanza.subarray(0, 32), proofOf(answerOf(share).bytes)),
  'with what is no element': (share) => concat(new Uint8Array(32).fill(255), proofOf(answerOf(share).bytes)),
  'with one bit the other way': (share) => turned(answerOf(share).bytes, 700),
  'with too little': (share) => answerOf(share).bytes.subarray(1),
  'with too much': (share) => concat(answerOf(share).bytes, new Uint8Array(1)),
  'with nothing': () => new Uint8Array(),
}

describe.each(Object.entries(lies))('a custodian who answers %s', (_name, lie) => {
  const lying = (custodian: number): Answer => ({ custodian, bytes: lie(at(shares, custodian - 1)) })

  it('is named, whoever it is, and the others open the message', () => {
    for (const liar of [1, 2, 3, 4, 5]) {
      const answers = honest.map((answer) => (answer.custodian === liar ? lying(liar) : answer))
      const { encryptionKey, liars } = combine(splitKey, request, answers)
      expect([encryptionKey, liars]).toEqual([input.encryptionKey, [liar]])
    }
  })

  it('is named beside others, who are all named', () => {
    const two = combine(splitKey, request, [lying(5), ...honest.slice(1, 4), lying(1)])
    expect([two.encryptionKey, two.liars]).toEqual([input.encryptionKey, [1, 5]])
    const three = [lying(4), at(honest, 4), lying(2), at(honest, 2), lying(1)]
    expect(refusalOf(() => combine(splitKey, request, three))).toBe(
      'custodian-lied: what custodian 1 and 2 and 4 answered is false, and 2 of 3 answers are left',
    )
    expect(outcome(() => combine(splitKey, request, [lying(1), ...honest.slice(1, 3)]))).toBe('custodian-lied')
  })

  it('is named also when it gives the right answer besides', () => {
    const answers = [at(honest, 0), lying(1), at(honest, 1), at(honest, 2)]
    expect(combine(splitKey, request, answers)).toMatchObject({ encryptionKey: input.encryptionKey, liars: [1] })
  })
})

describe('a custodian who is asked', () => {
  const share = at(shares, 0)
  const ask = (asked: Request, covers: Parameters<typeof respond>[2] = anybody) =>
    outcome(() => respond(share, asked, covers))

  it('answers what the order covers, and nothing else', () => {
    const aboutAlice = ({ from, to }: Request) => from === 'alice' || to === 'alice'
    expect(ask(request, aboutAlice)).toBe('accepted')
    expect(ask(foreign.request, aboutAlice)).toBe('not-ordered')
    expect(ask(request, ({ policy }) => policy.epoch === 2)).toBe('not-ordered')
  })

  it("refuses a message under other people's names, in another order, or under another policy", () => {
    const { policy } = request
    const wrong: Partial<Request>[] = [
      { from: 'carol' },
      { to: 'carol' },
      { from: 'bob', to: 'alice' },
      { from: 'alic', to: 'ebob' },
      { from: 'alicebob', to: '' },
      { policy: { ...policy, epoch: policy.epoch + 1 } },
      { policy: { ...policy, digest: turned(policy.digest, 3) } },
    ]
    for (const one of wrong) expect(ask({ ...request, ...one })).toBe('not-authentic')
  })

  it('refuses a stanza in which anything is changed', () => {
    for (let bit = 0; bit < 8 * request.stanza.length; bit += 5)
      expect(['not-authentic', 'bad-key']).toContain(ask({ ...request, stanza: turned(request.stanza, bit) }))
    for (const stanza of [request.stanza.subarray(0, -1), concat(request.stanza, new Uint8Array(1)), new Uint8Array()])
      expect(ask({ ...request, stanza })).toBe('malformed')
    const { stanza } = next
    expect(ask({ ...request, stanza: concat(request.stanza.subarray(0, 96), stanza.subarray(96)) })).toBe(
      'not-authentic',
    )
    expect(ask({ ...request, stanza: concat(request.stanza.subarray(0, 32), stanza.subarray(32)) })).toBe(
      'not-authentic',
    )
  })

  it('refuses the identity, and what is no element: the answer would say something of the secret, or nothing of a message', () => {
    for (const element of [identity, new Uint8Array(32).fill(255), new Uint8Array(32).with(0, 1)]) {
      expect(ask(withElement(request, element))).toBe('bad-key')
      expect(outcome(() => combine(splitKey, withElement(request, element), honest))).toBe('bad-key')
    }
    const own = {
      ...request,
      stanza: concat(identity, proveKnowledge(scalarOf(0), identity, drawn(), []), new Uint8Array(80)),
    }
    expect(ask(own)).toBe('bad-key')
  })

  it('refuses what was sealed to another key', () => {
    const other = generateShares(3, 5, random).splitKey
    expect(ask(sealedBetween(other, 'alice', 'bob').request)).toBe('not-authentic')
  })

  it('uses no nonce twice, though one who asks may change what he likes: two of the same would give the secret away', () => {
    const made = (coins: Scalar, wrapped: Uint8Array, from = 'alice'): Request => {
      const element = timesBase(coins)
      const bare = { ...request, from, stanza: concat(element, new Uint8Array(64), wrapped) }
      const about = [utf8('split-escrow'), takeApart(splitKey, bare).label, wrapped]
      return { ...bare, stanza: concat(element, proveKnowledge(coins, element, drawn(), about), wrapped) }
    }
    const [coins, wrapped] = [drawn(), random(80)]
    const asked = [made(coins, wrapped), made(drawn(), wrapped), made(coins, random(80)), made(coins, wrapped, 'carol')]
    const commitments = asked.map((one) =>
      hex(commitmentIn(respond(share, one, anybody).subarray(32), at(splitKey.publicShares, 0))),
    )
    expect(new Set(commitments).size).toBe(4)
  })

  it('opens what somebody has made up, and cannot tell: the names are no proof of who wrote', () => {
    const madeUp = sealedBetween(splitKey, 'alice', 'bob', 'mallory has never met them')
    const answers = shares.map((one) => answerOf(one, madeUp.request))
    expect(combine(splitKey, madeUp.request, answers).encryptionKey).toEqual(madeUp.input.encryptionKey)
  })
})

/*
 * Why the proof, and why with a label. Somebody has an order for what Alice and Bob write, and a recording of what Carol
 * has written to Dave. Below, custodians of a system that lacks one or the other.
 */
describe("an order for Alice, and a recording of Carol's message", () => {
  const wanted = takeApart(splitKey, foreign.request)
  const asAlice = (stanza: Uint8Array): Request => ({ ...request, stanza })
  const openedWith = (partials: readonly (readonly [number, Point])[]) => unwrap(interpolate(partials), wanted)
  const blind = drawn()
  const blinded = add(wanted.element, timesBase(blind))

  /** Answers on any element, for people whom the order names. */
  const withoutProof = (share: Share, asked: Request) => times(share.secret, takeApart(splitKey, asked).element)

  it("opens Carol's message where custodians ask for no proof: they are told that it is Alice's", () => {
    const asked = asAlice(foreign.request.stanza)
    const partials = shares.slice(0, 3).map((share) => [share.custodian, withoutProof(share, asked)] as const)
    expect(openedWith(partials).encryptionKey).toEqual(foreign.input.encryptionKey)
  })

  it('opens it also where they remember every element that they have seen: one made of it does as well', () => {
    const asked = withElement(request, blinded)
    const partials = shares.slice(0, 3).map((share) => {
      const publicShare = at(splitKey.publicShares, share.custodian - 1)
      const unblinded = add(withoutProof(share, asked), negative(times(blind, publicShare)))
      return [share.custodian, unblinded] as const
    })
    expect(openedWith(partials).encryptionKey).toEqual(foreign.input.encryptionKey)
  })

  it('opens it where the proof has no label: it is copied with its element', () => {
    const coins = drawn()
    const element = timesBase(coins)
    const proof = proveKnowledge(coins, element, drawn(), [])
    const withoutLabel = (share: Share, asked: Uint8Array, copied: Uint8Array) =>
      provesKnowledge(copied, asked as Point, []) ? times(share.secret, asked as Point) : null
    const partials = shares
      .slice(0, 3)
      .map((share) => [share.custodian, withoutLabel(share, element, proof) ?? identity] as const)
    expect(interpolate(partials)).toEqual(times(coins, splitKey.key))
    expect(withoutLabel(at(shares, 0), blinded, proof)).toBeNull()
  })

  it('opens nothing here', () => {
    const carols = foreign.request.stanza
    const alices = request.stanza
    const attempts = [
      carols,
      concat(carols.subarray(0, 32), alices.subarray(32)),
      concat(carols.subarray(0, 32), alices.subarray(32, 96), carols.subarray(96)),
      concat(alices.subarray(0, 32), carols.subarray(32)),
      concat(blinded, carols.subarray(32)),
      concat(blinded, proveKnowledge(blind, blinded, drawn(), []), carols.subarray(96)),
      concat(negative(wanted.element), carols.subarray(32)),
    ]
    for (const stanza of attempts)
      for (const share of shares) expect(outcome(() => respond(share, asAlice(stanza), anybody))).toBe('not-authentic')
  })
})
