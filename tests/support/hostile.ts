import fc from 'fast-check'
import { at } from './at.ts'

const span = (first: number, last: number) => Array.from({ length: last - first + 1 }, (_, i) => first + i)
const characters = (codes: readonly number[]) => codes.map((code) => String.fromCodePoint(code))

/** What other people's text can hold to be taken for an order, or not be seen at all; by what it is. */
export const hostileCharacters = {
  'C0 controls': [...span(0, 0x1f), 0x7f],
  'C1 controls': span(0x80, 0x9f),
  'line and paragraph separators': [0x2028, 0x2029],
  'bidirectional embeddings, overrides and isolates': [...span(0x202a, 0x202e), ...span(0x2066, 0x2069)],
  'bidirectional marks': [0x200e, 0x200f, 0x061c],
  'zero-width spaces and joins': [0x200b, 0x2060, 0xfeff],
  'soft hyphen and grapheme joiner': [0x00ad, 0x034f],
  'Hangul fillers': [0x115f, 0x1160, 0x3164, 0xffa0],
  'invisible Khmer vowels': [0x17b4, 0x17b5],
  'Mongolian vowel separator': [0x180e],
  'invisible operators': span(0x2061, 0x2064),
  'deprecated format characters': span(0x206a, 0x206f),
  'interlinear annotation': [0xfff9, 0xfffa, 0xfffb],
  'shorthand and musical format characters': [...span(0x1bca0, 0x1bca3), ...span(0x1d173, 0x1d17a)],
  'tags, and the rest of their block but the variation selectors': [...span(0xe0000, 0xe00ff), 0xe01f0, 0xe0fff],
  'unassigned and ignorable': [0x2065, 0xfff0, 0xfff8],
  'halves of surrogate pairs': [0xd800, 0xdbff, 0xdc00, 0xdfff],
} as const

/** Never raw where a person reads. */
export const forbidden: ReadonlySet<number> = new Set<number>(Object.values(hostileCharacters).flat())
/** Invisible too, and needed by scripts and emoji: only one, and only behind something visible. */
export const shaping: readonly number[] = [
  0x200c,
  0x200d,
  ...span(0xfe00, 0xfe0f),
  ...span(0x180b, 0x180d),
  0x180f,
  ...span(0xe0100, 0xe01ef),
]
const variationSelectors = new Set(shaping.filter((code) => code !== 0x200c && code !== 0x200d))
const joiners = new Set([0x200c, 0x200d])
/** More marks on one character are no writing (UAX #15, Stream-Safe Text Format). */
const marksMaximum = 30

/** What in a line would still be dangerous to show: empty when nothing is. */
export function dangersIn(line: string): string[] {
  const dangers: string[] = []
  let before: 'nothing' | 'visible' | 'selector' | 'joiner' = 'nothing'
  let marks = 0
  for (const character of line) {
    const code = character.codePointAt(0) ?? 0
    const [isSelector, isJoiner] = [variationSelectors.has(code), joiners.has(code)]
    const out = isJoiner ? before === 'nothing' || before === 'joiner' : isSelector && before !== 'visible'
    marks = /^\p{M}$/u.test(character) ? marks + 1 : 0
    if (forbidden.has(code) || out || marks > marksMaximum) dangers.push(`U+${code.toString(16).padStart(4, '0')}`)
    before = isSelector ? 'selector' : isJoiner ? 'joiner' : 'visible'
  }
  return dangers
}

const sequences = [
  '\u001b[2J',
  '\u001b[31;1mred\u001b[0m',
  '\u001b[999;999H',
  '\u001b]0;a title\u0007',
  '\u001b]8;;http://evil.example\u001b\\bank\u001b]8;;\u001b\\',
  '\u001b]52;c;ZXZpbA==\u0007',
  '\u001bP$q"p\u001b\\',
  '\u001bc',
  '\u001b(0',
  '\u009b2J',
  '\u009d52;c;ZXZpbA==\u009c',
  '\u001b[?1049h',
  '\u001b[6n',
  '\r',
  '\n',
  '\r\n',
  '\t',
  '\u202egnp.exe',
  '\\u001b[2J',
  '<U+202E>',
  '{"__proto__":1}',
  '"',
  '\\',
  '</script><script>',
]

