import { phases } from '../simulation/phase.ts'
import type { ExperimentResult, LabResult } from '../runs/result.ts'
import { assumptions } from './assumptions.ts'
import { answer } from './answer.ts'
import { claims } from './claims.ts'
import { detectorsOf } from './detections.ts'
import { numeral } from './experiments.ts'
import { against, inFavour } from './findings-sides.ts'
import { item, plain, tableOf, wrapped } from './markdown.ts'
import { letter, reasonsOf } from './matrix.ts'
import { adversariesOf, cellOf } from './pick.ts'
import { sameHands } from './same-hands.ts'
import { counted, grouped } from '../../words/counted.ts'
import { listed, lowerFirst, outOf, percent } from './words.ts'

/**
 * docs/findings.md: what a run shows, in plain words. Every figure is of the run, and a sentence that its figures do not
 * bear is not written, or says the opposite. No figure in it depends on the machine, so that a second run gives the same page.
 */
export const findings = (result: LabResult): string =>
  [
    '# Findings',
    introduction(result),
    ...(result.complete ? [] : ['**This run was interrupted: what follows is a part of it.**']),
    `**${wrapped(plain(answer(result)))}**`,
    '## Who read how much',
    wrapped('Conversations of which an adversary read at least one message.'),
    exposure(result),
    ...reasonsOf(result).map((reason, i) => wrapped(`${letter(i)}: not applicable: ${plain(reason)}`)),
    ...sameHands(result).map((sentence) => wrapped(plain(sentence))),
    zeros(result),
    '## By time',
    wrapped(
      'Messages that the insider read, of those said before a mode was switched on, while it was on, after it was switched off, and after it was switched on again with the keys of another state.',
    ),
    byPhase(result),
    '## What speaks for it',
    listOf(inFavour(result)),
    '## What speaks against it',
    listOf(against(result)),
    '## Who could have noticed',
    wrapped(
      'People who noticed something, or would have if they had looked: first while the operator served an order, then while a relay answered as it liked.',
    ),
    noticing(result),
    '## What was asked',
    ...(result.experiments.length === 0 ? ['Nothing in this run.'] : result.experiments.map(experiment)),
    '## Whose sentences these are',
    answered(result),
    '## What is assumed',
    assumptions(result).map(item).join('\n'),
    '## What this does not show',
    limits,
    '',
  ].join('\n\n')

const listOf = (sentences: readonly string[]): string =>
  sentences.length === 0 ? 'Nothing in this run.' : sentences.map(item).join('\n')

function introduction({ world, moments: { on, off, breach, again }, provenance: { seed } }: LabResult): string {
  const further =
    again === null ? '' : ` After ${numeral(again)} days it is switched on once more, with the keys of another state.`
  return [
    wrapped(
      `What the built-in world shows: ${counted(world.people.length, 'invented person', 'invented people')}, ${counted(world.conversations.length, 'conversation')}, ${counted(world.messages, 'message')} in ${counted(world.days, 'simulated day')}, seed ${plain(seed)}. Each mode is switched on after ${numeral(on)} days and off after ${numeral(off)}; after ${numeral(breach)} days somebody breaks in and steals.${further}`,
    ),
    wrapped(
      'Read means that bytes were decrypted and equal what was sent. `doormat lab report` draws the same figures; `tests/lab/findings.test.ts` runs the world again and fails when this page says anything else. What each mode is, and what is simplified in it, stands in [access-modes.md](access-modes.md).',
    ),
  ].join('\n\n')
}

function exposure(result: LabResult): string {
  const reasons = reasonsOf(result)
  return tableOf(
    ['', ...result.modes.map(({ title }) => plain(title))],
    adversariesOf(result).map((adversary) => [
      plain(adversary),
      ...result.modes.map((mode) => {
        const cell = cellOf(mode, adversary)
        if (!cell) return ''
        if (cell.status === 'not applicable') return `– (${letter(reasons.indexOf(cell.holds))})`
        const { conversations, status } = cell
        const figure =
          conversations.read === 0
            ? '0'
            : `${grouped(conversations.read)} of ${grouped(conversations.of)} (${percent(conversations)})`
        return status === 'extrapolated' ? `≈ ${figure}` : figure
      }),
    ]),
  )
}

