import fc from 'fast-check'
import stringWidth from 'string-width'
import { describe, expect, it } from 'vitest'
import type { HistoryEntry, HistoryMessage } from '../../client/device/history-entries.ts'
import { noticeRows } from '../../client/cli/chat/notice-rows.ts'
import type { Part } from '../../client/words/notice.ts'
import { bar, column, type Listed } from '../../client/cli/chat/people-list.ts'
import type { Line } from '../../client/cli/chat/line.ts'
import { saidRows } from '../../client/cli/chat/said.ts'
import { createWindow, type Place } from '../../client/cli/chat/window.ts'
import { wrap } from '../../client/cli/wrap.ts'

const plain = (lines: readonly Line[]) =>
  lines.map((line) =>
    line
      .map(({ text }) => text)
      .join('')
      .trimEnd(),
  )

describe('text broken into rows', () => {
  it.each([
    ['one two three', 7, 0, ['one two', 'three']],
    ['one two three', 6, 4, ['', 'one', 'two', 'three']],
    ['abcdefghij kl', 4, 0, ['abcd', 'efgh', 'ij', 'kl']],
    ['a  b', 40, 0, ['a  b']],
    ['  x', 40, 0, ['  x']],
    ['漢字かな', 5, 0, ['漢字', 'かな']],
    ['see 漢字かな', 8, 0, ['see 漢字', 'かな']],
    ['👩‍👩‍👧‍👦👩‍👩‍👧‍👦', 3, 0, ['👩‍👩‍👧‍👦', '👩‍👩‍👧‍👦']],
    ['漢 \u0301aa', 4, 0, ['漢', ' \u0301aa']],
    ['', 5, 0, ['']],
  ])('%j at %i columns, %i of them taken, is %j', (text, width, taken, rows) => {
    expect(wrap(text, width, taken)).toEqual(rows)
  })

  it('is never wider than the room, and loses nothing but spaces, whatever the text', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'b', ' ', '漢', '👩', '\u0301', '-'), maxLength: 80 })
    fc.assert(
      fc.property(text, fc.integer({ min: 4, max: 20 }), (text, width) => {
        const rows = wrap(text, width)
        for (const row of rows) expect(stringWidth(row)).toBeLessThanOrEqual(width)
        expect(rows.join('').replaceAll(' ', '')).toBe(text.replaceAll(' ', ''))
      }),
      { numRuns: 500 },
    )
  })
})

const noon = new Date(2026, 2, 1, 12, 0).getTime()
const message = (row: number, changes: Partial<HistoryMessage> = {}): HistoryMessage => ({
  row,
  kind: 'message',
  peer: 'bob',
  direction: 'in',
  author: null,
  id: String(row),
  sequence: row,
  sentAt: noon,
  recordedAt: noon,
  state: 'received',
  epoch: 1,
  lifetimeSeconds: 0,
  attachment: null,
  confirmed: null,
  answers: null,
  deletedAt: null,
  text: `message ${row}`,
  ...changes,
})

