import { spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, describe, expect, it } from 'vitest'
import type * as list from '../../crypto/access/index.ts'
import type * as contract from '../contract/access-mode.ts'
import type * as support from '../support/access.ts'

/*
 * The mode that docs/writing-a-mode.md builds, built: its file and its line go into a copy of the sources, and nothing
 * else is changed there.
 */

const root = resolve(import.meta.dirname, '../..')
const page = readFileSync(join(root, 'docs/writing-a-mode.md'), 'utf8')
const [file = '', lines = '', promise = ''] = [...page.matchAll(/^```ts\n(.*?)^```$/gms)].map(([, code]) => code)
const [, path = ''] = /^`(crypto\/access\/[a-z-]+\.ts)`:$/m.exec(page) ?? []

const copy = mkdtempSync(join(tmpdir(), 'doormat-mode-'))
afterAll(() => rmSync(copy, { recursive: true, force: true }))
for (const part of [
  'crypto',
  'tests/contract',
  'tests/support',
  'package.json',
  'tsconfig.json',
  '.oxlintrc.json',
  '.oxfmtrc.json',
])
  cpSync(join(root, part), join(copy, part), { recursive: true })
symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'))

const index = join(copy, 'crypto/access/index.ts')
const [anImport = '', entry = ''] = lines.trimEnd().split('\n')
writeFileSync(join(copy, path), file)
writeFileSync(index, `${anImport}\n${readFileSync(index, 'utf8').replace(/^\]$/m, `${entry}\n]`)}`)

const inCopy = async (name: string): Promise<unknown> => import(pathToFileURL(join(copy, name)).href)
const { modes } = (await inCopy('crypto/access/index.ts')) as typeof list
const { accessModeSuite } = (await inCopy('tests/contract/access-mode.ts')) as typeof contract
const { converse, readings, underMode } = (await inCopy('tests/support/access.ts')) as typeof support
const mode = modes.at(-1) ?? expect.fail('no mode is in the list')

describe('docs/writing-a-mode.md', () => {
  const tool = (script: string, ...args: string[]) =>
    spawnSync(process.execPath, [join(root, 'node_modules', script), ...args], { cwd: copy, encoding: 'utf8' })

  it('has a mode in one file of at most 80 lines, and one line for the list', () => {
    expect(file.trimEnd().split('\n').length).toBeLessThanOrEqual(80)
    expect(page).toContain(`\nin ${file.trimEnd().split('\n').length} lines, and`)
    expect(lines.trimEnd().split('\n')).toHaveLength(2)
    expect(mode.id).toBe(path.replace(/^.*\/|\.ts$/g, ''))
  })

  it('has code that is type-checked, linted and formatted like all other', () => {
    const said = [
      tool('typescript/bin/tsc', '-p', 'crypto'),
      tool('oxlint/bin/oxlint', path),
      tool('oxfmt/bin/oxfmt', '--check', path),
    ]
    expect(said.map(({ status, stdout }) => [status, status === 0 ? '' : stdout])).toEqual(said.map(() => [0, '']))
  })

  it('says what the mode promises in the words of the suite', () => {
    expect(promise.trim()).toBe(`'${mode.id}': { ${Object.entries(promised).map(said).join(', ')} },`)
  })

  it('gives each court what its own people write, and nothing of anybody else', () => {
    const { alice, bob, secrets } = underMode(mode, 'districts')
    const { sent, evidence } = converse(alice, bob)
    const writtenBy = (name: string) => sent.filter(({ record }) => record.fromUser === name).map(({ text }) => text)
    const read = secrets.map((secret) => readings(mode, [secret], evidence).map(({ content }) => content.text))
    expect(secrets.map(({ name }) => name)).toEqual(['key of the north', 'key of the south'])
    expect(read).toEqual([writtenBy('bob'), writtenBy('alice')])
  })
})

const promised = { holderReads: 'everything', forgery: 'refused', stanzas: 1 } as const
const said = ([name, value]: [string, string | number]) =>
  `${name}: ${typeof value === 'string' ? `'${value}'` : value}`

accessModeSuite(mode, promised)
