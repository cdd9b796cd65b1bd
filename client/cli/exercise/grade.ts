import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import about from '../../../package.json' with { type: 'json' }
import { temporaryFolder } from '../../node/temporary.ts'
import { counted } from '../../words/counted.ts'
import { folded } from '../../words/folded.ts'
import { safeJson, visible } from '../../words/visible.ts'
import { Stop } from '../exit.ts'
import { paragraph, table } from '../layout.ts'
import { print, tell } from '../output.ts'
import { progressLine } from '../progress.ts'
import { exercises, randomOf } from './exercise.ts'
import { type HandedIn, isOfSeed, receiptsIn, type Refused, timeFault, withoutDoubles } from './handed-in.ts'
import type { Exercise } from './model.ts'
import type { Receipt } from './receipt.ts'
import { partsOf } from './runs.ts'

export interface GradeFlags {
  readonly seed?: string
  readonly json?: boolean
  readonly csv?: boolean
}

/** A file with the verdict on it. */
interface Graded extends HandedIn {
  /** whether the run was made again here and the answer is right for it; false where that cannot be done */
  readonly checked: boolean
}

type Accepted = Graded & { readonly receipt: Receipt }

const exerciseOf = ({ run }: Receipt): Exercise | undefined => exercises.find(({ id }) => id === partsOf(run)?.id)
const minutesOf = ({ started, solved }: Receipt): number => Math.ceil((solved - started) / 60_000)
const isAccepted = (one: Graded): one is Accepted => one.receipt !== null && one.refused === null

/** Takes a folder of receipts, and prints who has solved what. */
export async function grade(folder: string, { seed, json, csv }: GradeFlags): Promise<void> {
  const { files, others } = receiptsIn(folder)
  if (files.length === 0)
    throw new Stop('user', `there is no receipt in ${folder}`, 'doormat exercise check wire ada bob 12 --student ID')
  const now = Date.now()
  const looked = withoutDoubles(files.map((one) => (one.receipt ? { ...one, refused: faultOf(one.receipt) } : one)))
  const graded = await checkAnswers(looked)
  if (json) graded.forEach((one) => print(safeJson(asJson(one))))
  else if (csv) csvRows(graded).forEach(print)
  else printTable(graded, others)
  const refused = graded.filter((one) => one.refused)
  if (refused.length === 0) return
  if (!json) printRefused(refused, csv ? tell : print)
  throw new Stop('user', `${refused.length} of ${counted(graded.length, 'receipt')} refused`)

  function faultOf(receipt: Receipt): Refused | null {
    if (!exerciseOf(receipt))
      return { code: 'foreign', why: `is of ${receipt.run}, an exercise that is not known here` }
    if (seed !== undefined && !isOfSeed(receipt, seed))
      return { code: 'foreign', why: `is of a run that was not made from the seed ${seed}` }
    return timeFault(receipt, now)
  }
}

/**
 * Makes each run again that can be made again, and checks the answer on it. Another version of the program may draw
 * another run from the same seed, so its receipts are left unchecked.
 */
async function checkAnswers(files: readonly HandedIn[]): Promise<readonly Graded[]> {
  const { path: place, remove } = temporaryFolder()
  const progress = progressLine()
  const runs = new Map<string, string>()
  try {
    const graded: Graded[] = []
    for (const [i, one] of files.entries()) {
      progress.tell(i / files.length, 'making the runs again')
      graded.push(await checked(one))
    }
    return graded
  } finally {
    progress.end()
    remove()
  }

  async function checked(one: HandedIn): Promise<Graded> {
    const { receipt, refused } = one
    const exercise = receipt && exerciseOf(receipt)
    if (!exercise || refused || receipt.seed === null || receipt.version !== about.version)
      return { ...one, checked: false }
    const hint = exercise.check(await madeAgain(exercise, receipt.seed), receipt.answer)
    if (hint === null) return { ...one, checked: true }
    const why = `has an answer that is wrong for a run of ${exercise.id} made from the seed ${receipt.seed}`
    return { ...one, refused: { code: 'wrong-answer', why }, checked: true }
  }

  /** @returns the folder of the run */
  async function madeAgain(exercise: Exercise, seed: string): Promise<string> {
    const name = `${exercise.id} ${seed}`
    const known = runs.get(name)
    if (known !== undefined) return known
    const folder = join(place, String(runs.size))
    mkdirSync(folder, { mode: 0o700 })
    await exercise.start(folder, randomOf(exercise, seed))
    runs.set(name, folder)
    return folder
  }
}

