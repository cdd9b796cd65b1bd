import { modes } from '../../../crypto/access/index.ts'
import { isName } from '../../../crypto/identity.ts'
import { AuthorityError } from '../errors.ts'
import { type Check, type CheckId, checks, linesOf } from './checks.ts'
import { agreementBetween, type EnforcedBy, jurisdictionCalled, type Standard, standardCalled } from './law.ts'
import { instant } from './order-file.ts'
import { isGenuine, type Issuer, issuerOf, type Order, type SignedOrder } from './order.ts'

export interface KnownIssuer extends Issuer {
  /** when the order desk was told to trust it no longer, in milliseconds since 1970; null while it does */
  readonly revoked: number | null
}

/** What a company's order desk goes by. */
export interface DeskRules {
  /** the state that holds the data */
  readonly jurisdiction: string
  readonly issuers: readonly KnownIssuer[]
}

export interface CheckResult {
  readonly id: CheckId
  /** what the order desk cannot find out always passes: what somebody promises, and what a mode enforces or does not */
  readonly passed: boolean
  readonly by: string
  readonly enforcedBy: EnforcedBy
  readonly why: string
}

export type Outcome = 'accepted' | 'narrowed' | 'refused'

export interface Window {
  readonly from: number
  readonly to: number
}

/** What a person at the order desk adds to the checks. */
export interface Decision {
  /** less time than the order asks for */
  readonly narrow?: Partial<Window>
  readonly refuse?: string
}

export interface Review {
  readonly checks: readonly CheckResult[]
  readonly outcome: Outcome
  /** what of the order counts from now on */
  readonly window: Window
}

/** What a check looks at. */
interface Case {
  readonly signed: SignedOrder
  readonly order: Order
  readonly window: Window
  readonly desk: DeskRules
  readonly issuer: KnownIssuer | null
  readonly standard: Standard | null
  readonly now: number
}

interface Finding {
  readonly passed: boolean
  readonly why: string
  readonly by?: string
}

const dayMs = 86_400_000
const found = (passed: boolean, why: string): Finding => ({ passed, why })
const promised = (why: string, by?: string): Finding => ({ passed: true, why, ...(by === undefined ? {} : { by }) })
const nameOf = (jurisdiction: string) =>
  jurisdictionCalled(jurisdiction)?.name ?? `${jurisdiction}, of which nothing is known`

const article = (noun: string) => (/^[aeiou]/.test(noun) ? 'an' : 'a')

