import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { type Check, checks, lines } from '../../client/authority/order/checks.ts'
import { agreements, delayOf, jurisdictions, type Path, standards } from '../../client/authority/order/law.ts'

const page = readFileSync(new URL('../../docs/orders.md', import.meta.url), 'utf8')

/** The rows under a heading of the page, as they stand there. */
const rowsUnder = (heading: string) =>
  (page.split(`\n## ${heading}\n`)[1]?.split('\n## ')[0] ?? '')
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .slice(2)

const row = (...cells: readonly string[]) => `|${cells.map((cell) => (cell === '' ? ' ' : ` ${cell} `)).join('|')}|`

const paths: readonly Path[] = ['direct', 'government']

const placeOf = ({ paths: on, abroad }: Check) =>
  on.length === paths.length ? 'both paths' : `${on.join(', ')}${abroad ? ', from abroad' : ''}`

/** What the tables of the program say, as the page has to say it. */
const tables: Readonly<Record<string, readonly string[]>> = {
  'The agreement': agreements.map(({ parties, inForce, title, source }) =>
    row(parties.join(', '), inForce, title, source),
  ),
  'Standards': standards.map((one) =>
    row(
      `\`${one.id}\``,
      one.jurisdiction,
      one.title,
      one.test,
      one.signedBy,
      one.approvedBy ?? 'nobody',
      one.kinds.join(', '),
      one.longestWindowDays === null ? 'none named' : `${one.longestWindowDays} days`,
      one.source,
    ),
  ),
  'The checks': checks.map((one) => row(one.id, one.words, one.by, one.enforcedBy, placeOf(one), one.source)),
  'The last check, mode by mode': Object.entries(lines).flatMap(([mode, all]) =>
    all.map(({ words, by, enforcedBy }) => row(`\`${mode}\``, words, by, enforcedBy)),
  ),
  'How long it takes': jurisdictions.flatMap(({ id }) =>
    paths.map((path) => {
      const delay = delayOf(path, id)
      return delay
        ? row(path, id, delay.words, `${delay.fromDays} to ${delay.toDays}`, delay.source)
        : row(path, id, 'no published figure', '', '')
    }),
  ),
}

it.each(Object.entries(tables))(
  'docs/orders.md has under %j what the program goes by, and no more',
  (heading, rows) => {
    expect(rowsUnder(heading)).toEqual(rows)
  },
)
