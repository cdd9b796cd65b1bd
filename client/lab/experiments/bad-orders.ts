import type { Random } from '../../../crypto/random.ts'
import { isName } from '../../../crypto/identity.ts'
import { revokeIssuer } from '../../authority/order/desk-setup.ts'
import { createIssuer } from '../../authority/order/issuer.ts'
import { renderOrder } from '../../authority/order/order-file.ts'
import { draftOrder, type IssuerSecret, type Request } from '../../authority/order/order.ts'
import type { Played } from '../simulation/played.ts'
import type { ExperimentResult } from '../runs/result.ts'
import { askedAt, atDesk, type Courts, dayMs, requestIn } from './courts.ts'
import { type Handled, handle, stoppedBy } from './handled.ts'
import type { Opening } from '../adversaries/reading.ts'
import { isOf } from './opened.ts'
import { bystanderIn } from './roles.ts'
import { counted } from '../../words/counted.ts'
import { titles } from './titles.ts'
import { listed, nameOf, timed } from './words.ts'

export interface BadOrderRow {
  readonly what: string
  /** whether there is something wrong with it; the good one is the control */
  readonly bad: boolean
  readonly outcome: Handled['outcome']
  readonly stoppedBy: string
  readonly enforcedBy: string
  /** messages that the desk handed over */
  readonly handed: number
  /** messages of whom and of when it asks for that the key opens without the desk */
  readonly opens: number
}

interface Attempt {
  readonly what: string
  readonly bad: boolean
  readonly request: Request
  /** the file as it is handed in */
  readonly text: string
}

/** Without those that a world has no room for: a time before 1970, or another person beside the target. */
function attemptsOn(played: Played, courts: Courts, revoked: IssuerSecret, random: Random): readonly Attempt[] {
  const now = askedAt(played)
  const forger = createIssuer(courts.uk.name, 'uk', random)
  let serial = 0
  const request = (other: Partial<Request> = {}) => requestIn(played, `order-${++serial}`, other)
  const attempt = (what: string, other: Partial<Request>, by: IssuerSecret, bad = true): readonly Attempt[] => {
    const asked = request(other)
    if (asked.from < 0 || asked.issued < 0) return []
    return [{ what, bad, request: asked, text: renderOrder(draftOrder(asked, by)) }]
  }
  const bystander = bystanderIn(played.world)
  const ofAnother = <T>(attempts: readonly T[]) => (bystander === played.world.target ? [] : attempts)
  const home = { requestedBy: 'us', standard: 'us-wiretap' } as const
  return [
    ...attempt('nothing is wrong with it', {}, courts.uk, false),
    ...attempt(
      'forged: an issuer’s name and key, signed by somebody else',
      {},
      { ...courts.uk, secret: forger.secret },
    ),
    ...attempt('forged: an issuer’s name, and the forger’s own key', {}, forger),
    ...ofAnother([alteredLines(request(), courts.uk, bystander), alteredBody(request(), courts.uk, bystander)]),
    ...attempt('expired', { issued: now - 2 * dayMs, expires: now - dayMs }, courts.uk),
    ...attempt('signed by an issuer that has been revoked', {}, revoked),
    ...attempt('for everybody: it names no person', { person: '*' }, courts.uk),
    ...attempt('for 60 days, where the law allows 30', { ...home, from: now - 60 * dayMs }, courts.us),
    ...attempt(
      'for content, where the standard gives metadata',
      { requestedBy: 'us', standard: 'us-2703d' },
      courts.us,
    ),
    ...attempt('signed with an issuer’s own key, which was stolen', {}, courts.uk),
    ...ofAnother(attempt('for somebody who has done nothing, on invented facts', { person: bystander }, courts.uk)),
  ]
}

/** Another name in the lines that people read. */
function alteredLines(request: Request, by: IssuerSecret, person: string): Attempt {
  const text = renderOrder(draftOrder(request, by)).replace(
    `"person": ${JSON.stringify(request.person)}`,
    `"person": ${JSON.stringify(person)}`,
  )
  return { what: 'altered after signing: another name on the page', bad: true, request: { ...request, person }, text }
}

/** Another name in what is signed, with the signature that it had before. */
function alteredBody(request: Request, by: IssuerSecret, person: string): Attempt {
  const asked = { ...request, person }
  const { signature } = draftOrder(request, by)
  const text = renderOrder({ ...draftOrder(asked, by), signature })
  return { what: 'altered after signing: another name in the signed bytes', bad: true, request: asked, text }
}

