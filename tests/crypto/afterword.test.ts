import { describe, expect, it } from 'vitest'
import { isEmoji } from '../../crypto/afterword.ts'
import { concat, field, textField, u64, u8 } from '../../crypto/bytes.ts'
import { type Content, decodeContent, encodeContent } from '../../crypto/content.ts'
import type { Digest } from '../../crypto/keys.ts'
import { flipsDecoded, secondEncodings, verdict } from '../support/decoding.ts'
import { seededRandom } from '../support/random.ts'

/* Section 10d: answers, reactions, deletions. */

const random = seededRandom('afterwords')
const common = { id: 'message-2', sequence: 2, sentAt: 1_700_000_000_000, abandoned: [], text: '' }
const answers = { author: 'alice', id: 'message-1' }
const body = {
  group: random(32) as Digest,
  head: random(32) as Digest,
  counter: 2,
  salt: random(32),
  previous: random(32) as Digest,
  heard: [],
}
const reaction = { kind: 'reaction', of: answers, emoji: '👩‍🚀' } as const
const deletion = { kind: 'deletion', ids: ['message-1', 'message-0'] } as const
const all: readonly Content[] = [reaction, { ...reaction, emoji: '' }, deletion].flatMap((said) => [
  { kind: 'afterword', ...common, said },
  { kind: 'afterword', ...common, said, to: 'bob' },
  { kind: 'group afterword', ...common, ...body, said },
])
const text: Content = { kind: 'text', ...common, text: 'I do' }

const start = (kind: number, sequence = 2) =>
  concat(u8(kind), textField('message-2'), u64(sequence), u64(1_700_000_000_000), u8(0))
const said = (kind: number, ...parts: readonly Uint8Array[]) =>
  verdict(() => decodeContent(concat(start(kind), ...parts)))
const name = concat(textField('alice'), textField('message-1'))

describe('reactions and deletions', () => {
  it.each(all)('have one encoding: $kind $said.kind to $to', (content) => {
    const encoded = encodeContent(content)
    expect(decodeContent(encoded)).toEqual(content)
    expect(secondEncodings(encoded, decodeContent, encodeContent)).toEqual([])
    expect(flipsDecoded(encoded, decodeContent)).toBeGreaterThan(0)
  })

  it('are laid out as the specification says', () => {
    const [here, copy] = all as [Content, Content]
    expect(encodeContent(here)).toEqual(concat(start(8), u8(0), name, textField('👩‍🚀')))
    expect(encodeContent(copy)).toEqual(concat(start(8), u8(1), textField('bob'), name, textField('👩‍🚀')))
    expect(encodeContent({ kind: 'afterword', ...common, said: deletion })).toEqual(
      concat(start(9), u8(0), u8(2), textField('message-1'), textField('message-0')),
    )
  })

  it.each<[what: string, kind: number, ...parts: Uint8Array[]]>([
    ['a text that is no emoji', 8, u8(0), name, textField('a')],
    ['two emoji', 8, u8(0), name, textField('👍👍')],
    ['an emoji and something unseen', 8, u8(0), name, textField('👍\u200b')],
    ['a long one', 8, u8(0), name, textField('👍'.repeat(17))],
    ['no author', 8, u8(0), textField(''), textField('message-1'), textField('👍')],
    ['no id', 8, u8(0), textField('alice'), textField(''), textField('👍')],
    ['a fourth place', 8, u8(3), name, textField('👍')],
    ['a copy to nobody', 8, u8(1), textField('No Name'), name, textField('👍')],
    ['a group that is cut off', 8, u8(2), new Uint8Array(31)],
    ['a deletion of nothing', 9, u8(0), u8(0)],
    ['a deletion of 65', 9, u8(0), u8(65), ...Array.from({ length: 65 }, () => textField('x'))],
    ['a deletion of what is no id', 9, u8(0), u8(1), textField('a b')],
    ['bytes behind it', 9, u8(0), u8(1), textField('a'), u8(0)],
  ])('are malformed with %s', (_what, kind, ...parts) => expect(said(kind, ...parts)).toBe('malformed'))

  it('are counted, like texts', () => {
    for (const [kind, end] of [
      [8, concat(u8(0), name, textField('👍'))],
      [9, concat(u8(0), u8(1), textField('a'))],
    ] as const) {
      expect(verdict(() => decodeContent(concat(start(kind, 0), end)))).toBe('malformed')
      expect(verdict(() => decodeContent(concat(start(kind, 1), end)))).toBe('accepted')
    }
  })

  it('cannot be written with what could not be read', () => {
    const written = (one: object) => () => encodeContent({ kind: 'afterword', ...common, said: one } as Content)
    for (const one of [
      { ...reaction, emoji: 'a' },
      { ...deletion, ids: [] },
      { ...deletion, ids: Array.from({ length: 65 }, (_, i) => `${i}`) },
      { ...deletion, ids: ['a b'] },
    ])
      expect(written(one)).toThrow(RangeError)
  })
})

it('knows one emoji from any other text', () => {
  for (const emoji of ['👍', '👍🏽', '❤️', '❤', '🇩🇪', '👨‍👩‍👧', '1️⃣', '🏴󠁧󠁢󠁥󠁮󠁧󠁿'])
    expect([emoji, isEmoji(emoji)]).toEqual([emoji, true])
  for (const other of ['', 'a', '1', '#', '👍👍', '👍a', 'a👍', '👍\u202e', '\u200d', '👍\u0301'])
    expect([other, isEmoji(other)]).toEqual([other, false])
})

describe('an answer', () => {
  const extension = (which: number, bytes: Uint8Array) => concat(u8(which), field(bytes))
  const copy: Content = { ...text, kind: 'copy', to: 'bob' }
  const group: Content = { ...text, ...body, kind: 'group' }
  const receipt: Content = { kind: 'receipt', ...common, sequence: 0, status: 'read', ids: ['a'] }
  const reset: Content = { kind: 'reset', ...common, sequence: 0 }

  it.each([text, copy, group])('stands behind a $kind as extension 6', (content) => {
    const bytes = concat(encodeContent(content), extension(6, name))
    expect(encodeContent({ ...content, answers })).toEqual(bytes)
    expect(decodeContent(bytes)).toEqual({ ...content, answers })
  })

  it('stands between what a later version adds', () => {
    const bytes = concat(encodeContent(text), extension(4, u8(1)), extension(6, name), extension(7, u8(2)))
    expect(decodeContent(bytes)).toMatchObject({ answers, further: [{ which: 4 }, { which: 7 }] })
    expect(encodeContent(decodeContent(bytes))).toEqual(bytes)
  })

  it.each([receipt, reset, ...all])('belongs to no $kind', (content) => {
    expect(verdict(() => decodeContent(concat(encodeContent(content), extension(6, name))))).toBe('malformed')
  })

  it.each([
    ['nothing in it', new Uint8Array()],
    ['something behind it', concat(name, u8(0))],
    ['no author', concat(textField(''), textField('a'))],
    ['no id', concat(textField('alice'), textField(''))],
  ])('is malformed with %s', (_what, bytes) => {
    expect(verdict(() => decodeContent(concat(encodeContent(text), extension(6, bytes))))).toBe('malformed')
  })
})
