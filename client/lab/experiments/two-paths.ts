import type { Random } from '../../../crypto/random.ts'
import { delayOf, type Kind, type Path } from '../../authority/order/law.ts'
import { renderOrder } from '../../authority/order/order-file.ts'
import { draftOrder, type Request } from '../../authority/order/order.ts'
import type { Played } from '../simulation/played.ts'
import type { ExperimentResult } from '../runs/result.ts'
import { askedAt, atDesk, type Courts, dayMs, requestIn, throughGovernments } from './courts.ts'
import { type Handled, handle, madeBy, stoppedBy } from './handled.ts'
import { isOf, peopleIn } from './opened.ts'
import { counted } from '../../words/counted.ts'
import { titles } from './titles.ts'
import { capital, listed, timed, under } from './words.ts'

export interface PathRow {
  readonly mode: string
  readonly path: Path
  readonly kind: Kind
  readonly standard: string
  readonly outcome: Handled['outcome']
  readonly stoppedBy: string
  /** messages that the person wrote, and that others wrote to them: read */
  readonly written: number
  readonly received: number
  /** messages to and from the person in the window that were said at all */
  readonly of: number
  /** other people whose messages were handed over, or who are named by an envelope that was */
  readonly others: number
  readonly envelopes: number
  /** how long the path takes, as published; null: no published figure */
  readonly days: readonly [number, number] | null
  /** the checks that were made, by what enforces them: cryptography, software, a promise */
  readonly checks: readonly string[]
}

/** A request for the same person and the same days, as each path has it. */
const ways: readonly (Pick<Request, 'kind' | 'path' | 'standard'> & { readonly signer: keyof Courts })[] = [
  { kind: 'content', path: 'direct', standard: 'uk-production', signer: 'ukCourt' },
  { kind: 'content', path: 'government', standard: 'us-warrant', signer: 'us' },
  { kind: 'metadata', path: 'direct', standard: 'uk-data', signer: 'ukData' },
  { kind: 'metadata', path: 'government', standard: 'us-2703d', signer: 'us' },
]

/** Each way at the desk of a company in the United States, at the end of the time that its path takes. */
export async function pathRows(played: Played, courts: Courts, random: Random): Promise<readonly PathRow[]> {
  const { mode, world, timetable } = played
  const asked = askedAt(played)
  const of = world.messages.filter(
    (one) => isOf(world.target, one) && one.at >= timetable.on && one.at < timetable.off,
  ).length
  const rows: PathRow[] = []
  for (const { signer, ...way } of ways) {
    const delay = delayOf(way.path, 'uk')
    const arrives = asked + (delay?.toDays ?? 0) * dayMs
    // through governments the court signs at the end of the wait; directly the company has the order all the while
    const signed: Partial<Request> =
      way.path === 'government' ? { ...throughGovernments, issued: arrives, expires: arrives + 90 * dayMs } : {}
    const order = draftOrder(requestIn(played, `${way.path}-${way.kind}`, { ...way, ...signed }), courts[signer])
    const handled = await atDesk('us', [courts[signer]], random, asked, (folder) =>
      handle(folder, renderOrder(order), played, arrives),
    )
    const { content, metadata } = handled
    rows.push({
      mode: mode.id,
      ...way,
      outcome: handled.outcome,
      stoppedBy: stoppedBy(handled),
      written: content.filter(({ from }) => from === world.target).length,
      received: content.filter(({ to }) => to === world.target).length,
      of,
      others: peopleIn([...content, ...metadata]).filter((name) => name !== world.target).length,
      envelopes: metadata.length,
      days: delay && [delay.fromDays, delay.toDays],
      checks: madeBy(handled),
    })
  }
  return rows
}

const range = (days: PathRow['days']) => (days ? `${days[0]} to ${days[1]}` : 'no published figure')
const after = (days: PathRow['days']) =>
  days ? `after ${range(days)} days` : 'after a time of which no figure is published'
const readOf = ({ written, received }: PathRow) => written + received

/** Of the first mode under which content was asked for: what each path yields, and after how many days at the earliest and latest. */
function pathFigures(rows: readonly PathRow[]): Readonly<Record<string, number>> {
  const [mode] = [...new Set(rows.map((row) => row.mode))]
  if (mode === undefined) return {}
  const [direct, government] = [wayOf(rows, mode, 'direct', 'content'), wayOf(rows, mode, 'government', 'content')]
  return {
    of: direct.of,
    direct: readOf(direct),
    government: readOf(government),
    ...(direct.days && government.days
      ? { directDays: direct.days[1], governmentFromDays: government.days[0], governmentDays: government.days[1] }
      : {}),
  }
}

export function pathVerdict(rows: readonly PathRow[]): string {
  const { of = 0, direct = 0, government = 0, directDays, governmentFromDays, governmentDays } = pathFigures(rows)
  if (of === 0) return 'Nothing was sent by or to the person in that time, so there was nothing to ask for.'
  const wait =
    directDays === undefined || governmentFromDays === undefined || governmentDays === undefined
      ? ''
      : `; its deadline is ${directDays} days, the other takes ${governmentFromDays} to ${governmentDays}`
  return direct === government
    ? `A direct order yields ${direct} of ${of} messages, as many as one through governments${wait}.`
    : `A direct order yields ${direct} of ${of} messages, and one through governments ${government}${wait}.`
}

export function pathEvidence(rows: readonly PathRow[]): string {
  const modes = [...new Set(rows.map(({ mode }) => mode))]
  return modes.map((mode) => ofMode(mode, (path, kind) => wayOf(rows, mode, path, kind))).join(' ')
}

