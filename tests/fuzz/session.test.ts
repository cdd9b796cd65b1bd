import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { concat, equal, u32 } from '../../crypto/bytes.ts'
import { encryptAead } from '../../crypto/aead.ts'
import { decodeEnvelope, encodeEnvelope, type Envelope } from '../../crypto/envelope.ts'
import type { Digest } from '../../crypto/keys.ts'
import { stepSending } from '../../crypto/ratchet.ts'
import { decodeSession, encodeSession } from '../../crypto/session.ts'
import { acquainted, sendMany, turn } from '../support/acquainted.ts'
import { at } from '../support/at.ts'
import { couple, type End } from '../support/couple.ts'
import { commitmentKeyOf, commitWith, encryptionKeyOf, encryptWith, padded } from '../support/forger.ts'
import { counting, inTime, mutationsOf, parameters, patience } from '../support/fuzz.ts'
import { contextOf } from '../support/holder.ts'
import { answered } from '../support/opening.ts'
import { seededRandom } from '../support/random.ts'
import { outcome, type Outcome } from '../support/refusal.ts'
import { contents } from './samples.ts'

const count = counting()
const random = seededRandom('no manners')

/** Padded as a content is, whatever it is and however long. */
const padAnything = (bytes: Uint8Array) => padded(bytes.subarray(0, 65_532))

/** What becomes of an envelope at its recipient, who is then what they were before. @throws Error if a refusal changed them */
function receivedBy(end: End, bytes: Uint8Array): Outcome {
  const before = encodeSession(end.session)
  const what = inTime(() => outcome(() => end.receive(bytes)))
  if (what !== 'accepted' && !equal(encodeSession(end.session), before))
    throw new Error(`a message refused as ${what} changed the session`)
  end.session = decodeSession(before)
  return what
}

/** Two people in the middle of a conversation: messages missing, chains ended, and what is under way from Alice to Bob. */
function midway() {
  const pair = acquainted('fuzzed')
  const late = sendMany(pair.alice, 3)
  turn(pair.alice, pair.bob)
  const early = sendMany(pair.alice, 3)
  return { ...pair, underWay: [...late, ...early] }
}

describe('an envelope that was changed on its way', () => {
  it('is refused, and leaves the session as it was', { timeout: patience(3) }, () => {
    const { bob, underWay } = midway()
    const genuine = new Set(underWay.map((bytes) => bytes.join()))
    const counted = count('an envelope of a session')
    fc.assert(
      fc.property(mutationsOf(underWay), (bytes) => {
        const what = receivedBy(bob, bytes)
        counted(what === 'accepted')
        expect(what === 'accepted').toBe(genuine.has(bytes.join()))
      }),
      parameters(3),
    )
    for (const bytes of underWay) expect(outcome(() => bob.receive(bytes))).toBe('accepted')
  })

  it('is refused if it is the first of a session', { timeout: patience(30) }, () => {
    const { alice, bob } = couple('fuzzed first')
    const first = alice.send('the first')
    const counted = count('a first envelope')
    fc.assert(
      fc.property(mutationsOf([first]), (bytes) => {
        // one that names no handshake any more is of no session
        const isFirst = outcome(() => decodeEnvelope(bytes)) === 'accepted' && decodeEnvelope(bytes).handshake !== null
        const what = isFirst ? inTime(() => answered(bob, bytes)) : 'no-session'
        counted(what === 'accepted')
        expect(what === 'accepted').toBe(equal(bytes, first))
      }),
      parameters(30),
    )
  })
})

describe('a partner who has all the keys, and no manners', () => {
  interface Wrong {
    /** whether Bob has heard of the chain, or this is the first of a new one */
    readonly isKnown: boolean
    readonly ratchetKey: 'their own' | 'of low order' | 'random'
    /** null for the right one */
    readonly previousCount: number | null
    readonly index: number | null
    readonly epoch: number
    readonly padded: Uint8Array
  }

  const number = fc.oneof(fc.constant(null), fc.nat(4), fc.constantFrom(999, 1000, 1001, 1002, 0x7fffffff, 0xffffffff))
  const wrong: fc.Arbitrary<Wrong> = fc.record({
    isKnown: fc.boolean(),
    ratchetKey: fc.constantFrom('their own', 'their own', 'their own', 'of low order', 'random'),
    previousCount: number,
    index: number,
    epoch: fc.constantFrom(1, 1, 1, 2, 0xffffffff),
    padded: fc.oneof(
      fc.constantFrom(...contents).map(padAnything),
      mutationsOf(contents).map(padAnything),
      mutationsOf(contents.map(padAnything)).map((bytes) => concat(bytes, new Uint8Array(128)).subarray(0, 128)),
    ),
  })

  /** An envelope of Alice's session with anything in it, sealed as hers are. */
  function sealed(alice: End, digest: Digest, to: Wrong): Uint8Array {
    const { sending, ours, previousCount } = alice.session.ratchet
    if (!sending) throw new Error('Alice cannot send')
    const index = to.index ?? sending.index
    let step = stepSending(alice.session.ratchet, random)
    for (let i = sending.index; i < Math.min(index, 1100); i++) step = stepSending(step.next, random)
    const keys = { 'their own': ours.public, 'of low order': new Uint8Array(32), 'random': random(32) }
    const header = concat(keys[to.ratchetKey], u32(to.previousCount ?? previousCount), u32(index))
    const nonce = random(24)
    const encrypted = encryptAead(sending.headerKey, nonce, header)
    const blank: Envelope = {
      suite: 2,
      policy: { epoch: to.epoch, digest },
      handshake: null,
      encryptedHeader: concat(nonce, encrypted),
      stanzas: [],
      nonce: random(24),
      commitment: digest,
      ciphertext: new Uint8Array(),
    }
    const context = contextOf(alice.session, alice, blank)
    const body = encryptWith(encryptionKeyOf(step.messageKey), to.padded, context, blank.nonce)
    return encodeEnvelope({
      ...blank,
      ...body,
      commitment: commitWith(commitmentKeyOf(step.messageKey), context, body),
    })
  }

  it('can send what is refused, and changes nothing by it', { timeout: patience(15) }, () => {
    const { alice, bob, chain, underWay } = midway()
    const { digest } = chain.head.reference
    const unheard = bob.session
    bob.receive(at(underWay, -2))
    const heard = bob.session
    const send = (to: Wrong) => {
      bob.session = to.isKnown ? heard : unheard
      return receivedBy(bob, sealed(alice, digest, to))
    }
    const counted = count('a header and a body by a partner')
    const outcomes = new Set<Outcome>()
    fc.assert(
      fc.property(wrong, (to) => {
        const what = send(to)
        counted(what === 'accepted')
        outcomes.add(what)
      }),
      parameters(15),
    )
    const padded = padAnything(at(contents, 0))
    const honest = { ratchetKey: 'their own', previousCount: null, index: null, epoch: 1, padded } as const
    for (const isKnown of [true, false]) expect(send({ ...honest, isKnown })).toBe('accepted')
    expect(outcomes.size).toBeGreaterThan(3)
  })
})
