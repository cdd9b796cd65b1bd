import type { ModeRun } from '../runs/mode-run.ts'
import { pair } from '../world/pair.ts'
import type { Share } from '../simulation/share.ts'
import type { World } from '../world/world.ts'
import { cellOf, type Experiment, ofAll, saidDuring } from './experiment.ts'
import { evasionIn } from '../world/evasion.ts'
import { none } from '../../../crypto/access/mode.ts'
import { modesIn, modesOf, most, portion, range } from './figures.ts'
import { titles } from './titles.ts'
import { listed } from './words.ts'

/** Conversations between people of these roles, of whom none is the target. */
interface Story {
  readonly title: string
  readonly isPart: (role: string) => boolean
}

const stories: readonly Story[] = [
  { title: 'journalist', isPart: (role) => role.startsWith('journalist') },
  { title: 'lawyer', isPart: (role) => role.startsWith('lawyer') },
  { title: 'activists', isPart: (role) => role.startsWith('activist') },
  {
    title: 'shelter',
    isPart: (role) => role === 'friend who gives shelter' || role === 'somebody who has left an abusive partner',
  },
  { title: 'bank', isPart: (role) => role.startsWith('bank') },
]

export interface YieldRow {
  readonly mode: string
  /** whether the operator has a part in the mode, for people by name */
  readonly tapping: boolean
  /** of the target's messages while the mode was on, within the order */
  readonly yielded: Share
  /** people who talk with the target, and were read within the order */
  readonly partners: Share
  /** opened by the same secrets when nobody keeps to the order: messages that it does not name, and whose */
  readonly beyond: number
  readonly strangers: Share
  /** conversations of which something opened, by story */
  readonly stories: readonly { readonly title: string; readonly opened: Share }[]
}

export function orderYield(runs: readonly ModeRun[]): Experiment {
  const rows = runs.map(rowOf)
  return {
    id: 'order-yield',
    title: titles['order-yield'],
    claims: [1, 3, 4, 13],
    question: 'What does an order for one person yield, and whom else can the same keys read?',
    method:
      'The runs of the matrix. The order is first used as it is written; then the same keys are tried on every envelope that passed. Partners are people who talk with the target, and are read within the order. Strangers are people who do not. The last columns count conversations from the stories of which at least one message opened; those of the target and of pairs who evade are left out.',
    columns: [
      'mode',
      'target’s messages',
      'read within the order',
      'partners read within it',
      'messages that the same keys open beyond it',
      'strangers read',
      ...stories.map(({ title }) => title),
    ],
    rows: rows.map((row) => [
      row.mode,
      row.yielded.of,
      row.yielded.read,
      portion(row.partners),
      row.beyond,
      portion(row.strangers),
      ...row.stories.map(({ opened }) => portion(opened)),
    ]),
    verdict: orderYieldVerdict(rows),
    evidence: orderYieldEvidence(rows),
    figures: orderYieldFigures(rows),
  }
}

function rowOf(run: ModeRun): YieldRow {
  const { world } = run.within
  const [used, possible] = [cellOf(run, 'order, as used'), cellOf(run, 'order, as possible')]
  return {
    mode: run.result.id,
    tapping: run.within.mode.tapping !== undefined,
    yielded: { read: used.messages.during.read, of: saidDuring(run.within, world.target).length },
    partners: used.people.partners,
    beyond: ofAll(possible).read - ofAll(used).read,
    strangers: possible.people.strangers,
    stories: stories.map(({ title, isPart }) => ({ title, opened: openedIn(world, isPart, possible.lit) })),
  }
}

function openedIn(world: World, isPart: Story['isPart'], lit: readonly string[]): Share {
  const { people, messages, target } = world
  const evasion = evasionIn(world)
  const names = new Set(people.filter(({ role, name }) => isPart(role) && name !== target).map(({ name }) => name))
  const pairs = new Set(
    messages
      .filter(({ from, to }) => names.has(from) && names.has(to) && evasion(from, to) === null)
      .map(({ from, to }) => pair(from, to)),
  )
  return { read: lit.filter((one) => pairs.has(one)).length, of: pairs.size }
}

