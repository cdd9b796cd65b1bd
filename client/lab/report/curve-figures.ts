import type { CurveId } from '../runs/curves.ts'
import type { LabResult } from '../runs/result.ts'
import type { CurvePoint, Sensitivity } from '../runs/sensitivity.ts'
import type { Share } from '../simulation/share.ts'
import { cellOf, orderRows, withoutAccess } from './pick.ts'
import { percent, shareOf, sum } from './words.ts'

/** What the worlds of one point have in common, as parts from 0 to 1: every world weighs the same, whatever its size. */
export interface Spread {
  readonly mean: number
  /** of all worlds: none is left out */
  readonly lowest: number
  readonly highest: number
}

/** @throws RangeError where nothing was said in one of the worlds, since a share of nothing is no share */
export function spreadOf(shares: readonly Share[]): Spread {
  if (shares.length === 0 || shares.some(({ of }) => of === 0)) throw new RangeError('a share of nothing')
  const parts = shares.map(shareOf)
  return { mean: sum(parts) / parts.length, lowest: Math.min(...parts), highest: Math.max(...parts) }
}

/** A point as it is drawn and told. */
export interface PointFigures {
  readonly value: number
  readonly headline: Spread
  readonly beside: Spread
  readonly conversations: Spread
  readonly warned: Spread
  /** people who compare or evade with at least one other; null on the axis of days */
  readonly involved: Spread | null
}

const figuresOf = ({ value, runs }: CurvePoint): PointFigures => ({
  value,
  headline: spreadOf(runs.map(({ headline }) => headline)),
  beside: spreadOf(runs.map(({ beside }) => beside)),
  conversations: spreadOf(runs.map(({ conversations }) => conversations)),
  warned: spreadOf(runs.map(({ warned }) => warned)),
  involved: runs.some(({ involved }) => involved === null)
    ? null
    : spreadOf(runs.flatMap(({ involved }) => involved ?? [])),
})

/** The points of one curve, in the order of their values. */
export const pointsOf = ({ points }: Pick<Sensitivity, 'points'>, id: CurveId): readonly PointFigures[] =>
  points.filter(({ curve }) => curve === id).map(figuresOf)

/** The point with that value, or null: it was not measured. */
export const pointAt = (points: readonly PointFigures[], value: number): PointFigures | null =>
  points.find((one) => one.value === value) ?? null

/** A part as people read it: never 0 for something, nor 100 % for less than all. */
export const inPercent = (part: number): string => percent({ read: part, of: 1 })

/** `69 % to 88 %`, or one figure where no rounding tells them apart. */
export function rangeOf({ lowest, highest }: Spread): string {
  const [least, most] = [inPercent(lowest), inPercent(highest)]
  return lowest === highest ? 'all the same' : least === most ? `about ${least}` : `${least} to ${most}`
}

/** A value on its axis: a share of pairs, or days. */
export const valueOf = (id: CurveId, value: number): string =>
  id === 'days on' ? String(value) : value === 0 ? '0 %' : inPercent(value)

/** Where a run has the figure of its own headline on a curve; null: it has none. */
export interface Mark {
  readonly value: number
  readonly part: number
}

export function markOf(result: LabResult, id: CurveId): Mark | null {
  const { world, modes, moments } = result
  const none = withoutAccess(result)
  const escrow = modes.find((mode) => mode.id === 'message-key-escrow')
  const cell = id === 'comparing' ? none && cellOf(none, 'active relay') : escrow && cellOf(escrow, orderRows.possible)
  const pairs = world.conversations.length
  if (cell?.status !== 'measured' || pairs === 0 || cell.complying.messages.of === 0) return null
  const value = {
    'comparing': world.compared / pairs,
    'evading': world.evading.length / pairs,
    'days on': moments.off - moments.on,
  }[id]
  return { value, part: shareOf(cell.complying.messages) }
}
