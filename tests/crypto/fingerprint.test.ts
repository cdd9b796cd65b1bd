import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compare, concat, textField } from '../../crypto/bytes.ts'
import { type Person, safetyNumber } from '../../crypto/fingerprint.ts'
import { derive, labels } from '../../crypto/kdf.ts'
import type { AccountKey } from '../../crypto/keys.ts'
import { words } from '../../crypto/words.ts'

const anyPerson = fc.record({
  user: fc.stringMatching(/^[a-z][a-z0-9._-]{0,31}$/),
  accountKey: fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => bytes as AccountKey),
})
const person = (user: string, fill: number): Person => ({
  user,
  accountKey: new Uint8Array(32).fill(fill) as AccountKey,
})
/** In this order: a name's length stands before it. */
const [alice, robert] = [person('alice', 1), person('robert', 2)]

const bytesOf = ({ user, accountKey }: Person) => derive(labels.fingerprint, accountKey, [textField(user)], 42)
const halves = ({ digits, words }: ReturnType<typeof safetyNumber>) => ({
  first: [...digits.slice(0, 6), ...words.slice(0, 12)],
  second: [...digits.slice(6), ...words.slice(12)],
})

describe('a safety number', () => {
  it('is the same for both sides', () => {
    fc.assert(
      fc.property(anyPerson, anyPerson, (one, other) => {
        expect(safetyNumber(one, other)).toEqual(safetyNumber(other, one))
      }),
    )
  })

  it('is twelve groups of five digits, and twenty-four words of the list', () => {
    fc.assert(
      fc.property(anyPerson, anyPerson, (one, other) => {
        const { digits, words: spoken } = safetyNumber(one, other)
        expect(digits).toHaveLength(12)
        for (const group of digits) expect(group).toMatch(/^[0-9]{5}$/)
        expect(spoken).toHaveLength(24)
        for (const word of spoken) expect(words).toContain(word)
      }),
    )
  })

  it('reads its digits and words where the specification says', () => {
    const print = bytesOf(alice)
    const number = (at: number) => print.subarray(at, at + 5).reduce((value, byte) => value * 256n + BigInt(byte), 0n)
    const digits = [0, 5, 10, 15, 20, 25].map((at) => String(number(at) % 100_000n).padStart(5, '0'))
    const spoken = Array.from(print.subarray(30), (byte) => words[byte])
    expect(halves(safetyNumber(alice, robert)).first).toEqual([...digits, ...spoken])
  })

  it('puts the smaller name first, a shorter one before a longer, and then the smaller key', () => {
    const first = (one: Person, other: Person) => {
      const whole = halves(safetyNumber(one, other)).first
      return whole.join() === halves(safetyNumber(one, one)).first.join() ? one : other
    }
    expect(first(alice, person('aliced', 0))).toBe(alice)
    expect(first(person('zoe', 9), alice)).toMatchObject({ user: 'zoe' })
    expect(first(person('alice', 2), alice)).toBe(alice)
    fc.assert(
      fc.property(anyPerson, anyPerson, (one, other) => {
        const order = compare(
          concat(textField(one.user), one.accountKey),
          concat(textField(other.user), other.accountKey),
        )
        expect(first(one, other)).toBe(order <= 0 ? one : other)
      }),
    )
  })

  it('changes its half with any bit of a key, and with the name', () => {
    const [before, seen] = [halves(safetyNumber(alice, robert)), new Set<string>()]
    for (let bit = 0; bit < 256; bit++) {
      const key = alice.accountKey.with(bit >> 3, (alice.accountKey[bit >> 3] ?? 0) ^ (1 << (bit & 7))) as AccountKey
      const after = halves(safetyNumber({ ...alice, accountKey: key }, robert))
      expect(after.second).toEqual(before.second)
      seen.add(after.first.join())
    }
    seen.add(before.first.join())
    expect(seen.size).toBe(257)
    expect(halves(safetyNumber(person('alicf', 1), robert)).first).not.toEqual(before.first)
    const another = halves(safetyNumber(alice, person('robert', 3)))
    expect(another.first).toEqual(before.first)
    expect(another.second).not.toEqual(before.second)
  })
})

describe('the words', () => {
  it('are 256, all different, and different in their first four letters', () => {
    expect(words).toHaveLength(256)
    expect(new Set(words).size).toBe(256)
    expect(new Set(words.map((word) => word.slice(0, 4))).size).toBe(256)
  })

  it('are small letters only, and none begins another', () => {
    for (const word of words) {
      expect(word).toMatch(/^[a-z]{3,10}$/)
      expect(words.filter((other) => other.startsWith(word))).toEqual([word])
    }
  })
})
