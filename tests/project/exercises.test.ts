import { mkdirSync, readFileSync } from 'node:fs'
import { afterAll, describe, expect, it } from 'vitest'
import { exercises } from '../../client/cli/exercise/exercise.ts'
import { taskRows } from '../../client/cli/exercise/task.ts'
import { hex } from '../../crypto/bytes.ts'
import { systemRandom } from '../../crypto/random.ts'
import { answers, filesOf, wireOf } from '../support/exercise-answers.ts'
import { few } from '../support/long.ts'
import { scratch } from '../support/program.ts'
import { seededRandom } from '../support/random.ts'

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
  it.each(few(['a', 'b', 'c'], 1))(
    'of ghost has the target write to themselves, at the ghost device (seed %s)',
    async (seed) => {
      const { file } = await runOf('ghost', path(`self-${seed}`), seed)
      const [name = ''] = (answers['ghost']?.(file).right ?? '').split(' ')
      expect(wireOf(file).some(({ from, to }) => from === name && to === name)).toBe(true)
    },
  )

  it.each(few(['a', 'b', 'c', 'd'], 1))(
    'of safety has two who see the same number as its example (seed %s)',
    async (seed) => {
      const { task, file } = await runOf('safety', path(`clean-${seed}`), seed)
      const [, ...shown] = task.steps[0]?.commands[1] ?? []
      const [one, other] = shown.map((name) => file(name).match(/\b\d{5}\b/g))
      expect(one).toHaveLength(12)
      expect(other).toEqual(one)
    },
  )

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
