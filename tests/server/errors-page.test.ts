import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { cryptoErrorCodes } from '../../crypto/errors.ts'
import { authorityErrorCodes } from '../../client/authority/errors.ts'
import { refusals } from '../../client/cli/exercise/handed-in.ts'
import { exitCodes } from '../../client/cli/exit.ts'
import { buildProgram } from '../../client/cli/program.ts'
import { clientErrorCodes } from '../../client/device/errors.ts'
import { labErrorCodes } from '../../client/lab/world/errors.ts'
import { relayErrors } from '../../server/api.ts'

const page = readFileSync(new URL('../../docs/errors.md', import.meta.url), 'utf8')

/** The rows of the table under a heading, each with its cells. */
function tableUnder(heading: string): string[][] {
  const [, section = ''] = page.split(`\n## ${heading}\n`)
  const [text = ''] = section.split('\n## ')
  const rows = text.split('\n').filter((line) => line.startsWith('|'))
  return rows.slice(2).map((row) =>
    row
      .slice(1, -1)
      .split('|')
      .map((cell) => cell.trim()),
  )
}

const codesUnder = (heading: string) => tableUnder(heading).map(([code = '']) => code.replaceAll('`', ''))

describe('the page of errors', () => {
  it.each([
    ['A check failed', cryptoErrorCodes],
    ['The relay says no', Object.keys(relayErrors)],
    ['The device cannot do that', clientErrorCodes],
    ['The authority or the order desk cannot do that', authorityErrorCodes],
    ['The lab cannot do that', labErrorCodes],
    ['A receipt is refused', refusals],
  ])('has each code under %j once, in the order of the code, and no other', (heading, codes) => {
    expect(codesUnder(heading.replace('’', "'"))).toEqual(codes)
  })

  it('has the status of each of the relay’s codes', () => {
    const statuses = tableUnder('The relay says no').map(([code = '', status]) => [code.slice(1, -1), Number(status)])
    expect(Object.fromEntries(statuses)).toEqual(relayErrors)
  })

  it('has the program’s exit codes, and 0', () => {
    expect(codesUnder('Exit codes').map(Number)).toEqual([0, ...Object.values(exitCodes)])
  })

  it('says of each code what it means and what to do', () => {
    const rows = [
      'A check failed',
      'The device cannot do that',
      'The authority or the order desk cannot do that',
      'The lab cannot do that',
      'A receipt is refused',
    ].flatMap(tableUnder)
    for (const [code, means = '', todo = ''] of [
      ...rows,
      ...tableUnder('The relay says no').map((row) => row.toSpliced(1, 1)),
    ]) {
      expect([code, /^[A-Z].*\.$/.test(means), /^[A-Z`].*[.`]$/.test(todo)]).toEqual([code, true, true])
    }
  })

  it('names commands and options that there are', () => {
    const program = buildProgram()
    for (const [, line = ''] of page.matchAll(/`doormat ([^`]+)`/g)) {
      const words = line.split(' ')
      let command = program.commands.find((one) => one.name() === words[0])
      command = command?.commands.find((one) => one.name() === words[1]) ?? command
      const options = words.filter((word) => word.startsWith('--'))
      expect([line, command?.name()]).not.toEqual([line, undefined])
      const known = command?.options.map(({ long }) => long)
      expect([line, options.filter((option) => !known?.includes(option))]).toEqual([line, []])
    }
  })
})
