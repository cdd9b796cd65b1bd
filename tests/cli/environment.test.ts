import { existsSync, writeFileSync } from 'node:fs'
import { homedir, userInfo } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { isLong } from '../support/long.ts'
import { command } from '../support/program.ts'
import { folder } from '../support/relay-folder.ts'
import { relayProcess } from '../support/relay-process.ts'
import { expectOneLine } from '../support/town.ts'
import { missing } from '../support/missing.ts'

const defaultOf = async (args: readonly string[], env: Record<string, string>) => {
  const { lines } = await command([...args, '--help'], { env })
  return /\(default:\s+"([^"]*)"\)/.exec(
    lines.slice(lines.findIndex((line) => /--home|--dir/.test(line))).join(' '),
  )?.[1]
}

describe('the environment', () => {
  it.each([
    ['no XDG_DATA_HOME', { XDG_DATA_HOME: '' }],
    ['an empty DOORMAT_HOME', { DOORMAT_HOME: '', XDG_DATA_HOME: '' }],
    ['an XDG_DATA_HOME that is no whole path', { XDG_DATA_HOME: 'data' }],
    ['an empty HOME', { HOME: '', XDG_DATA_HOME: '' }],
    ['a HOME that is no whole path', { HOME: 'home', XDG_DATA_HOME: '' }],
  ])('with %s is as if that were not set', async (_what, env) => {
    const usual = join('HOME' in env ? userInfo().homedir : homedir(), '.local/share/doormat')
    expect(await defaultOf(['history'], env)).toBe(join(usual, 'device'))
    expect(await defaultOf(['relay'], env)).toBe(join(usual, 'relay'))
  })

  it.skipIf(!isLong)('(in test:long) with an empty DOORMAT_PASSPHRASE_FILE names no file', async () => {
    const { url } = await relayProcess(folder())
    const home = join(folder(), 'alice')
    const passphrase = join(folder(), 'passphrase')
    writeFileSync(passphrase, 'a long passphrase\n')
    await command(['register', 'alice', '--passphrase-file', passphrase, '--home', home, '--relay', url])
    const locked = await command(['history', '--home', home], { env: { DOORMAT_PASSPHRASE_FILE: '' }, code: 1 })
    expect(locked.errors[0]).toMatch(/\[locked\]$/)
  })
})

/** A user of whom the system knows nothing, with nothing in the environment. */
const stranger = [
  'setpriv',
  '--reuid=54321',
  '--regid=54321',
  '--clear-groups',
  'env',
  '-u',
  'HOME',
  '-u',
  'XDG_DATA_HOME',
]
const skipped = missing(process.getuid?.() === 0 && existsSync('/usr/bin/setpriv'), 'this needs root and setpriv')

describe.skipIf(skipped)(`somebody without a home${skipped}`, () => {
  it('has the version, help, and every command that is told its folder', async () => {
    const { url } = await relayProcess(folder())
    for (const args of [['--version'], ['--help'], ['history', '--help'], ['completion', 'bash']])
      expect((await command(args, { under: stranger })).lines.length, args.join(' ')).toBeGreaterThan(0)
    expect((await command(['access', 'status', '--relay', url], { under: stranger })).lines.join()).toContain('none')
    const missing = await command(['history', '--home', '/nowhere'], { under: stranger, code: 1 })
    expectOneLine(missing, 'nobody is registered in /nowhere')
  })

  it('is told by every other in one line which folder to name', async () => {
    const hints = [
      [['history', 'bob'], 'doormat history --home FOLDER'],
      [['contacts', 'accept', 'bob'], 'doormat contacts accept --home FOLDER'],
      [['relay'], 'doormat relay --dir FOLDER'],
      [['exercise', 'list'], 'doormat exercise list --dir FOLDER'],
      [['access', 'off'], 'doormat access off --token-file FILE'],
    ] as const
    for (const [args, hint] of hints) {
      const told = await command(args, { under: stranger, code: 1 })
      expectOneLine(told, 'there is no home folder')
      expect(told.errors[1]).toBe(`try: ${hint}`)
    }
  })
})
