import type { Cell, LabResult, ModeResult } from '../result.ts'
import { messagesOf } from './words.ts'

/** The two rows of the matrix that an order has: what was asked for, and what the same hands could open besides. */
export const orderRows = { used: 'order, used', possible: 'order, possible' } as const

export const cellOf = ({ cells }: ModeResult, adversary: string): Cell | null =>
  cells.find((cell) => cell.adversary === adversary) ?? null

/** Every adversary of the run, in the order of its table. */
export const adversariesOf = ({ modes }: LabResult): readonly string[] => [
  ...new Set(modes.flatMap(({ cells }) => cells.map(({ adversary }) => adversary))),
]

/** Who read most under a mode, by conversations, then by messages; among equals the insider. Null: nobody was measured. */
export function strongest({ cells }: ModeResult): Cell | null {
  const before = (one: Cell, other: Cell) =>
    other.conversations.read - one.conversations.read ||
    messagesOf(other).read - messagesOf(one).read ||
    Number(other.adversary === 'insider') - Number(one.adversary === 'insider')
  return cells.filter(({ status }) => status === 'measured').sort(before)[0] ?? null
}

/** The modes in which something was read, the one that opened most first. */
export const modesByExposure = ({ modes }: LabResult): readonly { readonly mode: ModeResult; readonly cell: Cell }[] =>
  modes
    .flatMap((mode) => {
      const cell = strongest(mode)
      return cell && cell.conversations.read > 0 ? [{ mode, cell }] : []
    })
    .sort((one, other) => other.cell.conversations.read - one.cell.conversations.read)

export const withoutAccess = ({ modes }: LabResult): ModeResult | null => modes.find(({ id }) => id === 'none') ?? null
