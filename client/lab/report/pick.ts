import type { Cell } from '../adversaries/cell.ts'
import type { LabResult, ModeResult } from '../runs/result.ts'

/**
 * The rows of the matrix that an order has: what was asked for; what the same hands could open besides, of what was
 * recorded; and what they could had the operator done the mode's part for everybody.
 */
export const orderRows = {
  used: 'order, as used',
  possible: 'order, as possible',
  everybody: 'order, for everybody',
} as const

export const cellOf = ({ cells }: ModeResult, adversary: string): Cell | null =>
  cells.find((cell) => cell.adversary === adversary) ?? null

/** Every adversary of the run, in the order of its table. */
export const adversariesOf = ({ modes }: Pick<LabResult, 'modes'>): readonly string[] => [
  ...new Set(modes.flatMap(({ cells }) => cells.map(({ adversary }) => adversary))),
]

/** Whom all pictures show, so that they can be compared: who has what the authority has. Null: there is nobody. */
export function insiderOf(mode: ModeResult): Cell | null {
  const insider = cellOf(mode, 'insider')
  return insider?.status === 'measured' ? insider : null
}

/** Why a picture has no insider in it. */
export const withoutInsider = (mode: ModeResult): string =>
  `there is no insider: ${cellOf(mode, 'insider')?.holds ?? 'not in this run'}`

export const withoutAccess = ({ modes }: LabResult): ModeResult | null => modes.find(({ id }) => id === 'none') ?? null

/** The first among those that have most; null of none. */
export const most = <T>(all: readonly T[], of: (one: T) => number): T | null =>
  [...all].sort((one, other) => of(other) - of(one))[0] ?? null
