import { join } from 'node:path'
import { type Random, systemRandom } from '../../../crypto/random.ts'
import { writeWhole } from '../../../server/disk/whole-file.ts'
import { seededRandom } from '../../lab/simulation/random.ts'
import { counted } from '../../words/counted.ts'
import { folded } from '../../words/folded.ts'
import { safeJson, visible } from '../../words/visible.ts'
import { Stop } from '../exit.ts'
import { usualFolders } from '../homes.ts'
import { columns, paragraph, table } from '../layout.ts'
import { print, tell } from '../output.ts'
import { commandRows } from '../shell.ts'
import { paint } from '../terminal.ts'
import { ghost } from './ghost.ts'
import type { Exercise } from './model.ts'
import { order } from './order.ts'
import { limits, receiptName, receiptOf, studentCalled } from './receipt.ts'
import { countAnswer, newRun, ofStudent, partsOf, type Run, runsOf } from './runs.ts'
import { safety } from './safety.ts'
import { shares } from './shares.ts'
import { taskRows } from './task.ts'
import { thief } from './thief.ts'
import { toggle } from './toggle.ts'
import { wire } from './wire.ts'

/** In the order in which a class takes them. */
export const exercises: readonly Exercise[] = [wire, toggle, thief, order, ghost, safety, shares]

export interface ExerciseFlags {
  readonly dir: string
}

export interface StartFlags extends ExerciseFlags {
  readonly again?: boolean
  readonly seed?: string
  readonly student?: string
}

export interface CheckFlags extends ExerciseFlags {
  readonly student?: string
  readonly json?: boolean
}

const taskFile = 'task.txt'
const fileWidth = 80

function find(id: string): Exercise {
  const exercise = exercises.find((one) => one.id === id)
  if (!exercise)
    throw new Stop(
      'user',
      `there is no exercise ${visible(id)}; there is ${exercises.map((one) => one.id).join(', ')}`,
      'doormat exercise list',
    )
  return exercise
}

/** The words that a command needs where the runs are not in the usual place. */
const whereIs = (dir: string): readonly string[] => (dir === usualFolders().exercises ? [] : ['--dir', dir])

const inALine = (words: readonly string[]) => commandRows(words, 0, Infinity).join('')
const printText = (text: string) => paragraph(text, { first: '' }).forEach(print)
const printCommand = (words: readonly string[]) =>
  ['', ...commandRows(words, 5, columns()).map(visible)].forEach((row) => print(row))

const isDone = ({ record }: Run) => record.done !== null

/** What a run is drawn from, where everybody who gives the same seed gets the same. */
export const randomOf = ({ id }: Exercise, seed: string): Random => seededRandom(`exercise ${id} ${seed}`)

/** How an exercise stands: done where one of its runs is. */
function standing(dir: string, id: string): string {
  const runs = runsOf(dir, id)
  if (runs.length === 0) return 'not begun'
  return runs.some(isDone) ? '✓ done' : 'started'
}

export function list({ dir }: ExerciseFlags): void {
  const rows = exercises.map(({ id, title, minutes }) => [id, title, String(minutes), standing(dir, id)])
  const heads = [{ heading: 'name' }, { heading: 'exercise' }, { heading: 'min', align: 'right' } as const]
  table([...heads, { heading: 'yours' }], rows).forEach(print)
  print('')
  const next = nextAfter(dir, -1)
  if (next === null) return printText('All done. docs/workshop/README.md has what to talk about, and what to program.')
  printText(`docs/workshop has a page for each. ${next.begun ? 'Go on with' : 'Begin'}:`)
  printCommand(['doormat', 'exercise', 'start', next.id, ...whereIs(dir)])
}

/** The next exercise behind that place that is not done, or else the first; null when all are. */
function nextAfter(dir: string, at: number): { readonly id: string; readonly begun: boolean } | null {
  const open = (one: Exercise) => !runsOf(dir, one.id).some(isDone)
  const next = exercises.slice(at + 1).find(open) ?? exercises.find(open)
  return next ? { id: next.id, begun: runsOf(dir, next.id).length > 0 } : null
}

/**
 * Makes a run, and shows its task; shows the task of the run that there is, unless another is wanted.
 * @param named an exercise, or a run of one
 */
