import type { Cell } from '../adversaries/cell.ts'
import type { LabResult, ModeResult } from '../runs/result.ts'
import type { Share } from '../simulation/share.ts'
import { counted, grouped } from '../../words/counted.ts'
import { cellOf, orderRows, withoutAccess } from './pick.ts'
import { nameOf, othersOf, outOf } from './words.ts'
import { listed } from '../../words/listed.ts'
import { moreForEverybody, yieldOf } from './yield.ts'

/** What each side can point to in a run, in as many sentences; and what neither can claim. */
export interface Sides {
  readonly inFavour: readonly string[]
  readonly against: readonly string[]
  /** what would have made one side longer than the other, and what needs no access mode */
  readonly further: readonly string[]
}

/** The weightiest of each side, as many of one as of the other. */
export function sides(result: LabResult): Sides {
  const [inFavour, against] = [inFavourOf(result), againstOf(result)]
  const length = Math.min(inFavour.length, against.length)
  return {
    inFavour: inFavour.slice(0, length),
    against: against.slice(0, length),
    further: [...inFavour.slice(length), ...against.slice(length), ...withoutAnyMode(result)],
  }
}

interface Found {
  readonly mode: ModeResult
  readonly cell: Cell
}

const measured = (modes: readonly ModeResult[], adversary: string): readonly Found[] =>
  modes.flatMap((mode) => {
    const cell = cellOf(mode, adversary)
    return cell?.status === 'measured' ? [{ mode, cell }] : []
  })

/** `under every access mode`, one or two by name, or how many of all: the tables name the rest. */
function under(found: readonly Found[], all: readonly Found[]): string {
  if (found.length > 1 && found.length === all.length) return 'under every access mode'
  return found.length <= 2
    ? `under ${listed(found.map(({ mode }) => nameOf(mode)))}`
    : `under ${found.length} of ${all.length} access modes`
}

/** A sentence about those of which it is true; nothing where it is true of none. */
const ifAny = (found: readonly Found[], sentence: (found: readonly Found[]) => string): readonly string[] =>
  found.length === 0 ? [] : [sentence(found)]

const mostOf = (found: readonly Found[], figure: (one: Found) => number): number =>
  Math.max(0, ...found.map((one) => figure(one)))

/** The share of whoever read most. */
const largest = (found: readonly Found[], share: (one: Found) => Share): Share =>
  found.map(share).reduce((most, one) => (one.read > most.read ? one : most), { read: 0, of: 0 })

/** What those who ask for access can point to. */
function inFavourOf(result: LabResult): readonly string[] {
  const { modes } = result
  const orders = measured(modes, orderRows.used).filter(({ mode }) => mode.id !== 'none')
  const insiders = measured(modes, 'insider')
  const served = orders.filter(({ cell }) => yieldOf(result, cell).read > 0)
  const quiet = insiders.filter(
    ({ cell: { messages } }) =>
      messages.during.read > 0 &&
      messages.before.of > 0 &&
      messages.after.of > 0 &&
      messages.before.read + messages.after.read + messages.again.read === 0,
  )
  const narrow = measured(modes, orderRows.possible).filter(
    ({ mode, cell: { people } }) =>
      people.target.read > 0 &&
      people.strangers.of > 0 &&
      people.strangers.read === 0 &&
      (cellOf(mode, orderRows.everybody)?.people.strangers.read ?? 0) > 0,
  )
  const isSpared = ({ mode, cell }: Found) =>
    cell.conversations.read === 0 && (cellOf(mode, 'insider')?.conversations.read ?? 0) > 0
  const shares = measured(modes, 'one secret and archive').filter(isSpared)
  const divided = measured(modes, 'one state').filter(isSpared)
  const thieves = measured(modes, 'key thief')
  const bare = thieves.filter(({ cell }) => cell.conversations.read === 0)
  const announced = insiders.filter(({ mode }) => announcement(mode).read > 0)
  const noticed = insiders.filter(({ mode }) => tellingMore(result, mode).length > 0)
  const honest = insiders.filter(({ cell }) => cell.forged === false)
  return [
    ...ifAny(
      served,
      (found) =>
        `An order for one person is answered: ${under(found, orders)} it read ${outOf(largest(found, ({ cell }) => yieldOf(result, cell)))} conversations of its target.`,
    ),
    ...orderWithout(result),
    ...ifAny(
      quiet,
      (found) =>
        `The switch does what it says: ${under(found, insiders)} an insider read nothing from before or after.`,
    ),
    ...ifAny(
      narrow,
      (found) =>
        `Not every mode reaches everybody: ${under(found, insiders)} the keys made for the order opened nothing of strangers.`,
    ),
    ...ifAny(
      shares,
      (found) =>
        `Dividing a key helps: ${under(found, insiders)} one stolen key opened nothing, even with every envelope${isSame(found, divided) ? ', nor did any single state' : ''}.`,
    ),
    ...ifAny(
      isSame(shares, divided) ? [] : divided,
      (found) => `Dividing a key among states helps: ${under(found, insiders)} no single state read anything.`,
    ),
    ...changing(result),
    ...ifAny(
      bare,
      (found) =>
        `A stolen key alone reads nothing: ${under(found, thieves)} all keys without a recording opened 0 messages.`,
    ),
    ...ifAny(
      announced,
      (found) =>
        `The switch is announced: the devices of ${outOf(largest(found, ({ mode }) => announcement(mode)))} people showed it. That is Doormat’s design; in some laws operators may not.`,
    ),
    ...ifAny(
      noticed,
      (found) =>
        `A tap leaves traces: ${under(found, insiders)} up to ${grouped(mostOf(found, ({ mode }) => tellingMost(result, mode)))} people could have noticed the order.`,
    ),
    ...ifAny(
      honest,
      (found) =>
        `To read is not to write: ${under(found, insiders)} devices refused every message that an insider forged.`,
    ),
  ]
}

