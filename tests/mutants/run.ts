import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync } from 'node:fs'
import { join, resolve } from 'node:path'

/*
 * Changes crypto/ in every small way Stryker knows, one at a time, and runs the tests of tests/crypto against each: a
 * change that no test sees is a line nobody checks, or one that makes no difference. Every file is a run of its own, so
 * that its result is there as soon as it is done.
 *
 *   npm run test:mutants                           every file, anew
 *   npm run test:mutants -- ratchet.ts pqxdh.ts    these files anew
 *   npm run test:mutants -- --report               what the last runs have said
 *
 * Survivors, and why each of them is no change, are in survivors.md.
 */

interface Mutant {
  readonly mutatorName: string
  readonly replacement?: string
  readonly status: string
  readonly location: { readonly start: { readonly line: number; readonly column: number } }
}

interface Report {
  readonly files: Readonly<Record<string, { readonly mutants: readonly Mutant[] }>>
}

const here = import.meta.dirname
const root = resolve(here, '../..')
const reports = join(here, 'reports')
const wanted = process.argv.slice(2).filter((word) => word !== '--report')
const onlyReport = process.argv.includes('--report')

const files = readdirSync(join(root, 'crypto'), { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts') && (wanted.length === 0 || wanted.includes(file)))
  .sort()

const reportOf = (file: string) => join(reports, `${file.replaceAll('/', '-')}.json`)

function mutate(file: string): void {
  const stryker = join(here, 'node_modules/@stryker-mutator/core/bin/stryker.js')
  const config = join(here, 'stryker.config.json')
  const { status } = spawnSync(process.execPath, [stryker, 'run', config, '--mutate', `crypto/${file}`], {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
  })
  if (status !== 0) throw new Error(`Stryker ended with ${status} on crypto/${file}`)
  renameSync(join(reports, 'last.json'), reportOf(file))
}

const outcomes = ['Killed', 'Timeout', 'Survived', 'NoCoverage', 'RuntimeError', 'Ignored'] as const

const mutantsOf = (file: string): readonly Mutant[] => {
  const report = JSON.parse(readFileSync(reportOf(file), 'utf8')) as Report
  return Object.values(report.files).flatMap(({ mutants }) => mutants)
}

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
  const mutants = mutantsOf(file)
  console.log(line(file, tally(mutants)))
  for (const { status, location, mutatorName, replacement = '' } of mutants.filter(({ status }) =>
    ['Survived', 'NoCoverage', 'RuntimeError'].includes(status),
  )) {
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
  if (!onlyReport) mutate(file)
  if (existsSync(reportOf(file))) tell(file)
}
const all = files.filter((file) => existsSync(reportOf(file))).flatMap(mutantsOf)
console.log(line(`${files.length} files, ${all.length} mutants`, tally(all)))
