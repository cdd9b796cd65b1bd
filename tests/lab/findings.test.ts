import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { modes } from '../../crypto/access/index.ts'
import { pagesOf, readResult, resultText, runStories } from '../docs/findings.ts'
import { at } from '../support/at.ts'

const written = (name: string) => readFileSync(new URL(`../../docs/${name}`, import.meta.url), 'utf8')
const committed = readResult(written('findings.json'))
const ofModes = ({ modes: results }: typeof committed) => results.map((result) => result.id)

/** Each day another one; `npm run findings -- --check`, a step of .ci/run, plays them all. */
const today = at(modes, Math.floor(Date.now() / (24 * 3600 * 1000)) % modes.length)

describe('docs/findings.md and docs/matrix.svg', () => {
  it('are drawn from docs/findings.json', () => {
    const pages = pagesOf(committed)
    expect(Object.keys(pages)).toEqual(['findings.json', 'findings.md', 'matrix.svg'])
    for (const [name, text] of Object.entries(pages)) expect(text, name).toBe(written(name))
  })

  it('have all modes', () => expect(ofModes(committed)).toEqual(modes.map(({ id }) => id)))

  it(`say what a run of the lab says, today of ${today.id}`, async () => {
    const again = await runStories([today])
    const recorded = { ...committed, modes: committed.modes.filter(({ id }) => id === today.id), experiments: [] }
    expect(resultText(again)).toBe(resultText(recorded))
  })
})
