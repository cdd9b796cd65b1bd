import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { stageFiles } from '../../server/disk/whole-file.ts'
import {
  type CurvePoint,
  runSensitivity,
  type Sensitivity,
  seedsOf,
  tasksOf,
} from '../../client/lab/runs/sensitivity.ts'
import { readResult } from './findings.ts'
import { sensitivityOf, sensitivityPages } from './sensitivity.ts'

/*
 * Plays the worlds of every curve, in about a quarter of an hour of processor time, and writes docs/sensitivity.json, and
 * from it docs/sensitivity.md, its picture, and the findings' sentence on it: `npm run sensitivity`. Where no figure has
 * changed, version, commit and day stay those of the plays that were written down. With `--pages` nothing is played: the
 * pages are written from what was measured before.
 */
const pathOf = (name: string) => fileURLToPath(new URL(`../../docs/${name}`, import.meta.url))
const read = (name: string) => readFileSync(pathOf(name), 'utf8')

async function played(seeds: readonly string[]): Promise<Sensitivity> {
  const points: CurvePoint[] = []
  const begun = sensitivityOf(seeds, points)
  const tasks = tasksOf(seeds)
  const progress = (done: number) => process.stderr.write(`\r${done} of ${tasks.length} worlds played`)
  await runSensitivity(tasks, (point) => points.push(point), progress, new AbortController().signal)
  process.stderr.write('\n')
  return begun
}

const written = JSON.parse(read('sensitivity.json')) as Sensitivity
const measured = process.argv.includes('--pages') ? written : await played(seedsOf(10))
const isSame = JSON.stringify(measured.points) === JSON.stringify(written.points)
const pages = sensitivityPages(isSame ? written : measured, readResult(read('findings.json')))
stageFiles(Object.entries(pages).map(([name, content]) => ({ path: pathOf(name), content, mode: 0o644 }))).commit()