function wayOf(rows: readonly PathRow[], mode: string, path: Path, kind: Kind): PathRow {
  const row = rows.find((one) => one.mode === mode && one.path === path && one.kind === kind)
  if (!row) throw new Error(`no row for ${kind} by the ${path} path under ${mode}`)
  return row
}

function ofMode(mode: string, of: (path: Path, kind: Kind) => PathRow): string {
  const [direct, government] = [of('direct', 'content'), of('government', 'content')]
  const outside = outsideBy(of('direct', 'metadata'), of('government', 'metadata'))
  if (direct.of === 0)
    return `${capital(under(mode))} nothing was sent by or to the person in that time, so there was nothing to read.`
  const messages = counted(direct.of, 'message')
  if (isStopped(direct) && isStopped(government))
    return `${capital(under(mode))} the order desk stops both orders for content (by the check “${[...new Set([direct.stoppedBy, government.stoppedBy])].join('; ')}”), so neither path opens anything; ${outside}.`
  for (const [stopped, taken, way, other] of [
    [direct, government, 'directly', 'through governments'],
    [government, direct, 'through governments', 'directly'],
  ] as const)
    if (isStopped(stopped))
      return `${capital(under(mode))} the order desk stops the order for content that comes ${way} (${stopped.stoppedBy}). It accepts the one that comes ${other}, which yields ${readOf(taken)} of ${messages}, ${after(taken.days)}.`
  const wait = `${after(direct.days)} directly and ${after(government.days)} through governments`
  if (readOf(direct) === 0 && readOf(government) === 0)
    return `${capital(under(mode))} the order desk accepts both orders for content, and neither yields a word of ${messages}; ${outside}.`
  if (isAsMuch(direct, government))
    return `${capital(under(mode))} both paths yield the same: ${readOf(direct)} of ${messages}, with words of ${counted(direct.others, 'other person', 'other people')}, ${wait}. ${whatDiffers(direct, government)}`
  return `${capital(under(mode))} the paths differ in what they yield: directly ${readOf(direct)} of ${messages} (${direct.written} by the person), through governments ${readOf(government)} (${government.written} by the person), ${wait}.`
}

const isStopped = ({ outcome }: PathRow): boolean => outcome === 'refused' || outcome === 'turned away'

const isAsMuch = (one: PathRow, other: PathRow): boolean =>
  one.written === other.written && one.received === other.received && one.others === other.others

/** What the orders for metadata yield. */
function outsideBy(direct: PathRow, government: PathRow): string {
  if (isStopped(direct) && isStopped(government)) return 'it stops the orders for metadata too'
  if (isStopped(direct))
    return `of the orders for metadata it stops the direct one (${direct.stoppedBy}), and the other yields the outside of ${counted(government.envelopes, 'envelope')}`
  if (isStopped(government))
    return `of the orders for metadata it stops the one through governments (${government.stoppedBy}), and the other yields the outside of ${counted(direct.envelopes, 'envelope')}`
  return direct.envelopes === government.envelopes
    ? `an order for metadata yields the outside of ${counted(direct.envelopes, 'envelope')} by either path`
    : `an order for metadata yields the outside of ${counted(direct.envelopes, 'envelope')} directly, and of ${government.envelopes} through governments`
}

function whatDiffers(direct: PathRow, government: PathRow): string {
  const differing = [
    ...(direct.checks.join(';') === government.checks.join(';') ? [] : ['the checks']),
    ...(range(direct.days) === range(government.days) ? [] : ['the wait']),
  ]
  return differing.length === 0
    ? 'Neither the checks nor the wait differ.'
    : `They differ in ${listed(differing)}, not in how much is read.`
}

export const twoPaths = (runs: readonly Played[], courts: Courts, random: Random): Promise<ExperimentResult> =>
  timed(async () => {
    const rows: PathRow[] = []
    for (const played of runs) rows.push(...(await pathRows(played, courts, random)))
    return {
      id: 'two-paths',
      title: titles['two-paths'],
      claims: [7],
      question: 'What does an order yield directly, what through governments, and what can stop each of them?',
      method:
        'A British authority asks a company in the United States for one person’s messages on the days on which the mode was on. On the direct path it signs the order itself. On the path through governments, a US court signs an order for it under US law; the court is assumed to find the facts sufficient. Both are real signed orders, handed in at a real order desk, in simulated time, at the end of the published time for each path: 7 days for the direct one (the deadline for an overseas production order, not the time it takes, and used for metadata too), and six months to two years through governments (Home Office). A deadline and a time that was taken are not the same: how long a direct answer takes is not published as a range, and others give averages of nine and of ten months through governments (docs/orders.md). What the order desk hands over is decrypted and compared with what was sent. The recording is assumed to be kept meanwhile. A check that rests on a promise always passes.',
      columns: [
        'mode',
        'path',
        'asked for',
        'standard',
        'order desk',
        'stopped by',
        'read, written by the person',
        'read, written to the person',
        'messages sent',
        'other people',
        'envelopes seen',
        'days, as published',
        'checks by cryptography',
        'checks by software',
        'checks by a promise',
      ],
      rows: rows.map((row) => [
        row.mode,
        row.path,
        row.kind,
        row.standard,
        row.outcome,
        row.stoppedBy,
        row.written,
        row.received,
        row.of,
        row.others,
        row.envelopes,
        range(row.days),
        ...row.checks,
      ]),
      verdict: pathVerdict(rows),
      evidence: pathEvidence(rows),
      figures: pathFigures(rows),
    }
  })