/** A zero is worth what its positive control is worth. */
function zeros({ modes }: LabResult): string {
  const failed = modes.filter(
    ({ control, lastStates: { readBefore, stillToCome } }) =>
      control !== 1 || readBefore !== 0 || stillToCome.read !== stillToCome.of,
  )
  const tried = 'A 0 was tried with all that the adversary holds, as far as there was a key and something to try it on.'
  const control =
    failed.length === 0
      ? 'Under each mode one message’s own key was kept: tried on all envelopes it opened that message and no other. The keys left on all devices, their histories put aside, were tried too: they opened nothing that had been read before, and all that was still to come.'
      : `The zeros cannot be believed under ${listed(failed.map(({ title }) => plain(lowerFirst(title))))}: their control failed.`
  return wrapped(`${tried} ${control}`)
}

function byPhase({ modes }: LabResult): string {
  const rows = modes.flatMap((mode) => {
    const cell = cellOf(mode, 'insider')
    return cell?.status === 'measured'
      ? [
          [
            plain(mode.title),
            ...phases.map((phase) => `${grouped(cell.messages[phase].read)} of ${grouped(cell.messages[phase].of)}`),
          ],
        ]
      : []
  })
  return tableOf(['', ...phases], rows)
}

function noticing(result: LabResult): string {
  const { modes } = result
  const rows = (['order', 'activeRelay'] as const).flatMap((occasion) =>
    detectorsOf(result, occasion).map(({ id }) => [
      `${plain(id)}, ${occasion === 'order' ? 'an order' : 'a lying relay'}`,
      ...modes.map(({ detections }) => {
        const found = detections[occasion].find((one) => one.id === id)
        return !found ? '' : found.noticed.read === 0 ? '0' : outOf(found.noticed)
      }),
    ]),
  )
  return tableOf(['', ...modes.map(({ title }) => plain(title))], rows)
}

/** A figure of seconds differs from run to run. */
const timed = /\b(seconds?|ms|µs|us)\b/i

function experiment({
  title,
  claims: rowsOfClaims,
  question,
  method,
  columns,
  rows,
  verdict,
}: ExperimentResult): string {
  const kept = columns.flatMap((column, place) => (timed.test(column) ? [] : [place]))
  const field = (value: string | number = '') => (typeof value === 'number' ? numeral(value) : plain(value))
  return [
    `### ${plain(title)}`,
    wrapped(`${plain(question)}${rowsOfClaims.length === 0 ? '' : ` (claim ${rowsOfClaims.join(', ')})`}`),
    tableOf(
      kept.map((place) => plain(columns[place] ?? '')),
      rows.map((row) => kept.map((place) => field(row[place]))),
    ),
    `**${wrapped(plain(verdict))}**`,
    wrapped(plain(method)),
  ].join('\n\n')
}

const answered = ({ experiments }: LabResult): string =>
  tableOf(
    ['#', 'who', 'the claim, in few words', 'tried by'],
    claims.map(({ row, who, claim }) => [
      String(row),
      who,
      claim,
      experiments
        .filter((one) => one.claims.includes(row))
        .map(({ title }) => plain(title))
        .join('; ') || 'nothing in this run',
    ]),
  )

const limits = [
  'The people are invented, and most of them know each other by chance. Shares belong to this world and its timetable: in another they have to be measured again.',
  'Who writes to whom, when and how much is seen by every relay, under every mode and without one. It is not counted as reading here.',
  'Where only software and people hold to an order, what the same hands can open is counted whether or not anybody would do it.',
  'Nobody outside has reviewed the messenger or the modes.',
]
  .map(item)
  .join('\n')
