import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { concat, field, hex, textField, u8 } from '../../crypto/bytes.ts'
import {
  decodeEnvelope,
  encodeEnvelope,
  type Envelope,
  envelopeDigest,
  envelopeMaximumBytes,
} from '../../crypto/envelope.ts'
import type { Digest } from '../../crypto/keys.ts'
import { handshakeMaximumBytes } from '../../crypto/pqxdh.ts'
import { suite1 } from '../../crypto/suite-1.ts'
import { suite2 } from '../../crypto/suite-2.ts'
import * as book from '../vectors/by-the-book.ts'
import { flipsDecoded, secondEncodings, verdict } from '../support/decoding.ts'

const filled = (size: number, byte: number) => new Uint8Array(size).fill(byte)

const plain: Envelope = {
  suite: 2,
  policy: { epoch: 1, digest: filled(32, 1) as Digest },
  handshake: null,
  encryptedHeader: filled(80, 2),
  stanzas: [],
  nonce: filled(24, 3),
  commitment: filled(32, 4) as Digest,
  ciphertext: filled(128 + 16, 5),
}
const laden: Envelope = {
  ...plain,
  handshake: filled(50, 6),
  stanzas: [
    { modeId: 'one', payload: filled(10, 7) },
    { modeId: 'two', payload: filled(0, 8) },
  ],
}

const bytes = (size: number) => fc.uint8Array({ minLength: size, maxLength: size })
const digest = bytes(32).map((some) => some as Digest)
const anyEnvelope = fc.record({
  suite: fc.constantFrom(1 as const, 2 as const),
  policy: fc.record({ epoch: fc.integer({ min: 1, max: 0xffffffff }), digest }),
  handshake: fc.option(fc.uint8Array({ minLength: 1, maxLength: 200 })),
  encryptedHeader: bytes(80),
  stanzas: fc.array(
    fc.record({ modeId: fc.stringMatching(/^[a-z0-9-]{1,12}$/), payload: fc.uint8Array({ maxLength: 50 }) }),
    {
      maxLength: 8,
    },
  ),
  nonce: bytes(24),
  commitment: digest,
  ciphertext: fc.constantFrom(...suite1.paddedSizes.slice(0, 4)).chain((size) => bytes(size + 16)),
})

/** What comes out again, or why nothing does. */
const through = (envelope: Envelope) => {
  const said = verdict(() => decodeEnvelope(encodeEnvelope(envelope)))
  return said === 'accepted' ? decodeEnvelope(encodeEnvelope(envelope)) : said
}

describe('an envelope', () => {
  it('comes out as it went in', () => {
    fc.assert(
      fc.property(anyEnvelope, (envelope) => {
        expect(through(envelope)).toEqual(envelope)
      }),
    )
  })

  it.each([
    ['plain', plain],
    ['laden', laden],
  ])('has one encoding when %s', (_, envelope) => {
    const encoded = encodeEnvelope(envelope)
    expect(secondEncodings(encoded, decodeEnvelope, encodeEnvelope)).toEqual([])
    expect(flipsDecoded(encoded, decodeEnvelope)).toBeGreaterThan(8 * 300)
  })

  it('is laid out as the specification says', () => {
    expect(encodeEnvelope(laden)).toEqual(
      concat(
        Uint8Array.of(2, 0, 0, 0, 1),
        filled(32, 1),
        u8(1),
        field(filled(50, 6)),
        filled(80, 2),
        u8(2),
        concat(textField('one'), field(filled(10, 7))),
        concat(textField('two'), field(new Uint8Array())),
        filled(24, 3),
        filled(32, 4),
        field(filled(144, 5)),
      ),
    )
    expect(encodeEnvelope(plain)).toHaveLength(179 + 144)
  })

  it('is named by its digest', () => {
    const encoded = encodeEnvelope(laden)
    expect(hex(envelopeDigest(encoded))).toBe(book.digest('envelope digest', hex(encoded)))
  })

  it('is of suite 1 or 2', () => {
    for (const suite of [0, 3, 255])
      expect(verdict(() => decodeEnvelope(encodeEnvelope(plain).with(0, suite)))).toBe('malformed')
  })
})

describe('its limits', () => {
  const stanza = { modeId: 'm', payload: filled(1, 1) }
  const limits: [string, (size: number) => Envelope, number][] = [
    ['stanzas', (size) => ({ ...plain, stanzas: Array.from({ length: size }, () => stanza) }), 8],
    ['bytes of mode id', (size) => ({ ...plain, stanzas: [{ ...stanza, modeId: 'm'.repeat(size) }] }), 48],
    ['bytes of payload', (size) => ({ ...plain, stanzas: [{ ...stanza, payload: filled(size, 1) }] }), 4096],
    ['bytes of handshake', (size) => ({ ...plain, handshake: filled(size, 1) }), handshakeMaximumBytes],
  ]

  it.each(limits)('are so many %s and not one more', (_, envelope, limit) => {
    expect(through(envelope(limit))).toEqual(envelope(limit))
    expect(through(envelope(limit + 1))).toBe('malformed')
  })

  it.each(['', 'é', 'Mode', 'two words', '\u001b[31m'])('take no mode id like %j', (modeId) => {
    expect(through({ ...plain, stanzas: [{ ...stanza, modeId }] })).toBe('malformed')
  })

  const sizes = [suite1, suite2].flatMap(({ number, paddedSizes }) =>
    paddedSizes.map((size) => [number, size] as const),
  )
  it.each(sizes)('take in suite %i a ciphertext of %i bytes and its tag, and nothing next to it', (suite, padded) => {
    const sized = (size: number) => ({ ...plain, suite, ciphertext: filled(size, 1) })
    expect(through(sized(padded + 16))).toMatchObject({ nonce: plain.nonce })
    for (const size of [padded, padded + 15, padded + 17]) expect(through(sized(size))).toBe('malformed')
  })

  it('take no ciphertext smaller than the smallest padded size, or larger than the largest', () => {
    for (const size of [0, 16, 64 + 16, 131_072 + 16])
      expect(through({ ...plain, ciphertext: filled(size, 1) })).toBe('malformed')
  })

  it('together are what a relay may refuse unread', () => {
    const largest = encodeEnvelope({
      ...plain,
      handshake: filled(handshakeMaximumBytes, 1),
      stanzas: Array.from({ length: 8 }, () => ({ modeId: 'm'.repeat(48), payload: filled(4096, 1) })),
      ciphertext: filled(65_536 + 16, 1),
    })
    expect(verdict(() => decodeEnvelope(largest))).toBe('accepted')
    expect(largest).toHaveLength(envelopeMaximumBytes)
  })
})

describe('what is out of range', () => {
  it.each([
    ['epoch 0', { ...plain, policy: { ...plain.policy, epoch: 0 } }],
    ['a handshake of no bytes', { ...plain, handshake: new Uint8Array() }],
  ])('is %s', (_, envelope) => {
    expect(through(envelope)).toBe('malformed')
  })
})