const flood = fc
  .tuple(
    fc.constantFrom('a', 'é', ' ', ''),
    fc.constantFrom('\u0301', '\u0489', '\u20dd', '\ufe0f', '\u200d'),
    fc.nat(90),
  )
  .map(([base, mark, count]) => base + mark.repeat(count))

const piece = fc.oneof(
  fc.constantFrom(...characters([...forbidden])),
  fc.constantFrom(...characters(shaping)),
  fc.constantFrom(...sequences),
  flood,
  fc.string({ unit: 'binary', maxLength: 5 }),
  fc.string({ unit: 'grapheme', maxLength: 5 }),
  fc.nat(0xffff).map((code) => String.fromCharCode(code)),
)

/** Text that somebody has made to do harm where it is shown. */
export const hostileText: fc.Arbitrary<string> = fc.array(piece, { maxLength: 20 }).map((pieces) => pieces.join(''))

const nested = (depth: number, open: string, close: string) => open.repeat(depth) + close.repeat(depth)

const rawJson = [
  'null',
  'true',
  '-0',
  '-1',
  '0.5',
  '1e400',
  '-1e400',
  '4294967295',
  '4294967296',
  '9007199254740991',
  '9007199254740993',
  '1e21',
  '""',
  '"\\ud800"',
  '"\\u0000"',
  '"A"',
  '"AA=="',
  '"__proto__"',
  '"constructor"',
  '{}',
  '[]',
  '[[]]',
  '{"__proto__":{"polluted":1}}',
  '{"constructor":{"prototype":{"polluted":1}}}',
  '{"length":3}',
  '{"toString":null,"valueOf":null}',
  nested(400, '[', ']'),
  nested(20_000, '[', ']'),
  `${'{"a":'.repeat(3000)}1${'}'.repeat(3000)}`,
]

/** JSON, as it is written, of values that nobody asked for. */
export const hostileJson: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom(...rawJson),
  hostileText.map((text) => JSON.stringify(text)),
  fc.jsonValue().map((value) => JSON.stringify(value)),
)

const memberNames = ['__proto__', 'constructor', 'prototype', 'toString', 'type', 'ref', 'list', 'then', '', 'length']

/** A member for an object, which need not be the only one of its name. */
const member = fc.tuple(fc.constantFrom(...memberNames), hostileJson)

type Frame = Readonly<Record<string, unknown>>

/** JSON objects that were right, with members replaced, left out and added; text with a piece cut out; and nonsense. */
export function hostileFrames(frames: readonly Frame[]): fc.Arbitrary<string> {
  const spoilt = fc
    .tuple(fc.constantFrom(...frames), fc.nat(20), fc.option(hostileJson), fc.array(member, { maxLength: 2 }))
    .map(([frame, place, value, more]) => {
      const members = Object.entries(frame).map(([name, one]) => [name, JSON.stringify(one)] as const)
      const hit = members.length > 0 ? place % (members.length + 1) : -1
      const left = members.flatMap(([name, one], i) =>
        i !== hit ? [[name, one] as const] : value === null ? [] : [[name, value] as const],
      )
      return `{${[...left, ...more].map(([name, one]) => `${JSON.stringify(name)}:${one}`).join(',')}}`
    })
  const cut = fc.tuple(spoilt, fc.nat(), fc.nat(10)).map(([text, place, size]) => {
    const start = place % (text.length + 1)
    return text.slice(0, start) + text.slice(start + size)
  })
  const swapped = fc
    .tuple(fc.constantFrom(...frames), fc.constantFrom(...frames))
    .map(([one, other]) => JSON.stringify({ ...one, ...other, type: at([one, other], 0)['type'] }))
  return fc.oneof({ weight: 5, arbitrary: spoilt }, cut, swapped, hostileJson, hostileText)
}
