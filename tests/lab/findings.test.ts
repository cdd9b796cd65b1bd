import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { modes } from '../../crypto/access/index.ts'
import about from '../../package.json' with { type: 'json' }
import { sides } from '../../client/lab/report/sides.ts'
import { arrange } from '../../client/lab/report/arrangement.ts'
import { page } from '../../client/lab/report/page.ts'
import { verdicts } from '../../client/lab/report/verdicts.ts'
import { wordsIn } from '../../client/lab/report/words.ts'
import { asOf, pagesOf, readResult, resultText, runStories } from '../docs/findings.ts'
import { isLong } from '../support/long.ts'

const written = (name: string) => readFileSync(new URL(`../../docs/${name}`, import.meta.url), 'utf8')
const committed = readResult(written('findings.json'))
const ofModes = ({ modes: results }: typeof committed) => results.map((result) => result.id)

/** In the long run only: before every change `npm run findings -- --check` plays all of them, with all experiments. */
const played = modes.map((mode) => [mode.id, mode] as const)

describe('docs/findings.md and its pictures', () => {
  it('are drawn from docs/findings.json', () => {
    const pages = pagesOf(committed)
    expect(Object.keys(pages)).toEqual(['findings.json', 'findings.md', 'matrix.svg', 'whose-conversations.svg'])
    for (const [name, text] of Object.entries(pages)) expect(text, name).toBe(written(name))
  })

  it('have all modes', () => expect(ofModes(committed)).toEqual(modes.map(({ id }) => id)))

  it.skipIf(!isLong).each(played)('(in test:long) say what a run of the lab says of %s', async (id, mode) => {
    const again = await runStories([mode])
    const recorded = { ...committed, modes: committed.modes.filter((result) => result.id === id), experiments: [] }
    expect(resultText(asOf(again, recorded))).toBe(resultText(recorded))
  })

  it('say with which version, commit, day, seed and command they were made, and nothing of a machine', () => {
    const text = written('findings.md')
    const { version, commit, seed } = committed.provenance
    expect(text).toContain(`- version: ${version}`)
    expect(text).toContain(`- commit: ${commit}`)
    expect(commit).toMatch(/^[0-9a-f]{10}$/)
    expect(text).toContain(`- seed: ${seed}`)
    expect(text).toMatch(/- date: \d+ \w+ \d{4}\n- command: doormat lab report --people 34/)
    expect(text).toMatch(/Cite it as: The developers of Doormat, Doormat/)
    expect(text + written('findings.json')).not.toMatch(/GiB|linux|"machine"/)
  })

  it('have sides of the same length, verdicts of at most 25 words, and the same on the page of the report', () => {
    const { inFavour, against } = sides(committed)
    expect(inFavour).toHaveLength(against.length)
    const [one = 0, other = 0] = [inFavour, against].map((all) => wordsIn(all.join(' ')))
    expect(Math.max(one, other) / Math.min(one, other)).toBeLessThan(1.15)
    // what the file leaves out, for a page that shows it
    const told = { ...committed, provenance: { ...committed.provenance, machine: 'any', node: 'any', seconds: 1 } }
    const html = page(told, arrange(told))
    for (const sentence of [...inFavour, ...against]) expect(html).toContain(sentence)
    for (const { row, verdict, words } of verdicts(committed)) {
      expect(wordsIn(words)).toBeLessThanOrEqual(25)
      expect(html.split(`<li id="claim-${row}"`)[1]?.split('</li>')[0]).toContain(`>${verdict}</b> ${words}`)
      expect(written('findings.md')).toContain(`| **${verdict}** | ${words}`)
    }
    for (const { id, verdict } of committed.experiments) expect([id, wordsIn(verdict) <= 25]).toEqual([id, true])
  })
})

describe('CITATION.cff', () => {
  it('has the version of the package', () => {
    const citation = readFileSync(new URL('../../CITATION.cff', import.meta.url), 'utf8')
    expect(/^version: (.*)$/m.exec(citation)?.[1]).toBe(about.version)
    expect(/^license: (.*)$/m.exec(citation)?.[1]).toBe(about.license)
  })
})
