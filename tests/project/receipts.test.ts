import { verify } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { exercises, randomOf } from '../../client/cli/exercise/exercise.ts'
import { receiptsIn, withoutDoubles } from '../../client/cli/exercise/handed-in.ts'
import { openReceipt, receiptName, receiptOf, studentCalled } from '../../client/cli/exercise/receipt.ts'
import type { Run } from '../../client/cli/exercise/runs.ts'
import { base64url } from '../../crypto/bytes.ts'
import { linesHere } from '../support/here.ts'
import { few } from '../support/long.ts'
import { scratch } from '../support/program.ts'
import { differences } from '../support/world-page.ts'

const { path, remove } = scratch()
afterAll(remove)

const now = Date.parse('2026-03-02T10:00Z')
const minute = 60_000

/** A run that was made and solved, without playing it: whoever has a run's folder can sign what they like. */
function solved(name: string, student: string, changed: Partial<Run['record']> = {}, key = ++keys): Run {
  const task = { story: [], steps: [], question: '', form: '', example: [] }
  const [started, done] = [now - 20 * minute, now - 8 * minute]
  const record = { exercise: name.replace(/-\d+$/, ''), seed: null, student, started, tries: 3, done, task }
  const secret = base64url(new Uint8Array(32).fill(key))
  return { name, folder: '', record: { doormat: 'exercise run', key: secret, ...record, ...changed } }
}
let keys = 0

const receipt = (run: Run, answer = 'bela emre 9') => receiptOf(run, answer) ?? ''

/** A folder of files, of which some are below others. */
function handedIn(name: string, files: Readonly<Record<string, string>>): string {
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(join(path(name), file, '..'), { recursive: true })
    writeFileSync(join(path(name), file), text)
  }
  return path(name)
}

const verdicts = (folder: string) =>
  withoutDoubles(receiptsIn(folder).files).map(({ file, refused }) => [file, refused?.code ?? 'taken'])

