import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { modes } from '../../crypto/access/index.ts'
import { alternative, whoHoldsWhatPicture, whoHoldsWhatTable } from '../docs/who-holds-what.ts'
import { seededRandom } from '../support/random.ts'

const page = (name: string) => readFileSync(new URL(`../../docs/${name}`, import.meta.url), 'utf8')
const picture = page('who-holds-what.svg')

it('docs/who-holds-what.svg is drawn from the modes as they are: npm run holders', () => {
  expect(picture).toBe(whoHoldsWhatPicture())
})

it('docs/access-modes.md has the picture, what it says in words, and the same as a table', () => {
  expect(page('access-modes.md')).toContain(`![${alternative}](who-holds-what.svg)`)
  expect(page('access-modes.md')).toContain(`\n${whoHoldsWhatTable()}\n`)
})

it.each(modes)('the table has every secret of $id with its holder and state', (mode) => {
  const table = whoHoldsWhatTable()
  for (const { name, holder, jurisdiction } of mode.setup(seededRandom('another')).secrets)
    expect(table).toContain(`| ${name}: ${holder} | ${jurisdiction} |`)
})

it.each(modes)('the picture has as many keys for $id as there are secrets, and says who has them', (mode) => {
  const row = picture.split('class="rule"').find((part) => part.includes(`>${mode.title}<`)) ?? ''
  const { secrets } = mode.setup(seededRandom('another'))
  const ofOperator = mode.tapping?.operatorLearns === true ? 1 : 0
  expect(row.match(/class="key foreign"/g)?.length ?? 0).toBe(secrets.length + ofOperator)
  const words = [...row.matchAll(/>([^<]+)<\/text>/g)].map(([, text]) => text).join(' ')
  for (const { holder, jurisdiction } of secrets) {
    expect(words).toContain(holder.replace(/^(the|an?) /, ''))
    expect(words).toContain(jurisdiction)
  }
})
