import fc from 'fast-check'
import stringWidth from 'string-width'
import { describe, expect, it } from 'vitest'
import { emptyLine, insert, type Key, type Line, press, textOf, view } from '../../client/cli/chat/editor.ts'

/** A line as `before|after` says: the bar is the cursor. */
function lineOf(text: string): Line {
  const [before = '', after = ''] = text.split('|')
  const { cursor } = insert(emptyLine, before)
  return { ...insert(emptyLine, before + after), cursor }
}

const shownAs = (line: Line) => line.characters.toSpliced(line.cursor, 0, '|').join('')
const pressed = (text: string, ...keys: Key[]) => shownAs(keys.reduce(press, lineOf(text)))

describe('a line being typed', () => {
  it('takes text where the cursor stands', () => {
    expect(shownAs(insert(lineOf('hello |world'), 'small '))).toBe('hello small |world')
    expect(shownAs(insert(lineOf('|world'), 'hello '))).toBe('hello |world')
    expect(shownAs(insert(emptyLine, 'hello'))).toBe('hello|')
    expect(textOf(insert(lineOf('hello |world'), 'small '))).toBe('hello small world')
  })

  it.each([
    ['left', 'ab|c', 'a|bc'],
    ['left', '|abc', '|abc'],
    ['right', 'a|bc', 'ab|c'],
    ['right', 'abc|', 'abc|'],
    ['home', 'ab|c', '|abc'],
    ['end', 'a|bc', 'abc|'],
    ['backspace', 'ab|c', 'a|c'],
    ['backspace', '|abc', '|abc'],
    ['delete', 'a|bc', 'a|c'],
    ['delete', 'abc|', 'abc|'],
    ['up', 'ab|c', 'ab|c'],
    ['f1', 'ab|c', 'ab|c'],
  ])('at %s turns %s into %s', (name, before, after) => {
    expect(pressed(before, { name })).toBe(after)
  })

  it.each([
    ['a', 'ab|c', '|abc'],
    ['e', 'a|bc', 'abc|'],
    ['u', 'ab|c', '|c'],
    ['k', 'ab|c', 'ab|'],
    ['w', 'one two|  three', 'one |  three'],
    ['w', 'one two  | three', 'one | three'],
    ['w', '|three', '|three'],
    ['x', 'ab|c', 'ab|c'],
  ])('at Ctrl-%s turns %s into %s', (name, before, after) => {
    expect(pressed(before, { name, ctrl: true })).toBe(after)
  })

  it('takes no control characters and no keys with Alt as text', () => {
    for (const key of [{ text: '\u0007' }, { text: '\u001b[5~' }, { text: '\u009b' }, { text: 'x', meta: true }, {}])
      expect(pressed('ab|c', key)).toBe('ab|c')
    expect(pressed('ab|c', { text: 'x', name: 'x' })).toBe('abx|c')
  })

  it.each(['👩‍👩‍👧‍👦', '👍🏽', '🇩🇪', 'e\u0301', 'क्षि', '한'])('treats %s as one character', (character) => {
    expect(pressed(`a${character}|b`, { name: 'backspace' })).toBe('a|b')
    expect(pressed(`a|${character}b`, { name: 'delete' })).toBe('a|b')
    expect(pressed(`a${character}|b`, { name: 'left' })).toBe(`a|${character}b`)
  })

  it('joins what is typed piece by piece into one character', () => {
    expect(insert(lineOf('e|x'), '\u0301').characters).toEqual(['e\u0301', 'x'])
    expect(shownAs(insert(lineOf('e|x'), '\u0301'))).toBe('e\u0301|x')
    expect(insert(insert(emptyLine, '👩'), '\u200d👧').characters).toHaveLength(1)
  })

  it('keeps every piece of text that was put in, and its cursor inside', () => {
    const text = fc.string({
      unit: fc.constantFrom('a', ' ', '漢', '👩', '\u200d', '\u0301', '🇩', '🇪', '\n', '\u202e'),
    })
    fc.assert(
      fc.property(text, fc.nat(), text, (before, place, inserted) => {
        const { characters } = insert(emptyLine, before)
        const cursor = place % (characters.length + 1)
        const line = insert({ characters, cursor }, inserted)
        expect(textOf(line)).toBe(characters.toSpliced(cursor, 0, inserted).join(''))
        expect(line.cursor).toBeGreaterThanOrEqual(0)
        expect(line.cursor).toBeLessThanOrEqual(line.characters.length)
      }),
    )
  })
})

describe('the window over a line', () => {
  it('shows a short line whole, and where the cursor stands in it', () => {
    expect(view(lineOf('hello| world'), 40)).toEqual({ shown: 'hello world', column: 5 })
    expect(view(emptyLine, 40)).toEqual({ shown: '', column: 0 })
  })

  it('counts wide characters as two columns', () => {
    expect(view(lineOf('漢字|かな'), 40)).toEqual({ shown: '漢字かな', column: 4 })
    expect(view(lineOf('👩‍👩‍👧‍👦|!'), 40)).toEqual({ shown: '👩‍👩‍👧‍👦!', column: 2 })
  })

  it('slides so that the cursor stays in it', () => {
    const long = 'abcdefghijklmnopqrstuvwxyz'
    expect(view(lineOf(`${long}|`), 10)).toEqual({ shown: 'rstuvwxyz', column: 9 })
    expect(view(lineOf(`|${long}`), 10)).toEqual({ shown: 'abcdefghi', column: 0 })
    expect(view(lineOf(`abcde|${long.slice(5)}`), 10)).toEqual({ shown: 'abcdefghi', column: 5 })
  })

  it('shows signs in the place of what could be an order to the terminal', () => {
    expect(view(lineOf('one\ntwo\u001b[2J|'), 40)).toEqual({ shown: 'one␊two␛[2J', column: 11 })
  })

  it('never shows more than fits, nor loses the cursor, whatever the line', () => {
    const text = fc.string({
      unit: fc.constantFrom('a', '漢', '👩', '\u200d', '\u0301', '\u202e', '\n'),
      maxLength: 60,
    })
    fc.assert(
      fc.property(text, text, fc.integer({ min: 18, max: 40 }), (before, after, width) => {
        const { shown, column } = view(lineOf(`${before}|${after}`), width)
        expect(stringWidth(shown)).toBeLessThan(width)
        expect(column).toBeLessThan(width)
        expect(shown).not.toMatch(/[\n\u202e]/)
      }),
    )
  })

  it('is as quick over a long line as over a short one', () => {
    const characters = Array.from({ length: 64_000 }, () => 'x')
    const started = performance.now()
    for (let i = 0; i < 100; i++) view({ characters, cursor: characters.length }, 80)
    expect(performance.now() - started).toBeLessThan(1000)
  })
})
