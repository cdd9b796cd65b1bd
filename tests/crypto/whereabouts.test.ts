import { X509Certificate } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { concat, textField, u8 } from '../../crypto/bytes.ts'
import { digest, labels, sign } from '../../crypto/kdf.ts'
import { type Digest, generatePolicyPair } from '../../crypto/keys.ts'
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

  it('is what the specification says, with an authority and without', () => {
    const nonce = random(32)
    const address = 'https://relay.example:443'
    const authority = random(32) as Digest
    const signed = (over: Uint8Array) =>
      sign(labels.whereabouts, pair.secret, concat(u8(1), nonce, textField(address), over))
    expect(signWhereabouts(nonce, { address, authority }, pair.secret)).toEqual(signed(concat(u8(1), authority)))
    expect(signWhereabouts(nonce, { address, authority: null }, pair.secret)).toEqual(signed(u8(0)))
  })

  it('has one form for an address, and none for more than an address', () => {
    const same = ['https://Relay.Example', 'https://relay.example/', 'https://relay.example:443']
    expect(same.map(canonicalAddress)).toEqual(same.map(() => 'https://relay.example:443'))
    expect(canonicalAddress('http://[::1]')).toBe('http://[::1]:80')
    expect(canonicalAddress('http://127.1:4620')).toBe('http://127.0.0.1:4620')
    const more = ['/path', '/?a', '?a', '/#a', '/./..//x'].map((part) => `https://relay.example${part}`)
    const nobody = ['http://', 'https:///', 'http://:80', 'http://?', 'http://\u00ad', 'x', '']
    for (const url of [
      ...more,
      'https://a:b@relay.example',
      'https://a@relay.example',
      'ws://relay.example',
      ...nobody,
    ])
      expect([url, canonicalAddress(url)]).toEqual([url, null])
  })

  it('has one digest for the same certificates, however they are written and in whatever order', () => {
    const both = authorityDigest(one + other)
    expect(authorityDigest(`some words\n${other}\r\n\r\n${one.replaceAll('\n', '\r\n')}${other}`)).toEqual(both)
    expect(
      authorityDigest(
        certificatesIn(other + one)
          .map((pem) => new X509Certificate(pem).toString())
          .join(''),
      ),
    ).toEqual(both)
    expect(authorityDigest(one)).not.toEqual(both)
    expect(certificatesIn('no certificate')).toEqual([])
    expect(verdict(() => authorityDigest('no certificate'))).toBe('malformed')
  })

  it('has the digest of what a certificate is in bytes, with every letter of base64', () => {
    for (let i = 0; i < 50; i++) {
      const der = random(30)
      const base64 = Buffer.from(der).toString('base64')
      const pem = `-----BEGIN CERTIFICATE-----\n${base64}\n-----END CERTIFICATE-----\n`
      expect(authorityDigest(pem)).toEqual(digest(labels.authority, der))
    }
  })
})
