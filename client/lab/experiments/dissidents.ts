import type { Random } from '../../../crypto/random.ts'
import { jurisdictionCalled, standards } from '../../authority/order/law.ts'
import { renderOrder } from '../../authority/order/order-file.ts'
import { draftOrder, type IssuerSecret, type Request } from '../../authority/order/order.ts'
import type { Played } from '../simulation/played.ts'
import type { Truth } from '../simulation/truth.ts'
import type { ExperimentResult } from '../runs/result.ts'
import { askedAt, atDesk, type Courts, requestIn } from './courts.ts'
import { handle } from './handled.ts'
import { isOf, peopleIn } from './opened.ts'
import { counted } from '../../words/counted.ts'
import { most } from './figures.ts'
import { titles } from './titles.ts'
import { listed, nameOf, timed } from './words.ts'

export interface ListRow {
  /** the state in which the desk is */
  readonly desk: string
  readonly standard: string
  readonly what: string
  readonly orders: number
  readonly passed: number
  readonly stoppedBy: string
  readonly enforcedBy: string
  /** of the list's messages on those days */
  readonly read: number
  readonly of: number
  /** people in what was read who are not on the list */
  readonly others: number
}

interface Desk {
  readonly state: string
  readonly what: string
  readonly issuer: IssuerSecret
  readonly persons: readonly string[]
  readonly request: Partial<Request>
}

/** The people of the list, one order each; the state, its law and its issuer are all that differs. */
const desksFor = (list: readonly string[], { xa, uk }: Courts): readonly Desk[] => {
  const ministry = { requestedBy: 'xa', standard: 'xa-ministry' } as const
  const each = 'one order for each'
  return [
    { state: 'xa', what: each, issuer: xa, persons: list, request: ministry },
    { state: 'xa', what: 'one order for all', issuer: xa, persons: [list.join(', ')], request: ministry },
    { state: 'us', what: `${each}, the same files`, issuer: xa, persons: list, request: ministry },
    { state: 'us', what: `${each}, of a state with an agreement`, issuer: uk, persons: list, request: {} },
  ]
}

export async function listRows(
  played: Played,
  list: readonly string[],
  courts: Courts,
  random: Random,
): Promise<readonly ListRow[]> {
  const { world, timetable } = played
  const rows: ListRow[] = []
  const of = world.messages.filter(
    (one) => list.some((name) => isOf(name, one)) && one.at >= timetable.on && one.at < timetable.off,
  ).length
  for (const desk of desksFor(list, courts)) rows.push({ ...(await tryList(played, desk, list, courts, random)), of })
  return rows
}

/** Every desk of this experiment is this function; nothing in it knows of a state. */
async function tryList(
  played: Played,
  { state, what, issuer, persons, request }: Desk,
  list: readonly string[],
  courts: Courts,
  random: Random,
): Promise<Omit<ListRow, 'of'>> {
  const now = askedAt(played)
  return atDesk(state, Object.values(courts), random, now, async (folder) => {
    const read = new Map<string, Truth>()
    const stops = new Map<string, string>()
    let passed = 0
    for (const [i, person] of persons.entries()) {
      const order = draftOrder(requestIn(played, `list-${i + 1}`, { ...request, person }), issuer)
      const handled = await handle(folder, renderOrder(order), played, now)
      if (handled.stops.length === 0) passed += 1
      for (const { by, enforcedBy } of handled.stops) stops.set(by, enforcedBy)
      for (const said of handled.content) read.set(said.id, said)
    }
    return {
      desk: state,
      standard: request.standard ?? 'uk-interception',
      what,
      orders: persons.length,
      passed,
      stoppedBy: [...stops.keys()].join(', ') || 'nothing',
      enforcedBy: [...new Set(stops.values())].join(', ') || 'nothing',
      read: read.size,
      others: peopleIn([...read.values()]).filter((name) => !list.includes(name)).length,
    }
  })
}

/** In which something of the list was read. */
const statesOf = (rows: readonly ListRow[]): readonly string[] => [
  ...new Set(rows.filter(({ read }) => read > 0).map(({ desk }) => desk)),
]

export function listVerdict(rows: readonly ListRow[]): string {
  const states = statesOf(rows)
  return states.length === 0
    ? 'No order desk hands over anything of the people on the list.'
    : `The same software and key read ${counted(most(rows.map(({ read }) => read)), 'message')} of the list in ${listed(states.map(stateCalled))}; only data had to change.`
}

export function listEvidence(rows: readonly ListRow[]): string {
  const sentence = (row: ListRow): string => {
    const way = `In ${stateCalled(row.desk)} (${standardCalled(row.standard)}, ${row.what}) the order desk`
    if (row.passed === 0) return `${way} refused, by the checks: ${row.stoppedBy}.`
    const taken = `${way} accepted ${row.passed} of ${counted(row.orders, 'order')}, which read ${row.read} of ${counted(row.of, 'message')}`
    return row.passed === row.orders ? `${taken}.` : `${taken}; the checks that stopped the others: ${row.stoppedBy}.`
  }
  return rows.map(sentence).join(' ')
}

const standardCalled = (id: string): string => standards.find((one) => one.id === id)?.title ?? id

/** Without what a table adds to it. */
const stateCalled = (id: string): string => jurisdictionCalled(id)?.name.replace(/,.*/, '') ?? id

/** @returns null in a world in which nobody is on a list */
export function dissidents(played: Played, courts: Courts, random: Random): Promise<ExperimentResult> | null {
  const list = played.world.listed
  if (list.length === 0) return null
  return timed(async () => {
    const rows = await listRows(played, list, courts, random)
    return {
      id: 'dissidents',
      title: titles.dissidents,
      claims: [15],
      question: 'What does another state have to change before the same software reads a list of dissidents?',
      method: `The list names ${listed(list)}. One order desk is in Xanadu, an invented state whose law requires no approval, and one in the United States. Both run the same software and carry out orders with the same key (${nameOf(played.mode.id)}); the state, the issuers that it trusts and the names in the orders are data. Both know the keys of all three issuers, so a refusal comes from the law and not from an unknown key. That the other state has such an order desk, such a key and such a recording is assumed. In the last row a state with an agreement signs for the same names. Whether its judge would sign is a promise, and the order desk cannot find out.`,
      columns: [
        'order desk in',
        'standard',
        'orders',
        'how many',
        'passed',
        'stopped by',
        'enforced by',
        'messages read',
        'messages sent',
        'other people',
      ],
      rows: rows.map((row) => [
        row.desk,
        row.standard,
        row.what,
        row.orders,
        row.passed,
        row.stoppedBy,
        row.enforcedBy,
        row.read,
        row.of,
        row.others,
      ]),
      verdict: listVerdict(rows),
      evidence: listEvidence(rows),
      figures: { states: statesOf(rows).length, read: most(rows.map(({ read }) => read)) },
    }
  })
}
