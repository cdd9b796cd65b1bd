import { openEvidence, emptyTally } from '../../authority/reading.ts'
import { asObject, asText, type TranscriptLine, transcriber, withoutEchoes } from '../../authority/transcript.ts'
import { transcriptPage } from '../../authority/transcript-page.ts'
import { counted } from '../../words/counted.ts'
import { visible } from '../../words/visible.ts'
import { openAll } from './opened.ts'
import type { Played } from '../simulation/played.ts'
import type { Experiment } from './experiment.ts'
import { evidenceOf, heldAgainst, keysOf } from './opened.ts'
import { titles } from './titles.ts'
import { nameOf } from './words.ts'

export interface FormatRow {
  readonly format: string
  /** messages that stand in it with their text, their sender and their recipient, as they were sent */
  readonly found: number
  /** messages that the key opens */
  readonly of: number
}

/** What the authority's own export writes, read back and held against what was sent. */
export function formatRows(played: Played): readonly FormatRow[] {
  const lines = exported(played)
  const of = openAll(played).length
  const page = new Set(transcriptPage({ lines, incomplete: null, limits: null }).split('<tr>'))
  const formats: readonly (readonly [string, (line: TranscriptLine) => boolean])[] = [
    ['JSON', (line) => isSame(played, JSON.parse(JSON.stringify(asObject(line))) as TranscriptLine)],
    [
      'text',
      (line) => isSame(played, line) && asText(line).endsWith(`${line.from} -> ${line.to}: ${visible(line.text)}`),
    ],
    ['a web page', (line) => isSame(played, line) && [...page].some((row) => standsIn(row, line))],
  ]
  return formats.map(([format, isThere]) => ({ format, found: lines.filter(isThere).length, of }))
}

function exported(played: Played): readonly TranscriptLine[] {
  const lineOf = transcriber()
  const lines = [...openEvidence(evidenceOf(played), keysOf(played), emptyTally())].flatMap(
    (reading) => lineOf(reading) ?? [],
  )
  return withoutEchoes(lines)
}

/** Not what somebody had encrypted first: that is exported too, and nobody can use it. */
const isSame = (played: Played, { id, from, to, text }: TranscriptLine): boolean =>
  heldAgainst(played, { id, from, to, text }) !== null

const entities: readonly (readonly [RegExp, string])[] = [
  [/<br>/g, '\n'],
  [/<[^>]*>/g, '\u0000'],
  [/&lt;/g, '<'],
  [/&gt;/g, '>'],
  [/&quot;/g, '"'],
  [/&#39;/g, "'"],
  [/&amp;/g, '&'],
]

/** Whether a row of the page says, once its tags are taken away, who wrote it, to whom and what. */
function standsIn(row: string, { from, to, text }: TranscriptLine): boolean {
  const fields = entities.reduce((left, [what, by]) => left.replaceAll(what, by), row).split('\u0000')
  const shown = text.split('\n').map(visible).join('\n')
  return [from, to, shown].every((wanted) => fields.includes(wanted))
}

export function formatVerdict(rows: readonly FormatRow[]): string {
  const [least] = [...rows].sort((one, other) => one.found - other.found)
  if (!least || least.of === 0) return 'The key opened nothing, so there was nothing to export.'
  return least.found === least.of
    ? `The export holds all ${counted(least.of, 'message')} that the key opens, each with sender and recipient, as JSON, text and a web page.`
    : `The export lacks messages: as ${least.format} it holds ${least.found} of ${least.of} that the key opens.`
}

export function transcript(played: Played): Experiment {
  const rows = formatRows(played)
  return {
    id: 'transcript',
    title: titles.transcript,
    claims: [2],
    question: 'Is what the authority gets readable and usable?',
    method: `The authority’s own export (the code behind “doormat authority export”) is run on everything recorded under ${nameOf(played.mode.id)}. Each format is read back, and each message is compared with what was sent: its text, its sender and its recipient. The people of this world write texts and send no files.`,
    columns: ['format', 'messages read back and the same', 'messages that the key opens'],
    rows: rows.map(({ format, found, of }) => [format, found, of]),
    verdict: formatVerdict(rows),
    evidence:
      'Names and times are the server’s word; the text is the sending device’s word. The key alone proves neither.',
    figures: { found: Math.min(...rows.map(({ found }) => found)), of: rows[0]?.of ?? 0 },
  }
}