/** @param opened everything that the key opens */
export async function badOrderRows(
  played: Played,
  opened: readonly Opening[],
  courts: Courts,
  random: Random,
): Promise<readonly BadOrderRow[]> {
  const now = askedAt(played)
  const revoked = createIssuer('an office that was closed', 'uk', random)
  return atDesk('us', [courts.uk, courts.us, revoked], random, now, async (folder) => {
    await revokeIssuer(folder, revoked, now)
    const rows: BadOrderRow[] = []
    for (const { what, bad, request, text } of attemptsOn(played, courts, revoked, random)) {
      const handled = await handle(folder, text, played, now)
      rows.push({
        what,
        bad,
        outcome: handled.outcome,
        stoppedBy: stoppedBy(handled),
        enforcedBy: [...new Set(handled.stops.map(({ enforcedBy }) => enforcedBy))].join(', ') || 'nothing',
        handed: handled.content.length,
        opens: opened.filter((one) => isAskedFor(request, one)).length,
      })
    }
    return rows
  })
}

const isAskedFor = ({ person, from, to }: Request, { recorded: { time }, said }: Opening): boolean =>
  (isOf(person, said) || !isName(person)) && time >= from && time < to

const isStopped = ({ outcome }: BadOrderRow) => outcome === 'refused' || outcome === 'turned away'

const badOrderFigures = (rows: readonly BadOrderRow[]) => ({
  bad: rows.filter(({ bad }) => bad).length,
  stopped: rows.filter((row) => row.bad && isStopped(row)).length,
  goodStopped: rows.filter((row) => !row.bad && isStopped(row)).length,
  /** of the stopped ones, those of which the key opens something without the order desk */
  openedAnyway: rows.filter((row) => row.bad && isStopped(row) && row.opens > 0).length,
})

export function badOrderVerdict(rows: readonly BadOrderRow[]): string {
  const { bad, stopped, openedAnyway } = badOrderFigures(rows)
  const key =
    openedAnyway === 0
      ? 'without it the key opens nothing that they ask for'
      : `without it the same key opens what ${openedAnyway === stopped ? `the ${counted(stopped, 'stopped one')}` : `${openedAnyway} of the ${counted(stopped, 'stopped one')}`} ask for`
  return `The order desk stopped ${stopped} of ${counted(bad, 'bad order')}; ${key}.`
}

export function badOrderEvidence(rows: readonly BadOrderRow[], opens: number): string {
  const bad = rows.filter((row) => row.bad)
  const through = bad.filter((row) => !isStopped(row))
  const stopped = bad.length - through.length
  const control = rows.filter((row) => !row.bad && isStopped(row)).length
  const taken = through.map(({ what, handed }) => `“${what}” (${counted(handed, 'message')})`)
  const desk = [
    `Of ${counted(bad.length, 'bad order')} the order desk stops ${stopped}`,
    through.length === 0 ? '' : ` and accepts ${listed(taken)}`,
    control === 0 ? '.' : `; it also stops ${counted(control, 'good one')}.`,
  ].join('')
  return opens === 0
    ? `${desk} Without the order desk the same key opens nothing on the same recording.`
    : `${desk} Without the order desk the same key opens ${counted(opens, 'message')} on the same recording, and nothing is checked.`
}

export const badOrders = (
  played: Played,
  opened: readonly Opening[],
  courts: Courts,
  random: Random,
): Promise<ExperimentResult> =>
  timed(async () => {
    const rows = await badOrderRows(played, opened, courts, random)
    return {
      id: 'bad-orders',
      title: titles['bad-orders'],
      claims: [21],
      question: 'Which bad orders does the order desk stop, by which check, and what does the key open meanwhile?',
      method: `Each order is written, handed in at an order desk in the United States and, if it passes, carried out under ${nameOf(played.mode.id)}. The list is made by hand: a share of it says nothing of how often somebody writes such orders, or how many would be stopped. Beside it stands what the same key opens on the same recording, for the people and days that the order names, when nobody asks the order desk. The first order is good: it shows that the order desk does hand messages over. A stolen key signs as well as its owner does, and the order desk never sees the facts, so it treats such orders as what they look like.`,
      columns: [
        'order',
        'order desk',
        'stopped by',
        'enforced by',
        'handed over',
        'the key opens without the order desk',
      ],
      rows: rows.map((row) => [row.what, row.outcome, row.stoppedBy, row.enforcedBy, row.handed, row.opens]),
      verdict: badOrderVerdict(rows),
      evidence: badOrderEvidence(rows, opened.length),
      figures: { ...badOrderFigures(rows), opens: opened.length },
    }
  })
