import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { concat, decode, field, textField, u32, u64, u8, utf8 } from '../../crypto/bytes.ts'
import { digest, labels, sign } from '../../crypto/kdf.ts'
import { generatePolicyPair, type PolicyKey, policyPairFrom } from '../../crypto/keys.ts'
import {
  encodePolicyReference,
  followPolicy,
  parametersMaximumBytes,
  readPolicyReference,
  type SignedPolicy,
  signPolicy,
} from '../../crypto/policy.ts'
import { flipsDecoded, forgeriesTaken, secondEncodings, verdict } from '../support/decoding.ts'
import { mixedOrderKeys, signUnderMixedOrder } from '../support/ed25519.ts'
import { seededRandom } from '../support/random.ts'

const random = seededRandom('policies')
const pair = generatePolicyPair(random)
const first = signPolicy('one', utf8('one'), 1, null, pair.secret)
const second = signPolicy('two', utf8('two'), 2, first, pair.secret)
const third = signPolicy('three', utf8('three'), 3, second, pair.secret)
const links = [first, second, third]

const follow = (head: SignedPolicy | null, bytes: Uint8Array, key = pair.public) => followPolicy(head, bytes, key)
const following = (head: SignedPolicy | null, link: SignedPolicy, key?: PolicyKey) =>
  verdict(() => follow(head, link.bytes, key))

describe('a chain of policies', () => {
  it('is followed link by link', () => {
    let head: SignedPolicy | null = null
    for (const link of links) head = follow(head, link.bytes)
    expect(head).toEqual(third)
    expect(links.map(({ policy }) => policy.epoch)).toEqual([1, 2, 3])
  })

  it('carries any mode, parameters and time', () => {
    fc.assert(
      fc.property(
        fc.stringMatching(/^[a-z0-9-]{1,12}$/),
        fc.uint8Array({ maxLength: 200 }),
        fc.maxSafeNat(),
        fc.constantFrom(null, ...links),
        (modeId, parameters, time, head) => {
          const link = signPolicy(modeId, parameters, time, head, pair.secret)
          expect(follow(head, link.bytes)).toEqual(link)
        },
      ),
    )
  })

  it('is laid out and referred to as the specification says', () => {
    const body = concat(
      u8(1),
      u32(2),
      textField('two'),
      digest(labels.policyParameters, utf8('two')),
      u64(2),
      digest(
        labels.policy,
        concat(u8(1), u32(1), textField('one'), first.policy.parametersDigest, u64(1), new Uint8Array(32)),
      ),
    )
    expect(second.bytes.subarray(0, -64)).toEqual(concat(field(body), field(utf8('two'))))
    expect(second.reference).toEqual({ epoch: 2, digest: digest(labels.policy, body) })
  })

  it('is signed throughout', () => {
    expect(forgeriesTaken(first.bytes, (bytes) => follow(null, bytes))).toEqual([])
    expect(forgeriesTaken(second.bytes, (bytes) => follow(first, bytes))).toEqual([])
  })

  it('has no gap', () => {
    expect(following(null, second)).toBe('policy-broken')
    expect(following(first, third)).toBe('policy-broken')
    for (const epoch of [0, 2, 6]) {
      const pretended = { ...first, policy: { ...first.policy, epoch } }
      const next = signPolicy('two', utf8('two'), 2, pretended, pair.secret)
      expect(next.policy).toMatchObject({ epoch: epoch + 1, previous: first.reference.digest })
      expect(following(first, next)).toBe('policy-broken')
    }
  })

  it('does not go back, nor stay', () => {
    expect(following(second, first)).toBe('policy-broken')
    expect(following(second, second)).toBe('policy-broken')
  })

  it('does not fork', () => {
    const otherFirst = signPolicy('one', utf8('another'), 1, null, pair.secret)
    const otherSecond = signPolicy('two', utf8('two'), 2, otherFirst, pair.secret)
    expect(following(otherFirst, otherSecond)).toBe('accepted')
    expect(following(first, otherSecond)).toBe('policy-broken')
    expect(following(otherFirst, second)).toBe('policy-broken')
  })

  it('begins with 32 zero bytes', () => {
    const forged = { ...first, policy: { ...first.policy, epoch: 0 } }
    const begun = signPolicy('one', utf8('one'), 1, forged, pair.secret)
    expect(begun.policy.epoch).toBe(1)
    expect(following(null, begun)).toBe('policy-broken')
  })

  it('does not have its parameters altered', () => {
    const swapped = concat(first.bytes.subarray(0, -64 - 7), field(utf8('six')), first.bytes.subarray(-64))
    expect(swapped).toHaveLength(first.bytes.length)
    expect(verdict(() => follow(null, swapped))).toBe('policy-broken')
  })

  it('is not of another key', () => {
    const other = generatePolicyPair(random)
    expect(following(null, first, other.public)).toBe('bad-signature')
    expect(following(null, signPolicy('one', utf8('one'), 1, null, other.secret))).toBe('bad-signature')
  })

  it('has a key that comes again from its seed', () => {
    expect(policyPairFrom(pair.secret)).toEqual(pair)
    for (const size of [0, 31, 33, 64]) expect(verdict(() => policyPairFrom(new Uint8Array(size)))).toBe('malformed')
  })

  it('is not of a mixed-order key', () => {
    const seed = random(32)
    const [key = new Uint8Array()] = mixedOrderKeys(seed)
    const [body, parameters] = [first.bytes.subarray(0, -64 - 7), first.bytes.subarray(-64 - 7, -64)]
    const signed = concat(textField(labels.policy), body)
    const forged = concat(body, parameters, signUnderMixedOrder(seed, key, signed))
    expect(verdict(() => follow(null, forged, key as PolicyKey))).toBe('bad-key')
  })
})

describe('its limits', () => {
  const signing = (modeId: string, parameters = new Uint8Array()) =>
    verdict(() => signPolicy(modeId, parameters, 1, null, pair.secret))
  /** A first link that an operator has made by hand. */
  const following = (modeId: string, parameters = new Uint8Array()) => {
    const parametersDigest = digest(labels.policyParameters, parameters)
    const body = concat(u8(1), u32(1), textField(modeId), parametersDigest, u64(1), new Uint8Array(32))
    return verdict(() => follow(null, concat(field(body), field(parameters), sign(labels.policy, pair.secret, body))))
  }

  it('are 48 bytes of mode id, of lower-case letters, digits and hyphens', () => {
    for (const id of ['m', 'a-mode-2', 'm'.repeat(48)])
      expect([signing(id), following(id)]).toEqual(['accepted', 'accepted'])
    for (const id of ['', 'Mode', 'a mode', 'mode\n', 'é', 'm'.repeat(49)])
      expect([id, signing(id), following(id)]).toEqual([id, 'malformed', 'malformed'])
  })

  it('are 16,384 bytes of parameters', () => {
    expect(parametersMaximumBytes).toBe(16_384)
    const [most, more] = [new Uint8Array(16_384), new Uint8Array(16_385)]
    expect([signing('m', most), following('m', most)]).toEqual(['accepted', 'accepted'])
    expect([signing('m', more), following('m', more)]).toEqual(['malformed', 'malformed'])
  })
})

describe('a reference', () => {
  it('has one encoding, of 36 bytes', () => {
    const encoded = encodePolicyReference(third.reference)
    expect(encoded).toEqual(concat(u32(3), third.reference.digest))
    const read = (bytes: Uint8Array) => decode(bytes, readPolicyReference)
    expect(secondEncodings(encoded, read, encodePolicyReference)).toEqual([])
    expect(flipsDecoded(encoded, read)).toBe(8 * 36)
  })
})
