import { describe, expect, it } from 'vitest'
import {
  fetchEvidence,
  type FetchRow,
  fetchRows,
  fetchVerdict,
  fileFetches,
} from '../../client/lab/experiments/file-fetches.ts'
import { wordsIn } from '../../client/lab/report/words.ts'
import type { MixedPlayed } from '../../client/lab/simulation/mixed.ts'

/** Three friends with a group; ann sends the group a file, and ben one. Ben's second is fetched by nobody. */
const small: MixedPlayed = {
  people: ['ann', 'ben', 'cat', 'dan'],
  groups: [
    ['ann', 'ben', 'cat'],
    ['ann', 'cat', 'dan'],
  ],
  archive: [],
  uploads: [
    { blob: 'aa', from: 'ann', to: ['ben', 'cat'], at: 1, sizeBytes: 300 },
    { blob: 'bb', from: 'ann', to: ['ben'], at: 2, sizeBytes: 310 },
    { blob: 'cc', from: 'ben', to: ['dan'], at: 3, sizeBytes: 310 },
  ],
  fetches: [
    { blob: 'aa', by: 'ben' },
    { blob: 'aa', by: 'cat' },
    { blob: 'bb', by: 'ben' },
  ],
}

describe('what the fetching of files gives away', () => {
  it('is counted file by file, pair by pair and group by group', () => {
    const [whole, , , envelopes] = fetchRows([small], 'fetches')
    expect([whole?.told, whole?.mistaken]).toEqual([
      { read: 1, of: 1 },
      { read: 0, of: 2 },
    ])
    expect(whole?.counted).toMatchObject({ read: 1, of: 1 })
    expect(whole?.pairs).toEqual({ read: 2, of: 3 })
    expect(whole?.groups).toEqual({ read: 1, of: 2 })
    // nothing was sent at the moments of these uploads
    expect(envelopes).toMatchObject({
      counted: { read: 0, of: 1 },
      told: { read: 0 },
      pairs: { read: 0 },
      groups: { read: 0 },
    })
  })

  it('is tried on files that everybody has really fetched', async () => {
    const { rows, columns, verdict, evidence, method } = await fileFetches('fetches', 1)
    expect(rows).toHaveLength(4)
    for (const row of rows) expect(row).toHaveLength(columns.length)
    expect(rows[0]?.[2]).toMatch(/^100 % \((\d+) of \1\)$/)
    expect(rows[0]?.[6]).toBe('4 of 4')
    expect(wordsIn(verdict)).toBeLessThanOrEqual(25)
    expect(verdict).toMatch(/^[A-Z][^.!?]*\.$/)
    for (const text of [verdict, evidence, method]) expect(text).not.toMatch(/undefined|NaN|Infinity/)
  })

  it('has a verdict that follows its rows', () => {
    const row = (by: string, read: number): FetchRow => ({
      by,
      counted: { read, of: 4, low: 0, high: 1 },
      told: { read, of: 4 },
      mistaken: { read, of: 4 },
      pairs: { read, of: 4 },
      groups: { read, of: 4 },
    })
    const by = 'fetches; 70 % of recipients save a file'
    expect(fetchVerdict([row(by, 3)])).toContain('for 75 % of files sent to groups')
    expect(fetchVerdict([row(by, 0)])).toContain('never')
    expect(fetchVerdict([])).toContain('never')
    expect(fetchEvidence([row(by, 3)], small.uploads)).toBe(
      'The relay sees 1 padded size where the files have 2 sizes: 0 of 3 files can be told from all others by size alone, and without padding it would be 1.',
    )
  })
})
