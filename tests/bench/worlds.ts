import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { program } from '../support/program.ts'
import { figure, type Section, table } from './page.ts'
import type { Scale } from './scale.ts'

const shared = resolve(import.meta.dirname, '../../../shared/data')
const [dataset, text] = ['collegemsg.txt', 'sms.tsv'].map((name) => resolve(shared, name)) as [string, string]

const matrixGoalSeconds = 90
const datasetGoalSeconds = 300
const datasetGoalMiB = 2048

/** Runs the program as it is built. @returns how long it took, and the last thing that it said */
async function run(...args: readonly string[]): Promise<{ seconds: number; last: Record<string, unknown> }> {
  const began = performance.now()
  const { ended, lines, errors } = program(args)
  const code = await ended
  if (code !== 0) throw new Error(`doormat ${args.join(' ')}: ${code}, ${errors.join(' ')}`)
  return {
    seconds: (performance.now() - began) / 1000,
    last: JSON.parse(lines.at(-1) ?? '{}') as Record<string, unknown>,
  }
}

/** Whole worlds, with every adversary, as somebody at a terminal has them played. */
export async function measureWorlds({ labPeople, labDataset }: Scale): Promise<Section> {
  const rows: string[][] = []
  const goals: Section['goals'][number][] = []
  if (labPeople !== null) {
    const { seconds } = await run('lab', 'matrix', '--json', '--people', String(labPeople))
    rows.push([`${labPeople} people under every mode`, figure(seconds), ''])
    goals.push({
      goal: `${labPeople} people under every mode in ${matrixGoalSeconds} s`,
      measured: `${figure(seconds)} s`,
      isMet: seconds <= matrixGoalSeconds,
    })
  }
  if (existsSync(dataset) && existsSync(text)) {
    const part = labDataset === null ? [] : ['--messages', String(labDataset)]
    const { seconds, last } = await run('lab', 'replay', '--json', '--dataset', dataset, '--text', text, ...part)
    const [messages, peakMiB] = [Number(last['messages']), Number(last['peakMiB'])]
    rows.push([`CollegeMsg, ${figure(messages)} messages`, figure(seconds), figure(peakMiB)])
    goals.push({
      goal: `CollegeMsg in ${datasetGoalSeconds} s and ${datasetGoalMiB} MiB`,
      measured: `${figure(seconds)} s, ${figure(peakMiB)} MiB`,
      isMet: seconds <= datasetGoalSeconds && peakMiB <= datasetGoalMiB,
    })
  } else rows.push(['CollegeMsg', 'not measured here: it is not at ../shared/data', ''])
  return {
    title: 'Whole worlds',
    body: [
      '`doormat lab matrix` plays a world two or three times under each mode; `doormat lab replay` plays a dataset twice, under message key escrow. Every',
      'adversary tries everything that passed.',
      '',
      table(['world', 'seconds', 'most memory, MiB'], rows),
    ].join('\n'),
    goals,
  }
}
