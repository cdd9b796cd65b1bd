import { mkdirSync, writeFileSync } from 'node:fs'
import type { Command } from 'commander'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { explain } from '../../client/cli/exit.ts'
import { buildProgram } from '../../client/cli/program.ts'
import { systemFault } from '../../server/disk/storage.ts'
import { listening } from '../support/listening.ts'
import { rows } from '../support/commands.ts'
import { scratch } from '../support/program.ts'

/*
 * Every option of every command that takes a file or a folder, given something that is none: a person hears of it in words,
 * and not in what the operating system calls it.
 */

const { path, remove } = scratch()
afterAll(remove)

const bad: Readonly<Record<string, () => string>> = {
  'a file': () => path('file'),
  'a folder': () => path('folder'),
  'something in a file': () => `${path('file')}/below`,
  'nothing': () => `${path('nowhere')}/at/all`,
  'a name that is too long': () => path('x'.repeat(300)),
}

beforeAll(() => {
  writeFileSync(path('file'), 'not what was asked for\n')
  mkdirSync(path('folder'), { mode: 0o700 })
})

const commandAt = (words: string): Command =>
  words
    .split(' ')
    .reduce((command, word) => command.commands.find((one) => one.name() === word) ?? command, buildProgram())

/** Runs a command in this process. @returns its exit code and what it said on standard error */
async function ended(args: readonly string[]): Promise<readonly [number, string]> {
  const heard = listening()
  try {
    await buildProgram().parseAsync([...args], { from: 'user' })
    return [0, heard.stderr]
  } catch (error) {
    return [explain(error), heard.stderr]
  } finally {
    heard.stop()
  }
}

const places = { url: 'http://127.0.0.1:1', base: path('base') }
const cases = Object.entries(rows).flatMap(([words, row]) =>
  row.heavy
    ? []
    : commandAt(words)
        .options.filter(({ flags }) => /<(file|files\.\.\.|folder)>/.test(flags))
        .map(({ long, flags }) => ({
          words,
          option: long ?? '',
          args: [...words.split(' '), ...row.args(places)],
          // one that stays would take a folder, or make one, and stay
          without: row.does === 'stays' && flags.includes('<folder>') ? ['a folder', 'nothing'] : [],
        })),
)

describe('what the operating system refuses', () => {
  it.each(cases)('is told in words by `doormat $words` with $option', async ({ option, args, without }) => {
    for (const [what, given] of Object.entries(bad).filter(([what]) => !without.includes(what))) {
      const [code, said] = await ended([...args, option, given()])
      expect([what, said]).toEqual([what, expect.not.stringMatching(/\bE[A-Z]{3,}\b|syscall|errno/)])
      expect([what, code, said]).toEqual([what, expect.toBeOneOf([0, 1, 3, 4, 5]), said])
    }
  })

  it('has words of its own, or those of the system without its codes', () => {
    const refused = (code: string, message: string, more = {}) =>
      systemFault(Object.assign(new Error(message), { code, syscall: 'open', ...more }))?.message
    expect(refused('EISDIR', 'EISDIR: illegal operation on a directory, read', { path: '/x' })).toBe(
      'this is a folder, and a file is needed: /x',
    )
    expect(refused('ENOENT', 'ENOENT: no such file, open', { path: '/x/a.key.unfinished-123' })).toBe(
      'there is no such file or folder: /x/a.key',
    )
    expect(refused('ENODEV', "ENODEV: no such device, open '/x'", { path: '/x' })).toBe('no such device: /x')
    expect(refused('EWHATEVER', 'something else')).toBe('the system refuses this')
    expect(systemFault(new Error('our own mistake'))).toBeNull()
  })
})
