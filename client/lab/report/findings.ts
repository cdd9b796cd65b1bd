import { phases } from '../simulation/phase.ts'
import type { ExperimentResult, LabResult } from '../runs/result.ts'
import type { Sensitivity } from '../runs/sensitivity.ts'
import { achieved, achievedColumns, fieldsOf } from './achieved.ts'
import { answer, evaders, inConversations, sensitivity } from './answer.ts'
import { assumptions } from './assumptions.ts'
import { compelledWithoutMode } from './compelled.ts'
import { denominatorColumns, denominators, pairsWords } from './denominators.ts'
import { detectorsOf } from './detections.ts'
import { shown } from './experiments.ts'
import { adversaryGroupsOf } from './adversaries.ts'
import { holderColumns, holders } from './holders.ts'
import { invented, limits, timetableWords } from './limits.ts'
import { item, plain, slug, tableOf, wrapped } from './markdown.ts'
import { measured as committed } from './measured.ts'
import { groupsFor, headingOf, letter, type Measure, measures, reasonsOf } from './matrix.ts'
import { cellOf } from './pick.ts'
import { citation, controlWords, facts } from './provenance.ts'
import { sameHands } from './same-hands.ts'
import { sides } from './sides.ts'
import { balance, verdictRule, verdicts } from './verdicts.ts'
import { nameOf, outOf, percent } from './words.ts'
import { listed } from '../../words/listed.ts'

/**
 * docs/findings.md: what a run shows, in plain words. Every figure is of the run, and a sentence that its figures do not
 * bear is not written, or says the opposite. No figure in it depends on the machine, so that a second run gives the same page.
 */
export function findings(result: LabResult, measured: Sensitivity = committed): string {
  const { inFavour, against, further } = sides(result)
  return [
    '# Findings',
    wrapped(plain(invented(result))),
    ...(result.complete ? [] : ['**This run was interrupted: what follows is a part of it.**']),
    `**${wrapped(plain(answer(result)))}**`,
    ...[evaders(result), inConversations(result)].flatMap((one) => (one ? [wrapped(plain(one))] : [])),
    wrapped(`${plain(sensitivity(measured))} [sensitivity.md](sensitivity.md) has every figure, drawn.`),
    wrapped(
      `${timetableWords(result)} \`doormat lab report\` draws the same figures as a page; \`npm run findings -- --check\` fails when this page says anything that the run does not. [access-modes.md](access-modes.md) says what each mode is and what is simplified in it.`,
    ),
    '## What speaks for it',
    listOf(inFavour),
    '## What speaks against it',
    listOf(against),
    ...(further.length === 0 ? [] : ['And besides:', listOf(further)]),
    '## Whose sentences these are, and whether they hold',
    ...claimsPart(result),
    '## Of how many',
    tableOf(
      [...denominatorColumns],
      denominators(result).map((row) => row.map(plain)),
    ),
    wrapped(plain(pairsWords(result))),
    '## Who read how much',
    ...exposure(result, measures.sameDays),
    ...exposure(result, measures.whole),
    ...reasonsOf(result).map((reason, i) => wrapped(`${letter(i)}: not applicable: ${plain(reason)}`)),
    ...[compelledWithoutMode(result)].flatMap((one) => (one ? [wrapped(plain(one))] : [])),
    ...sameHands(result).map((sentence) => wrapped(plain(sentence))),
    wrapped(zeros(result)),
    '## By time',
    wrapped(
      'Messages that the insider read, of those sent before a mode was switched on, while it was on, after it was switched off, and after another state had it switched on again.',
    ),
    byPhase(result),
    '## What an order achieves, and whom its keys expose',
    tableOf(
      ['mode', ...achievedColumns],
      achieved(result).map((one) => [plain(one.mode.title), ...fieldsOf(one).map(plain)]),
    ),
    '## Who could have noticed',
    ...noticing(result),
    '## Who holds what',
    tableOf(
      [...holderColumns],
      holders(result).map(({ mode, key, holder, jurisdiction }) => [mode.title, key, holder, jurisdiction].map(plain)),
    ),
    adversaryGroupsOf(result)
      .flatMap(({ members }) =>
        members.flatMap((known) =>
          known.holds === null ? [] : [item(`**${headingOf(known)}**: ${plain(known.holds)}`)],
        ),
      )
      .join('\n'),
    '## Questions that were tried',
    ...(result.experiments.length === 0 ? ['Nothing in this run.'] : result.experiments.map(experiment)),
    '## What is assumed',
    listOf(assumptions(result)),
    '## What this does not show',
    listOf(limits),
    '## Where these figures come from',
    facts(result)
      .map(([name, value]) => item(plain(`${name}: ${value}`)))
      .join('\n'),
    wrapped(`Cite it as: ${plain(citation(result))}`),
    '',
  ].join('\n\n')
}

