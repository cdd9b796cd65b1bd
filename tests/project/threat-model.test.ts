import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { missing } from '../support/missing.ts'

const page = readFileSync(new URL('../../docs/threat-model.md', import.meta.url), 'utf8')
const named = [
  ...page.matchAll(
    /\b((?:authority|client|contract|crypto|fuzz|lab|scenario|server|web|web\/browser|workshop)\/[a-z-]+(?:\.test)?\.ts)\b/g,
  ),
].map(([, path]) => path as string)

const partOf = (title: string) => page.split(`\n## ${title}\n`)[1]?.split('\n## ')[0] ?? ''

const cellsOf = (table: string) =>
  table.split('\n').flatMap((line) =>
    line.startsWith('| ')
      ? [
          line
            .split('|')
            .slice(1, -1)
            .map((cell) => cell.trim()),
        ]
      : [],
  )

it.each([...new Set(named)])('the threat model names tests/%s, which is there', (path) => {
  expect(existsSync(new URL(`../${path}`, import.meta.url))).toBe(true)
})

it('every row of the threat model names something that shows it', () => {
  const rows = page.split('\n').filter((line) => line.startsWith('| **'))
  expect(rows.length).toBeGreaterThan(20)
  for (const row of rows) expect(row.split('|')[2], row).toMatch(/\w\.ts|doormat demo/)
})

/** A test's name where it stands as one: the first argument of `it`, or of what `it.each` gives. */
const isTestIn = (source: string, name: string) =>
  ["'", '"', '`'].some((quote) => source.includes(`(${quote}${name}${quote},`)) ||
  source.split('\n').some((line) => [`'${name}',`, `"${name}",`].includes(line.trim()))

describe('the attacks, one by one', () => {
  const part = partOf('Attacks, one by one')
  const [, ...rows] = cellsOf(part)
  const attacks = rows.map(([attack = '']) => attack)
  const notYet = [...part.matchAll(/^- ([^.]+)\./gm)].map(([, attack]) => attack as string)

  it.each(rows)('%s: its tests are there, by their names', (_attack, _what, tests = '') => {
    const files = tests.split(/; (?=`)/)
    for (const said of files) {
      const [, file = '', names = ''] = /^`([a-z0-9/.-]+)` (".*")$/.exec(said) ?? []
      const source = readFileSync(new URL(`../${file}`, import.meta.url), 'utf8')
      for (const name of names.slice(1, -1).split('", "')) expect([name, isTestIn(source, name)]).toEqual([name, true])
    }
  })

  it('have each what happens, a test, a number of CWE, and a requirement or a dash', () => {
    for (const row of rows) {
      expect(row).toHaveLength(5)
      const [, what = '', tests = '', cwe = '', asvs = ''] = row
      expect([what, tests]).toEqual([expect.stringMatching(/\S/), expect.stringMatching(/^`.*"$/)])
      expect(cwe).toMatch(/^\d+(, \d+)*$/)
      expect(asvs).toMatch(/^(–|\d+\.\d+\.\d+( \([^)]+\))?(, \d+\.\d+\.\d+( \([^)]+\))?)*)$/)
    }
    expect(rows.length).toBeGreaterThan(25)
  })

  const list = new URL('../../../shared/ATTACKS.md', import.meta.url)
  const listMissing = missing(existsSync(list), 'there is no ../shared/ATTACKS.md')
  it.skipIf(listMissing)(`are all those of ../shared/ATTACKS.md and more, in its order${listMissing}`, () => {
    const [, ...owed] = cellsOf(readFileSync(list, 'utf8')).map(([attack = '']) => attack)
    // the page may have more rows than the list
    expect(attacks.filter((attack) => owed.includes(attack))).toEqual(owed.filter((attack) => !notYet.includes(attack)))
    expect(owed).toEqual(expect.arrayContaining(notYet))
  })
})