const isSame = (found: readonly Found[], others: readonly Found[]): boolean =>
  found.length === others.length && found.every(({ mode }) => others.some((other) => other.mode === mode))

/** What daily new keys take from a thief, and from an order for the past: one experiment tries it. */
function changing({ experiments }: LabResult): readonly string[] {
  const told = experiments.find(({ id }) => id === 'theft')?.figures
  const { changed = 0, never = 0, of = 0, everyDays = 0, orderChanged = 0, orderKept = 0 } = told ?? {}
  if (everyDays === 0 || changed >= never) return []
  return [
    `New keys every ${everyDays === 1 ? 'day' : `${everyDays} days`}, old ones destroyed: a thief read ${changed} of ${of} earlier messages instead of ${never}, but an order ${orderChanged} instead of ${orderKept}.`,
  ]
}

/** Where a key is divided, an insider with all of it is not one person. */
function colluding(found: readonly Found[]): string {
  const divided = found.filter(({ mode }) => holdersOf(mode) > 1)
  return divided.length === 0
    ? ''
    : `; ${under(divided, [])}, ${Math.max(...divided.map(({ mode }) => holdersOf(mode)))} colluding institutions`
}

const holdersOf = ({ secrets }: ModeResult): number => new Set(secrets.map(({ holder }) => holder)).size

const announcement = ({ detections }: ModeResult): Share =>
  detections.order.find(({ id }) => id === 'announcement')?.noticed ?? { read: 0, of: 0 }

/** That a mode is on is announced to everybody; who is read under it is not. */
const telling = ({ detections }: ModeResult) => detections.order.filter(({ id }) => id !== 'announcement')

/** What more people notice than without access: only that can come of the mode or of an order. */
export function tellingMore(result: LabResult, mode: ModeResult) {
  const none = withoutAccess(result)
  const usual = new Map((none ? telling(none) : []).map(({ id, noticed }) => [id, noticed.read]))
  return telling(mode).filter(({ id, noticed }) => noticed.read > (usual.get(id) ?? 0))
}

const tellingMost = (result: LabResult, mode: ModeResult): number =>
  Math.max(0, ...tellingMore(result, mode).map(({ noticed }) => noticed.read))

function orderWithout(result: LabResult): readonly string[] {
  const none = withoutAccess(result)
  const cell = none && cellOf(none, orderRows.used)
  if (!cell) return []
  if (cell.status === 'not applicable')
    return ['Without a mode the court gets no message from the server: there is no key for its order.']
  const got = yieldOf(result, cell)
  return [
    got.read === 0
      ? 'With no access mode the same order read nothing.'
      : `With no access mode the same order read ${outOf(got)} conversations too.`,
  ]
}

