import { X509Certificate } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { generatePolicyPair } from '../../crypto/keys.ts'
import {
  authorityDigest,
  canonicalAddress,
  certificatesIn,
  checkWhereabouts,
  signWhereabouts,
  type Whereabouts,
} from '../../crypto/whereabouts.ts'
import { certificate } from '../support/certificate.ts'
import { verdict } from '../support/decoding.ts'
import { seededRandom } from '../support/random.ts'

const random = seededRandom('whereabouts')
const pair = generatePolicyPair(random)
const [one, other] = [certificate('one').cert, certificate('other').cert]

describe('what a relay signs of its place', () => {
  it('holds for its nonce, its address and its authority, and for no other', () => {
    const nonce = random(32)
    const where: Whereabouts = { address: 'https://relay.example:443', authority: authorityDigest(one) }
    const signature = signWhereabouts(nonce, where, pair.secret)
    const check = (changed: Partial<Whereabouts>, asked = nonce, key = pair.public) =>
      verdict(() => checkWhereabouts(asked, { ...where, ...changed }, signature, key))
    expect(check({})).toBe('accepted')
    const refused = [
      check({ address: 'https://relay.example:444' }),
      check({ address: 'http://relay.example:443' }),
      check({ authority: null }),
      check({ authority: authorityDigest(other) }),
      check({ authority: authorityDigest(one + other) }),
      check({}, random(32)),
      check({}, nonce, generatePolicyPair(random).public),
    ]
    expect(refused).toEqual(refused.map(() => 'bad-signature'))
  })

  it('has one form for an address, and none for more than an address', () => {
    const same = ['https://Relay.Example', 'https://relay.example/', 'https://relay.example:443']
    expect(same.map(canonicalAddress)).toEqual(same.map(() => 'https://relay.example:443'))
    expect(canonicalAddress('http://[::1]')).toBe('http://[::1]:80')
    expect(canonicalAddress('http://127.1:4620')).toBe('http://127.0.0.1:4620')
    const more = ['/path', '/?a', '?a', '/#a', '/./..//x'].map((part) => `https://relay.example${part}`)
    for (const url of [...more, 'https://a:b@relay.example', 'https://a@relay.example', 'ws://relay.example', 'x', ''])
      expect([url, canonicalAddress(url)]).toEqual([url, null])
  })

  it('has one digest for the same certificates, however they are written and in whatever order', () => {
    const digest = authorityDigest(one + other)
    expect(authorityDigest(`some words\n${other}\r\n\r\n${one.replaceAll('\n', '\r\n')}${other}`)).toEqual(digest)
    expect(
      authorityDigest(
        certificatesIn(other + one)
          .map((pem) => new X509Certificate(pem).toString())
          .join(''),
      ),
    ).toEqual(digest)
    expect(authorityDigest(one)).not.toEqual(digest)
    expect(verdict(() => authorityDigest('no certificate'))).toBe('malformed')
  })
})
