import { messageKeyEscrow } from '../../../crypto/access/message-key-escrow.ts'
import { isWithin, type Scope } from '../../authority/order/within.ts'
import { byDay } from '../adversaries/exposure.ts'
import { play } from '../simulation/play.ts'
import type { Played } from '../simulation/played.ts'
import type { Share } from '../simulation/share.ts'
import { beginningOf, daysOf, type Timetable } from '../simulation/timetable.ts'
import type { World } from '../world/world.ts'
import { type Experiment, readWith } from './experiment.ts'
import { counted } from '../../words/counted.ts'
import { portion, withPercent } from './figures.ts'
import { titles } from './titles.ts'
import { nameOf } from './words.ts'

/** One theft, under one habit of changing the key. */
export interface TheftRow {
  /** null: never */
  readonly rotateDays: number | null
  /** the theft is in the last moment of this day, the first being 1 */
  readonly day: number
  readonly keysMade: number
  /** said before the theft and read by the thief: with the key in force alone, and with every key made until then */
  readonly before: { readonly inForce: Share; readonly kept: Share }
  /** said after the theft, and read with the key in force at it */
  readonly after: Share
  /** the target's messages from the first day to the theft, when an order then asks for them, with the same keys */
  readonly order: { readonly inForce: Share; readonly kept: Share }
}

const dayMs = 24 * 3600 * 1000
const intervals = [10, 3, 1] as const
/** as parts of the world's days: 5, 14 and 25 of 30 */
const thefts = [1 / 6, 0.47, 0.83] as const

/** Plays the world once for each habit, with the mode on all the time. */
export async function theft(world: World, seed: string): Promise<Experiment> {
  const days = daysOf(world)
  const rows: TheftRow[] = []
  for (const rotateDays of [null, ...intervals.filter((interval) => interval < days)]) {
    const played = await play(world, messageKeyEscrow, alwaysOn(world, rotateDays), `${seed} theft`, () => undefined)
    rows.push(...rowsOf(played, rotateDays))
  }
  return {
    id: 'theft',
    title: titles.theft,
    claims: [12, 17],
    question: 'Does changing the key often limit what a thief reads, and what does that cost the authority?',
    method: `The world (${world.name}, ${counted(world.people.length, 'person', 'people')}) is played once for each interval, with ${nameOf(messageKeyEscrow.id)} on from the first day to the last. The thief has recorded everything since the first day and goes on recording after the theft. The authority either destroys each key when it makes the next, or keeps them all for later orders. On the day of the theft an order asks for everything that the target has sent and received so far.${world.evading.length > 0 ? ' Some pairs evade, so even a thief with every key does not read everything.' : ''}`,
    columns: [
      'key changed every (days)',
      'stolen at the end of day',
      'keys made by then',
      'sent before the theft',
      'thief read, old keys destroyed',
      'thief read, old keys kept',
      'sent after the theft',
      'thief read of that',
      'target’s messages before it',
      'order read, old keys destroyed',
      'order read, old keys kept',
    ],
    rows: rows.map(({ rotateDays, day, keysMade, before, after, order }) => [
      rotateDays ?? 'never',
      day,
      keysMade,
      before.inForce.of,
      before.inForce.read,
      before.kept.read,
      after.of,
      after.read,
      order.inForce.of,
      order.inForce.read,
      order.kept.read,
    ]),
    verdict: theftVerdict(rows),
    evidence: theftEvidence(rows),
    figures: theftFigures(rows),
  }
}

function alwaysOn(world: World, rotateDays: number | null): Timetable {
  const on = beginningOf(world)
  const off = on + daysOf(world) * dayMs
  const rotateEveryMs = rotateDays === null ? null : rotateDays * dayMs
  return { on, breach: on + (off - on) / 2, off, again: null, rotateEveryMs }
}

