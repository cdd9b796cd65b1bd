import { describe, expect, it } from 'vitest'
import { safeJson, visible, visibleLines } from '../../client/words/visible.ts'
import { dangersIn, hostileCharacters } from '../support/hostile.ts'

describe('text made visible', () => {
  it.each(Object.entries(hostileCharacters))('shows %s as a sign', (_name, ofThisKind) => {
    for (const code of ofThisKind) {
      const shown = visible(`a${String.fromCodePoint(code)}b`)
      expect(dangersIn(shown), code.toString(16)).toEqual([])
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
    expect(dangersIn(visible(text))).toEqual([])
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

  it.each([
    ['joiners and selectors behind nothing', '\u200da \ufe0f', '<U+200D>a \ufe0f'],
    ['a second joiner', 'a\u200d\u200cb', 'a\u200d<U+200C>b'],
    ['what variation selectors spell behind an emoji', '😀\ufe0f\u{e0148}\u{e0159}', '😀\ufe0f<U+E0148><U+E0159>'],
    ['a selector behind what is not seen', 'a\u00ad\ufe0f', 'a<U+00AD><U+FE0F>'],
  ])('shows %s', (_name, text, shown) => expect(visible(text)).toBe(shown))

  it('shows the marks on one character beyond the thirtieth', () => {
    const marked = (count: number) => `a${'\u0301'.repeat(count)}`
    expect(visible(marked(30))).toBe(marked(30))
    expect(visible(`${marked(32)}b`)).toBe(`${marked(30)}<U+0301><U+0301>b`)
  })
})

describe('JSON for a terminal', () => {
  it('escapes tags beyond the basic plane as the two halves that JSON knows', () => {
    expect(safeJson('\u{e0041}')).toBe('"\\udb40\\udc41"')
  })
})
