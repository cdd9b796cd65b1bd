import { grouped, counted } from '../../words/counted.ts'
import { adversaryCalled } from './adversaries.ts'
import { inPercent, pointAt, pointsOf } from './curve-figures.ts'
import type { Cell } from '../adversaries/cell.ts'
import type { LabResult, ModeResult } from '../runs/result.ts'
import type { Sensitivity } from '../runs/sensitivity.ts'
import type { Share } from '../simulation/share.ts'
import { cellOf, most, orderRows, withoutAccess } from './pick.ts'
import { tellingMore } from './sides.ts'
import { nameOf, outOf } from './words.ts'
import { listed } from '../../words/listed.ts'

/*
 * The whole run in a few sentences, made from its figures. All of them are of the same people and the same days: of what
 * pairs who do not evade sent to each other while the mode was on.
 */

const messages = ({ complying }: Cell): Share => complying.messages
const conversations = ({ complying }: Cell): Share => complying.conversations

/** What an order and its keys read, what is read without an access mode, and who could have noticed either. */
export const answer = (result: LabResult): string => `${ofOrder(result) ?? ofStrongest(result)} ${baseline(result)}`

const daysOn = ({ moments: { on, off } }: LabResult): string => counted(Math.round(off - on), 'day')

interface Order {
  readonly mode: ModeResult
  readonly used: Cell
  readonly possible: Cell
}

/** The mode under which the same keys open most beyond an order; null where they open no more than it asked for. */
function worstOrder(result: LabResult): Order | null {
  const orders = result.modes.flatMap((mode) => {
    const [used, possible] = [cellOf(mode, orderRows.used), cellOf(mode, orderRows.possible)]
    return used?.status === 'measured' && possible?.status === 'measured' ? [{ mode, used, possible }] : []
  })
  const worst = most(orders, ({ possible }) => messages(possible).read)
  return worst && messages(worst.possible).read > messages(worst.used).read ? worst : null
}

function ofOrder(result: LabResult): string | null {
  const worst = worstOrder(result)
  if (!worst) return null
  const { mode, used, possible } = worst
  const key = mode.secrets.length === 1 ? 'key opens' : 'keys open'
  return `Under ${nameOf(mode)} an order for one person read ${counted(messages(used).read, 'message')}; the same ${key} ${allOrOf(messages(possible))} that complying people sent in ${daysOn(result)}.${unseen(result, mode)}`
}

/** That the keys are used shows to nobody, where no detector found more than without a mode. */
const unseen = (result: LabResult, mode: ModeResult): string =>
  mode.detections.order.length > 0 && tellingMore(result, mode).length === 0
    ? ' No detector here shows that reading.'
    : ''

const allOrOf = ({ read, of }: Share): string => (read === of ? `all ${grouped(of)}` : outOf({ read, of }))

/** Who read most under a mode of what complying people sent. */
const strongest = ({ cells }: ModeResult): Cell | null =>
  most(
    cells.filter(({ status }) => status === 'measured'),
    (cell) => messages(cell).read,
  )

function ofStrongest({ modes }: LabResult): string {
  const readers = modes.flatMap((mode) => {
    const cell = mode.id === 'none' ? null : strongest(mode)
    return cell && messages(cell).read > 0 ? [{ mode, cell }] : []
  })
  const worst = most(readers, ({ cell }) => messages(cell).read)
  if (!worst) return 'Nobody read anything under any access mode of this run.'
  const { title } = adversaryCalled(worst.cell.adversary)
  return `Under ${nameOf(worst.mode)} ${title} read ${outOf(messages(worst.cell))} messages that complying people sent while it was on.`
}

function baseline(result: LabResult): string {
  const none = withoutAccess(result)
  const cell = none && strongest(none)
  if (!cell) return 'The world was not played without an access mode.'
  if (messages(cell).read === 0) return 'With no access mode nobody read any.'
  const { title } = adversaryCalled(cell.adversary)
  const because =
    cell.adversary === 'active relay' && result.world.compared < result.world.conversations.length
      ? `, because only ${counted(result.world.compared, 'pair')} had compared safety numbers`
      : ''
  return `Even with no access mode, over the same days, ${title} read ${outOf(messages(cell))}${because}.${cell.adversary === 'active relay' ? noticed(result, none, messages(cell)) : ''}`
}

/** How the false keys of a dishonest server would have shown, and why it did not read the rest. */
function noticed({ experiments }: LabResult, none: ModeResult, { read, of }: Share): string {
  const compared = none.detections.activeRelay.find(({ id }) => id === 'safety number')?.noticed
  const seen = compared && compared.of > 0 && compared.read === compared.of
  const silenced = experiments.find(({ id }) => id === 'active-relay')?.figures?.['silenced'] ?? 0
  const rest = silenced > 0 && silenced === of - read ? `; the other ${grouped(silenced)} were never sent` : ''
  return seen ? ` Anybody who compared would have seen it${rest}.` : ''
}

/** The same in conversations. Null where nobody could be asked for anything. */
export function inConversations(result: LabResult): string | null {
  const worst = worstOrder(result)
  const none = withoutAccess(result)
  const cell = none && strongest(none)
  if (!worst || !cell) return null
  return `In conversations, over the same ${daysOn(result)}: the order ${grouped(conversations(worst.used).read)}, the same keys ${outOf(conversations(worst.possible))}, ${adversaryCalled(cell.adversary).title} with no access mode ${outOf(conversations(cell))}.`
}

/** Who is left out of these figures, and who they are. */
export function evaders({ world }: LabResult): string {
  const { evading, conversations: all, people } = world
  if (evading.length === 0) return 'Complying people do not evade the mode. Nobody in this world evades.'
  const roles = new Map(people.map(({ name, role }) => [name, role]))
  const pairs = new Map<string, number>()
  for (const { pair } of evading) pairs.set(rolesOf(pair, roles), (pairs.get(rolesOf(pair, roles)) ?? 0) + 1)
  const named = [...pairs].map(([who, count]) => `${who} (${counted(count, 'pair')})`)
  const who = named.length <= shownAtMost ? `: ${listed(named)}` : ''
  const pairsEvade = `${grouped(evading.length)} of ${counted(all.length, 'pair')} ${evading.length === 1 ? 'evades and is' : 'evade and are'}`
  return `Complying people do not evade the mode. ${pairsEvade} left out of these figures. Chance drew them from all pairs but the target’s, whatever their story${who}.`
}

const shownAtMost = 6

function rolesOf(pair: string, roles: ReadonlyMap<string, string>): string {
  const [one = '', other = ''] = pair.split(' ').map((name) => roles.get(name) ?? name)
  return `${one} with ${other}`
}

/** What would move the figures, and how far it did in worlds in which that was measured. */
export const sensitivity = (measured: Sensitivity): string =>
  `How many pairs compare safety numbers, and how many evade, are properties of this world. Both shares move these figures.${inOtherWorlds(measured)}`

function inOtherWorlds(measured: Sensitivity): string {
  const comparing = pointsOf(measured, 'comparing')
  const [nobody, half] = [pointAt(comparing, 0), pointAt(comparing, 0.5)]
  const least = Math.min(...pointsOf(measured, 'evading').map(({ headline }) => headline.lowest))
  if (!nobody || !half || !Number.isFinite(least)) return ''
  return ` In ${counted(measured.seeds.length, 'other world')} of ${measured.people} people, a dishonest server read ${inPercent(nobody.headline.mean)} where nobody compared and ${inPercent(half.headline.mean)} where half of the pairs did. The escrow key read ${least === 1 ? '' : 'at least '}${inPercent(least)} of what complying people sent, however many evaded.`
}
