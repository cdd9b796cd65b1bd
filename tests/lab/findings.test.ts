import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { drawFindings } from '../../docs/findings.ts'

const written = (name: string) => readFileSync(new URL(`../../docs/${name}`, import.meta.url), 'utf8')

describe('docs/findings.md and docs/matrix.svg', () => {
  it('are what a run of the lab says: npm run findings', async () => {
    const { page, picture } = await drawFindings()
    expect(page).toBe(written('findings.md'))
    expect(picture).toBe(written('matrix.svg'))
  }, 300_000)
})
