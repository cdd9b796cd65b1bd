import type { Random } from '../../../crypto/random.ts'
import { delayOf, type Kind, type Path } from '../../authority/order/law.ts'
import { renderOrder } from '../../authority/order/order-file.ts'
import { draftOrder, type Request } from '../../authority/order/order.ts'
import type { Played } from '../simulation/played.ts'
import type { ExperimentResult } from '../runs/result.ts'
import { askedAt, atDesk, type Courts, dayMs, requestIn, throughGovernments } from './courts.ts'
import { type Handled, handle, madeBy, stoppedBy } from './handled.ts'
import { isOf, peopleIn } from './opened.ts'
import { counted, listed, timed } from './words.ts'

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

export function pathVerdict(rows: readonly PathRow[]): string {
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
    return `Under ${mode} nothing was said by or to the person in that time, so there was nothing to read.`
  const messages = counted(direct.of, 'message')
  if (isStopped(direct) && isStopped(government))
    return `Under ${mode} the desk stops both orders for content (${[...new Set([direct.stoppedBy, government.stoppedBy])].join('; ')}), so nothing is opened by either path; ${outside}.`
  for (const [stopped, taken, way, other] of [
    [direct, government, 'directly', 'through governments'],
    [government, direct, 'through governments', 'directly'],
  ] as const)
    if (isStopped(stopped))
      return `Under ${mode} the desk stops the order for content that comes ${way} (${stopped.stoppedBy}), and takes the one that comes ${other}, which yields ${readOf(taken)} of ${messages}, ${after(taken.days)}.`
  const wait = `${after(direct.days)} directly and ${after(government.days)} through governments`
  if (readOf(direct) === 0 && readOf(government) === 0)
    return `Under ${mode} the desk takes both orders for content, and neither yields a word of ${messages}; ${outside}.`
  if (isAsMuch(direct, government))
    return `Under ${mode} both paths yield as much: ${readOf(direct)} of ${messages}, of the person and of ${counted(direct.others, 'other person', 'other people')}, ${wait}. ${whatDiffers(direct, government)}`
  return `Under ${mode} the paths differ in what they yield: directly ${readOf(direct)} of ${messages} (${direct.written} by the person), through governments ${readOf(government)} (${government.written} by the person), ${wait}.`
}

const isStopped = ({ outcome }: PathRow): boolean => outcome === 'refused' || outcome === 'turned away'

const isAsMuch = (one: PathRow, other: PathRow): boolean =>
  one.written === other.written && one.received === other.received && one.others === other.others

/** What the orders for metadata yield. */
function outsideBy(direct: PathRow, government: PathRow): string {
  if (isStopped(direct) && isStopped(government)) return 'the orders for metadata are stopped too'
  if (isStopped(direct))
    return `of the orders for metadata the desk stops the direct one (${direct.stoppedBy}), and the other yields the outside of ${counted(government.envelopes, 'envelope')}`
  if (isStopped(government))
    return `of the orders for metadata the desk stops the one through governments (${government.stoppedBy}), and the other yields the outside of ${counted(direct.envelopes, 'envelope')}`
  return direct.envelopes === government.envelopes
    ? `what they yield is the outside of ${counted(direct.envelopes, 'envelope')} by either`
    : `what they yield is the outside of ${counted(direct.envelopes, 'envelope')} directly and of ${government.envelopes} through governments`
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
      title: 'One request, two paths',
      claims: [7],
      question: 'What does an order yield directly, what through governments, and what stands in the way of each?',
      method:
        'An authority of the United Kingdom asks for the messages of one person, on the days on which the mode was on, from a company in the United States. Directly, it signs the order itself. Through governments, a court of the United States signs one for it, under a standard of its own; that the court finds the facts enough is assumed. Both are real signed orders, handed in at a real desk at the end of the time that has been published for the path, in simulated time: directly the 7 days within which an overseas production order has to be met, which is not when it is met, taken for metadata too; through governments the six months to two years of the Home Office. What the desk hands over is decrypted and compared with what was said. The archive is assumed to be kept meanwhile. A check that only a promise keeps always passes.',
      columns: [
        'mode',
        'path',
        'asked for',
        'standard',
        'desk',
        'stopped by',
        'read, written by the person',
        'read, written to the person',
        'messages said',
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
    }
  })
