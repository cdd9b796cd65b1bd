import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  base64url,
  compare,
  concat,
  decode,
  equal,
  field,
  fields,
  fromBase64url,
  fromHex,
  fromUtf8,
  hex,
  publicRoom,
  Reader,
  textField,
  u32,
  u64,
  u8,
  utf8,
  Writer,
} from '../../crypto/bytes.ts'
import { otherLengthsTaken, verdict } from '../support/decoding.ts'

const bytes = fc.uint8Array({ maxLength: 80 })

describe('public room', () => {
  it('is zero and belongs to one alone, whatever was cut before', () => {
    const rooms = [0, 1, 80, 323, 2048, 2049, 20_675, ...Array.from({ length: 40 }, (_, i) => 1000 + i)].map(
      (sizeBytes) => {
        const room = publicRoom(sizeBytes)
        expect(room.length).toBe(sizeBytes)
        expect(room.every((byte) => byte === 0)).toBe(true)
        return room.fill(0xff)
      },
    )
    for (const [i, room] of rooms.entries()) room.fill(i)
    for (const [i, room] of rooms.entries()) expect(room.every((byte) => byte === i)).toBe(true)
  })

  it('is cut from one array where it is short, and has its own where it is long', () => {
    const shared = Array.from({ length: 9 }, () => publicRoom(2048).buffer)
    expect(new Set(shared).size).toBe(2)
    const long = publicRoom(2049)
    expect(long.buffer.byteLength).toBe(2049)
  })
})

describe('integers', () => {
  it('reads what it wrote', () => {
    fc.assert(
      fc.property(fc.nat(0xff), fc.nat(0xffffffff), fc.maxSafeNat(), (small, middle, large) => {
        const read = (reader: Reader) => [reader.u8(), reader.u32(), reader.u64()]
        expect(decode(concat(u8(small), u32(middle), u64(large)), read)).toEqual([small, middle, large])
      }),
    )
  })

  it('puts the highest byte first', () => {
    expect(hex(concat(u8(1), u32(0x02030405), u64(0x060708090a0b0c)))).toBe('010203040500060708090a0b0c')
    expect(hex(u64(Number.MAX_SAFE_INTEGER))).toBe('001fffffffffffff')
  })

  it('writes no number that does not fit', () => {
    for (const value of [-1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53]) {
      for (const write of [u8, u32, u64]) expect(() => write(value)).toThrow(RangeError)
    }
    expect(() => u8(2 ** 8)).toThrow(RangeError)
    expect(() => u32(2 ** 32)).toThrow(RangeError)
  })

  it('reads no number that JavaScript would round', () => {
    for (const large of ['0020000000000000', '0020000000000001', '8000000000000000', 'ffffffffffffffff'])
      expect(verdict(() => decode(fromHex(large), (reader) => reader.u64()))).toBe('malformed')
  })
})

describe('fields', () => {
  it('reads what it wrote, and nothing else', () => {
    fc.assert(
      fc.property(bytes, fc.string({ unit: 'binary' }), (some, text) => {
        const encoded = concat(field(some), textField(text))
        const read = (reader: Reader) => [reader.field(80), reader.text(10_000)]
        expect(decode(encoded, read)).toEqual([some, text])
        expect(otherLengthsTaken(encoded, (other) => decode(other, read))).toEqual([])
      }),
    )
  })

  it('puts each of several parts behind its own length, after a head that has none', () => {
    const [head, ...parts] = [3, 1, 0, 300, 2].map((size) => new Uint8Array(size).fill(size)) as [Uint8Array]
    expect(fields(head, parts)).toEqual(concat(head, ...parts.map(field)))
    expect(fields(head, [])).toEqual(head)
  })

  it('writes no field whose length four bytes cannot say', () => {
    const endless = Object.defineProperty(new Uint8Array(), 'length', { value: 2 ** 32 })
    expect(() => field(endless)).toThrow('at most 4 GiB')
  })

  it('reads a field at its limit and none beyond', () => {
    expect(decode(field(new Uint8Array(5)), (reader) => reader.field(5))).toHaveLength(5)
    expect(verdict(() => decode(field(new Uint8Array(6)), (reader) => reader.field(5)))).toBe('malformed')
    expect(verdict(() => decode(textField('éé'), (reader) => reader.text(3)))).toBe('malformed')
  })

  it('takes a flag of 0 or 1 only', () => {
    const flag = (value: number) => decode(u8(value), (reader) => reader.flag())
    expect([flag(0), flag(1)]).toEqual([false, true])
    for (let value = 2; value < 256; value++) expect(verdict(() => flag(value))).toBe('malformed')
  })

  it('gives a copy, so that what was decoded does not change with the buffer', () => {
    const buffer = Uint8Array.of(1, 2, 3)
    const taken = new Reader(buffer).take(2)
    buffer.fill(9)
    expect(taken).toEqual(Uint8Array.of(1, 2))
  })

  it('gives a copy of a Node Buffer too', () => {
    const buffer = Buffer.of(1, 2, 3)
    const taken = new Reader(buffer).take(2)
    buffer.fill(9)
    expect([...taken]).toEqual([1, 2])
  })
})