/** Each message is sealed to one key, so what several keys open adds up; every key is tried on everything. */
function rowsOf(played: Played, rotateDays: number | null): readonly TheftRow[] {
  const { archive, truth, world, holdings } = played
  const { person, window }: Scope = { person: world.target, window: { from: 0, to: Infinity } }
  const named = archive.filter((recorded) => isWithin({ person, window }, recorded))
  const keys = holdings.authority.map((ring) => ({
    since: ring.since,
    opens: readWith(played, { rings: [ring], envelopes: archive }).days,
    opensOfTarget: readWith(played, { rings: [ring], envelopes: named }).days,
  }))
  const said = [...truth.values()]
  const saidByDay = byDay(world, said)
  const ofTargetByDay = byDay(
    world,
    said.filter(({ from, to }) => from === person || to === person),
  )

  return thefts.map((part) => {
    const day = Math.max(1, Math.round(daysOf(world) * part))
    const kept = keys.filter(({ since }) => since < beginningOf(world) + day * dayMs)
    const inForce = kept.slice(-1)
    const before = (days: readonly number[]) => sum(days.slice(0, day))
    const after = (days: readonly number[]) => sum(days.slice(day))
    const thief = (those: typeof keys): Share => ({
      read: sum(those.map(({ opens }) => before(opens))),
      of: before(saidByDay),
    })
    const order = (those: typeof keys): Share => ({
      read: sum(those.map(({ opensOfTarget }) => before(opensOfTarget))),
      of: before(ofTargetByDay),
    })
    return {
      rotateDays,
      day,
      keysMade: kept.length,
      before: { inForce: thief(inForce), kept: thief(kept) },
      after: { read: sum(inForce.map(({ opens }) => after(opens))), of: after(saidByDay) },
      order: { inForce: order(inForce), kept: order(kept) },
    }
  })
}

const sum = (figures: readonly number[]) => figures.reduce((all, one) => all + one, 0)

/** The key that is changed most often and the one that never is, in one theft: the middle one. */
function compared(rows: readonly TheftRow[]) {
  const interval = Math.min(...rows.flatMap(({ rotateDays }) => rotateDays ?? []))
  const [never, often] = [middleOf(rows, null), middleOf(rows, interval)]
  return never && often ? { never, often, every: interval === 1 ? 'every day' : `every ${interval} days` } : null
}

const nothingToCompare = 'There was nothing to compare: it takes a key that is changed and one that is not.'

export function theftVerdict(rows: readonly TheftRow[]): string {
  const both = compared(rows)
  if (!both) return nothingToCompare
  const { never, often, every } = both
  return often.before.inForce.read < never.before.inForce.read
    ? `Changing the key ${every} and destroying old ones cut what a thief read of the past from ${never.before.inForce.read} to ${portion(often.before.inForce)} messages.`
    : `Changing the key ${every} and destroying old ones did not limit what a thief read of the past: ${portion(often.before.inForce)} messages.`
}

const theftFigures = (rows: readonly TheftRow[]): Readonly<Record<string, number>> => {
  const both = compared(rows)
  if (!both) return {}
  const { never, often } = both
  return {
    changed: often.before.inForce.read,
    never: never.before.inForce.read,
    of: often.before.inForce.of,
    everyDays: often.rotateDays ?? 0,
    orderChanged: often.order.inForce.read,
    orderKept: often.order.kept.read,
  }
}

export function theftEvidence(rows: readonly TheftRow[]): string {
  const both = compared(rows)
  if (!both) return nothingToCompare
  const { never, often, every } = both
  const limits =
    often.before.inForce.read < never.before.inForce.read
      ? `When the key was changed ${every} and the old ones were destroyed, a thief at the end of day ${often.day} read ${withPercent(often.before.inForce)} of the messages sent before the theft. When it was never changed, the thief read ${withPercent(never.before.inForce)}.`
      : `Changing the key ${every} and destroying the old ones did not limit a theft at the end of day ${often.day}: the thief read ${portion(often.before.inForce)} earlier messages, against ${portion(never.before.inForce)} when the key was never changed.`
  const price =
    often.order.inForce.read < often.order.kept.read
      ? ` The price: the authority could not serve an order for the past either, and read ${portion(often.order.inForce)} of the target’s earlier messages instead of ${portion(often.order.kept)}.`
      : ` An order for the past lost nothing by it: the authority read ${portion(often.order.inForce)} of the target’s earlier messages.`
  const keeping =
    often.before.kept.read >= never.before.inForce.read
      ? `When the authority kept the old keys, changing them protected nothing of the past: the thief read ${portion(often.before.kept)}.`
      : `Even when the authority kept the old keys, changing them protected a part of the past: the thief read ${portion(often.before.kept)}.`
  const later =
    often.after.read < never.after.read
      ? `Of the messages sent after the theft, the thief read ${portion(often.after)} before the next change, and ${portion(never.after)} when the key never changed.`
      : `A changed key protected nothing of what was sent after the theft: the thief read ${portion(often.after)}, against ${portion(never.after)} when the key never changed.`
  return `${limits}${price} ${keeping} ${later}`
}

function middleOf(rows: readonly TheftRow[], interval: number | null): TheftRow | null {
  const those = rows.filter(({ rotateDays }) => rotateDays === interval)
  return those[Math.floor(those.length / 2)] ?? null
}
