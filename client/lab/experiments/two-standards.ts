import type { Random } from '../../../crypto/random.ts'
import type { Kind, Path } from '../../authority/order/law.ts'
import { renderOrder } from '../../authority/order/order-file.ts'
import { draftOrder, type Request } from '../../authority/order/order.ts'
import type { Played } from '../simulation/played.ts'
import type { ExperimentResult } from '../runs/result.ts'
import { askedAt, atDesk, type Courts, dayMs, requestIn, throughGovernments } from './courts.ts'
import { type Handled, handle, stoppedBy } from './handled.ts'
import type { Opening } from '../adversaries/reading.ts'
import { isOf } from './opened.ts'
import { counted } from '../../words/counted.ts'
import { titles } from './titles.ts'
import { listed, nameOf, timed } from './words.ts'

export interface StandardRow {
  readonly what: string
  readonly standard: string
  readonly path: Path
  readonly kind: Kind
  readonly signedBy: string
  readonly outcome: Handled['outcome']
  readonly stoppedBy: string
  /** messages that the desk handed over */
  readonly handed: number
  /** messages of the same person and days that the key opens, whatever the desk has said */
  readonly opens: number
}

interface Try {
  readonly what: string
  readonly state: 'uk' | 'us'
  readonly request: Partial<Request>
}

const longWindowDays = 40

/** The same person and the same facts, as two laws see them. No order asks for a time before 1970. */
const tries = (end: number): readonly Try[] => allTries(end).filter(({ request: { from = 0 } }) => from >= 0)

const allTries = (end: number): readonly Try[] => [
  { what: 'a British warrant, sent directly', state: 'uk', request: {} },
  { what: 'the same warrant, sent through governments', state: 'uk', request: throughGovernments },
  {
    what: 'the facts are not probable cause: a US court orders records only',
    state: 'us',
    request: { ...throughGovernments, standard: 'us-2703d' },
  },
  {
    what: 'the facts are probable cause: a US court issues a warrant',
    state: 'us',
    request: { ...throughGovernments, standard: 'us-warrant' },
  },
  {
    what: `${longWindowDays} days at once, directly`,
    state: 'uk',
    request: { from: end - longWindowDays * dayMs },
  },
  {
    what: `${longWindowDays} days at once, through governments`,
    state: 'us',
    request: { ...throughGovernments, standard: 'us-wiretap', from: end - longWindowDays * dayMs },
  },
]

/** @param opened everything that the key opens */
export async function standardRows(
  played: Played,
  opened: readonly Opening[],
  courts: Courts,
  random: Random,
): Promise<readonly StandardRow[]> {
  const rows: StandardRow[] = []
  const now = askedAt(played)
  await atDesk('us', [courts.uk, courts.us], random, now, async (folder) => {
    for (const [i, { what, state, request }] of tries(now).entries()) {
      const asked = requestIn(played, `standard-${i + 1}`, request)
      const handled = await handle(folder, renderOrder(draftOrder(asked, courts[state])), played, now)
      rows.push({
        what,
        standard: asked.standard,
        path: asked.path,
        kind: asked.kind,
        signedBy: courts[state].name,
        outcome: handled.outcome,
        stoppedBy: stoppedBy(handled),
        handed: handled.content.length,
        opens: opened.filter(
          ({ recorded: { time }, said }) => isOf(asked.person, said) && time >= asked.from && time < asked.to,
        ).length,
      })
    }
  })
  return rows
}

const passed = ({ outcome }: StandardRow) => outcome === 'accepted' || outcome === 'narrowed'

const onPath = (rows: readonly StandardRow[], path: Path) => rows.filter((row) => row.path === path)

const takenBy = (rows: readonly StandardRow[], path: Path): string => {
  const those = onPath(rows, path)
  return `${those.filter(passed).length} of ${those.length}`
}

const standardFigures = (rows: readonly StandardRow[]): Readonly<Record<string, number>> => ({
  direct: onPath(rows, 'direct').length,
  directPassed: onPath(rows, 'direct').filter(passed).length,
  government: onPath(rows, 'government').length,
  governmentPassed: onPath(rows, 'government').filter(passed).length,
})

export const standardVerdict = (rows: readonly StandardRow[]): string =>
  rows.every(passed)
    ? `The order desk accepts all ${rows.length} orders: here the standard makes no difference.`
    : rows.some(passed)
      ? `For the same facts the order desk accepted ${takenBy(rows, 'direct')} direct orders and ${takenBy(rows, 'government')} that came through governments.`
      : `The order desk refuses all ${rows.length} orders: here the standard makes no difference.`

export function standardEvidence(rows: readonly StandardRow[]): string {
  const [good, bad] = [rows.filter(passed), rows.filter((row) => !passed(row))]
  const desk =
    good.length === 0 || bad.length === 0
      ? `The order desk ${bad.length === 0 ? 'accepts' : 'refuses'} all ${rows.length}.`
      : `For the same person the order desk accepts ${good.length} of ${counted(rows.length, 'order')}: ${takenBy(rows, 'direct')} directly and ${takenBy(rows, 'government')} through governments. The checks that stop the others: ${listed([...new Set(bad.map(({ stoppedBy }) => stoppedBy))])}.`
  const opensAnyway = bad.filter(({ opens }) => opens > 0)
  const most = Math.max(0, ...opensAnyway.map(({ opens }) => opens))
  const key =
    bad.length === 0
      ? ''
      : opensAnyway.length === 0
        ? ' The key opens nothing of what was refused either.'
        : ` The key does not ask: it opens up to ${counted(most, 'message')} of what was refused, without any decision.`
  return desk + key
}

export const twoStandards = (
  played: Played,
  opened: readonly Opening[],
  courts: Courts,
  random: Random,
): Promise<ExperimentResult> =>
  timed(async () => {
    const rows = await standardRows(played, opened, courts, random)
    return {
      id: 'two-standards',
      title: titles['two-standards'],
      claims: [8],
      question: 'Can an order pass under one law that is refused under another, and does the key know the difference?',
      method: `One person, one set of facts, one key (${nameOf(played.mode.id)}). The orders are signed and handed in at an order desk in the United States. Which standard the facts meet is assumed, and stated in each row, because the order desk does not see the facts. The list is made by hand, so its shares are no rates: “40 days at once” is refused only because the standard chosen for it, us-wiretap, allows 30. Then the same key is used without the order desk, on the same recording, for the same person and days. Everything that counts as read was decrypted and compared with what was sent.`,
      columns: [
        'order',
        'standard',
        'path',
        'asked for',
        'signed by',
        'order desk',
        'stopped by',
        'handed over',
        'the key opens',
      ],
      rows: rows.map((row) => [
        row.what,
        row.standard,
        row.path,
        row.kind,
        row.signedBy,
        row.outcome,
        row.stoppedBy,
        row.handed,
        row.opens,
      ]),
      verdict: standardVerdict(rows),
      evidence: standardEvidence(rows),
      figures: standardFigures(rows),
    }
  })
