import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { concat, field, textField, u32, u64, u8 } from '../../crypto/bytes.ts'
import { type Content, decodeContent, encodeContent } from '../../crypto/content.ts'
import type { AgreementKey } from '../../crypto/keys.ts'
import { flipsDecoded, secondEncodings, verdict } from '../support/decoding.ts'

/* Kinds 3, 4 and 5 of section 10: a text with a lifetime, a copy, a receipt. */

const common = { id: 'message-1', sequence: 1, sentAt: 1_700_000_000_000, abandoned: [] }
const fading: Content = { kind: 'text', ...common, lifetimeSeconds: 90, text: 'gone soon' }
const copy: Content = { kind: 'copy', ...common, to: 'bob', text: 'hello Bob' }
const receipt: Content = { kind: 'receipt', ...common, sequence: 0, status: 'read', ids: ['a1', 'a2'], text: '' }
const arrived: Content = { ...receipt, status: 'delivered', ids: ['a1'] }

/** Everything before the body. */
const start = (kind: number, sequence = 1) =>
  concat(u8(kind), textField('message-1'), u64(sequence), u64(1_700_000_000_000), u8(0))
const said = (kind: number, body: Uint8Array, sequence = 1) =>
  verdict(() => decodeContent(concat(start(kind, sequence), body)))

const anyId = fc.stringMatching(/^[\x21-\x7e]{1,64}$/)
const anyCommon = {
  id: anyId,
  sentAt: fc.maxSafeNat(),
  abandoned: fc.array(
    fc.record({
      ratchetKey: fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => bytes as AgreementKey),
      index: fc.nat(0xffff_ffff),
    }),
    { maxLength: 32 },
  ),
}
const sequence = fc.maxSafeNat().filter((number) => number > 0)
const lifetimeSeconds = fc.integer({ min: 1, max: 0xffff_ffff })
const text = fc.string({ unit: 'binary' })
const anyContent: fc.Arbitrary<Content> = fc.oneof(
  fc.record({ kind: fc.constant('text' as const), ...anyCommon, sequence, lifetimeSeconds, text }),
  fc.record(
    {
      kind: fc.constant('copy' as const),
      ...anyCommon,
      sequence,
      to: fc.stringMatching(/^[a-z][a-z0-9._-]{0,31}$/),
      lifetimeSeconds,
      text,
    },
    { requiredKeys: ['kind', 'id', 'sentAt', 'abandoned', 'sequence', 'to', 'text'] },
  ),
  fc.record({
    kind: fc.constant('receipt' as const),
    ...anyCommon,
    sequence: fc.constant(0),
    status: fc.constantFrom('delivered' as const, 'read' as const),
    ids: fc.array(anyId, { minLength: 1, maxLength: 64 }),
    text: fc.constant(''),
  }),
)

it('reads what it wrote', () => {
  fc.assert(
    fc.property(anyContent, (content) => {
      expect(decodeContent(encodeContent(content))).toEqual(content)
    }),
  )
})

it.each([
  ['a text with a lifetime', fading],
  ['a copy that stays', copy],
  ['a copy with a lifetime', { ...copy, lifetimeSeconds: 1 }],
  ['a receipt', receipt],
])('gives %s one encoding', (_name, content) => {
  const encoded = encodeContent(content)
  expect(secondEncodings(encoded, decodeContent, encodeContent)).toEqual([])
  expect(flipsDecoded(encoded, decodeContent)).toBeGreaterThan(0)
})

it.each([
  ['a text with a lifetime', fading, concat(start(3), u32(90), textField('gone soon'))],
  ['a copy that stays', copy, concat(start(4), textField('bob'), u32(0), textField('hello Bob'))],
  [
    'a copy with a lifetime',
    { ...copy, lifetimeSeconds: 7 },
    concat(start(4), textField('bob'), u32(7), textField('hello Bob')),
  ],
  ['a receipt of what was read', receipt, concat(start(5, 0), u8(2), u8(2), textField('a1'), textField('a2'))],
  ['a receipt of what has come', arrived, concat(start(5, 0), u8(1), u8(1), textField('a1'))],
])('lays out %s as the specification says', (_name, content, bytes) => expect(encodeContent(content)).toEqual(bytes))

it('knows five kinds', () => {
  const bodies = [
    textField('hello'),
    textField(''),
    concat(u32(1), textField('hello')),
    concat(textField('bob'), u32(1), textField('hello')),
    concat(u8(1), u8(1), textField('a1')),
  ]
  for (const body of bodies) for (const sequence of [0, 1]) expect(said(0, body, sequence)).toBe('malformed')
  expect(bodies.map((body, i) => said(1 + i, body, i === 1 || i === 4 ? 0 : 1))).toEqual(bodies.map(() => 'accepted'))
})

