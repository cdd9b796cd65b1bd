import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { modes } from '../../crypto/access/index.ts'
import { decodeEnvelope } from '../../crypto/envelope.ts'
import { underMode } from '../support/access.ts'
import { seededRandom } from '../support/random.ts'

const page = readFileSync(new URL('../../docs/access-modes.md', import.meta.url), 'utf8')
const sections = new Map(
  page
    .split(/^## /m)
    .slice(1)
    .map((section) => [section.split('\n')[0] ?? '', section]),
)
const number = new Intl.NumberFormat('en')

describe('docs/access-modes.md', () => {
  it.each(modes)('says of $id what the code says', (mode) => {
    const section = sections.get(mode.title) ?? ''
    const { parameters, secrets } = mode.setup(seededRandom('page'))
    expect(section).toContain(`\`${mode.id}\` · ${mode.year} · ${mode.source}\n`)
    expect(section).toContain(`**Simplified here:** ${mode.simplifies}\n`)
    expect(section).toContain(`**Parameters:** ${number.format(parameters.length)} bytes`)
    for (const secret of secrets)
      expect(section.replaceAll('\n', ' ')).toContain(
        `${secret.name} (${secret.bytes.length} bytes), held by ${secret.holder}, ${secret.jurisdiction}`,
      )
    if (secrets.length === 0) expect(section).toContain('**Secrets:** none')
  })

  it.each(modes)('gives of $id how it works, both sides, and what has gone wrong', (mode) => {
    const section = sections.get(mode.title) ?? ''
    const parts = [
      'How it works',
      'What it opens',
      'What it does not open',
      'The best case for it',
      'Known failures of the idea',
    ]
    const measured = mode.id === 'none' ? ['The best case for changing it'] : ['What stands against that, measured']
    for (const part of [...parts, ...measured]) expect(section).toMatch(new RegExp(`^\\*\\*${part}`, 'm'))
  })

  it('names tests that are there', () => {
    const named = [...page.matchAll(/`(tests\/[a-z/.-]+\.ts)`(?:,? "([^"]+)")?/g)]
    const same = [...page.matchAll(/the same file, "([^"]+)"/g)].map(([, name]) => [
      '',
      'tests/device/ghost-device.test.ts',
      name,
    ])
    expect(named.length).toBeGreaterThan(10)
    for (const [, path = '', name = ''] of [...named, ...same])
      expect(readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8')).toContain(name)
  })

  it('has no section for a mode that is not there', () => {
    expect([...sections.keys()]).toEqual(['Who holds what', ...modes.map(({ title }) => title), 'A mode of your own'])
  })

  it.each(modes)('gives the stanzas of $id their size', (mode) => {
    const { stanzas } = decodeEnvelope(underMode(mode, 'page').alice.send('hello'))
    for (const { payload } of stanzas)
      expect(sections.get(mode.title)).toContain(`stanza of ${number.format(payload.length)} bytes`)
  })
})
