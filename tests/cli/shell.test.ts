import { spawnSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import { commandLineRows, commandRows, quoted } from '../../client/cli/shell.ts'
import { missing } from '../support/missing.ts'

const words = [
  'doormat',
  'order',
  'draft',
  '--issuer',
  "the minister's.key",
  '--from',
  '$HOME',
  '--to',
  'a\\b',
  '--out',
  '',
]

describe('a command to be pasted', () => {
  it('stands in one row where that is wide enough, and else goes on with an option', () => {
    expect(commandRows(['doormat', 'wire', 'passed.archive'], 2, 80)).toEqual(['  doormat wire passed.archive'])
    const rows = commandRows(words, 2, 40)
    expect(rows.every((row) => row.length <= 40)).toBe(true)
    expect(rows.slice(0, -1).every((row) => row.endsWith(' \\'))).toBe(true)
    expect(rows.slice(1).every((row) => row.startsWith('    --'))).toBe(true)
  })

  it('is the same where it is one text already, behind what stands before it', () => {
    const line = "doormat order draft --issuer 'the minister'\\''s --key' --to 'a  b'"
    expect(commandLineRows(line, 'try: ', 200)).toEqual([`try: ${line}`])
    expect(commandLineRows(line, 'try: ', 50)).toEqual([
      'try: doormat order draft \\',
      "       --issuer 'the minister'\\''s --key' \\",
      "       --to 'a  b'",
    ])
  })

  it('that ends within quotes is left as it is', () => {
    expect(commandLineRows("say 'one --two", 'try: ', 10)).toEqual(["try: say 'one --two"])
  })

  it('has its first word in the first row, however narrow the terminal', () => {
    expect(commandRows(['doormat', '--yes'], 0, 3)).toEqual(['doormat \\', '  --yes'])
  })

  const noShell = missing(spawnSync('sh', ['-c', 'true']).status === 0, 'no shell')
  it.skipIf(noShell)(`gives a shell the same words again${noShell}`, () => {
    for (const width of [30, 80, Infinity]) {
      const pasted = commandRows(words, 5, width).join('\n').replace('doormat', "printf '%s\\n'")
      expect(spawnSync('sh', ['-c', pasted], { encoding: 'utf8' }).stdout).toBe(`${words.slice(1).join('\n')}\n`)
    }
    expect(quoted('passed.archive')).toBe('passed.archive')
  })
})
