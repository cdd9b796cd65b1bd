import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import * as book from '../vectors/by-the-book.ts'
import { type Vectors, vectorsFile } from '../vectors/v2.ts'

/* As own-vectors: what sections 3 and 10 say of linking, and of the kinds that the conversation has none of. */

const { derive, digest, field, join, seal, text, u32, u64, u8 } = book

const v = JSON.parse(readFileSync(vectorsFile, 'utf8')) as Vectors

type Content = Vectors['contents'][0]

function bodyOf(content: Content): [kind: number, body: string] {
  switch (content.kind) {
    case 'text':
      return [3, join(u32(content.lifetimeSeconds ?? 0), text(content.text))]
    case 'copy':
      return [4, join(text(content.to), u32(content.lifetimeSeconds ?? 0), text(content.text))]
    case 'receipt':
      return [5, join(u8(content.status === 'read' ? 2 : 1), u8(content.ids.length), ...content.ids.map(text))]
    case 'reset':
      return [2, text('')]
  }
}

describe('section 10', () => {
  it.each(v.contents)('makes a $kind', (content) => {
    const { id, sequence, sentAt, encoded } = content
    const [kind, body] = bodyOf(content)
    expect(join(u8(kind), text(id), u64(sequence), u64(sentAt), u8(0), body)).toBe(encoded)
  })

  it('has every kind and status, with and without a lifetime', () =>
    expect(v.contents.map(({ encoded }) => encoded.slice(0, 2))).toEqual(['03', '04', '04', '05', '05']))
})

describe('section 3', () => {
  const { secret, code, slot, notes } = v.linking
  const root = digest('link root', secret)

  it('writes a code as base32 in groups of four', () => {
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'
    const value = Array.from(code.replaceAll('-', '')).reduce(
      (sum, letter) => sum * 32n + BigInt(alphabet.indexOf(letter)),
      0n,
    )
    expect(value.toString(16).padStart(40, '0')).toBe(secret)
    expect(code).toMatch(/^([A-Z2-7]{4}-){7}[A-Z2-7]{4}$/)
  })

  it('says where the notes lie', () => expect(derive('link slot', root)).toBe(slot))

  it.each(notes)('seals the note of step $step', ({ step, nonce, note, sealed }) =>
    expect(join(nonce, seal(derive('link note', root), nonce, note, u8(step)))).toBe(sealed),
  )

  it('makes the number that both screens show', () => {
    const { policyKey, accountKey, account, device, record, digest: over, digits } = v.linking.number
    expect(digest('link number', policyKey, accountKey, account, device, record)).toBe(over)
    const groups = (over.slice(0, 60).match(/.{10}/g) ?? []).map((group) => BigInt(`0x${group}`) % 100_000n)
    expect(groups.map((group) => String(group).padStart(5, '0'))).toEqual(digits)
  })

  it('pins four steps and a field of 20 bytes', () =>
    expect([notes.map(({ step }) => step), field(secret).slice(0, 8)]).toEqual([[1, 2, 3, 4], u32(20)]))
})
