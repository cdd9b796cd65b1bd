import { existsSync, readFileSync } from 'node:fs'
import { expect, it } from 'vitest'

const page = readFileSync(new URL('../../docs/threat-model.md', import.meta.url), 'utf8')
const named = [...page.matchAll(/\b((?:client|server|crypto|scenario)\/[a-z-]+\.test\.ts)\b/g)].map(
  ([, path]) => path as string,
)

it.each([...new Set(named)])('the threat model names tests/%s, which is there', (path) => {
  expect(existsSync(new URL(`../${path}`, import.meta.url))).toBe(true)
})

it('every row of the threat model names something that shows it', () => {
  const rows = page.split('\n').filter((line) => line.startsWith('| **'))
  expect(rows.length).toBeGreaterThan(20)
  for (const row of rows) expect(row.split('|')[2]?.trim(), row).not.toBe('')
})