/** Students in the order of their ids, each with what they have solved: of several runs of one exercise, the first. */
function byStudent(graded: readonly Graded[]): ReadonlyMap<string, readonly Accepted[]> {
  const students = new Map<string, Accepted[]>()
  const inOrder = graded.filter(isAccepted).sort((one, other) => one.receipt.solved - other.receipt.solved)
  for (const one of inOrder) {
    const id = folded(one.receipt.student)
    const theirs = students.get(id) ?? []
    if (!theirs.some(({ receipt }) => exerciseOf(receipt) === exerciseOf(one.receipt)))
      students.set(id, [...theirs, one])
  }
  return new Map([...students].sort(([one], [other]) => (one < other ? -1 : 1)))
}

function printTable(graded: readonly Graded[], others: number): void {
  const students = byStudent(graded)
  const shown = [...students.values()].flat()
  const used = exercises.filter((exercise) => shown.some(({ receipt }) => exerciseOf(receipt) === exercise))
  const rows = [...students.values()].map((theirs) => [
    visible(theirs[0]?.receipt.student ?? ''),
    ...used.map((exercise) => cellOf(theirs.find(({ receipt }) => exerciseOf(receipt) === exercise))),
  ])
  if (rows.length > 0) {
    table([{ heading: 'student' }, ...used.map(({ id }) => ({ heading: id, align: 'right' as const }))], rows).forEach(
      print,
    )
    print('')
  }
  const notes = [
    rows.length === 0 && 'No receipt could be accepted.',
    rows.length > 0 &&
      'Before the stroke: how many answers it took. Behind it: how many minutes from making the run to the right answer. A dash: no receipt.',
    shown.some(({ checked }) => !checked) &&
      '? The answer was right when the student checked it, and cannot be checked here: the run was not made from a seed, or by another version of doormat.',
    others > 0 && `${counted(others, 'other file')} left alone.`,
  ]
  for (const note of notes) if (note !== false) paragraph(note, { first: '' }).forEach(print)
}

const cellOf = (one: Accepted | undefined): string =>
  one ? `${one.receipt.tries}/${minutesOf(one.receipt)}${one.checked ? '' : '?'}` : '-'

function printRefused(refused: readonly Graded[], line: (text: string) => void): void {
  line('')
  line('Refused:')
  for (const one of refused)
    paragraph(visible(`${one.file} ${one.refused?.why} [${one.refused?.code}]`), { first: '  ', rest: '    ' }).forEach(
      line,
    )
}

function asJson({ file, receipt, refused, checked }: Graded) {
  return {
    file,
    refused: refused?.code ?? null,
    why: refused?.why ?? null,
    student: receipt?.student ?? null,
    exercise: (receipt && partsOf(receipt.run)?.id) ?? null,
    run: receipt?.run ?? null,
    answer: receipt?.answer ?? null,
    tries: receipt?.tries ?? null,
    started: receipt?.started ?? null,
    solved: receipt?.solved ?? null,
    seed: receipt?.seed ?? null,
    version: receipt?.version ?? null,
    checked,
  }
}

function csvRows(graded: readonly Graded[]): string[] {
  const rows = [...byStudent(graded).values()]
    .flat()
    .map(({ receipt, checked }) => [
      receipt.student,
      partsOf(receipt.run)?.id ?? '',
      String(receipt.tries),
      String(minutesOf(receipt)),
      new Date(receipt.solved).toISOString(),
      checked ? 'yes' : 'no',
    ])
  return [['student', 'exercise', 'tries', 'minutes', 'solved', 'checked'], ...rows].map((cells) =>
    cells.map(csvCell).join(','),
  )
}

/** A cell that a spreadsheet takes for text and not for a formula, whatever a student calls themselves. */
function csvCell(text: string): string {
  const plain = visible(text)
  const tame = /^[\s=+@-]/.test(plain) ? `'${plain}` : plain
  return /[",']/.test(tame) ? `"${tame.replaceAll('"', '""')}"` : tame
}