/** Of all rows, and of some stories by their titles. */
function orderYieldFigures(rows: readonly YieldRow[]): Readonly<Record<string, number>> {
  const modes = rows.filter(({ mode }) => mode !== none.id)
  const opens = (row: YieldRow, wanted: readonly string[]): Share => {
    const told = row.stories.filter(({ title }) => wanted.includes(title))
    return {
      read: told.reduce((sum, { opened }) => sum + opened.read, 0),
      of: told.reduce((sum, { opened }) => sum + opened.of, 0),
    }
  }
  const atRisk = ['journalist', 'lawyer', 'activists', 'shelter']
  return {
    modes: modes.length,
    bankTried: modes.filter((row) => opens(row, ['bank']).of > 0).length,
    bankOpened: modes.filter((row) => opens(row, ['bank']).read > 0).length,
    atRiskTried: modes.filter((row) => opens(row, atRisk).of > 0).length,
    atRiskModes: modes.filter((row) => opens(row, atRisk).read > 0).length,
    atRiskOpened: most(modes.map((row) => opens(row, atRisk).read)),
    atRiskOf: most(modes.map((row) => opens(row, atRisk).of)),
    ...Object.fromEntries(atRisk.map((title) => [title, most(modes.map((row) => opens(row, [title]).read))])),
  }
}

export function orderYieldVerdict(rows: readonly YieldRow[]): string {
  const yielding = rows.filter(({ yielded }) => yielded.read > 0)
  if (yielding.length === 0) return 'The order yielded nothing under any mode.'
  const modes = rows.filter(({ mode }) => mode !== none.id)
  const wide = yielding.filter(({ strangers }) => strangers.read > 0)
  const read = `Under ${modesIn(yielding, modes)} an order read ${range(yielding.map(({ yielded }) => yielded.read))} messages of its target`
  return wide.length === 0
    ? `${read}, and the same keys opened nobody who does not talk with the target.`
    : `${read}; under ${wide.length} the same keys also open strangers.`
}

export function orderYieldEvidence(rows: readonly YieldRow[]): string {
  const yielding = rows.filter(({ yielded }) => yielded.read > 0)
  const yields =
    yielding.length === 0
      ? 'The order yielded nothing under any mode.'
      : `The order read ${range(yielding.map(({ yielded }) => yielded.read))} of the target’s ${range(yielding.map(({ yielded }) => yielded.of))} messages under ${modesOf(yielding)}.`
  const wide = rows.filter(({ strangers }) => strangers.read > 0)
  const narrow = yielding.filter(({ beyond }) => beyond === 0)
  const widely =
    wide.length === 0
      ? ''
      : ` Under ${modesOf(wide)} the same keys open ${range(wide.map(({ beyond }) => beyond))} more messages, and ${range(wide.map(({ strangers }) => strangers.read))} of ${range(wide.map(({ strangers }) => strangers.of))} people who never spoke with the target${inStories(wide)}.`
  const narrowly =
    narrow.length === 0
      ? yielding.length === 0
        ? ''
        : ' Under none of them do the keys stop at the order by themselves.'
      : `${ofTaps(narrow.filter(({ tapping }) => tapping))}${ofKeys(narrow.filter(({ tapping }) => !tapping))}`
  return `${yields}${widely}${narrowly}`
}

const ofTaps = (rows: readonly YieldRow[]): string =>
  rows.length === 0
    ? ''
    : ` Under ${modesOf(rows)} the keys opened nothing recorded beyond the order: there the limit is whom the operator taps.`

/** Nothing in such a mode knows of a person. */
const ofKeys = (rows: readonly YieldRow[]): string =>
  rows.length === 0
    ? ''
    : ` Under ${modesOf(rows)} the keys opened nothing beyond the order, because nobody else in this world wrote anything that they open; no key knows whose message it opens.`

function inStories(rows: readonly YieldRow[]): string {
  const told = rows.flatMap((row) => row.stories.filter(({ opened: { of } }) => of > 0))
  const opened = new Set(told.filter(({ opened: { read } }) => read > 0).map(({ title }) => title))
  const shut = new Set(told.map(({ title }) => title).filter((title) => !opened.has(title)))
  if (opened.size === 0) return shut.size === 0 ? '' : `, but no conversation of ${listed([...shut])}`
  return `, with conversations of ${listed([...opened])}${shut.size > 0 ? `, but none of ${listed([...shut])}` : ''}`
}
