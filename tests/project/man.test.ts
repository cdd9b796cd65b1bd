import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { manPage } from '../docs/man.ts'
import { program } from '../support/program.ts'
import { missing } from '../support/missing.ts'

describe('the man page', () => {
  it('is what the program says of itself: npm run man', () => {
    expect(readFileSync(new URL('../../docs/doormat.1', import.meta.url), 'utf8')).toBe(manPage())
  })
})

const noBash = missing(spawnSync('bash', ['-c', 'true']).status === 0, 'no bash')

describe('the completions of a shell', () => {
  it.skipIf(noBash)(`offer commands, those below them, and their options${noBash}`, async () => {
    const { ended, lines } = program(['completion', 'bash'])
    expect(await ended).toBe(0)
    const offered = (...words: string[]) =>
      spawnSync(
        'bash',
        [
          '-c',
          `${lines.join('\n')}\nCOMP_WORDS=(${words.map((word) => `'${word}'`).join(' ')}); COMP_CWORD=${words.length - 1}; _doormat; echo "\${COMPREPLY[*]}"`,
        ],
        { encoding: 'utf8' },
      ).stdout.trim()
    expect(offered('doormat', 'ver')).toBe('verify')
    expect(offered('doormat', 'access', 'o').split(' ')).toEqual(['on', 'off'])
    expect(offered('doormat', 'access', 'on', 'none', '--auth')).toBe('--authority-key')
    expect(offered('doormat', 'send', 'bob', '--st')).toBe('--stdin')
  })

  it('are refused for a shell that doormat does not know', async () => {
    const { ended, errors } = program(['completion', 'constructor'])
    expect(await ended).toBe(1)
    expect(errors[0]).toContain('there are no completions for constructor')
  })
})
