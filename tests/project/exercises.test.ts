import { spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { exercises } from '../../client/cli/exercise/exercise.ts'
import { taskRows } from '../../client/cli/exercise/task.ts'
import { hex } from '../../crypto/bytes.ts'
import { systemRandom } from '../../crypto/random.ts'
import { answers, filesOf, wireOf } from '../support/exercise-answers.ts'
import { few } from '../support/long.ts'
import { missing } from '../support/missing.ts'
import { bin, command, scratch } from '../support/program.ts'
import { seededRandom } from '../support/random.ts'
import { differences } from '../support/world-page.ts'

/** A run of each in a folder of its own, from a seed that a failure names; and what its files and the program's readers say. */
async function runOf(id: string, folder: string, seed: string) {
  const exercise = exercises.find((one) => one.id === id)
  if (!exercise) throw new Error(`there is no exercise ${id}`)
  mkdirSync(folder, { mode: 0o700 })
  const task = await exercise.start(folder, seededRandom(seed))
  return { exercise, task, file: await filesOf(id, folder) }
}

const { path, remove } = scratch()
afterAll(remove)

describe.each(exercises)('the exercise $id', ({ id }) => {
  const seeds = few([1, 2], 1).map(() => hex(systemRandom(8)))

  it(`takes the right answer and refuses three plausible wrong ones with a hint (seeds ${seeds.join(' ')})`, async () => {
    const found = new Set<string>()
    for (const seed of seeds) {
      const folder = path(`${id}-${seed}`)
      const { exercise, task, file } = await runOf(id, folder, seed)
      const find = answers[id]
      if (!find) throw new Error(`nobody knows the answer to ${id}`)
      const { right, wrong } = find(file)
      found.add(right)
      expect(new Set([right, ...wrong]).size).toBe(4)
      for (const other of [...wrong, 'hm', task.example.join(' ')]) {
        const hint = exercise.check(folder, other)
        expect(hint).toMatch(/^[A-Z].*[.?]$/)
        expect(hint).not.toContain(right)
      }
      expect(exercise.check(folder, right)).toBeNull()
      expect(exercise.why(folder).match(/[.] /g)).toHaveLength(1)
      expect(exercise.why(folder)).not.toMatch(/undefined|NaN|null/)
      expect(task.question).not.toContain('undefined')
    }
    expect(found.size).toBe(seeds.length)
  })
})

describe('a run of an exercise', () => {
  const dir = path("Ann's runs")
  const exercise = (words: readonly string[], code = 0) => command(['exercise', ...words, '--dir', dir], { code })
  const filesIn = (name: string) =>
    readdirSync(join(dir, name)).map((file) => [file, readFileSync(join(dir, name, file), 'utf8')])
  let answer = ''

  beforeAll(async () => {
    await exercise(['start', 'toggle', '--seed', 'class 7'])
    const { lines } = await command(['wire', join(dir, 'toggle-1', 'passed.archive'), '--json'])
    answer = answers['toggle']?.(() => lines.join('\n')).right ?? ''
  })

  it('is kept when the exercise is started again, which shows its task once more', async () => {
    writeFileSync(join(dir, 'toggle-1', 'notes.txt'), 'mine')
    const before = filesIn('toggle-1')
    const { lines } = await exercise(['start', 'toggle'])
    expect(lines.join(' ')).toContain('You have started toggle already. Your run is kept')
    expect(lines).toContain('     doormat exercise start toggle --again \\')
    expect(lines).toContain('toggle-1: Find the moment the key went under the mat')
    expect(filesIn('toggle-1')).toEqual(before)
    expect(readdirSync(dir)).toEqual(['toggle-1'])
  })

  it('is another beside it where that is asked for, and the same where the seed is', async () => {
    await exercise(['start', 'toggle', '--again', '--seed', 'class 7'])
    await exercise(['start', 'toggle', '--again'])
    const archives = ['toggle-1', 'toggle-2', 'toggle-3'].map((name) => readFileSync(join(dir, name, 'passed.archive')))
    expect(archives[1]).toEqual(archives[0])
    const ofSeed = (name: string) =>
      filesIn(name).filter(([file = '']) => !/^(task|notes)\.txt$|^run\.json$/.test(file))
    expect(ofSeed('toggle-2')).toEqual(ofSeed('toggle-1'))
    expect(archives[2]).not.toEqual(archives[0])
    const { errors } = await exercise(['start', 'toggle', '--seed', 'class 8'], 1)
    expect(errors[0]).toBe('doormat: toggle-3 was not made from this seed, and is kept')
  })

  it('is the newest, unless one is named; an answer needs no quotes, and any dash will do', async () => {
    const wrong = await exercise(['check', 'toggle', '1-2'], 1)
    expect(wrong.errors[0]).toMatch(
      /^doormat: not right, for toggle-3 \(your newest run; for another name it, such as `exercise check toggle-2 …`\)\. [A-Z]/,
    )
    expect(wrong.errors[0]).toMatch(/ The task is in .*\/toggle-3\/task\.txt$/)
    expect(wrong.errors).toHaveLength(1)
    expect(
      (await exercise(['check', 'toggle-2', ...answer.split('-'), '--json'])).lines.map(
        (line) => JSON.parse(line) as object,
      ),
    ).toMatchObject([{ exercise: 'toggle', run: 'toggle-2', seed: 'class 7', right: true, hint: null }])
    const { lines } = await exercise(['check', 'toggle-1', answer.replace('-', '\u2013')])
    const said = lines.join(' ')
    expect(said).toMatch(/^Right, for toggle-1\. Envelopes \d+ to \d+ carry a stanza/)
    expect(said).toContain('To talk about: This mode is announced')
    expect(said).toContain("Next:       doormat exercise start thief --seed 'class 7' ")
    const refused = await exercise(['check', 'toggle', '1-2', '--json'], 1)
    const result = JSON.parse(refused.lines[0] ?? '') as Record<string, unknown>
    expect(differences(result, 'exercise result')).toEqual([])
    expect(result).toMatchObject({ run: 'toggle-3', right: false, done: null })
  })

  it('shows in the list as done, started or not begun', async () => {
    await exercise(['start', 'thief'])
    const { lines } = await exercise(['list'])
    expect(lines.slice(1, 4).map((line) => line.replaceAll(/ {2,}/g, '|'))).toEqual([
      'wire|Read the wire: what it hides, and what it shows|15|not begun',
      'toggle|Find the moment the key went under the mat|15|✓ done',
      "thief|Open a stranger's conversation with a stolen key|15|started",
    ])
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(80 + dir.length)
  })

  it('that nobody has begun, or of which nobody knows what it is, is no run', async () => {
    expect((await exercise(['check', 'wire', '1'], 1)).errors[0]).toBe('doormat: you have not started wire')
    expect((await exercise(['check', 'toggle-9', '1'], 1)).errors[0]).toBe(
      'doormat: there is no run toggle-9; there is toggle-1, toggle-2, toggle-3',
    )
    writeFileSync(join(dir, 'thief-1', 'run.json'), '{}')
    expect((await exercise(['check', 'thief', '1'], 1)).errors[0]).toContain('was changed, and nobody can tell')
    rmSync(join(dir, 'thief-1'), { recursive: true })
  })
})

/** Those with the most commands come first. */
const played = ['order', 'wire', 'thief', 'ghost', 'toggle', 'safety']

const noShell = missing(spawnSync('sh', ['-c', 'command -v grep cat']).status === 0, 'no shell')

describe('the commands in a task', () => {
  const dir = path("runs with 'quotes' and $HOME")
  const programs = path('programs')

  beforeAll(() => {
    mkdirSync(programs)
    writeFileSync(join(programs, 'doormat'), `#!/bin/sh\nexec '${process.execPath}' '${bin}' "$@"\n`)
    chmodSync(join(programs, 'doormat'), 0o755)
  })

  // shares are asked for one by one and in pairs, and what does not open is the point of it
  it.skipIf(noShell).each(few(played, 1))(
    `of %s run as they stand, up to the answer, which is wrong${noShell}`,
    async (id) => {
      const { lines } = await command(['exercise', 'start', id, '--dir', dir])
      expect(lines.filter((line) => line.length > 80 && !line.startsWith('     '))).toEqual([])
      const rows = lines.filter((line) => line.startsWith('     '))
      const last = rows.findIndex((line) => line.startsWith('     cd '))
      expect(rows.slice(last + 1).filter((line) => line.startsWith('     d'))).toEqual([])
      const typed = [...rows.slice(last), ...rows.slice(0, last)]
      const { status, stderr, stdout } = spawnSync('sh', ['-e', '-c', typed.join('\n')], {
        encoding: 'utf8',
        env: { ...process.env, PATH: `${programs}:${process.env['PATH']}`, NO_COLOR: '1' },
      })
      expect(stderr).toContain(`doormat: not right, for ${id}-1. `)
      expect(status).toBe(1)
      if (id === 'wire') expect(stdout).toMatch(/\npassed\.archive:0\nsaid\.txt:[1-9]\d*\n/)
    },
  )
})

const page = (name: string) => readFileSync(new URL(`../../docs/workshop/${name}.md`, import.meta.url), 'utf8')
/** A page's text without its line ends. */
const flat = (text: string) => text.replaceAll(/\s+/g, ' ')

describe('a verdict', () => {
  const hints: readonly (readonly [string, string, readonly (readonly [string, RegExp])[]])[] = [
    [
      'wire',
      'names',
      [
        ['nobody nowhere 5', /^Not both of these people/],
        ['PERSON PERSON 5', /^Give the names of two different/],
      ],
    ],
    ['toggle', 'order', [['12-7', /^Give the first envelope first/]]],
    [
      'shares',
      'range',
      [
        ['4 3 9', /^There are 6 custodians/],
        ['2 3 3', /^Two custodians cheated/],
      ],
    ],
  ]

  it.each(hints)('of %s says what is wrong with the form of an answer', async (id, _what, tried) => {
    const folder = path(`hint-${id}`)
    const { exercise, file } = await runOf(id, folder, 'hints')
    const [first] = wireOf(file)
    for (const [answer, hint] of tried)
      expect(exercise.check(folder, answer.replaceAll('PERSON', first?.from ?? ''))).toMatch(hint)
  })

  it('on wire tells too many from too few', async () => {
    const folder = path('hint-count')
    const { exercise, file } = await runOf('wire', folder, 'count')
    const right = answers['wire']?.(file).right ?? ''
    const [pair, count] = [right.replace(/ \d+$/, ''), Number(/\d+$/.exec(right)?.[0])]
    expect(exercise.check(folder, `${pair} ${count + 1}`)).toContain('more than they wrote')
    expect(exercise.check(folder, `${pair} ${count - 1}`)).toContain('both directions')
  })

  it('on ghost takes the name of a device as the table shows it, if it is the ghost device', async () => {
    const folder = path('hint-ghost')
    const { exercise, file } = await runOf('ghost', folder, 'device')
    const [name = '', number = ''] = (answers['ghost']?.(file).right ?? '').split(' ')
    const ghost = wireOf(file)[Number(number) - 1]?.toDevice ?? ''
    const own = wireOf(file).find((one) => one.to === name && one.toDevice !== ghost)?.toDevice ?? ''
    expect(exercise.check(folder, `${name}/${ghost.slice(0, 4)} ${number}`)).toBeNull()
    expect(exercise.check(folder, `${name}/${own.slice(0, 8)} ${number}`)).toContain('their own device')
  })
})

describe('a run', () => {
  it.each(['a', 'b', 'c'])(
    'of ghost has the target write to themselves, at the ghost device (seed %s)',
    async (seed) => {
      const { file } = await runOf('ghost', path(`self-${seed}`), seed)
      const [name = ''] = (answers['ghost']?.(file).right ?? '').split(' ')
      expect(wireOf(file).some(({ from, to }) => from === name && to === name)).toBe(true)
    },
  )

  it.each(['a', 'b', 'c', 'd'])('of safety has two who see the same number as its example (seed %s)', async (seed) => {
    const { task, file } = await runOf('safety', path(`clean-${seed}`), seed)
    const [, ...shown] = task.steps[0]?.commands[1] ?? []
    const [one, other] = shown.map((name) => file(name).match(/\b\d{5}\b/g))
    expect(one).toHaveLength(12)
    expect(other).toEqual(one)
  })

  it('has a task without colours in its file, whatever the screen shows', () => {
    const { steps, ...task } = { story: ['Once.'], steps: [], question: 'Who?', form: 'a name', example: ['ada'] }
    const place = { name: 'wire-1', folder: '/runs/wire-1', where: [] }
    const rows = (bold: (row: string) => string) => taskRows('Read the wire', { ...task, steps }, place, 80, bold)
    expect(rows((row) => row).join('')).not.toMatch(/[^ -~…]/)
    expect(rows((row) => `<${row}>`)[0]).toBe('<wire-1: Read the wire>')
  })
})

describe('the pages in docs/workshop', () => {
  it.each(exercises)('say of $id what the program says', ({ id, title, minutes, discuss }) => {
    expect(page(id).split('\n')[0]).toBe(`# ${title}`)
    expect(page(id)).toContain(`\nAt the terminal: ${minutes} minutes.`)
    expect(flat(page(id))).toContain(discuss)
    expect(page(id).match(/^## .*/gm)).toEqual([
      '## Objectives',
      '## Reading',
      '## Set-up',
      '## Tasks',
      '## Questions in writing',
      '## Time',
    ])
  })

  it('list the exercises in the order of the program, and have answers for each', () => {
    const rows = exercises.map(
      ({ id, title, minutes }, i) => `| ${i + 1} | [${id}](${id}.md) | ${title} | ${minutes} min |`,
    )
    expect(
      page('README')
        .split('\n')
        .filter((line) => /^\| \d \|/.test(line)),
    ).toEqual(rows)
    const answered = page('answers').match(/^## .*/gm) ?? []
    expect(answered.slice(-exercises.length)).toEqual(exercises.map(({ id, title }) => `## ${id}: ${title}`))
  })
})
