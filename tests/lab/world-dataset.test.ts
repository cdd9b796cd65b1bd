import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { afterAll, describe, expect, it, vi } from 'vitest'
import { explain } from '../../client/cli/exit.ts'
import { LabError } from '../../client/lab/world/errors.ts'
import { datasetWorld } from '../../client/lab/world/dataset.ts'
import { readEdgeList } from '../../client/lab/world/edge-list.ts'
import { readTexts } from '../../client/lab/world/texts.ts'
import { textMaximumBytes } from '../../crypto/content.ts'
import { isName } from '../../crypto/identity.ts'
import { scratch } from '../support/program.ts'
import { missing } from '../support/missing.ts'

const { path, remove } = scratch()
afterAll(remove)

function file(name: string, content: string | Uint8Array): string {
  writeFileSync(path(name), content)
  return path(name)
}

/** What a reader says of it. */
function refusal(work: () => unknown): string {
  try {
    work()
  } catch (error) {
    if (error instanceof LabError) return `${error.code}: ${error.message.replaceAll(path('').replace(/\/$/, ''), '')}`
    throw error
  }
  return 'nothing'
}

describe('an edge list', () => {
  it('is read with spaces and tabs, with or without CR, comments, blank lines, a mark and a last line end', () => {
    const text = '\ufeff# who wrote to whom\r\n1 2 1000\r\n\r\n  # more\n3\t4\t1001\n 007   2  1002 '
    const { edges, selfLoops, sorted, brokenCount } = readEdgeList(file('good', text))
    expect(edges).toEqual([
      { from: 1, to: 2, atSeconds: 1000 },
      { from: 3, to: 4, atSeconds: 1001 },
      { from: 7, to: 2, atSeconds: 1002 },
    ])
    expect([selfLoops, sorted, brokenCount]).toEqual([0, true, 0])
  })

  it('is sorted where it is not in order, the same times as they stand, and says so', () => {
    const { edges, sorted } = readEdgeList(file('unsorted', '1 2 30\n3 4 10\n5 6 30\n7 8 10\n'))
    expect(edges.map(({ from }) => from)).toEqual([3, 7, 1, 5])
    expect(sorted).toBe(false)
  })

  it('loses and counts messages to oneself', () => {
    const { edges, selfLoops } = readEdgeList(file('loops', '1 1 10\n1 2 11\n2 2 12\n'))
    expect([edges.length, selfLoops]).toEqual([1, 2])
  })

  it('ends after as many as were asked for, before what is broken behind them', () => {
    const { edges, brokenCount } = readEdgeList(file('most', '1 2 10\n# two\n3 4 11\nnonsense\n5 6 12\n'), 2)
    expect([edges.length, brokenCount]).toEqual([2, 0])
  })

  it('keeps what could be read, and has file, line and reason of the rest', () => {
    const lines = ['1 2 10', '1 2', '1 2 x', '1 -2 10', '1 2 10 11', `${'9'.repeat(17)} 2 10`, '1 2 4133980800']
    const name = file('broken', [...lines, '\u0000\u0001', '1 2 3.5', 'é'.repeat(99_999), '3 4 11'].join('\n'))
    const { edges, broken, brokenCount } = readEdgeList(name)
    expect(edges.map(({ from }) => from)).toEqual([1, 3])
    expect(new Set(broken.map(({ file }) => file))).toEqual(new Set([name]))
    const three = 'not three whole numbers: sender, recipient, time'
    expect(broken.map(({ line, problem }) => [line, problem])).toEqual([
      [2, three],
      [3, three],
      [4, three],
      [5, three],
      [6, 'the number of a person is out of range'],
      [7, 'the time is out of range: seconds since 1970, up to the year 2100'],
      [8, three],
      [9, three],
      [10, 'too long'],
    ])
    expect(brokenCount).toBe(9)
  })

  it('names the first twenty broken lines and counts them all', () => {
    const { broken, brokenCount } = readEdgeList(file('many', `${'what\n'.repeat(500)}1 2 3\n`))
    expect([broken.length, brokenCount, broken.at(-1)?.line]).toEqual([20, 500, 20])
  })

  it.each([
    ['empty', '', 'it is empty'],
    ['comments', '# nothing\n', 'it is empty'],
    ['prose', '\nDear all,\n', 'line 2: not three whole numbers: sender, recipient, time'],
  ])('is refused when nothing in it can be used: %s', (name, content, reason) => {
    expect(refusal(() => readEdgeList(file(name, content)))).toBe(
      `bad-dataset: /${name} has no message from one person to another: ${reason}`,
    )
  })

  it('is refused when nobody in it writes to anybody else', () => {
    expect(refusal(() => readEdgeList(file('selves', '1 1 10\n2 2 11\n')))).toBe(
      'bad-dataset: /selves has no message from one person to another: everybody writes to themselves',
    )
  })

  it('is refused when it is not there or no file', () => {
    expect(refusal(() => readEdgeList(path('nowhere')))).toBe('bad-dataset: there is no /nowhere')
    mkdirSync(path('folder'))
    expect(refusal(() => readEdgeList(path('folder')))).toBe(
      'bad-dataset: /folder cannot be read: this is a folder, and a file is needed',
    )
  })

  it('is the same wherever the pieces end in which it is read', () => {
    const lines = Array.from({ length: 150_000 }, (_, i) => `${i} ${i + 1} ${1_000_000 + i}`)
    const { edges, brokenCount } = readEdgeList(file('long', lines.join('\n')))
    expect(edges.map(({ from, to, atSeconds }) => `${from} ${to} ${atSeconds}`)).toEqual(lines)
    expect(brokenCount).toBe(0)
  })
})

