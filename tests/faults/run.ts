import { execFileSync, spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { type Fault, faults } from './faults.ts'
import { deviceFaults } from './faults-devices.ts'

/*
 * Puts one small fault after another into a copy of the source and runs the test that must notice. A fault that no test
 * sees is a promise that nobody keeps. Without a fault the same tests must pass, or their failing would mean nothing.
 *
 * The test runs alone, for a fault makes others wait until their time is over; or with all of its file, where it goes on from
 * what they leave.
 */

const root = resolve(import.meta.dirname, '../..')
const only = process.argv[2]
const chosen = [...faults, ...deviceFaults].filter(({ name }) => only === undefined || name.includes(only))
const copy = mkdtempSync(join(tmpdir(), 'doormat-faults-'))

interface Result {
  readonly failed: readonly string[]
  readonly ran: number
}

/** @param name of a test or a part of it; null runs all of the file */
function test(file: string, name: string | null = null): Result {
  const report = join(copy, 'report.json')
  spawnSync(
    process.execPath,
    [
      join(root, 'node_modules/vitest/vitest.mjs'),
      'run',
      '--reporter=json',
      `--outputFile=${report}`,
      ...(name === null ? [] : ['--testNamePattern', literally(name)]),
      file,
    ],
    // with the tests that only `npm run test:long` has
    { cwd: copy, env: { ...process.env, DOORMAT_EVERYTHING: '1' } },
  )
  const { testResults } = JSON.parse(readFileSync(report, 'utf8')) as {
    testResults: { assertionResults: { fullName: string; status: string }[]; status: string; name: string }[]
  }
  const all = testResults
    .flatMap(({ assertionResults }) => assertionResults)
    .filter(({ status }) => status === 'passed' || status === 'failed')
  return { failed: all.filter(({ status }) => status === 'failed').map(({ fullName }) => fullName), ran: all.length }
}

const literally = (text: string) => text.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`)

/**
 * What is to be run: the test alone, or all of its file.
 * @throws Error where it does not pass without a fault
 */
function soundly({ testFile, test: wanted }: Fault): string | null {
  for (const name of [wanted, null]) {
    const { failed, ran } = test(testFile, name)
    if (failed.length === 0 && ran > 0) return name
  }
  throw new Error(`without a fault ${testFile} fails, or has no test "${wanted}"`)
}

function tryFault(fault: Fault): string | null {
  const name = soundly(fault)
  const path = join(copy, fault.file)
  const source = readFileSync(path, 'utf8')
  if (source.split(fault.find).length !== 2) return `its place is not once in ${fault.file}`
  writeFileSync(
    path,
    source.replace(fault.find, () => fault.replace),
  )
  try {
    const { failed } = test(fault.testFile, name)
    return failed.some((name) => name.includes(fault.test)) ? null : `no test named "${fault.test}" failed`
  } finally {
    writeFileSync(path, source)
  }
}

let missed = 0
try {
  const tracked = execFileSync('git', ['ls-files', '-z'], { cwd: root, encoding: 'utf8' }).split('\0').filter(Boolean)
  for (const file of tracked) cpSync(join(root, file), join(copy, file))
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'))
  for (const fault of chosen) {
    const missedWhy = tryFault(fault)
    if (missedWhy) missed += 1
    console.log(`${missedWhy ? 'MISSED' : 'caught'}  ${fault.name}${missedWhy ? `: ${missedWhy}` : ''}`)
  }
} finally {
  rmSync(copy, { recursive: true, force: true })
}
console.log(`${chosen.length - missed} of ${chosen.length} faults are caught`)
process.exitCode = missed > 0 ? 1 : 0