describe('an entry of the history', () => {
  const rows = (changes: Partial<HistoryMessage>, width = 40) =>
    plain(saidRows(message(1, changes), 'alice', width, () => '“”'))

  it.each([
    ['sent', [], [], '✓'],
    ['sent', ['carol'], [], '✓✓ 1 of 3'],
    ['sent', ['carol'], ['dave'], '✓✓ 2 of 3, read by 1'],
    ['sent', [], ['dave'], '✓✓ read by 1 of 3'],
    ['delivered', ['bob', 'carol', 'dave'], [], '✓✓'],
    ['delivered', ['bob', 'carol'], ['dave'], '✓✓ 3 of 3, read by 1'],
    ['read', [], ['bob', 'carol', 'dave'], '✓✓ read'],
    ['failed', ['carol'], [], '✗ not sent'],
  ] as const)('of a group that is %s, come to %j and read by %j, has the mark %s', (state, delivered, read, mark) => {
    const heard = new Set<string>([...delivered, ...read])
    const waiting = ['bob', 'carol', 'dave'].filter((name) => !heard.has(name))
    const shown = rows({ direction: 'out', peer: '+00', state, confirmed: { waiting, delivered, read } }, 60)
    expect(shown).toEqual([`12:00 alice: message 1 ${mark}`])
  })

  it.each([
    ['waiting', 'waiting …'],
    ['sealed', 'waiting …'],
    ['sent', '✓'],
    ['delivered', '✓✓'],
    ['read', '✓✓ read'],
    ['failed', '✗ not sent'],
  ] as const)('of our own that is %s ends with %s', (state, mark) => {
    expect(rows({ direction: 'out', state, text: 'hello' })).toEqual([`12:00 alice: hello ${mark}`])
  })

  it('puts the mark below where it has no room, and the lifetime behind it', () => {
    expect(rows({ direction: 'out', state: 'read', text: 'x'.repeat(27), lifetimeSeconds: 604_800 })).toEqual([
      `12:00 alice: ${'x'.repeat(27)}`,
      '      ✓✓ read ⌛ 7 d',
    ])
    expect(rows({ lifetimeSeconds: 90, text: 'hello' })).toEqual(['12:00 bob: hello ⌛ 90 s'])
  })

  it('keeps its lines, but for empty ones at its end, and shows no order to a terminal', () => {
    expect(rows({ text: 'one\ntwo\n\n' })).toEqual(['12:00 bob: one', '      two'])
    expect(rows({ text: '\u001b]52;c;eA==\u0007\u009b2J\u202e\u{e0041}' }, 80)).toEqual([
      '12:00 bob: ␛]52;c;eA==␇<U+009B>2J<U+202E><U+E0041>',
    ])
    expect(rows({ peer: 'b\u001b[2Job', text: 'x' })).toEqual(['12:00 b␛[2Job: x'])
  })
})

describe('the notice', () => {
  const warning = (text: string): Part => ({ text, importance: 'warning' })
  const fact = (text: string): Part => ({ text, importance: 'fact' })
  const detail = (text: string): Part => ({ text, importance: 'detail' })

  it('takes a second row before anything is left out', () => {
    const parts = [warning('bob'), fact('verified'), fact('access: none (epoch 1)'), detail('1 device')]
    expect(plain(noticeRows(parts, 70))).toEqual(['bob · verified · access: none (epoch 1) · 1 device'])
    expect(plain(noticeRows(parts, 40))).toEqual(['bob · verified', 'access: none (epoch 1) · 1 device'])
  })

  it('breaks within a part where that makes room', () => {
    const parts = [
      warning('alice'),
      warning('not verified'),
      warning('access: escrow: a third party may read this (epoch 2)'),
    ]
    expect(plain(noticeRows(parts, 44))).toEqual([
      'alice · not verified · access: escrow: a',
      'third party may read this (epoch 2)',
    ])
  })

  it('leaves out the least important first, with a sign, and a warning never', () => {
    const name = 'a'.repeat(32)
    const access = 'access: message-key-escrow: a third party may read this (epoch 12)'
    const parts = [
      warning(name),
      warning('KEY CHANGED: nothing is sent'),
      warning(access),
      fact('2 waiting'),
      detail('a detail that has no room'),
    ]
    const rows = plain(noticeRows(parts, 40))
    for (const { text } of parts.slice(0, 3)) expect(rows.join(' ').replaceAll(/ +/g, ' ')).toContain(text)
    expect(rows.join(' ')).toContain('2 waiting')
    expect(rows.join(' ')).not.toContain('detail')
    expect(rows.at(-1)).toMatch(/ …$/)
    for (const row of rows) expect(stringWidth(row)).toBeLessThanOrEqual(40)
  })
})

