import { headsOf, rowsOf } from '../lab/report/curve-page.ts'
import { curveWords, pairsNotPeople, spreadWords, toldBy } from '../lab/report/curve-words.ts'
import type { CurvePoint } from '../lab/runs/sensitivity.ts'
import { paragraph, table } from './layout.ts'

/** What was measured, for a terminal: for each curve a table with lettered columns, what the letters mean, and what it shows. */
export function curveLines(points: readonly CurvePoint[], seeds: readonly string[]): readonly string[] {
  const curves = curveWords.flatMap((words) => {
    const rows = rowsOf({ points }, words)
    if (rows.length === 0) return []
    const { verdict, awkward } = toldBy({ points }, words.id)
    const columns = headsOf(words).map((heading, i) => ({ letter: String.fromCodePoint(97 + i), heading }))
    return [
      '',
      words.title,
      ...table(
        columns.map(({ letter }) => ({ heading: letter, align: 'right' as const })),
        rows,
        2,
      ),
      ...columns.flatMap(({ letter, heading }) => paragraph(heading, { first: `    ${letter}  ` })),
      ...(verdict === null ? [] : paragraph(verdict, { first: '' })),
      ...awkward.flatMap((sentence) => paragraph(sentence, { first: '  ' })),
    ]
  })
  return [...curves, '', ...[spreadWords({ seeds }), pairsNotPeople].flatMap((one) => paragraph(one, { first: '' }))]
}
