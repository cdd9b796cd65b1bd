import { describe, expect, it } from 'vitest'
import { concat, textField, utf8 } from '../../crypto/bytes.ts'
import { derive, digest, digestOf, type Label, labels, mustEqual, sign, signAs, verify } from '../../crypto/kdf.ts'
import { generatePolicyPair, type PolicyKey } from '../../crypto/keys.ts'
import sodium from '../../crypto/sodium.ts'
import { verdict } from '../support/decoding.ts'
import { turned } from '../support/opening.ts'
import { seededRandom } from '../support/random.ts'

/* Section 2 as libsodium has it: a label behind its length, then each part behind its own. */

const random = seededRandom('derivations')
const key = random(32)
const parts = ['', 'one', 'another']
const message = (of: readonly string[]) => concat(textField(labels.lab), ...of.map(textField))
const encoded = (of: readonly string[]) => of.map(utf8)

it.each([[[]], [['']], [parts]])('derives and digests over a label and the parts %j', (some: readonly string[]) => {
  expect(derive(labels.lab, key, encoded(some))).toEqual(sodium.crypto_generichash(32, message(some), key))
  expect(digest(labels.lab, ...encoded(some))).toEqual(sodium.crypto_generichash(32, message(some), null))
})

it('derives 16 to 64 bytes, and only from a key of 32', () => {
  for (const sizeBytes of [16, 64])
    expect(derive(labels.lab, key, [], sizeBytes)).toEqual(sodium.crypto_generichash(sizeBytes, message([]), key))
  for (const wrong of [key.slice(1), concat(key, key)])
    expect(verdict(() => derive(labels.lab, wrong))).toBe('malformed')
})

it('digests what is written behind a label, up to the size that was announced', () => {
  const bytes = random(20)
  const written = sodium.crypto_generichash(32, concat(textField(labels.lab), bytes), null)
  for (const maximumBytes of [20, 100])
    expect(digestOf(labels.lab, maximumBytes, (to) => to.bytes(bytes))).toEqual(written)
  expect(() => digestOf(labels.lab, 19, (to) => to.bytes(bytes))).toThrow(RangeError)
})

describe('a signature', () => {
  const pair = generatePolicyPair(random)
  const bytes = utf8('what is signed')
  const signature = sign(labels.policy, pair.secret, bytes)
  const check = (label: Label = labels.policy, by = pair.public, over = bytes, given = signature) =>
    verdict(() => verify(label, by, over, given))

  it('is of Ed25519 over a label and the bytes', () => {
    const { privateKey } = sodium.crypto_sign_seed_keypair(pair.secret)
    const over = concat(textField(labels.policy), textField('what is signed'))
    expect(signature).toEqual(sodium.crypto_sign_detached(over, privateKey))
  })

  it('is the same for whoever has the public key at hand', () => {
    for (let i = 0; i < 8; i++) {
      const { secret, public: key } = generatePolicyPair(random)
      expect(signAs(labels.policy, secret, key, bytes)).toEqual(sign(labels.policy, secret, bytes))
    }
    expect(verdict(() => signAs(labels.policy, pair.secret, pair.public.slice(1) as PolicyKey, bytes))).toBe(
      'malformed',
    )
  })

  it('holds for its label, its key and its bytes, and is refused in any other form', () => {
    const refused = [
      check(labels.lab),
      check(labels.policy, generatePolicyPair(random).public),
      check(labels.policy, pair.public, utf8('what was not')),
      ...[signature.slice(1), concat(signature, signature), new Uint8Array(), turned(signature, 9)].map((other) =>
        check(labels.policy, pair.public, bytes, other),
      ),
    ]
    expect([check(), ...refused]).toEqual(['accepted', ...refused.map(() => 'bad-signature')])
  })
})

it('tells two digests apart by any bit', () => {
  expect(verdict(() => mustEqual(key, key.slice(), 'the same'))).toBe('accepted')
  for (const other of [turned(key, 0), turned(key, 255), key.slice(1)])
    expect(verdict(() => mustEqual(key, other, 'not the same'))).toBe('not-authentic')
})