describe('a file of texts', () => {
  it('is a text a line', () => {
    const { texts, labelled } = readTexts(file('plain', 'hello there\r\nGrüße 🙂\nham\twith a tab'))
    expect(texts).toEqual(['hello there', 'Grüße 🙂', 'ham\twith a tab'])
    expect(labelled).toBe(false)
  })

  it('loses its labels where every line has one', () => {
    const { texts, labelled } = readTexts(file('labelled', 'ham\tsee you\nspam\tyou have\twon\n'))
    expect(texts).toEqual(['see you', 'you have\twon'])
    expect(labelled).toBe(true)
  })

  it('keeps what could be read, and has file, line and reason of the rest', () => {
    const longest = 'é'.repeat(textMaximumBytes / 2)
    const parts = [
      'ham\tgood',
      'ham\t',
      `ham\t${longest}`,
      `ham\t${longest}x`,
      'ham\tbad \xff',
      `ham\t${longest}${longest}`,
    ]
    const bytes = Buffer.concat(
      parts.map((part) => Buffer.from(`${part}\n`, part.includes('\xff') ? 'latin1' : 'utf8')),
    )
    const name = file('broken-texts', bytes)
    const { texts, labelled, broken, brokenCount } = readTexts(name)
    expect(texts).toEqual(['good', longest])
    expect([labelled, brokenCount]).toEqual([true, 4])
    const tooLong = 'the text is longer than 64000 bytes'
    expect(broken).toEqual([
      { file: name, line: 2, problem: 'no text' },
      { file: name, line: 4, problem: tooLong },
      { file: name, line: 5, problem: 'not UTF-8' },
      { file: name, line: 6, problem: tooLong },
    ])
  })

  it.each([
    ['no-texts', '', 'it is empty'],
    ['blank', '\n \n', 'line 1: no text'],
    ['latin-1', Buffer.from('h\u00e9', 'latin1'), 'line 1: not UTF-8'],
    ['one-long-line', 'x'.repeat(3_000_000), 'line 1: the text is longer than 64000 bytes'],
  ])('is refused when nothing in it can be used: %s', (name, content, reason) => {
    expect(refusal(() => readTexts(file(name, content)))).toBe(`bad-text: /${name} has no text: ${reason}`)
  })

  it('is refused in UTF-16, of which some lines would look like text', () => {
    expect(refusal(() => readTexts(file('utf-16', Buffer.from('\ufeffhello\nyou\n', 'utf16le'))))).toBe(
      'bad-text: /utf-16 is UTF-16, and has to be UTF-8',
    )
  })

  it('is refused when it is not there', () => {
    expect(refusal(() => readTexts(path('no-such-texts')))).toBe('bad-text: there is no /no-such-texts')
  })

  it('ends a program with exit code 1 and one line with the code, when it is refused', () => {
    const written: string[] = []
    const stderr = vi.spyOn(process.stderr, 'write').mockImplementation((text) => written.push(String(text)) > 0)
    try {
      expect(explain(new LabError('bad-text', 'there is no such file'))).toBe(1)
    } finally {
      stderr.mockRestore()
    }
    expect(written).toEqual(['doormat: there is no such file [bad-text]\n'])
  })
})

