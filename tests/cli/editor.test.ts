import fc from 'fast-check'
import stringWidth from 'string-width'
import { describe, expect, it } from 'vitest'
import {
  insert,
  moveRow,
  nothing,
  press,
  rowsShown,
  textOf,
  type Typed,
  typedText,
} from '../../client/cli/chat/editor.ts'
import { graphemes } from '../../client/cli/graphemes.ts'

/** As `before|after` says: the bar is the cursor. */
function typedAt(text: string): Typed {
  const [before = '', after = ''] = text.split('|')
  return { ...typedText(before + after), cursor: typedText(before).cursor }
}

const shownAs = (typed: Typed) => typed.characters.toSpliced(typed.cursor, 0, '|').join('')
const pressed = (text: string, ...keys: string[]) => shownAs(keys.reduce(press, typedAt(text)))

const segmenter = new Intl.Segmenter('en', { granularity: 'grapheme' })
const difficult = fc.string({
  unit: fc.constantFrom(
    'a',
    ' ',
    '漢',
    'か',
    'é',
    'я',
    '👩',
    '\u200d',
    '\u0301',
    '🇩',
    '🇪',
    '\n',
    '\r',
    '\u202e',
    '한',
    'क',
    'ष',
    '्',
  ),
})

describe('what is being typed', () => {
  it('takes text where the cursor stands', () => {
    expect(shownAs(insert(typedAt('hello |world'), 'small '))).toBe('hello small |world')
    expect(shownAs(insert(typedAt('|world'), 'hello '))).toBe('hello |world')
    expect(shownAs(insert(nothing, 'hello'))).toBe('hello|')
    expect(textOf(insert(typedAt('hello |world'), 'small '))).toBe('hello small world')
  })

  it.each([
    ['left', 'ab|c', 'a|bc'],
    ['left', '|abc', '|abc'],
    ['right', 'a|bc', 'ab|c'],
    ['right', 'abc|', 'abc|'],
    ['home', 'ab|c', '|abc'],
    ['home', 'one\nt|wo', 'one\n|two'],
    ['end', 'a|bc', 'abc|'],
    ['end', 'o|ne\ntwo', 'one|\ntwo'],
    ['backspace', 'ab|c', 'a|c'],
    ['backspace', '|abc', '|abc'],
    ['delete', 'a|bc', 'a|c'],
    ['delete', 'abc|', 'abc|'],
    ['ctrl-a', 'ab|c', '|abc'],
    ['ctrl-e', 'a|bc', 'abc|'],
    ['ctrl-u', 'ab|c', '|c'],
    ['ctrl-u', 'one\ntw|o', 'one\n|o'],
    ['ctrl-k', 'ab|c', 'ab|'],
    ['ctrl-k', 'o|ne\ntwo', 'o|\ntwo'],
    ['ctrl-w', 'one two|  three', 'one |  three'],
    ['ctrl-w', 'one two  | three', 'one | three'],
    ['ctrl-w', '|three', '|three'],
    ['alt-backspace', 'one two|', 'one |'],
    ['ctrl-left', 'one two |three', 'one |two three'],
    ['alt-b', 'one tw|o', 'one |two'],
    ['ctrl-right', 'one| two three', 'one two| three'],
    ['alt-f', 'on|e two', 'one| two'],
    ['alt-enter', 'one|two', 'one\n|two'],
    ['ctrl-j', 'one|', 'one\n|'],
    ['up', 'ab|c', 'ab|c'],
    ['unknown', 'ab|c', 'ab|c'],
  ])('at %s turns %j into %j', (key, before, after) => {
    expect(pressed(before, key)).toBe(after)
  })

  it.each(['👩‍👩‍👧‍👦', '👍🏽', '🇩🇪', 'e\u0301', 'क्षि', '한', '漢'])('treats %s as one character', (character) => {
    expect(pressed(`a${character}|b`, 'backspace')).toBe('a|b')
    expect(pressed(`a|${character}b`, 'delete')).toBe('a|b')
    expect(pressed(`a${character}|b`, 'left')).toBe(`a|${character}b`)
  })

  it('joins what is typed piece by piece into one character', () => {
    expect(insert(typedAt('e|x'), '\u0301').characters).toEqual(['e\u0301', 'x'])
    expect(insert(insert(nothing, '👩'), '\u200d👧').characters).toHaveLength(1)
    expect(insert(typedAt('|\u200d👧'), '👩').characters).toHaveLength(1)
  })

  it('is cut into the characters that Unicode says, though most of it never meets the segmenter', () => {
    fc.assert(
      fc.property(difficult, (text) => {
        expect(graphemes(text)).toEqual(Array.from(segmenter.segment(text), ({ segment }) => segment))
      }),
      { numRuns: 1000 },
    )
  })

  it('is after each key as if all of it had been cut anew', () => {
    fc.assert(
      fc.property(difficult, fc.nat(), difficult, (before, place, inserted) => {
        const { characters } = typedText(before)
        const cursor = place % (characters.length + 1)
        const typed = insert({ characters, cursor }, inserted)
        const text = characters.toSpliced(cursor, 0, inserted).join('')
        expect(textOf(typed)).toBe(text)
        expect(typed.characters).toEqual(graphemes(text))
        expect(typed.cursor).toBeGreaterThanOrEqual(0)
        expect(typed.cursor).toBeLessThanOrEqual(typed.characters.length)
      }),
      { numRuns: 1000 },
    )
  })

  it('is looked at only where the cursor stands, however long it is', () => {
    const long = { characters: Array.from({ length: 20_000 }, () => 'x'), cursor: 10_000 }
    let reads = 0
    const characters = new Proxy(long.characters, {
      get(target, key, receiver) {
        reads += typeof key === 'string' && /^\d+$/.test(key) ? 1 : 0
        return Reflect.get(target, key, receiver) as unknown
      },
    })
    // one copy of the list is all that a key may cost
    insert({ ...long, characters }, 'y')
    expect(reads).toBeLessThan(20_100)
  })
})

