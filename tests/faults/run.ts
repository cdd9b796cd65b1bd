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

/** @param names whole names are not needed; all tests of the files where none are given */
function test(files: readonly string[], names: readonly string[] = []): Result {
  const report = join(copy, 'report.json')
  spawnSync(
    process.execPath,
    [
      join(root, 'node_modules/vitest/vitest.mjs'),
      'run',
      '--reporter=json',
      `--outputFile=${report}`,
      ...(names.length > 0 ? ['--testNamePattern', names.map(literally).join('|')] : []),
      ...files,
    ],
    { cwd: copy },
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

/** Whether the test passes without a fault when nothing of its file has run before it. */
function passesAlone({ testFile, test: name }: Fault): boolean {
  const { failed, ran } = test([testFile], [name])
  return failed.length === 0 && ran > 0
}

function tryFault(fault: Fault): string | null {
  const names = passesAlone(fault) ? [fault.test] : []
  const path = join(copy, fault.file)
  const source = readFileSync(path, 'utf8')
  if (source.split(fault.find).length !== 2) return `its place is not once in ${fault.file}`
  writeFileSync(
    path,
    source.replace(fault.find, () => fault.replace),
  )
  try {
    const { failed } = test([fault.testFile], names)
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
  const sound = test([...new Set(chosen.map(({ testFile }) => testFile))])
  if (sound.failed.length > 0 || sound.ran === 0)
    throw new Error(`without a fault ${sound.failed.length} of ${sound.ran} tests fail: ${sound.failed[0]}`)
  console.log(`without a fault: ${sound.ran} tests pass`)
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
