import type { ModeResult, LabResult } from '../lab/runs/result.ts'
import { achieved, fieldsOf } from '../lab/report/achieved.ts'
import { adversaryGroupsOf } from '../lab/report/adversaries.ts'
import { headingOf } from '../lab/report/matrix.ts'
import { cellOf } from '../lab/report/pick.ts'
import { sameHands } from '../lab/report/same-hands.ts'
import { grouped } from '../words/counted.ts'
import { paragraph, table } from './layout.ts'

type Matrix = Pick<LabResult, 'modes' | 'moments'>

/** The matrix for a terminal: a mode a row, and a table for each group of adversaries, with a line that says who each is. */
export function matrixLines(matrix: Matrix): readonly string[] {
  const { modes } = matrix
  return [
    ...adversaryGroupsOf(matrix).flatMap(({ title, members }) => [
      '',
      title,
      ...table(
        [{ heading: 'mode' }, ...members.map(({ short }) => ({ heading: short, align: 'right' as const }))],
        modes.map((mode) => [mode.title, ...members.map(({ id }) => fieldOf(mode, id))]),
        2,
      ),
      ...members.flatMap((known) =>
        paragraph(`${headingOf(known)}${known.holds === null ? '' : `: ${known.holds}`}`, {
          first: `    ${known.short.padEnd(10)}  `,
        }),
      ),
    ]),
    '',
    'What an order achieves, and whom its keys expose',
    ...table(
      [{ heading: 'mode' }, ...orderColumns.map(([heading]) => ({ heading, align: 'right' as const }))],
      achieved(matrix).map((one) => [one.mode.title, ...fieldsOf(one).map(shortened)]),
      2,
    ),
    ...orderColumns.flatMap(([short, meaning]) => paragraph(meaning, { first: `    ${short.padEnd(10)}  ` })),
    '',
    ...sameHands(matrix).flatMap((sentence) => [...paragraph(sentence, { first: '' })]),
  ]
}

const orderColumns = [
  ['served', 'whether the order read anything of its target'],
  ['after', 'the time until its first message was read'],
  ['of asked', 'messages read, of those that the order asks for'],
  ['exposed', 'people besides the target whom the order read'],
  ['could', 'people besides the target whom its keys open when nobody keeps to it'],
] as const

/** The reason why there was no order stands with the other adversaries. */
const shortened = (field: string): string => (field.startsWith('no:') ? 'no' : field.replace(/ \(.*\)$/, ''))

function fieldOf(mode: ModeResult, id: string): string {
  const cell = cellOf(mode, id)
  if (!cell || cell.status === 'not applicable') return '–'
  return `${cell.status === 'extrapolated' ? '≈' : ''}${grouped(cell.conversations.read)}`
}
