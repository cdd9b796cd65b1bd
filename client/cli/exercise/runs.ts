import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { base64url } from '../../../crypto/bytes.ts'
import { generateSigningPair } from '../../../crypto/keys.ts'
import { systemRandom } from '../../../crypto/random.ts'
import { writeWhole } from '../../../server/disk/whole-file.ts'
import { madeToGo } from '../../node/temporary.ts'
import { Stop } from '../exit.ts'
import type { Task } from './model.ts'

const newKey = () => base64url(generateSigningPair(systemRandom).secret)

const words = z.array(z.string()).readonly()

/** What is remembered of a run besides its files: the task, and how it stands. Times are milliseconds since 1970. */
const recordSchema = z.object({
  doormat: z.literal('exercise run'),
  exercise: z.string(),
  seed: z.string().nullable(),
  /** the run's own signing secret, base64url: drawn by chance also where all else comes from a seed, so no two runs share it */
  key: z.string().default(newKey),
  /** as whom somebody wants to hand it in */
  student: z.string().nullable().default(null),
  started: z.number(),
  /** answers up to the first right one, and that too; 0 in a run of a version that did not count them */
  tries: z.number().default(0),
  done: z.number().nullable(),
  task: z.object({
    story: words,
    steps: z.array(z.object({ text: z.string(), commands: z.array(words).readonly() })).readonly(),
    question: z.string(),
    form: z.string(),
    example: words,
  }) satisfies z.ZodType<Task>,
})

type RunRecord = z.output<typeof recordSchema>

export interface Run {
  /** the exercise and the number of the run: `wire-2` */
  readonly name: string
  readonly folder: string
  readonly record: RunRecord
}

const recordFile = 'run.json'
const runName = /^([a-z]+)-([1-9]\d{0,5})$/

/** The exercise and the number in a run's name; null for any other name. */
export function partsOf(name: string): { readonly id: string; readonly number: number } | null {
  const [, id, number] = runName.exec(name) ?? []
  return id === undefined ? null : { id, number: Number(number) }
}

/** All runs of an exercise, the oldest first. */
export function runsOf(dir: string, id: string): Run[] {
  const numbers = existsSync(dir)
    ? readdirSync(dir).flatMap((name) => {
        const parts = partsOf(name)
        return parts?.id === id && existsSync(join(dir, name, recordFile)) ? [parts.number] : []
      })
    : []
  return numbers.sort((a, b) => a - b).map((number) => readRun(dir, `${id}-${number}`))
}

function readRun(dir: string, name: string): Run {
  const folder = join(dir, name)
  const path = join(folder, recordFile)
  try {
    return { name, folder, record: recordSchema.parse(JSON.parse(readFileSync(path, 'utf8'))) }
  } catch (error) {
    if (!(error instanceof SyntaxError || error instanceof z.ZodError)) throw error
    throw new Stop(
      'user',
      `${path} was changed, and nobody can tell what this run is`,
      `doormat exercise start ${partsOf(name)?.id} --again`,
    )
  }
}

/**
 * Plays a run beside those that there are: in a folder that gets its name when everything is in it, and is gone when that
 * does not come to an end. Nothing that is there is ever touched.
 */
export async function newRun(
  dir: string,
  id: string,
  { seed, student }: { readonly seed: string | null; readonly student: string | null },
  play: (folder: string) => Promise<Task>,
): Promise<Run> {
  mkdirSync(dir, { recursive: true, mode: 0o700 })
  const { path: stage, remove } = madeToGo(() => mkdtempSync(join(dir, `.${id}-unfinished-`)))
  try {
    const task = await play(stage)
    const begun = { started: Date.now(), tries: 0, done: null }
    const record: RunRecord = { doormat: 'exercise run', exercise: id, seed, key: newKey(), student, ...begun, task }
    writeRecord(stage, record)
    const name = settle(dir, id, stage)
    return { name, folder: join(dir, name), record }
  } finally {
    remove()
  }
}

const writeRecord = (folder: string, record: RunRecord) =>
  writeWhole(join(folder, recordFile), `${JSON.stringify(record, null, 1)}\n`, 0o600)

/** Gives the folder the first number that is free; somebody else may take one meanwhile. @returns the run's name */
function settle(dir: string, id: string, stage: string): string {
  for (let number = 1; ; number++) {
    const name = `${id}-${number}`
    if (existsSync(join(dir, name))) continue
    try {
      renameSync(stage, join(dir, name))
      return name
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      if (code !== 'ENOTEMPTY' && code !== 'EEXIST') throw error
    }
  }
}

/** Counts an answer, up to the first right one. @returns the run as it stands now */
export function countAnswer(run: Run, isRight: boolean, now: number): Run {
  const { started, tries, done } = run.record
  if (done !== null && tries > 0) return run
  // a clock may have been put back since
  return withRecord(run, { tries: tries + 1, done: isRight ? Math.max(now, started) : null })
}

export const ofStudent = (run: Run, student: string): Run =>
  run.record.student === student ? run : withRecord(run, { student })

function withRecord(run: Run, changed: Partial<RunRecord>): Run {
  const record = { ...run.record, ...changed }
  writeRecord(run.folder, record)
  return { ...run, record }
}