describe('a world from files', () => {
  const edges = readEdgeList(file('town', '10 2 100\n2 10 101\n3 2 102\n2 4 103\n5 2 104\n6 2 104\n3 10 105\n')).edges

  it('gives each message the next text, and each number a name', () => {
    const world = datasetWorld(edges, ['one', 'two', 'three'], 'town')
    expect(world.people.map(({ name }) => name)).toEqual(['p2', 'p3', 'p4', 'p5', 'p6', 'p10'])
    expect(
      world.people.every(({ name, role }) => isName(name) && role === 'somebody') && world.evading.length === 0,
    ).toBe(true)
    expect(world.messages.slice(0, 4)).toEqual([
      { at: 100_000, from: 'p10', to: 'p2', text: 'one' },
      { at: 101_000, from: 'p2', to: 'p10', text: 'two' },
      { at: 102_000, from: 'p3', to: 'p2', text: 'three' },
      { at: 103_000, from: 'p2', to: 'p4', text: 'one' },
    ])
    expect(world).toMatchObject({ name: 'town', verified: [], quotable: false })
  })

  it('has for its target the one in the middle of those with five partners or more, else whoever has most', () => {
    expect(datasetWorld(edges, ['x'], 'town').target).toBe('p2')
    expect(datasetWorld(edges.slice(0, 3), ['x'], 'town').target).toBe('p2')
    const star = (from: number, points: number) =>
      Array.from({ length: points }, (_, i) => ({ from, to: 1000 * from + i, atSeconds: i }))
    expect(
      datasetWorld(
        [7, 5, 9, 6, 4].flatMap((points, i) => star(i + 1, points)),
        ['x'],
        'stars',
      ).target,
    ).toBe('p4')
    expect(datasetWorld([...star(2, 5), ...star(1, 5)], ['x'], 'stars').target).toBe('p1')
    expect(
      datasetWorld(
        [9, 5, 5].flatMap((points, i) => star(i + 1, points)),
        ['x'],
        'stars',
      ).target,
    ).toBe('p3')
  })

  it('takes the largest number that a file can hold', () => {
    const { edges } = readEdgeList(file('large', `${Number.MAX_SAFE_INTEGER} 1 4133980799\n`))
    const world = datasetWorld(edges, ['x'], 'large')
    expect(world.people.filter(({ name }) => !isName(name))).toEqual([])
    expect(new Date(world.messages[0]?.at ?? 0).toISOString()).toBe('2100-12-31T23:59:59.000Z')
  })

  it('is nothing without messages or texts', () => {
    expect(() => datasetWorld([], ['x'], 'none')).toThrow(RangeError)
    expect(() => datasetWorld(edges, [], 'mute')).toThrow(RangeError)
  })
})

const shared = resolve(import.meta.dirname, '../../../shared/data')
const skipped = missing(existsSync(`${shared}/collegemsg.txt`), 'CollegeMsg is not at ../shared/data')

describe.skipIf(skipped)(`real messages${skipped}`, () => {
  it('are read whole: 59,835 of 1,899 people in 13,838 pairs, with 5,574 texts', () => {
    const { edges, selfLoops, sorted, brokenCount } = readEdgeList(`${shared}/collegemsg.txt`)
    const { texts, labelled, brokenCount: brokenTexts } = readTexts(`${shared}/sms.tsv`)
    expect([edges.length, selfLoops, sorted, brokenCount]).toEqual([59_835, 0, true, 0])
    expect([texts.length, labelled, brokenTexts]).toEqual([5574, true, 0])
    const world = datasetWorld(edges, texts, 'CollegeMsg with SMS')
    expect([world.messages.length, world.people.length]).toEqual([59_835, 1899])
    const pairs = new Set(world.messages.map(({ from, to }) => [from, to].sort().join(' ')))
    expect(pairs.size).toBe(13_838)
    expect([...pairs].filter((pair) => pair.split(' ').includes(world.target)).length).toBeGreaterThanOrEqual(5)
    expect(world.messages.every(({ text }) => text !== '' && !/^(?:ham|spam)\t/.test(text))).toBe(true)
  })
})
