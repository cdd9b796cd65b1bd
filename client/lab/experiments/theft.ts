import { messageKeyEscrow } from '../../../crypto/access/message-key-escrow.ts'
import { isWithin, type Scope } from '../../authority/order/within.ts'
import { byDay } from '../adversaries/exposure.ts'
import { play } from '../simulation/play.ts'
import type { Played } from '../simulation/played.ts'
import type { Share } from '../simulation/share.ts'
import { beginningOf, daysOf, type Timetable } from '../simulation/timetable.ts'
import type { World } from '../world/world.ts'
import { type Experiment, readWith } from './experiment.ts'
import { portion, withPercent } from './figures.ts'

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
    title: 'A key is stolen on one day, and had been changed every so many days',
    claims: [12, 17],
    question: 'Does changing the key limit what a thief reads, and what does that cost the authority?',
    method: `${world.people.length} people (${world.name}), played once for each interval under ${messageKeyEscrow.id}, which is on all the time. The thief has an archive from the first day on and goes on recording after the theft. Either each key is destroyed when the next is made, or the authority keeps all for later orders. An order on the same day asks for the target's messages so far.${world.people.some(({ evades }) => evades) ? ' People who evade are in the world too.' : ''}`,
    columns: [
      'key changed every (days)',
      'stolen at the end of day',
      'keys made by then',
      'said before the theft',
      'read by the thief, old keys destroyed',
      'read by the thief, old keys kept',
      'said after the theft',
      'read of that',
      "target's messages before",
      'read for an order, old keys destroyed',
      'read for an order, old keys kept',
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

/** Of the key that is changed most often against the one that never is, in one theft: the middle one. */
export function theftVerdict(rows: readonly TheftRow[]): string {
  const most = Math.min(...rows.flatMap(({ rotateDays }) => rotateDays ?? []))
  const [never, often] = [null, most].map((interval) => middleOf(rows, interval))
  if (!never || !often) return 'There was nothing to compare: a key that is changed and one that is not are needed.'
  const every = most === 1 ? 'every day' : `every ${most} days`
  const limits =
    often.before.inForce.read < never.before.inForce.read
      ? `With the key changed ${every} and old ones destroyed, a thief at the end of day ${often.day} read ${withPercent(often.before.inForce)} messages said before the theft, and ${withPercent(never.before.inForce)} with a key that is never changed: destroying keys limits a theft`
      : `Changing the key ${every} and destroying old ones did not limit a theft at the end of day ${often.day}: ${portion(often.before.inForce)} messages said before it were read, and ${portion(never.before.inForce)} with a key that is never changed`
  const price =
    often.order.inForce.read < often.order.kept.read
      ? `, and the authority could not serve an old order either, with ${portion(often.order.inForce)} of the target's earlier messages instead of ${portion(often.order.kept)}.`
      : `, and an old order lost nothing by it, with ${portion(often.order.inForce)} of the target's earlier messages.`
  const keeping =
    often.before.kept.read >= never.before.inForce.read
      ? `With old keys kept, changing them limited nothing of the past: ${portion(often.before.kept)} were read.`
      : `With old keys kept, changing them still limited the past: ${portion(often.before.kept)} were read.`
  const later =
    often.after.read < never.after.read
      ? `Of what was said after the theft the thief read ${portion(often.after)} until the next key, and ${portion(never.after)} where there is none.`
      : `Of what was said after the theft a changed key spared nothing: ${portion(often.after)} were read, and ${portion(never.after)} with a key that is never changed.`
  return `${limits}${price} ${keeping} ${later}`
}

function middleOf(rows: readonly TheftRow[], interval: number | null): TheftRow | null {
  const those = rows.filter(({ rotateDays }) => rotateDays === interval)
  return those[Math.floor(those.length / 2)] ?? null
}
