import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'

/*
 * Changes crypto/ in every small way Stryker knows, one at a time, and runs the tests of tests/crypto against each: a
 * change that no test sees is a line nobody checks, or one that makes no difference. Every file is a run of its own, so
 * that its result is there as soon as it is done.
 *
 *   npm run test:mutants                           every file, anew
 *   npm run test:mutants -- ratchet.ts pqxdh.ts    these files anew
 *   npm run test:mutants -- --survivors            only the lines on which something has lived, after a new test
 *   npm run test:mutants -- --report               what the last runs have said
 *
 * Survivors, and why each of them is no change, are in survivors.md.
 */

interface Position {
  readonly line: number
  readonly column: number
}

interface Mutant {
  readonly mutatorName: string
  readonly replacement?: string
  readonly status: string
  readonly location: { readonly start: Position; readonly end: Position }
}

interface Report {
  readonly files: Readonly<Record<string, { readonly mutants: readonly Mutant[] }>>
}

const here = import.meta.dirname
const root = resolve(here, '../..')
const reports = join(here, 'reports')
const wanted = process.argv.slice(2).filter((word) => !word.startsWith('--'))
const onlyReport = process.argv.includes('--report')
const onlySurvivors = process.argv.includes('--survivors')

const files = readdirSync(join(root, 'crypto'), { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts') && (wanted.length === 0 || wanted.includes(file)))
  .sort()

const lastReport = join(reports, 'last.json')
const reportOf = (file: string) => join(reports, `${file.replaceAll('/', '-')}.json`)

/** @param what of a file is changed: all of it, or some lines */
function mutate(what: string): void {
  const stryker = join(here, 'node_modules/@stryker-mutator/core/bin/stryker.js')
  const config = join(here, 'stryker.config.json')
  const { status } = spawnSync(process.execPath, [stryker, 'run', config, '--mutate', what], {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
  })
  if (status !== 0) throw new Error(`Stryker ended with ${status} on ${what}`)
}

function mutateWhole(file: string): void {
  mutate(`crypto/${file}`)
  renameSync(lastReport, reportOf(file))
}

/** What has died by now is dead in the report of the whole file too. */
function mutateSurvivors(file: string): void {
  const lines = new Set(
    mutantsIn(reportOf(file))
      .filter(lives)
      .map(({ location: { start, end } }) => `${start.line}-${end.line}`),
  )
  if (lines.size === 0) return
  mutate([...lines].map((line) => `crypto/${file}:${line}`).join(','))
  const again = new Map(mutantsIn(lastReport).map((mutant) => [keyOf(mutant), mutant]))
  const whole = read(reportOf(file))
  const files = Object.entries(whole.files).map(([name, rest]) => [
    name,
    { ...rest, mutants: rest.mutants.map((mutant) => again.get(keyOf(mutant)) ?? mutant) },
  ])
  writeFileSync(reportOf(file), JSON.stringify({ ...whole, files: Object.fromEntries(files) }))
}

const keyOf = ({ mutatorName, replacement, location }: Mutant) => JSON.stringify([mutatorName, replacement, location])
const lives = ({ status }: Mutant) => ['Survived', 'NoCoverage', 'RuntimeError'].includes(status)

const outcomes = ['Killed', 'Timeout', 'Survived', 'NoCoverage', 'RuntimeError', 'Ignored'] as const

const read = (path: string) => JSON.parse(readFileSync(path, 'utf8')) as Report
const mutantsIn = (path: string) => Object.values(read(path).files).flatMap(({ mutants }) => mutants)

const tally = (mutants: readonly Mutant[]) =>
  outcomes.map((outcome) => mutants.filter(({ status }) => status === outcome).length)

/** Killed and timed out, of all that were tried. */
function scoreOf([killed = 0, timedOut = 0, survived = 0, uncovered = 0]: readonly number[]): string {
  const tried = killed + timedOut + survived + uncovered
  return tried === 0 ? '   -  ' : `${((100 * (killed + timedOut)) / tried).toFixed(1).padStart(5)}%`
}

const line = (name: string, counts: readonly number[]) =>
  `${name.padEnd(32)} ${scoreOf(counts)} ${counts.map((count) => String(count).padStart(12)).join('')}`

function tell(file: string): void {
  const mutants = mutantsIn(reportOf(file))
  console.log(line(file, tally(mutants)))
  for (const { status, location, mutatorName, replacement = '' } of mutants.filter(lives)) {
    const place = `${file}:${location.start.line}:${location.start.column}`
    console.log(`    ${status}  ${place}  ${mutatorName}  ${replacement.replaceAll(/\s+/g, ' ').slice(0, 100)}`)
  }
}

if (!onlyReport) {
  mkdirSync(reports, { recursive: true })
  execFileSync('npm', ['ci', '--no-audit', '--no-fund', '--silent'], { cwd: here, stdio: 'inherit' })
}
console.log(`${''.padEnd(32)}  score ${outcomes.map((outcome) => outcome.padStart(12)).join('')}`)
for (const file of files) {
  if (onlySurvivors && existsSync(reportOf(file))) mutateSurvivors(file)
  else if (!onlyReport) mutateWhole(file)
  if (existsSync(reportOf(file))) tell(file)
}
const all = files.filter((file) => existsSync(reportOf(file))).flatMap((file) => mutantsIn(reportOf(file)))
console.log(line(`${files.length} files, ${all.length} mutants`, tally(all)))