const listOf = (sentences: readonly string[]): string =>
  sentences.length === 0 ? 'Nothing in this run.' : sentences.map((one) => item(plain(one))).join('\n')

function claimsPart(result: LabResult): readonly string[] {
  const all = verdicts(result)
  const titleOf = (id: string) => result.experiments.find((one) => one.id === id)?.title ?? id
  const rows = all.map(({ row, source, claim, tried, verdict, words, experiment: id }) => [
    String(row),
    plain(source),
    plain(claim),
    plain(tried ?? '–'),
    `**${verdict}**`,
    `${plain(words)}${id === null ? '' : ` [Experiment](#${slug(titleOf(id))})`}`,
  ])
  return [
    wrapped(plain(verdictRule)),
    wrapped(balance(all)),
    tableOf(['#', 'who said it, and when', 'the claim, in few words', 'what is tried', 'verdict', 'why'], rows),
  ]
}

/** A table for each group of adversaries, with the modes as rows. */
function exposure(result: LabResult, measure: Measure): readonly string[] {
  const reasons = reasonsOf(result)
  const field = (mode: LabResult['modes'][number], id: string): string => {
    const cell = cellOf(mode, id)
    if (!cell) return ''
    if (cell.status === 'not applicable') return `– (${letter(reasons.indexOf(cell.holds))})`
    const share = measure.of(cell)
    const figure = share.read === 0 ? '0' : `${outOf(share)} (${percent(share)})`
    return cell.status === 'extrapolated' ? `≈ ${figure}` : figure
  }
  const tables = groupsFor(result, measure).map(({ title, members }) =>
    tableOf(
      [title, ...members.map((known) => plain(headingOf(known)))],
      result.modes.map((mode) => [plain(mode.title), ...members.map(({ id }) => field(mode, id))]),
    ),
  )
  return [wrapped(`**${measure.caption}**`), ...tables]
}

/** A zero is worth what its positive control is worth. */
function zeros({ modes }: LabResult): string {
  const failed = modes.filter(
    ({ control, lastStates: { readBefore, stillToCome } }) =>
      control !== 1 || readBefore !== 0 || stillToCome.read !== stillToCome.of,
  )
  return failed.length === 0
    ? `${controlWords} Under each mode it was so.`
    : `${controlWords} That failed under ${listed(failed.map(nameOf).map(plain))}: its zeros cannot be believed.`
}

function byPhase({ modes }: LabResult): string {
  const rows = modes.flatMap((mode) => {
    const cell = cellOf(mode, 'insider')
    return cell?.status === 'measured'
      ? [[plain(mode.title), ...phases.map((phase) => outOf(cell.messages[phase]))]]
      : []
  })
  return tableOf(['', ...phases], rows)
}

function noticing(result: LabResult): readonly string[] {
  const { modes } = result
  const occasions = [
    ['order', 'An order is served: people who noticed something, or would have if they had looked.'],
    ['activeRelay', 'A dishonest server, without any order: the same.'],
  ] as const
  return occasions.flatMap(([occasion, caption]) => {
    const detectors = detectorsOf(result, occasion)
    const rows = modes.map((mode) => [
      plain(mode.title),
      ...detectors.map(({ id }) => {
        const found = mode.detections[occasion].find((one) => one.id === id)
        return !found ? '' : found.noticed.read === 0 ? '0' : outOf(found.noticed)
      }),
    ])
    return [
      wrapped(caption),
      ...explained(detectors, occasion),
      tableOf(['', ...detectors.map(({ id }) => plain(id))], rows),
    ]
  })
}

/** What each detector is, once: the second table has the same. */
const explained = (detectors: ReturnType<typeof detectorsOf>, occasion: string): readonly string[] =>
  occasion === 'order' && detectors.length > 0
    ? [detectors.map(({ id, runBy }) => item(`**${plain(id)}**: ${plain(runBy)}`)).join('\n')]
    : []

/** A figure of seconds differs from run to run. */
const timed = /\b(seconds?|ms|µs|us)\b/i

function experiment(result: ExperimentResult): string {
  const { title, claims, question, method, columns, rows, verdict, evidence } = result
  const kept = columns.flatMap((column, place) => (timed.test(column) ? [] : [place]))
  return [
    `### ${plain(title)}`,
    wrapped(
      `${plain(question)}${claims.length === 0 ? '' : ` (${claims.length === 1 ? 'claim' : 'claims'} ${listed(claims.map(String))})`}`,
    ),
    `**${wrapped(plain(verdict))}**`,
    wrapped(plain(evidence)),
    tableOf(
      kept.map((place) => plain(columns[place] ?? '')),
      rows.map((row) => kept.map((place) => plain(shown(row[place] ?? '', columns[place] ?? '')))),
    ),
    wrapped(plain(method)),
  ].join('\n\n')
}