describe('a receipt', () => {
  it('says what the run says, and no more', () => {
    const run = solved('wire-2', 'Zoë \u202e4711', { seed: 'class 7' })
    const { doormat, key, signature, version, ...said } = JSON.parse(receipt(run)) as Record<string, unknown>
    expect(said).toEqual({
      run: 'wire-2',
      student: 'Zoë \u202e4711',
      answer: 'bela emre 9',
      tries: 3,
      started: now - 20 * minute,
      solved: now - 8 * minute,
      seed: 'class 7',
    })
    expect([doormat, typeof key, typeof signature]).toEqual(['exercise receipt', 'string', 'string'])
    expect(version).toBe(
      (JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { version: string }).version,
    )
    expect(receipt(run)).toMatch(/^[ -~\n]+$/)
    expect(openReceipt(receipt(run))).toMatchObject(said)
    expect(receiptName(run)).toMatch(/^wire-2-[0-9a-f]{8}\.receipt\.json$/)
  })

  it('is signed over the bytes that its page lists, for whoever checks it with another library', () => {
    const text = receipt(solved('toggle-12', 'anna', { seed: 'class 7' }, 7), '8-13')
    const said = JSON.parse(text) as Record<string, string> & Record<'tries' | 'started' | 'solved', number>
    const number = (value: number, sizeBytes: number) =>
      Buffer.from(value.toString(16).padStart(2 * sizeBytes, '0'), 'hex')
    const field = (bytes: string | Buffer) => {
      const content = Buffer.from(bytes)
      return Buffer.concat([number(content.length, 4), content])
    }
    const body = Buffer.concat([
      number(1, 1),
      ...['toggle-12', 'anna', '8-13'].map(field),
      number(said.tries, 4),
      number(said.started, 8),
      number(said.solved, 8),
      number(1, 1),
      field('class 7'),
      field(said['version'] ?? ''),
      Buffer.from(said['key'] ?? '', 'base64url'),
    ])
    const key = { key: { kty: 'OKP', crv: 'Ed25519', x: said['key'] ?? '' }, format: 'jwk' } as const
    const signed = Buffer.concat([field('doormat 1 exercise receipt'), field(body)])
    expect(verify(null, signed, key, Buffer.from(said['signature'] ?? '', 'base64url'))).toBe(true)
  })

  it('is taken as one, or refused, whatever became of a letter of it, and never taken for another', () => {
    const text = receipt(solved('wire-1', 'anna', { seed: 'a' }))
    const whole = openReceipt(text)
    for (let at = 0; at < text.length; at++)
      for (const other of ['', '"', '0', '\ufffd']) {
        const opened = openReceipt(text.slice(0, at) + other + text.slice(at + 1))
        if (opened !== null && opened !== 'altered') expect(opened).toEqual(whole)
      }
  })

  it('is not written while the run is not solved, or nobody has said whose it is', () => {
    expect(receiptOf(solved('wire-1', 'anna', { done: null }), 'x')).toBeNull()
    expect(receiptOf(solved('wire-1', 'anna', { student: null }), 'x')).toBeNull()
  })

  it('does not hold with any of its fields changed', () => {
    const whole = JSON.parse(receipt(solved('wire-1', 'anna', { seed: 'a' }))) as Record<string, string | number>
    const { key: other } = JSON.parse(receipt(solved('wire-1', 'anna'))) as { key: string }
    const changes = {
      run: 'wire-2',
      student: 'ben',
      answer: 'y',
      tries: 1,
      started: 1,
      solved: 2,
      seed: 'b',
      version: '9',
      key: other,
    }
    expect(Object.keys({ ...changes, doormat: '', signature: '' }).sort()).toEqual(Object.keys(whole).sort())
    for (const [field, value] of Object.entries(changes))
      expect([field, openReceipt(JSON.stringify({ ...whole, [field]: value }))]).toEqual([field, 'altered'])
    expect(openReceipt(JSON.stringify({ ...whole, seed: null }))).toBe('altered')
    expect(openReceipt(JSON.stringify(whole))).toMatchObject({ student: 'anna' })
  })

  it.each([
    ['nothing', ''],
    ['a list', '[]'],
    ['a field too many', '{ "more": 1 }'],
    ['no such run', '{ "run": "../wire-1" }'],
    ['a text that is no Unicode', String.raw`{ "student": "\ud800" }`],
    ['a number of tries that is none', '{ "tries": 0.5 }'],
    ['a key of low order', `{ "key": "${'A'.repeat(43)}" }`],
  ])('is none with %s', (_what, changed) => {
    const whole = JSON.parse(receipt(solved('wire-1', 'anna'))) as object
    const parsed: unknown = changed === '' ? null : JSON.parse(changed)
    const given = Array.isArray(parsed) || parsed === null ? changed : JSON.stringify({ ...whole, ...parsed })
    expect(openReceipt(given)).toBeNull()
  })

  it('is for somebody who can be seen', () => {
    expect(studentCalled(' 4711 ')).toBe('4711')
    for (const id of ['', ' ', '\u200b\u2060', 'x'.repeat(65), '\ud800']) expect(() => studentCalled(id)).toThrow('64')
  })
})

describe('a folder of receipts', () => {
  const anna = solved('wire-1', 'anna')

  it('is read with all below it; what neither is a receipt nor says so is left alone, and so is a link', () => {
    const folder = handedIn('mixed', {
      'anna/renamed.txt': receipt(anna),
      'ben/wire-1.receipt.json': receipt(solved('wire-1', 'ben')).slice(0, -9),
      'ben/passed.archive': 'x',
      'cleo/receipt (1).json': '\ufeff{}',
      'huge.receipt.json': `${receipt(solved('wire-1', 'dora'))}${' '.repeat(20_000)}`,
    })
    symlinkSync(join(folder, 'anna', 'renamed.txt'), join(folder, 'linked.receipt.json'))
    expect(verdicts(folder)).toEqual([
      ['anna/renamed.txt', 'taken'],
      ['ben/wire-1.receipt.json', 'not-a-receipt'],
      ['cleo/receipt (1).json', 'not-a-receipt'],
      ['huge.receipt.json', 'not-a-receipt'],
    ])
    expect(receiptsIn(folder).others).toBe(1)
  })

  it('has a run that two students have handed in refused for both, and for nobody else', () => {
    const copied: Run = { ...anna, record: { ...anna.record, student: 'ben' } }
    const folder = handedIn('copied', {
      'anna.json': receipt(anna),
      'ben.json': receipt(copied),
      'cleo.json': receipt(solved('wire-1', 'cleo')),
    })
    expect(verdicts(folder)).toEqual([
      ['anna.json', 'doubled'],
      ['ben.json', 'doubled'],
      ['cleo.json', 'taken'],
    ])
    const [first] = withoutDoubles(receiptsIn(folder).files)
    expect(first?.refused?.why).toBe('is of the same run as ben.json, which was handed in by ben')
  })

  it('has what one student says of one run in two ways refused, and what they hand in twice counted once', () => {
    const better: Run = { ...anna, record: { ...anna.record, tries: 1 } }
    const two = handedIn('two', { 'a.json': receipt(anna), 'b.json': receipt(better) })
    expect(verdicts(two)).toEqual([
      ['a.json', 'doubled'],
      ['b.json', 'doubled'],
    ])
    const twice = handedIn('twice', { 'a.json': receipt(anna), 'b.json': receipt(anna) })
    expect(verdicts(twice)).toEqual([
      ['a.json', 'taken'],
      ['b.json', 'doubled'],
    ])
  })
})