describe('the list of people', () => {
  const one = (user: string, changes: Partial<Listed> = {}): Listed => ({
    user,
    name: user,
    standing: 'accepted',
    unread: 0,
    muted: false,
    current: false,
    ...changes,
  })
  const people = [
    one('bob'),
    one('carol', { unread: 12, standing: 'request' }),
    one('dave', { current: true }),
    one('erin', { standing: 'blocked' }),
    one('f'.repeat(32), { unread: 3 }),
  ]

  it('is a column with the current one marked, and counts', () => {
    expect(plain(column(people, 20, 6))).toEqual([
      ' bob',
      ' carol   request 12',
      '▸dave',
      ' erin       blocked',
      ' ffffffffffffffff… 3'.replace('ffffffffffffffff…', 'fffffffffffffff…'),
      '',
    ])
  })

  it('keeps the current one in sight, and says how many are not', () => {
    expect(plain(column(people, 20, 3))).toEqual([' carol   request 12', '▸dave', ' +3 more'])
  })

  it('is a bar that begins with the current one and those who have written', () => {
    expect(plain([bar(people, 40)])).toEqual([' ▸dave  carol request 12  +3'])
    expect(plain([bar(people.slice(0, 4), 60)])).toEqual([' ▸dave  carol request 12  bob  erin blocked'])
    expect(plain([bar([], 40)])).toEqual([' nobody yet'])
  })
})

describe('the window over a history', () => {
  const historyOf = (entries: readonly HistoryEntry[]) => {
    const asked: number[] = []
    return {
      asked,
      before: (row: number, _peer: string, limit: number) => {
        asked.push(limit)
        return entries.filter((entry) => entry.row < row).slice(-limit)
      },
      after: (row: number, _peer: string | null, limit: number) => {
        asked.push(limit)
        return entries.filter((entry) => entry.row > row).slice(0, limit)
      },
    }
  }
  const of = { peer: 'bob', self: 'alice', width: 40, firstUnread: null }
  const many = Array.from({ length: 500 }, (_, i) =>
    message(i + 1, { text: i % 7 === 0 ? `one ${i + 1}\ntwo` : `message ${i + 1}`, recordedAt: noon + i * 3_600_000 }),
  )

  it('begins with the newest, a date where the day changes, and a line where what is new begins', () => {
    const entries = [message(1), message(2, { recordedAt: noon + 86_400_000, sentAt: noon + 86_400_000 }), message(3)]
    const window = createWindow(historyOf(entries.slice(0, 2)), () => '')
    expect(plain(window.look('newest', 9, { ...of, firstUnread: 2 }).rows)).toEqual([
      '── 2026-03-01 ──',
      '12:00 bob: message 1',
      '── 2026-03-02 ──',
      '── unread ──',
      '12:00 bob: message 2',
    ])
  })

  it('goes back over the whole history, and forward again, a row at a time or a page, and misses none', () => {
    const window = createWindow(historyOf(many), () => '')
    const height = 10
    const all = plain(window.look('newest', 10_000, of).rows)
    for (const by of [1, 3, 8]) {
      let place: Place = 'newest'
      let lines = plain(window.look(place, height, of).rows)
      let top = all.length - height
      expect(lines).toEqual(all.slice(top))
      while (top > 0) {
        place = window.move(place, -by, height, of)
        top = Math.max(0, top - by)
        lines = plain(window.look(place, height, of).rows)
        expect(lines).toEqual(all.slice(top, top + height))
      }
      while (place !== 'newest') {
        place = window.move(place, by, height, of)
        top = Math.min(all.length - height, top + by)
        expect(plain(window.look(place, height, of).rows)).toEqual(all.slice(top, top + height))
      }
      expect(top).toBe(all.length - height)
    }
  })

  it('asks for no more than has room, however long the history is', () => {
    const history = historyOf(many)
    const window = createWindow(history, () => '')
    window.look(window.move('newest', -8, 10, of), 10, of)
    expect(Math.max(...history.asked)).toBeLessThanOrEqual(20)
  })

  it('knows the last entry that can be seen to its end', () => {
    const window = createWindow(historyOf(many), () => '')
    expect(window.look('newest', 10, of)).toMatchObject({ last: 500, atNewest: true })
    expect(window.look({ entry: 2, row: 0 }, 3, of)).toMatchObject({ last: 4, atNewest: false })
    expect(window.look({ entry: 8, row: 0 }, 1, of)).toMatchObject({ last: 0, atNewest: false })
  })

  it('goes on with the next one where the one it stood at is gone', () => {
    const window = createWindow(historyOf(many.filter(({ row }) => row !== 100)), () => '')
    expect(plain(window.look({ entry: 100, row: 1 }, 2, of).rows)[0]).toContain('message 101')
  })
})
