import stringWidth from 'string-width'
import { describe, expect, it } from 'vitest'
import { onScreen, paragraph, table } from '../../client/cli/layout.ts'

describe('a paragraph', () => {
  it('ends its rows at words and hangs below its first word', () => {
    expect(paragraph('the key does not know whose messages it opens', { first: 'clerk  ' }, 24)).toEqual([
      'clerk  the key does not',
      '       know whose',
      '       messages it opens',
    ])
  })

  it('hangs as it is told', () => {
    expect(paragraph('one two three', { first: '> ', rest: '    ' }, 11)).toEqual(['> one two', '    three'])
  })
})

describe('a line for a person', () => {
  const line = `the word is f53831 ${'and so on '.repeat(12)}`.trim()

  it('is broken at words on a terminal, and hangs', () => {
    const rows = onScreen(line, { isTTY: true } as NodeJS.WriteStream, '  ')
    expect(rows.length).toBeGreaterThan(1)
    expect(rows.slice(1).every((row) => /^ {2}\S/.test(row))).toBe(true)
    expect(rows.map((row) => row.trim()).join(' ')).toBe(line)
  })

  it('is one line in a pipe', () => {
    expect(onScreen(line, { isTTY: false } as NodeJS.WriteStream, '  ')).toEqual([line])
  })
})

describe('a table', () => {
  const heads = [{ heading: 'conversation' }, { heading: 'read', align: 'right' }] as const

  it('has headings, and numbers under each other', () => {
    expect(
      table(
        heads,
        [
          ['rook, jay', '2'],
          ['a journalist', '13'],
        ],
        1,
        80,
      ),
    ).toEqual([' conversation  read', ' rook, jay        2', ' a journalist    13'])
  })

  it('breaks its widest column at words where it has no room, and is never wider', () => {
    const rows = table(heads, [['somebody who left an abusive partner, and 友達 who helps', '2']], 2, 30)
    expect(rows).toEqual([
      '  conversation            read',
      '  somebody who left an       2',
      '  abusive partner, and',
      '  友達 who helps',
    ])
    expect(Math.max(...rows.map((row) => stringWidth(row)))).toBe(30)
  })

  it('may have more rows than a function takes arguments', () => {
    const many = Array.from({ length: 150_000 }, (_, i) => [String(i)])
    expect(table([{ heading: 'no', align: 'right' }], many, 0, 80).at(-1)).toBe('149999')
  })
})