const trials: Readonly<Record<CheckId, (given: Case) => Finding>> = {
  'signature': ({ signed, order, issuer }) =>
    issuer
      ? found(isGenuine(signed), isGenuine(signed) ? `signed by ${order.issuer.name}` : 'the signature does not hold')
      : found(false, `the order desk does not know the key of ${order.issuer.name}`),

  'standing': ({ issuer }) =>
    issuer && issuer.revoked !== null
      ? found(false, `revoked at ${instant(issuer.revoked)}`)
      : found(issuer !== null, issuer ? 'trusted, and not revoked' : 'not an issuer that the order desk knows'),

  'dates': ({ order: { issued, expires }, now }) => {
    if (issued > now) return found(false, `its date is still to come: ${instant(issued)}`)
    return found(now < expires, `${now < expires ? 'it expires' : 'it expired'} at ${instant(expires)}`)
  },

  'law': ({ order, issuer, standard }) => {
    const { name, jurisdiction } = order.issuer
    if (issuer && (issuer.jurisdiction !== jurisdiction || issuer.name !== name))
      return found(false, `the order desk knows this key as ${issuer.name}, ${nameOf(issuer.jurisdiction)}`)
    if (order.path === 'direct' && order.requestedBy !== jurisdiction)
      return found(false, `asked for by ${nameOf(order.requestedBy)}, signed by ${nameOf(jurisdiction)}`)
    if (!standard) return found(false, `there is no standard ${order.standard}`)
    const own = standard.jurisdiction === jurisdiction
    return found(
      own,
      `${standard.title} of ${nameOf(standard.jurisdiction)}${own ? '' : `, by an issuer of ${nameOf(jurisdiction)}`}`,
    )
  },

  'agreement': ({ order, desk }) => {
    const { jurisdiction } = order.issuer
    const agreement = agreementBetween(jurisdiction, desk.jurisdiction, order.issued)
    return agreement
      ? found(true, `in force since ${agreement.inForce}`)
      : found(false, `none between ${nameOf(jurisdiction)} and ${nameOf(desk.jurisdiction)} when it was issued`)
  },

  'oversight': ({ standard }) =>
    found(
      standard !== null && standard.approvedBy !== null,
      standard
        ? standard.approvedBy === null
          ? 'the law lets those who ask approve it themselves'
          : `the law provides for approval by ${standard.approvedBy}; this does not say that it was given`
        : 'no standard',
    ),

  'receiving state': ({ order: { issuer, requestedBy }, desk }) => {
    if (issuer.jurisdiction !== desk.jurisdiction)
      return found(false, `signed by ${nameOf(issuer.jurisdiction)}; the data are held in ${nameOf(desk.jurisdiction)}`)
    return found(requestedBy !== issuer.jurisdiction, `asked for by ${nameOf(requestedBy)}`)
  },

  'kind': ({ order: { kind }, standard }) =>
    found(
      standard !== null && standard.kinds.includes(kind),
      standard ? `it asks for ${kind}; ${standard.id} gives ${standard.kinds.join(' and ')}` : 'no standard',
    ),

  'person': ({ order: { person } }) =>
    found(isName(person), isName(person) ? person : `${JSON.stringify(person)} is not the name of one person`),

  'window': ({ window: { from, to }, standard }) => {
    const days = (to - from) / dayMs
    const longest = standard?.longestWindowDays ?? null
    const rounded = Math.round(days * 100) / 100
    const said = `${rounded} ${rounded === 1 ? 'day' : 'days'}`
    if (days <= 0) return found(false, 'it ends before it begins')
    if (longest === null) return found(true, `${said}; the law names no longest time`)
    return found(days <= longest, `${said}, of ${longest} at most`)
  },

  'custodian': ({ order: { mode, custodian, kind } }) => {
    const known = modes.some(({ id }) => id === mode) && (mode !== 'none' || kind === 'metadata')
    return found(
      known && custodian !== '',
      known ? `${custodian || 'nobody'}, under ${mode}` : `there is none of ${mode}`,
    )
  },

  'office': ({ standard }) =>
    promised(
      standard
        ? `${standard.signedBy} signs ${article(standard.title)} ${standard.title}; the order desk knows no more of this issuer than a name and a key`
        : 'no standard',
    ),

  'approval': ({ standard }) => {
    if (!standard?.approvedBy) return promised(standard ? 'the standard asks for no approval' : 'no standard', 'nobody')
    const { approvedBy, signedBy } = standard
    if (approvedBy === signedBy) return promised('whoever signs it approves it', approvedBy)
    return promised(
      `what ${signedBy} signs needs this approval; nothing in the order shows that it was given`,
      approvedBy,
    )
  },

  'facts': ({ standard }) =>
    standard?.approvedBy
      ? promised(`${standard.test}; the order desk does not see the facts`, standard.approvedBy)
      : promised(standard?.test ?? 'no standard', 'nobody'),

  'target': ({ order }) =>
    promised(`the order desk cannot tell where ${order.person} lives, or of which state they are a citizen`),
  'crime': () => promised('the order does not say which crime'),
  'reader': () => promised('this program prints the order; it cannot see whether somebody reads it'),
  'within': () => promised("the archive holds everybody's envelopes"),
}

/** What a check comes to: one result, but for what a content order is kept to by several things. */
function resultsOf(check: Check & { readonly id: CheckId }, given: Case): readonly CheckResult[] {
  const { id } = check
  const { kind, mode } = given.order
  if (id === 'within' && kind === 'content')
    return linesOf(mode).map(({ words: why, by, enforcedBy }) => ({ id, passed: true, why, by, enforcedBy }))
  const { passed, why, by = check.by } = trials[id](given)
  return [{ id, passed, why, by, enforcedBy: check.enforcedBy }]
}

/**
 * Makes the checks of an order's path. Nothing is kept, and nothing is looked up: whoever calls brings rules and time.
 * @param now milliseconds since 1970
 * @throws AuthorityError `bad-order` where what it is narrowed to does not lie within it
 */
export function reviewOrder(signed: SignedOrder, desk: DeskRules, now: number, decision: Decision = {}): Review {
  const { order } = signed
  const window = { from: order.from, to: order.to, ...decision.narrow }
  if (window.from < order.from || window.to > order.to)
    throw new AuthorityError(
      'bad-order',
      `order ${order.serial} reaches from ${instant(order.from)} to ${instant(order.to)}, and can be narrowed to less, not to more`,
    )
  const given: Case = {
    signed,
    order,
    window,
    desk,
    now,
    issuer: issuerOf(order, desk.issuers),
    standard: standardCalled(order.standard),
  }
  const results = checksOf(order, desk).flatMap((check) => resultsOf(check, given))
  const refused = decision.refuse !== undefined || results.some(({ passed }) => !passed)
  const whole = window.from === order.from && window.to === order.to
  return { checks: results, window, outcome: refused ? 'refused' : whole ? 'accepted' : 'narrowed' }
}

const checksOf = ({ path, issuer }: Order, desk: DeskRules) =>
  checks.filter((check: Check) => {
    const abroad = issuer.jurisdiction !== desk.jurisdiction
    return check.paths.includes(path) && (!check.abroad || abroad)
  }) as readonly (Check & { readonly id: CheckId })[]
