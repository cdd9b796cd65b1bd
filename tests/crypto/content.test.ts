import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { concat, field, textField, u32, u64, u8, utf8 } from '../../crypto/bytes.ts'
import { type Content, decodeContent, encodeContent } from '../../crypto/content.ts'
import { isMessageId } from '../../crypto/message-name.ts'
import type { AgreementKey } from '../../crypto/keys.ts'
import { flipsDecoded, secondEncodings, verdict } from '../support/decoding.ts'

const places = (count: number) =>
  Array.from({ length: count }, (_, i) => ({ ratchetKey: new Uint8Array(32).fill(i) as AgreementKey, index: i }))

const hello: Content = {
  kind: 'text',
  id: 'message-1',
  sequence: 1,
  sentAt: 1_700_000_000_000,
  abandoned: places(1),
  text: 'hello',
}
const reset: Content = { ...hello, kind: 'reset', sequence: 0, text: '' }

const anyText = fc.record({
  kind: fc.constant('text' as const),
  id: fc.stringMatching(/^[\x21-\x7e]{1,64}$/),
  sequence: fc.maxSafeNat().filter((sequence) => sequence > 0),
  sentAt: fc.maxSafeNat(),
  abandoned: fc.array(
    fc.record({
      ratchetKey: fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => bytes as AgreementKey),
      index: fc.nat(0xffffffff),
    }),
    { maxLength: 32 },
  ),
  text: fc.string({ unit: 'binary' }),
})

it('reads what it wrote', () => {
  fc.assert(
    fc.property(anyText, (content) => {
      expect(decodeContent(encodeContent(content))).toEqual(content)
    }),
  )
})

it.each([hello, reset])('gives $kind one encoding', (content) => {
  const encoded = encodeContent(content)
  expect(secondEncodings(encoded, decodeContent, encodeContent)).toEqual([])
  expect(flipsDecoded(encoded, decodeContent)).toBeGreaterThan(0)
})

it('is laid out as the specification says', () =>
  expect(encodeContent(hello)).toEqual(
    concat(
      u8(1),
      textField('message-1'),
      u64(1),
      u64(1_700_000_000_000),
      u8(1),
      new Uint8Array(32),
      u32(0),
      textField('hello'),
    ),
  ))

describe('limits', () => {
  const withText = (text: string) => ({ ...hello, text })

  it('carries 64,000 bytes of text and not one more', () => {
    const longest = 'é'.repeat(32_000)
    expect(decodeContent(encodeContent(withText(longest))).text).toBe(longest)
    expect(() => encodeContent(withText(`${longest}!`))).toThrow(RangeError)
    const empty = encodeContent(withText(''))
    const forged = concat(empty.subarray(0, -4), field(utf8(`${longest}!`)))
    expect(verdict(() => decodeContent(forged))).toBe('malformed')
  })

  it('reports 32 given-up places and not one more', () => {
    const most = { ...hello, abandoned: places(32) }
    expect(decodeContent(encodeContent(most)).abandoned).toEqual(places(32))
    expect(() => encodeContent({ ...hello, abandoned: places(33) })).toThrow(RangeError)
    const encoded = encodeContent(most)
    const countAt = 1 + 4 + hello.id.length + 8 + 8
    const forged = concat(encoded.subarray(0, countAt), u8(33), new Uint8Array(36), encoded.subarray(countAt + 1))
    expect(verdict(() => decodeContent(forged))).toBe('malformed')
  })

  it('takes ids of 1 to 64 printable ASCII characters', () => {
    for (const id of ['!', '~'.repeat(64)]) expect(decodeContent(encodeContent({ ...hello, id })).id).toBe(id)
    for (const id of ['', '~'.repeat(65), 'a b', 'a\n', '\x1b[2J', '\x7f', 'é', '\0']) {
      expect(isMessageId(id)).toBe(false)
      expect(() => encodeContent({ ...hello, id })).toThrow(RangeError)
      const [start, end] = [u8(1), encodeContent(hello).subarray(1 + 4 + hello.id.length)]
      expect(verdict(() => decodeContent(concat(start, textField(id), end)))).toBe('malformed')
    }
  })
})

describe('what a kind may carry', () => {
  const wrong = [
    { fault: 'a reset that says something', content: { ...reset, text: 'psst' } },
    { fault: 'a reset that takes a place in the order', content: { ...reset, sequence: 7 } },
    { fault: 'a text without a place in the order', content: { ...hello, sequence: 0 } },
  ]

  it.each(wrong)('refuses $fault', ({ content }) => {
    expect(verdict(() => decodeContent(encodeContent(content)))).toBe('malformed')
  })
})
