import type { Command } from 'commander'
import { describe, expect, it } from 'vitest'
import { adversaries } from '../../client/lab/adversaries/adversaries.ts'
import { cellLines } from '../../client/cli/lab-lines.ts'
import { curveLines } from '../../client/cli/lab-curves.ts'
import { matrixLines } from '../../client/cli/lab-table.ts'
import { buildProgram } from '../../client/cli/program.ts'
import { progressLine, timeLeft } from '../../client/cli/progress.ts'
import { measured } from '../../client/lab/report/measured.ts'
import { modes } from '../../crypto/access/index.ts'
import { widthOf } from '../../client/cli/graphemes.ts'
import { labResult } from '../support/lab-result.ts'
import { at } from '../support/at.ts'
import { program } from '../support/program.ts'

const { modes: results, moments } = labResult()
const [first] = results
/** Every adversary that there is, under as many modes as there will be, each with figures of three digits. */
const many = Array.from({ length: 16 }, (_, i) => {
  const mode = at(results, 1 + (i % 5))
  const [cell] = mode.cells
  if (!cell) throw new Error('no cell')
  return {
    ...mode,
    cells: adversaries.map(({ id }) => ({ ...cell, adversary: id, conversations: { read: 431, of: 431 } })),
  }
})

describe('the matrix on a terminal', () => {
  const lines = matrixLines({ modes: results, moments })

  it('has the modes as rows, and a heading and a line for each adversary', () => {
    for (const { title } of results)
      expect(lines.filter((line) => line.startsWith(`  ${title}`)).length).toBeGreaterThan(4)
    expect(lines).toContain('  mode                as used  no limits  insider')
    expect(lines).toContain('  Message key escrow        2          5        5')
    expect(lines).toContain('  No access                 –          –        –')
    expect(lines.join('\n')).toMatch(
      / {4}insider {5}insider at the authority: the same keys and envelopes, without\n {16}any order\n/,
    )
    expect(lines.join('\n')).toMatch(
      /What an order achieves.*\n.*served .* could\n.*\n {2}Message key escrow +yes +1 day +2 of 8 +2 +5\n/,
    )
  })

  it('fits 80 columns, also with every adversary and sixteen modes', () => {
    const whole = matrixLines({ modes: many, moments })
    for (const { short, title } of adversaries) {
      expect(whole.some((line) => line.includes(short))).toBe(true)
      expect([title, short.length <= 10]).toEqual([title, true])
    }
    for (const line of [...lines, ...whole]) expect([line, widthOf(line) <= 80]).toEqual([line, true])
    for (const { title } of modes) expect(title.length).toBeLessThanOrEqual(18)
  })

  it('has details that fit as well, and say what was not tried', () => {
    const details = (first?.cells ?? []).flatMap(cellLines)
    for (const line of details) expect(widthOf(line)).toBeLessThanOrEqual(80)
    expect(details.join('\n')).toContain('insider at the authority: not applicable')
    const sealed = (stillSealed: number) => cellLines({ ...at(many[0]?.cells ?? [], 0), stillSealed }).join(' ')
    expect(sealed(1)).toMatch(/1 opened\s+message\s+was\s+still/)
    expect(sealed(3)).toMatch(/3 opened\s+messages\s+were\s+still/)
    expect(details.join(' ')).toMatch(/dishonest server: messages .* No device\s+accepted a forged message\./)
  })
})

describe('the curves on a terminal', () => {
  const points = measured.points.filter(({ curve }) => curve !== 'evading')
  const lines = curveLines(points, measured.seeds)

  it('have a table each with lettered columns, what the letters mean, and what it shows', () => {
    const text = lines.join('\n')
    expect(text).toMatch(
      /\nPairs who compare safety numbers\n +a +b +c +d +e +f\n +0 % +0 +100 % +all the same +0 +all the/,
    )
    expect(text).toMatch(/\n {4}a {2}pairs who compare safety numbers\n {4}b {2}people who compare with somebody\n/)
    expect(text).toMatch(/\nWith no access mode, a dishonest server reads 100 %/)
    expect(text).toMatch(/\n {2}Awkward for those who ask for access: a short time/)
    expect(text).toMatch(/\nEach figure is the mean of 10 worlds\./)
  })

  it('fit 80 columns, and leave out a curve that was not measured', () => {
    expect(lines.filter((line) => widthOf(line) > 80)).toEqual([])
    expect(lines).not.toContain('Pairs who evade')
  })
})

describe('the line that says how far it is', () => {
  const written: string[] = []
  const stream = (isTTY: boolean) =>
    ({ isTTY, columns: 40, write: (text: string) => written.push(text) }) as unknown as NodeJS.WriteStream

  it('says nothing in a pipe, and nothing at first on a terminal', () => {
    for (const isTTY of [true, false]) {
      const line = progressLine(stream(isTTY))
      line.tell(0.5, 'split escrow')
      line.end()
    }
    expect(written).toEqual([])
  })

  it('knows the time left by the pace so far, and not from a moment of it', () => {
    expect(timeLeft(30, 0.5)).toBe('about 30 s left; ')
    expect(timeLeft(60, 0.2)).toBe('about 4 min left; ')
    expect([timeLeft(1, 0.001), timeLeft(30, 1)]).toEqual(['', 'about 1 s left; '])
  })
})

/** The words of a hint, as a shell reads them. */
const wordsOf = (hint: string): readonly string[] =>
  [...hint.matchAll(/'((?:[^']|'\\'')*)'|(\S+)/g)].map(
    ([, quoted, word]) => quoted?.replaceAll("'\\''", "'") ?? word ?? '',
  )

describe('the hints of the lab', () => {
  it.each([
    [['lab', 'matrix', '--people', '10'], '--people 34'],
    [['lab', 'matrix', '--people', '9999999'], '--people 5000'],
    [['lab', 'report', '--people', 'many'], '--people 34'],
    [['lab', 'sensitivity', '--seeds', '0'], '--seeds 1'],
    [['lab', 'sensitivity', '--seeds', '1000'], '--seeds 100'],
    [['lab', 'sensitivity', '--seeds', 'two'], '--seeds 1'],
    [['lab', 'replay', '--dataset', 'a file', '--text', "it's", '--messages', '2'], '--messages 2000'],
  ] as const)('are commands that parse, and differ from what was typed: %s', async (typed, better) => {
    const { ended, errors } = program([...typed])
    expect(await ended).toBe(1)
    const hint = errors.find((line) => line.startsWith('try: '))?.slice('try: '.length) ?? ''
    expect(hint).toContain(better)
    const [name, ...args] = wordsOf(hint)
    expect(name).toBe('doormat')
    const below = (from: Command, word: string | undefined) =>
      from.commands.find((one) => one.name() === word) as Command
    const command = below(below(buildProgram(), args[0]), args[1])
    expect(command.parseOptions(args.slice(2))).toMatchObject({ operands: [], unknown: [] })
    for (const option of command.options.filter(({ mandatory }) => mandatory))
      expect(command.opts()[option.attributeName()]).toBe(typed[typed.indexOf(`--${option.name()}` as never) + 1])
  })
})
