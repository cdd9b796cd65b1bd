import type { Cell, LabResult, ModeResult } from '../result.ts'
import { messagesOf } from './words.ts'

/** The two rows of the matrix that an order has: what was asked for, and what the same hands could open besides. */
export const orderRows = { used: 'order, as used', possible: 'order, as possible' } as const

export const cellOf = ({ cells }: ModeResult, adversary: string): Cell | null =>
  cells.find((cell) => cell.adversary === adversary) ?? null

/** Every adversary of the run, in the order of its table. */
export const adversariesOf = ({ modes }: LabResult): readonly string[] => [
  ...new Set(modes.flatMap(({ cells }) => cells.map(({ adversary }) => adversary))),
]

/** Who read most under a mode, by conversations, then by messages. Null: nobody was measured. */
export function strongest({ cells }: ModeResult): Cell | null {
  const before = (one: Cell, other: Cell) =>
    other.conversations.read - one.conversations.read || messagesOf(other).read - messagesOf(one).read
  return cells.filter(({ status }) => status === 'measured').sort(before)[0] ?? null
}

/** Whom the pictures show: the insider, who has what the authority has; where a mode has none, whoever read most. */
export function shown(mode: ModeResult): Cell | null {
  const insider = cellOf(mode, 'insider')
  return insider?.status === 'measured' ? insider : strongest(mode)
}

export const withoutAccess = ({ modes }: LabResult): ModeResult | null => modes.find(({ id }) => id === 'none') ?? null

/** The first among those that have most; null of none. */
export const most = <T>(all: readonly T[], of: (one: T) => number): T | null =>
  [...all].sort((one, other) => of(other) - of(one))[0] ?? null