describe('what is shown of what is typed', () => {
  it('breaks rows where the width ends, and at line breaks', () => {
    expect(rowsShown(typedAt('abcdefgh|'), 5, 9)).toEqual({ rows: ['abcde', 'fgh'], cursor: { row: 1, column: 3 } })
    expect(rowsShown(typedAt('ab\n\n|cd'), 5, 9)).toEqual({ rows: ['ab', '', 'cd'], cursor: { row: 2, column: 0 } })
    expect(rowsShown(nothing, 5, 9)).toEqual({ rows: [''], cursor: { row: 0, column: 0 } })
  })

  it('counts wide characters as two columns', () => {
    expect(rowsShown(typedAt('漢字か|な'), 5, 9)).toEqual({ rows: ['漢字', 'かな'], cursor: { row: 1, column: 2 } })
  })

  it('shows signs in the place of what could be an order to the terminal', () => {
    expect(rowsShown(typedAt('a\u001b[2J\u202e|'), 40, 9).rows).toEqual(['a␛[2J<U+202E>'])
  })

  it('is the part around the cursor when it is more than has room', () => {
    const ten = Array.from({ length: 10 }, (_, i) => `line ${i}`).join('\n')
    expect(rowsShown(typedText(ten), 20, 3)).toEqual({
      rows: ['line 7', 'line 8', 'line 9'],
      cursor: { row: 2, column: 6 },
    })
    expect(rowsShown({ ...typedText(ten), cursor: 0 }, 20, 3).rows).toEqual(['line 0', 'line 1', 'line 2'])
    expect(rowsShown({ ...typedText(ten), cursor: 35 }, 20, 3)).toMatchObject({
      rows: ['line 4', 'line 5', 'line 6'],
      cursor: { row: 1 },
    })
  })

  it('never is wider than there is room, nor loses the cursor, whatever is typed', () => {
    fc.assert(
      fc.property(
        difficult,
        difficult,
        fc.integer({ min: 8, max: 30 }),
        fc.integer({ min: 1, max: 5 }),
        (a, b, width, count) => {
          const typed = { characters: typedText(a + b).characters, cursor: 0 }
          const place = Math.min(typedText(a).characters.length, typed.characters.length)
          const { rows, cursor } = rowsShown({ ...typed, cursor: place }, width, count)
          expect(rows.length).toBeLessThanOrEqual(count)
          for (const row of rows) expect(stringWidth(row)).toBeLessThanOrEqual(width)
          expect(rows[cursor.row]).toBeDefined()
          expect(cursor.column).toBeLessThanOrEqual(width)
        },
      ),
      { numRuns: 500 },
    )
  })

  it('lets the cursor go from row to row, in about the same column', () => {
    expect(shownAs(moveRow(typedAt('abcde|f\nxy'), 20, 1) ?? nothing)).toBe('abcdef\nxy|')
    expect(shownAs(moveRow(typedAt('abcdef\nx|y'), 20, -1) ?? nothing)).toBe('a|bcdef\nxy')
    expect(shownAs(moveRow(typedAt('abcdefgh|'), 5, -1) ?? nothing)).toBe('abc|defgh')
    expect(moveRow(typedAt('one|'), 20, -1)).toBeNull()
    expect(moveRow(typedAt('one|'), 20, 1)).toBeNull()
  })
})
