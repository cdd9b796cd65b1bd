import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { modes } from '../../crypto/access/index.ts'
import { pagesOf, readResult, resultText, runStories } from '../docs/findings.ts'
import { isLong } from '../support/long.ts'

const written = (name: string) => readFileSync(new URL(`../../docs/${name}`, import.meta.url), 'utf8')
const committed = readResult(written('findings.json'))
const ofModes = ({ modes: results }: typeof committed) => results.map((result) => result.id)

/** In the long run; `npm run findings -- --check`, a step of .ci/run, plays them with all experiments. */
const played = modes.map((mode) => [mode.id, mode] as const)

describe('docs/findings.md and docs/matrix.svg', () => {
  it('are drawn from docs/findings.json', () => {
    const pages = pagesOf(committed)
    expect(Object.keys(pages)).toEqual(['findings.json', 'findings.md', 'matrix.svg'])
    for (const [name, text] of Object.entries(pages)) expect(text, name).toBe(written(name))
  })

  it('have all modes', () => expect(ofModes(committed)).toEqual(modes.map(({ id }) => id)))

  it.skipIf(!isLong).each(played)('(in test:long) say what a run of the lab says of %s', async (id, mode) => {
    const again = await runStories([mode])
    const recorded = { ...committed, modes: committed.modes.filter((result) => result.id === id), experiments: [] }
    expect(resultText(again)).toBe(resultText(recorded))
  })
})