export async function start(named: string, { dir, again, seed, student: given }: StartFlags): Promise<void> {
  const exercise = find(partsOf(named)?.id ?? named)
  const { id } = exercise
  const where = whereIs(dir)
  const student = given === undefined ? null : studentCalled(given)
  if (seed !== undefined && (seed.trim() === '' || seed.length > limits.seed))
    throw new Stop('user', `a seed is a text of 1 to ${limits.seed} characters`)
  const known = again || (runsOf(dir, id).length === 0 && named === id) ? null : runCalled(dir, named).run
  if (known) {
    if (seed !== undefined && seed !== known.record.seed)
      throw new Stop(
        'user',
        `${known.name} was not made from this seed, and is kept`,
        inALine(['doormat', 'exercise', 'start', id, '--seed', seed, '--again', ...where]),
      )
    if (student !== null) ofStudent(known, student)
    printText(`You have started ${id} already. Your run is kept; go on with it, or make another:`)
    printCommand(['doormat', 'exercise', 'start', id, '--again', ...where])
    print('')
    return show(exercise, known, where)
  }
  tell(`playing your own run of ${id} …`)
  const random = seed === undefined ? systemRandom : randomOf(exercise, seed)
  const run = await newRun(dir, id, { seed: seed ?? null, student }, (folder) => exercise.start(folder, random))
  const file = taskRows(exercise.title, run.record.task, { ...run, where }, fileWidth, (row) => row)
  writeWhole(join(run.folder, taskFile), `${file.join('\n')}\n`, 0o600)
  show(exercise, run, where)
}

const show = ({ title }: Exercise, run: Run, where: readonly string[]) =>
  taskRows(title, run.record.task, { ...run, where }, columns(), (row) => paint('bold', row)).forEach(print)

/** @param named an exercise, for its newest run; or a run, by its number */
function runCalled(dir: string, named: string): { readonly exercise: Exercise; readonly run: Run } {
  const parts = partsOf(named)
  const exercise = find(parts?.id ?? named)
  const runs = runsOf(dir, exercise.id)
  const run = parts ? runs.find(({ name }) => name === named) : runs.at(-1)
  if (run) return { exercise, run }
  const start = inALine(['doormat', 'exercise', 'start', exercise.id, ...whereIs(dir)])
  if (runs.length === 0) throw new Stop('user', `you have not started ${exercise.id}`, start)
  throw new Stop('user', `there is no run ${named}; there is ${runs.map(({ name }) => name).join(', ')}`, start)
}

/** The run that an answer was held against, and how to name another where there is one and none was named. */
function whichRun(dir: string, named: string, { name, record }: Run): string {
  const other = runsOf(dir, record.exercise).at(-2)
  if (named === name || !other) return `${name}.`
  return `${name} (your newest run; for another name it, such as \`exercise check ${other.name} …\`).`
}

/** @param words of the answer, as they were typed */
export function check(named: string, words: readonly string[], { dir, json, student }: CheckFlags): void {
  const { exercise, run: found } = runCalled(dir, named)
  const run = student === undefined ? found : ofStudent(found, studentCalled(student))
  const answer = folded(words.join(' ')).toLowerCase()
  const hint = answer.length > limits.answer ? 'That is too long for an answer.' : exercise.check(run.folder, answer)
  const marked = countAnswer(run, hint === null, Date.now())
  const why = hint === null ? exercise.why(run.folder) : null
  const receipt = hint === null ? writeReceipt(marked, answer) : null
  if (json) {
    const { name, record } = marked
    const { exercise: id, seed, student, started, tries, done } = record
    const right = hint === null
    print(safeJson({ exercise: id, run: name, seed, student, answer, right, hint, why, started, tries, done, receipt }))
  }
  if (hint !== null)
    throw new Stop(
      'user',
      `not right, for ${whichRun(dir, named, run)} ${hint} The task is in ${join(run.folder, taskFile)}`,
    )
  if (json) return
  printText(`Right, for ${run.name}. ${why}`)
  print('')
  printText(`To talk about: ${exercise.discuss}`)
  print('')
  printReceipt(marked, answer, dir, receipt)
  printNext(marked, dir, nextAfter(dir, exercises.indexOf(exercise)))
}

/** @returns where it is; null where nobody has said whose it is */
function writeReceipt(run: Run, answer: string): string | null {
  const receipt = receiptOf(run, answer)
  if (receipt === null) return null
  const path = join(run.folder, receiptName(run))
  writeWhole(path, receipt, 0o600)
  return path
}

function printReceipt({ name, record }: Run, answer: string, dir: string, receipt: string | null): void {
  const { student, tries } = record
  if (student === null || receipt === null) {
    printText('To hand this in, say who you are:')
    printCommand(['doormat', 'exercise', 'check', name, ...answer.split(' '), '--student', 'ID', ...whereIs(dir)])
  } else {
    printText(`Your receipt, for ${visible(student)}, after ${counted(tries, 'answer')}:`)
    print(`     ${visible(receipt)}`)
  }
  print('')
}

function printNext({ record }: Run, dir: string, next: ReturnType<typeof nextAfter>): void {
  if (next === null) return printText('That was the last one: you have done all of them. See docs/workshop/README.md.')
  const seed = record.seed === null ? [] : ['--seed', record.seed]
  const student = record.student === null ? [] : ['--student', record.student]
  print('Next:')
  printCommand(['doormat', 'exercise', 'start', next.id, ...seed, ...student, ...whereIs(dir)])
}
