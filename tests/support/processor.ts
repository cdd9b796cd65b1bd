import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative, resolve } from 'node:path'
import { expect } from 'vitest'

/*
 * How many seconds of processor each folder of the tests takes, with the processes that it starts and waits for. They
 * are printed and never asserted: a slow machine is not a fault.
 */

const root = resolve(import.meta.dirname, '../..')
const ledgerName = 'DOORMAT_PROCESSOR_LEDGER'
/** clock ticks in a second, as /proc counts them on Linux */
const ticksPerSecond = 100

/** Of this process and of those it has waited for, as far as the system tells. */
function processorSeconds(): number {
  const { user, system } = process.cpuUsage()
  const own = (user + system) / 1e6
  if (!existsSync('/proc/self/stat')) return own
  // the fields begin behind the name of the program, which may hold spaces; cutime and cstime are the 16th and 17th
  const fields = readFileSync('/proc/self/stat', 'utf8').split(') ').at(-1)?.split(' ') ?? []
  return own + (Number(fields[13]) + Number(fields[14])) / ticksPerSecond
}

/** Called as a file of tests begins. @returns writes down what the file has taken */
export function countProcessor(): () => void {
  const before = processorSeconds()
  return () => {
    const ledger = process.env[ledgerName]
    const file = expect.getState().testPath
    if (ledger && file) appendFileSync(ledger, `${relative(root, file)}\t${processorSeconds() - before}\n`)
  }
}

/** Called before all tests, in the process that starts the others. @returns prints the sums */
export function openLedger(): () => void {
  const folder = mkdtempSync(join(tmpdir(), 'doormat-processor-'))
  const ledger = join(folder, 'ledger')
  process.env[ledgerName] = ledger
  return () => {
    const lines = existsSync(ledger) ? readFileSync(ledger, 'utf8').trim().split('\n') : []
    rmSync(folder, { recursive: true })
    const sums = new Map<string, number>()
    for (const line of lines) {
      const [file = '', seconds] = line.split('\t')
      const folderOf = file.split('/').slice(0, 2).join('/')
      sums.set(folderOf, (sums.get(folderOf) ?? 0) + Number(seconds))
      if (process.env['DOORMAT_PROCESSOR'] === 'files') sums.set(file, Number(seconds))
    }
    const rows = [...sums].sort(([, one], [, other]) => other - one)
    const total = rows.filter(([name]) => !name.endsWith('.ts')).reduce((sum, [, seconds]) => sum + seconds, 0)
    console.log(
      `\nprocessor seconds: ${rows.map(([name, seconds]) => `${name} ${seconds.toFixed(0)}`).join(', ')}; ${total.toFixed(0)} in all`,
    )
  }
}
