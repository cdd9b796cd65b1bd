import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { safeJson, visible, visibleLines } from '../../client/cli/visible.ts'

const span = (first: number, last: number) => Array.from({ length: last - first + 1 }, (_, i) => first + i)

/** What must never reach a terminal as it is, by what it could do there. */
const dangers = {
  'C0 controls': [...span(0, 0x1f), 0x7f],
  'C1 controls': span(0x80, 0x9f),
  'bidirectional embeddings, overrides and isolates': [...span(0x202a, 0x202e), ...span(0x2066, 0x2069)],
  'bidirectional marks': [0x200e, 0x200f, 0x061c],
  'line and paragraph separators': [0x2028, 0x2029],
  'invisible spaces and the byte order mark': [0x200b, 0x2060, 0xfeff],
  'tags': span(0xe0000, 0xe007f),
  'halves of surrogate pairs': [0xd800, 0xdbff, 0xdc00, 0xdfff],
}
const codes = Object.values(dangers).flat()
const isDangerous = (text: string) =>
  Array.from(text).some((character) => codes.includes(character.codePointAt(0) ?? 0))

const piece = fc.oneof(
  fc.constantFrom(...codes).map((code) => String.fromCodePoint(code)),
  fc.string({ unit: 'binary', maxLength: 5 }),
  fc.constantFrom('\u001b[2J', '\u001b]0;title\u0007', '\u009b31m', '\r\n', '\n', '\t', 'ab', '"', '\\', '\\u001b'),
)
const hostileText = fc.array(piece, { maxLength: 30 }).map((pieces) => pieces.join(''))

describe('text made visible', () => {
  it.each(Object.entries(dangers))('shows %s as a sign', (_name, ofThisKind) => {
    for (const code of ofThisKind) {
      const shown = visible(`a${String.fromCodePoint(code)}b`)
      expect(isDangerous(shown), code.toString(16)).toBe(false)
      expect(shown).toMatch(/^a(?:[\u2400-\u2421]|<U\+[0-9A-F]{4,5}>)b$/)
    }
  })

  it.each([
    ['a colour and a cleared screen', '\u001b[31mred\u001b[2J', '␛[31mred␛[2J'],
    ['a link that leads elsewhere (OSC 8)', '\u001b]8;;http://evil\u001b\\bank\u001b]8;;\u001b\\', undefined],
    ['a clipboard (OSC 52)', '\u001b]52;c;ZXZpbA==\u0007', '␛]52;c;ZXZpbA==␇'],
    ['a one-byte CSI', '\u009b31m', '<U+009B>31m'],
    ['a name turned round', 'report\u202egnp.exe', 'report<U+202E>gnp.exe'],
    ['a line over the one before', 'paid\rowed', 'paid␍owed'],
  ])('disarms %s', (_name, text, shown) => {
    expect(isDangerous(visible(text))).toBe(false)
    if (shown !== undefined) expect(visible(text)).toBe(shown)
  })

  it.each([
    'plain ASCII with <brackets> & "quotes"',
    'Grüße, Łódź, naïve café',
    'नमस्ते दुनिया, क्‍ष',
    'مرحبا بالعالم ١٢٣',
    'שלום עולם',
    'می‌خواهم',
    '日本語と한국어',
    '👩‍👩‍👧‍👦 👍🏽 🏳️‍🌈 ❤️ 🇩🇪',
    'e\u0301 and ñ',
  ])('leaves %j as it is', (text) => {
    expect(visible(text)).toBe(text)
    expect(visibleLines(text)).toEqual([text])
    expect(safeJson(text)).toBe(JSON.stringify(text))
  })

  it('keeps lines apart, and gives no line more than one', () => {
    expect(visibleLines('one\ntwo\r\nthree\rfour\u2028five')).toEqual(['one', 'two', 'three␍four<U+2028>five'])
    expect(visibleLines('a\tb')).toEqual(['a    b'])
    expect(visibleLines('')).toEqual([''])
  })

  it('holds no danger, whatever the text', () => {
    fc.assert(
      fc.property(hostileText, (text) => {
        expect(isDangerous(visible(text))).toBe(false)
        for (const line of visibleLines(text)) expect(isDangerous(line)).toBe(false)
      }),
      { numRuns: 2000 },
    )
  })
})

describe('JSON for a terminal', () => {
  it('holds no danger, stays on one line and says the same, whatever the value', () => {
    const value = fc.oneof(
      fc.dictionary(hostileText, hostileText),
      fc.array(hostileText),
      hostileText,
      fc.record({
        text: hostileText,
        row: fc.nat(),
        peer: fc.constant(null),
        nested: fc.record({ text: hostileText }),
      }),
    )
    fc.assert(
      fc.property(value, (value) => {
        const json = safeJson(value)
        expect(isDangerous(json)).toBe(false)
        expect(JSON.parse(json)).toEqual(value)
      }),
      { numRuns: 2000 },
    )
  })

  it('escapes tags beyond the basic plane as the two halves that JSON knows', () => {
    expect(safeJson('\u{e0041}')).toBe('"\\udb40\\udc41"')
  })
})