/** What those who warn of access can point to. */
function againstOf(result: LabResult): readonly string[] {
  const { modes } = result
  const all = measured(modes, 'insider')
  const insiders = all.filter(({ cell }) => cell.conversations.read > 0)
  const orders = measured(modes, orderRows.used).filter(({ mode }) => mode.id !== 'none')
  const usedBy = (mode: ModeResult) => othersOf(cellOf(mode, orderRows.used) ?? noCell).read
  const wide = measured(modes, orderRows.possible).filter(({ mode, cell }) => othersOf(cell).read > usedBy(mode))
  const stolen = measured(modes, 'one secret and archive').filter(
    ({ mode, cell }) =>
      cell.conversations.read > 0 && cell.conversations.read === cellOf(mode, 'insider')?.conversations.read,
  )
  const lasting = insiders.filter(({ cell }) => afterwards(cell).read > 0)
  const further = measured(modes, orderRows.possible).filter(({ mode }) => moreForEverybody(mode) !== null)
  const unseen = insiders.filter(({ mode }) => telling(mode).every(({ noticed }) => noticed.read === 0))
  const forging = all.filter(({ cell }) => cell.forged === true)
  const abroad = measured(modes, 'another state').filter(({ cell }) => cell.conversations.read > 0)
  const useless = orders.filter(({ cell }) => yieldOf(result, cell).of > 0 && yieldOf(result, cell).read === 0)
  return [
    ...ifAny(
      wide,
      (found) =>
        `An order names one person; the key does not. The order exposed ${grouped(mostOf(found, ({ mode }) => usedBy(mode)))} others; ${under(found, all)} its key could expose ${grouped(mostOf(found, ({ cell }) => othersOf(cell).read))}.`,
    ),
    ...ifAny(useless, (found) => `The order read nothing of its target ${under(found, orders)}.`),
    ...ifAny(
      insiders,
      (found) =>
        `It works without an order: ${under(found, all)} an insider read conversations, at most ${outOf(largest(found, ({ cell }) => cell.conversations))}${colluding(found)}.`,
    ),
    ...ifAny(
      stolen,
      (found) =>
        `One stolen key is enough: a “thief of one key”, with every envelope, read as much as an insider ${under(found, all)}.`,
    ),
    ...ifAny(
      abroad,
      (found) =>
        `The switch serves others: another state that compels the operator read conversations ${under(found, all)}, at most ${outOf(largest(found, ({ cell }) => cell.conversations))}.`,
    ),
    ...ifAny(
      further,
      (found) =>
        `The operator decides whom the key reaches: ${under(found, all)}, with everybody tapped, it exposed ${grouped(mostOf(found, ({ mode }) => moreForEverybody(mode)?.able ?? 0))} people besides the target.`,
    ),
    ...atRisk(result),
    ...ifAny(
      lasting,
      (found) =>
        `Off is not off at once: ${under(found, all)} the keys opened ${outOf(largest(found, ({ cell }) => afterwards(cell)))} messages sent after the switch.`,
    ),
    ...ifAny(
      unseen,
      (found) => `Being read does not show: ${under(found, all)} no detector found anything but the announcement.`,
    ),
    ...ifAny(
      forging,
      (found) => `To read can be to write: ${under(found, all)} devices accepted a message that an insider had forged.`,
    ),
    ...ifAny(
      insiders.filter(({ cell }) => cell.stillSealed > 0),
      (found) =>
        `Whoever encrypts first is not read: up to ${counted(
          mostOf(found, ({ cell }) => cell.stillSealed),
          'message that the keys opened was',
          'messages that the keys opened were',
        )} still a ciphertext.`,
    ),
  ]
}

/** Whose conversations the keys for one suspect open besides: one experiment tries it. */
function atRisk({ experiments }: LabResult): readonly string[] {
  const told = experiments.find(({ id }) => id === 'order-yield')?.figures
  const { atRiskOpened = 0, atRiskOf = 0 } = told ?? {}
  return atRiskOpened === 0
    ? []
    : [
        `Bystanders are exposed: keys made for another’s order opened up to ${atRiskOpened} of ${atRiskOf} conversations of journalist, lawyer, activists and shelter.`,
      ]
}

const nobody: Share = { read: 0, of: 0 }
const noCell: Pick<Cell, 'people'> = { people: { target: nobody, partners: nobody, strangers: nobody } }

/** Also what keys of one authority open of what was said under those of another. */
const afterwards = ({ messages: { after, again } }: Cell): Share =>
  again.read > 0 ? { read: after.read + again.read, of: after.of + again.of } : after

/** What needs no mode at all. */
function withoutAnyMode(result: LabResult): readonly string[] {
  const none = withoutAccess(result)
  if (!none) return []
  const [dishonest, unlocked] = [cellOf(none, 'active relay'), cellOf(none, 'unlocked device')]
  const sentences: string[] = []
  if (dishonest?.status === 'measured' && dishonest.conversations.read > 0)
    sentences.push(
      `With no access mode at all, a dishonest server read ${outOf(dishonest.conversations)} conversations in the whole time; a state can order an operator to be one.`,
    )
  if (unlocked?.status === 'measured' && yieldOf(result, unlocked).read > 0)
    sentences.push(
      `With no access mode at all, the target’s own device, unlocked, gave ${outOf(yieldOf(result, unlocked))} of its conversations.`,
    )
  return sentences
}