it('keeps what a later version has made a kind of, whatever its body is', () => {
  for (const number of [10, 11, 255])
    for (const sequence of [0, 1])
      for (const body of [new Uint8Array(), u8(0), textField('hello')]) {
        const bytes = concat(start(number, sequence), body)
        const content = decodeContent(bytes)
        expect(content).toEqual({ kind: 'unknown', number, ...common, sequence, text: '', body })
        expect(encodeContent(content)).toEqual(bytes)
      }
})

describe('limits', () => {
  const longest = 'é'.repeat(32_000)

  it.each([
    ['a text with a lifetime', fading, (body: Uint8Array) => concat(start(3), u32(1), body)],
    ['a copy', copy, (body: Uint8Array) => concat(start(4), textField('bob'), u32(0), body)],
  ] as const)('let %s say 64,000 bytes and not one more', (_name, content, forged) => {
    expect(decodeContent(encodeContent({ ...content, text: longest })).text).toBe(longest)
    expect(() => encodeContent({ ...content, text: `${longest}!` })).toThrow(RangeError)
    expect(verdict(() => decodeContent(forged(textField(longest))))).toBe('accepted')
    expect(verdict(() => decodeContent(forged(textField(`${longest}!`))))).toBe('malformed')
  })

  it('let a lifetime be one second to 2^32 - 1, and a copy have none', () => {
    for (const lifetimeSeconds of [1, 0xffff_ffff])
      for (const content of [fading, copy])
        expect(decodeContent(encodeContent({ ...content, lifetimeSeconds }))).toMatchObject({
          lifetimeSeconds,
        })
    for (const lifetimeSeconds of [0x1_0000_0000, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY])
      for (const content of [fading, copy])
        expect(() => encodeContent({ ...content, lifetimeSeconds })).toThrow(RangeError)
    expect(decodeContent(encodeContent(copy))).not.toHaveProperty('lifetimeSeconds')
  })

  it('let a receipt speak of 1 to 64 messages', () => {
    const ids = (count: number) => Array.from({ length: count }, (_, i) => `${i}`.padStart(64, '!'))
    const withIds = (count: number): Content => ({ ...receipt, ids: ids(count) })
    expect(decodeContent(encodeContent(withIds(64)))).toEqual(withIds(64))
    for (const count of [0, 65]) {
      expect(() => encodeContent(withIds(count))).toThrow(RangeError)
      expect(said(5, concat(u8(1), u8(count), ...ids(count).map(textField)), 0)).toBe('malformed')
    }
  })
})

describe('what a kind may carry', () => {
  const hello = textField('hello')
  const badText = field(Uint8Array.of(0xff))
  const aCopyTo = (name: string) => concat(textField(name), u32(0), hello)
  const aReceipt = (status: number, ...ids: string[]) => concat(u8(status), u8(ids.length), ...ids.map(textField))

  it.each([
    ['a lifetime of no time', 3, concat(u32(0), hello), 1],
    ['a text with a lifetime that has no place in the order', 3, concat(u32(1), hello), 0],
    ['a text with a lifetime that is not UTF-8', 3, concat(u32(1), badText), 1],
    ['a text with a lifetime and more behind', 3, concat(u32(1), hello, u8(0)), 1],
    ['a text with half a lifetime', 3, u32(1).subarray(2), 1],
    ['a copy to nobody', 4, aCopyTo(''), 1],
    ['a copy to what is no name', 4, aCopyTo('Bob'), 1],
    ['a copy to a name of 33 letters', 4, aCopyTo('b'.repeat(33)), 1],
    ['a copy without a place in the order', 4, aCopyTo('bob'), 0],
    ['a copy that is not UTF-8', 4, concat(textField('bob'), u32(0), badText), 1],
    ['a receipt of no status', 5, aReceipt(0, 'a1'), 0],
    ['a receipt of another status', 5, aReceipt(3, 'a1'), 0],
    ['a receipt of nothing', 5, aReceipt(1), 0],
    ['a receipt with a place in the order', 5, aReceipt(1, 'a1'), 1],
    ['a receipt of an empty id', 5, aReceipt(1, ''), 0],
    ['a receipt of an id of 65 characters', 5, aReceipt(1, 'x'.repeat(65)), 0],
    ['a receipt of an id with a space', 5, aReceipt(1, 'a b'), 0],
    ['a receipt of fewer ids than it counts', 5, concat(u8(1), u8(2), textField('a1')), 0],
    ['a receipt of more ids than it counts', 5, concat(u8(1), u8(1), textField('a1'), textField('a2')), 0],
    ['a receipt that says something', 5, concat(aReceipt(1, 'a1'), hello), 0],
  ])('is not %s', (_fault, kind, body, sequence) => expect(said(kind, body, sequence)).toBe('malformed'))

  it('is a copy to the longest name there is', () => expect(said(4, aCopyTo('b'.repeat(32)))).toBe('accepted'))
})
