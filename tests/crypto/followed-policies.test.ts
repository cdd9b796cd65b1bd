import { expect, it } from 'vitest'
import { createPolicyFollower } from '../../crypto/followed-policies.ts'
import { followPolicy } from '../../crypto/policy.ts'
import { at } from '../support/at.ts'
import { policyChain } from '../support/couple.ts'
import { turned } from '../support/opening.ts'
import { seededRandom } from '../support/random.ts'

const none = { id: 'none', parameters: new Uint8Array() }
const { pair, links } = policyChain(seededRandom('followed'), [none, none, none])
const [first, second] = [at(links, 0), at(links, 1)]

it('a link that was followed before is the same link, and one that is not in memory any more is followed anew', () => {
  const follow = createPolicyFollower(2)
  const one = follow(null, first.bytes, pair.public)
  expect(one).toEqual(followPolicy(null, first.bytes, pair.public))
  expect(follow(null, first.bytes.slice(), pair.public)).toBe(one)
  const two = follow(one, second.bytes, pair.public)
  expect(follow(null, first.bytes, pair.public)).toBe(one)
  follow(two, at(links, 2).bytes, pair.public)
  expect(follow(null, first.bytes, pair.public)).toBe(one)
  expect(follow(one, second.bytes, pair.public)).not.toBe(two)
})

it('a link that was good is refused behind another head, under another key, and with one bit changed, every time', () => {
  const follow = createPolicyFollower(8)
  const [one, other] = [follow(null, first.bytes, pair.public), policyChain(seededRandom('another'))]
  follow(one, second.bytes, pair.public)
  const forked = { ...one, reference: { ...one.reference, digest: turned(one.reference.digest, 9) } }
  for (let again = 0; again < 2; again++) {
    expect(() => follow(null, second.bytes, pair.public)).toThrow('skips or repeats')
    expect(() => follow(forked, second.bytes, pair.public)).toThrow('forks')
    expect(() => follow(one, second.bytes, other.pair.public)).toThrow('does not hold')
    for (let i = 0; i < second.bytes.length; i += 8) {
      const bent = second.bytes.with(i, (second.bytes[i] ?? 0) ^ 0x80)
      expect(() => follow(one, bent, pair.public), `byte ${i}`).toThrow()
    }
  }
})
