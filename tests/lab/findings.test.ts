import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { findingsPage } from '../../docs/findings.ts'

describe('docs/findings.md', () => {
  it('is what a run of the lab says: npm run findings', async () => {
    expect(await findingsPage()).toBe(readFileSync(new URL('../../docs/findings.md', import.meta.url), 'utf8'))
  }, 300_000)
})
