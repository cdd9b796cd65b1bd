import fc from 'fast-check'
import { expect, it } from 'vitest'
import { concat, u32 } from '../../crypto/bytes.ts'
import * as padding from '../../crypto/padding.ts'
import { suite1 } from '../../crypto/suite-1.ts'
import { suite2 } from '../../crypto/suite-2.ts'
import { secondEncodings, verdict } from '../support/decoding.ts'

const sizes = suite2.paddedSizes
const pad = (content: Uint8Array) => padding.pad(content, sizes)
const unpad = (padded: Uint8Array) => padding.unpad(padded, sizes)

it('has the sizes that the specification names: four an octave above 1,024, and in suite 1 one', () => {
  const octaves = [1024, 2048, 4096, 8192, 16384, 32768]
  const quarters = octaves.flatMap((from) => [1.25, 1.5, 1.75, 2].map((times) => from * times))
  expect(sizes).toEqual([128, 256, 512, 1024, ...quarters])
  expect(suite1.paddedSizes).toEqual([128, 256, 512, ...octaves, 65536])
})

it('adds at most a quarter to what has more than 1,024 bytes', () => {
  for (let bytes = 1025; bytes <= 65_536; bytes += 61)
    expect(pad(new Uint8Array(bytes - 4)).length / bytes).toBeLessThan(1.25)
})

it('gives back what was padded, out of the smallest size', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 3000 }), (content) => {
      const padded = pad(content)
      expect(padded.length).toBe(sizes.find((size) => size >= content.length + 4))
      expect(unpad(padded)).toEqual(content)
    }),
  )
})

it.each(sizes)('fills %i bytes to the last one', (size) => {
  const content = new Uint8Array(size - 4).fill(7)
  expect(pad(content)).toEqual(concat(u32(content.length), content))
  expect(unpad(pad(content))).toEqual(content)
})

it.each(sizes.slice(0, -1))('goes to the next size one byte beyond %i', (size) => {
  expect(pad(new Uint8Array(size - 3))).toHaveLength(sizes.find((next) => next > size) ?? 0)
})

it('pads nothing that is larger than the largest size', () => {
  expect(() => pad(new Uint8Array(65_536 - 3))).toThrow(RangeError)
})

it('refuses padding that is not zero, wherever it is', () => {
  const padded = pad(Uint8Array.of(1, 2, 3))
  for (let i = 7; i < padded.length; i++) expect(verdict(() => unpad(padded.with(i, 1)))).toBe('malformed')
})

it('takes no size larger than needed', () => {
  expect(verdict(() => unpad(concat(u32(124), new Uint8Array(124))))).toBe('accepted')
  expect(verdict(() => unpad(concat(u32(124), new Uint8Array(252))))).toBe('malformed')
})

it.each([0, 1, 3, 4, 127, 129, 255, 65_535, 65_537, 131_072])('refuses %i bytes, which are no size', (size) =>
  expect(verdict(() => unpad(new Uint8Array(size)))).toBe('malformed'),
)

it.each([125, 128, 65_532, 65_533, 2 ** 31, 2 ** 32 - 4, 2 ** 32 - 1])(
  'refuses a length of %i in 128 bytes',
  (length) => expect(verdict(() => unpad(concat(u32(length), new Uint8Array(124))))).toBe('malformed'),
)

it('has one form for one content', () => {
  expect(secondEncodings(pad(Uint8Array.from({ length: 40 }, (_, i) => i)), unpad, pad)).toEqual([])
})

it('reads its length where the bytes begin, also within a larger buffer', () => {
  const around = concat(new Uint8Array(5).fill(0xff), pad(Uint8Array.of(42)), new Uint8Array(5).fill(0xff))
  expect(unpad(around.subarray(5, 133))).toEqual(Uint8Array.of(42))
})