describe('`doormat exercise grade`', () => {
  /** Typed at that time. */
  function at(ms: number, words: readonly string[], code: number) {
    vi.useFakeTimers({ now: ms, toFake: ['Date'] })
    return linesHere(words, code).finally(() => vi.useRealTimers())
  }
  const grade = (words: readonly string[], code: number) => at(now, ['exercise', 'grade', ...words], code)
  const objects = (lines: readonly string[]) => lines.map((line) => JSON.parse(line) as Record<string, unknown>)
  const dir = path('runs')
  const exercise = (words: readonly string[], code = 0) =>
    at(words[0] === 'check' ? now + 5 * minute : now, ['exercise', ...words, '--dir', dir], code)
  let answer = ''
  let made = ''

  beforeAll(async () => {
    await exercise(['start', 'wire', '--seed', 'class 7'])
    const { lines } = await at(now, ['wire', join(dir, 'wire-1', 'passed.archive'), '--json'], 0)
    const counts = new Map<string, number>()
    for (const line of lines) {
      const { from, to } = JSON.parse(line) as { from: string; to: string }
      const pair = [from, to].sort().join(' ')
      counts.set(pair, (counts.get(pair) ?? 0) + 1)
    }
    answer = [...counts].sort(([, one], [, other]) => other - one)[0]?.join(' ') ?? ''
  })

  it('takes what `check` has written for whoever solved a run, with every answer counted up to the right one', async () => {
    await exercise(['check', 'wire', 'nobody', 'nowhere', '3'], 1)
    const unnamed = (await exercise(['check', 'wire', ...answer.split(' ')])).lines
    expect(unnamed).toContain('To hand this in, say who you are:')
    expect(unnamed.join(' ')).toContain(`doormat exercise check wire-1 ${answer} --student ID`)
    expect(readdirSync(join(dir, 'wire-1')).filter((name) => name.includes('receipt'))).toEqual([])
    const named = await exercise(['check', 'wire', ...answer.split(' '), '--student', '4711', '--json'])
    const [result = {}] = objects(named.lines)
    expect(differences(result, 'exercise result')).toEqual([])
    expect(result).toMatchObject({ tries: 2, student: '4711', right: true })
    made = readFileSync(String(result['receipt']), 'utf8')
    const folder = handedIn('class', { 'one.json': made })
    const { lines } = await grade([folder, '--seed', 'class 7', '--json'], 0)
    expect(objects(lines)).toMatchObject([
      { student: '4711', exercise: 'wire', tries: 2, refused: null, checked: true },
    ])
    expect(objects(lines).flatMap((one) => differences(one, 'graded receipt'))).toEqual([])
  })

  it('refuses each for its reason, in words, and prints what a student writes harmlessly', async () => {
    const future = solved('wire-1', 'early', { done: now + 11 * minute })
    const folder = handedIn('all', {
      'a.json': made,
      'altered.json': receipt(solved('wire-1', 'anna')).replace('"anna"', '"ben"'),
      'backwards.json': receipt(solved('wire-1', 'b', { started: now - minute })),
      'future.json': receipt(future),
      'hostile.json': receipt(solved('toggle-1', '=cmd()\u001b[2J,"x')),
      'older.json': receipt(solved('toggle-1', '4711', { seed: 'class 7', done: now - 5 * minute })),
      'receipt.txt': 'my receipt',
      'unknown.json': receipt(solved('poker-1', 'c')),
      'wrong.json': receipt(solved('wire-1', 'd', { seed: 'class 7' }), 'nobody nowhere 3'),
    })
    const { lines, errors } = await grade([folder, '--json'], 1)
    expect(objects(lines).map(({ file, refused }) => [file, refused])).toEqual([
      ['a.json', null],
      ['altered.json', 'altered'],
      ['backwards.json', 'impossible-time'],
      ['future.json', 'impossible-time'],
      ['hostile.json', null],
      ['older.json', 'wrong-answer'],
      ['receipt.txt', 'not-a-receipt'],
      ['unknown.json', 'foreign'],
      ['wrong.json', 'wrong-answer'],
    ])
    expect(objects(lines).flatMap((one) => differences(one, 'graded receipt'))).toEqual([])
    expect(errors).toEqual(['doormat: 7 of 9 receipts refused'])

    const table = (await grade([folder], 1)).lines
    expect(table.slice(0, 3)).toEqual([
      'student        wire  toggle',
      // the start and the answer each stand at a time that a process begins with
      expect.stringMatching(/^4711            2\/[4-9]       -$/),
      '=cmd()␛[2J,"x     -   3/12?',
    ])
    expect(table.join('\n')).toContain('unknown.json is of poker-1, an exercise that is not known here [foreign]')
    expect(Math.max(...table.map((line) => line.length))).toBeLessThanOrEqual(80)
    const page = readFileSync(new URL('../../docs/workshop/receipts.md', import.meta.url), 'utf8')
    expect(page).toContain(`\n\n${table.slice(4, 6).join('\n')}\n\`\`\``)

    const csv = await grade([folder, '--csv'], 1)
    expect(csv.lines).toEqual([
      'student,exercise,tries,minutes,solved,checked',
      expect.stringMatching(/^4711,wire,2,[4-9],2026-03-02T10:0[5-9]:\d\d\.\d{3}Z,yes$/),
      `"'=cmd()␛[2J,""x",toggle,3,12,2026-03-02T09:52:00.000Z,no`,
    ])
  })

  it("takes with --seed the runs of the class and those that carry the student's id, and no other", async () => {
    const given = { 'own.json': 'class 7 anna', 'swapped.json': 'class 7 ben', 'last-year.json': 'class 6' }
    const folder = handedIn('seeds', {
      ...Object.fromEntries(
        Object.entries(given).map(([file, seed]) => [file, receipt(solved('wire-1', 'anna', { seed }))]),
      ),
      'none.json': receipt(solved('wire-1', 'anna')),
    })
    const { lines } = await grade([folder, '--seed', 'class 7', '--json'], 1)
    expect(objects(lines).map(({ file, refused }) => [file, refused])).toEqual([
      ['last-year.json', 'foreign'],
      ['none.json', 'foreign'],
      // of the class, and the answer was not found in that run
      ['own.json', 'wrong-answer'],
      ['swapped.json', 'foreign'],
    ])
  })

  it('says so where there is nothing to grade', async () => {
    mkdirSync(path('empty'))
    expect((await grade([path('empty')], 1)).errors[0]).toContain('there is no receipt in ')
    expect((await grade([path('nowhere')], 1)).errors[0]).toContain('there is no folder ')
  })
})

describe('the run that a seed makes when it is graded', () => {
  it.each(few(exercises, 2))('of $id is the one that it made for the student', async (exercise) => {
    const folders = ['one', 'other'].map((name) => path(`${name}-${exercise.id}`))
    for (const folder of folders) {
      mkdirSync(folder, { mode: 0o700 })
      await exercise.start(folder, randomOf(exercise, 'class 7'))
    }
    const [one, other] = folders.map((folder) => exercise.why(folder))
    expect(one).toBe(other)
  })
})
