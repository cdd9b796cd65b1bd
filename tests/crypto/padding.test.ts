import fc from 'fast-check'
import { expect, it } from 'vitest'
import { concat, u32 } from '../../crypto/bytes.ts'
import { buckets, pad, unpad } from '../../crypto/padding.ts'
import { secondEncodings, verdict } from '../support/decoding.ts'

it('has the sizes that the specification names', () =>
  expect(buckets).toEqual([128, 256, 512, 1024, 2048, 4096, 8192, 16384, 32768, 65536]))

it('gives back what was padded, out of the smallest bucket', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 3000 }), (content) => {
      const padded = pad(content)
      expect(buckets).toContain(padded.length)
      expect(padded.length).toBeGreaterThanOrEqual(content.length + 4)
      expect(padded.length === 128 || padded.length / 2 < content.length + 4).toBe(true)
      expect(unpad(padded)).toEqual(content)
    }),
  )
})

it.each(buckets)('fills a bucket of %i to its last byte', (bucket) => {
  const content = new Uint8Array(bucket - 4).fill(7)
  expect(pad(content)).toEqual(concat(u32(content.length), content))
  expect(unpad(pad(content))).toEqual(content)
})

it.each(buckets.slice(0, -1))('goes to the next bucket one byte beyond %i', (bucket) => {
  expect(pad(new Uint8Array(bucket - 3))).toHaveLength(2 * bucket)
})

it('pads nothing that no bucket holds', () => {
  expect(() => pad(new Uint8Array(65_536 - 3))).toThrow(RangeError)
})

it('refuses padding that is not zero, wherever it is', () => {
  const padded = pad(Uint8Array.of(1, 2, 3))
  for (let i = 7; i < padded.length; i++) expect(verdict(() => unpad(padded.with(i, 1)))).toBe('malformed')
})

it('takes no bucket larger than needed', () => {
  expect(verdict(() => unpad(concat(u32(124), new Uint8Array(124))))).toBe('accepted')
  expect(verdict(() => unpad(concat(u32(124), new Uint8Array(252))))).toBe('malformed')
})

it.each([0, 1, 3, 4, 127, 129, 255, 65_535, 65_537, 131_072])('refuses %i bytes, which are no bucket', (size) =>
  expect(verdict(() => unpad(new Uint8Array(size)))).toBe('malformed'),
)

it.each([125, 128, 65_532, 65_533, 2 ** 31, 2 ** 32 - 4, 2 ** 32 - 1])(
  'refuses a length of %i in a bucket of 128',
  (length) => expect(verdict(() => unpad(concat(u32(length), new Uint8Array(124))))).toBe('malformed'),
)

it('has one form for one content', () => {
  expect(secondEncodings(pad(Uint8Array.from({ length: 40 }, (_, i) => i)), unpad, pad)).toEqual([])
})

it('reads its length where the bytes begin, also within a larger buffer', () => {
  const around = concat(new Uint8Array(5).fill(0xff), pad(Uint8Array.of(42)), new Uint8Array(5).fill(0xff))
  expect(unpad(around.subarray(5, 133))).toEqual(Uint8Array.of(42))
})