describe('a writer', () => {
  it('writes what the functions write, between its offset and its end, and nothing beyond', () => {
    fc.assert(
      fc.property(
        fc.nat(0xff),
        fc.nat(0xffffffff),
        fc.maxSafeNat(),
        bytes,
        fc.string({ unit: 'binary' }),
        (...some) => {
          const [small, middle, large, part, text] = some
          const expected = concat(u8(small), u32(middle), u64(large), part, field(part), textField(text))
          const write = (to: Writer) => {
            to.u8(small)
            to.u32(middle)
            to.u64(large)
            to.bytes(part)
            to.field(part)
            to.text(text)
          }
          const room = new Uint8Array(7 + expected.length + 9).fill(0xee)
          const to = new Writer(room, 7, 7 + expected.length)
          write(to)
          expect(to.offset).toBe(7 + expected.length)
          expect(room).toEqual(concat(new Uint8Array(7).fill(0xee), expected, new Uint8Array(9).fill(0xee)))
          const short = new Uint8Array(expected.length + 5).fill(0xee)
          expect(() => write(new Writer(short, 0, expected.length - 1))).toThrow(RangeError)
          expect(short.subarray(expected.length - 1)).toEqual(new Uint8Array(6).fill(0xee))
        },
      ),
    )
  })

  it('puts a length before whatever is written in between', () => {
    const room = new Uint8Array(20).fill(0xee)
    const to = new Writer(room)
    to.fieldOf(() => {
      to.u8(1)
      to.fieldOf((inner) => inner.zeros(3))
    })
    expect(room.subarray(0, to.offset)).toEqual(field(concat(u8(1), field(new Uint8Array(3)))))
  })

  it('writes long texts and short ones, up to what it is told, and no half of a surrogate pair', () => {
    const texts = ['a'.repeat(64), 'a'.repeat(65), `${'a'.repeat(63)}é`, '€'.repeat(100)]
    for (const text of texts) {
      const room = new Uint8Array(400).fill(0xee)
      const to = new Writer(room)
      to.text(text, utf8(text).length)
      expect(room.subarray(0, to.offset)).toEqual(textField(text))
      expect(room[to.offset]).toBe(0xee)
      expect(() => new Writer(new Uint8Array(400)).text(text, utf8(text).length - 1)).toThrow(RangeError)
      expect(() => new Writer(new Uint8Array(3 + utf8(text).length)).text(text)).toThrow(RangeError)
    }
    for (const half of ['\ud800', `${'a'.repeat(80)}\udfff`])
      expect(() => new Writer(new Uint8Array(400)).text(half)).toThrow(RangeError)
  })
})

describe('a look', () => {
  it('is at the bytes themselves, and no further than they go', () => {
    const buffer = concat(u32(2), Uint8Array.of(1, 2, 3))
    const looked = new Reader(buffer).lookField(2)
    buffer[4] = 9
    expect(looked).toEqual(Uint8Array.of(9, 2))
    expect(verdict(() => new Reader(buffer).lookField(1))).toBe('malformed')
    expect(verdict(() => new Reader(buffer).look(8))).toBe('malformed')
  })
})

describe('text', () => {
  it('keeps every character, also those that decoders like to drop', () => {
    for (const text of ['', '\ufeffBOM', 'NUL\0NUL', '\u{10ffff}', 'é', 'e\u0301'])
      expect(fromUtf8(utf8(text))).toBe(text)
  })

  it('writes no half of a surrogate pair, which no UTF-8 can say', () => {
    for (const half of ['\ud800', 'a\udfff', '\udc00\ud800']) {
      expect(() => utf8(half)).toThrow(RangeError)
      expect(() => textField(half)).toThrow(RangeError)
    }
  })

  it.each(['ff', 'c080', 'eda080', 'e282', 'f4908080', '80', '61c3'])('refuses %s, which is no UTF-8', (wrong) =>
    expect(verdict(() => fromUtf8(fromHex(wrong)))).toBe('malformed'),
  )
})

describe('hex and base64url', () => {
  it('reads what it wrote, and writes what everybody writes', () => {
    fc.assert(
      fc.property(bytes, (some) => {
        expect(hex(some)).toBe(Buffer.from(some).toString('hex'))
        expect(base64url(some)).toBe(Buffer.from(some).toString('base64url'))
        expect(fromHex(hex(some))).toEqual(some)
        expect(fromBase64url(base64url(some))).toEqual(some)
      }),
    )
  })

  it.each(['0', 'AB', '0x00', '0g', '00 ', ' 00', '00\n', '٠٠'])('refuses %j as hex', (wrong) =>
    expect(verdict(() => fromHex(wrong))).toBe('malformed'),
  )

  it.each(['A', 'AA==', 'AA=', 'AB', 'AAB', '+_AA', '/-AA', 'AA AA', 'AAAA\n', '\nAAAA', 'AAA\0', 'éé'])(
    'refuses %j as base64url',
    (wrong) => expect(verdict(() => fromBase64url(wrong))).toBe('malformed'),
  )
})

describe('comparing', () => {
  it('orders as everybody orders bytes', () => {
    fc.assert(
      fc.property(bytes, bytes, (a, b) => {
        expect(Math.sign(compare(a, b))).toBe(Buffer.compare(a, b))
        expect(Math.sign(compare(b, a))).toBe(Buffer.compare(b, a))
        expect(equal(a, b)).toBe(Buffer.compare(a, b) === 0)
      }),
    )
  })

  it('tells bytes apart by any bit and by their length', () => {
    const zeros = new Uint8Array(32)
    expect(equal(zeros, new Uint8Array(32))).toBe(true)
    expect(equal(zeros, new Uint8Array(31))).toBe(false)
    for (let i = 0; i < 256; i++) expect(equal(zeros, zeros.with(i >> 3, 1 << (i & 7)))).toBe(false)
    expect(compare(new Uint8Array(2), new Uint8Array(3))).toBeLessThan(0)
    expect(equal(new Uint8Array(), new Uint8Array())).toBe(true)
  })
})
