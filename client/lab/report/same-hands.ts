import { modes } from '../../../crypto/access/index.ts'
import type { Cell } from '../adversaries/cell.ts'
import type { LabResult, ModeResult } from '../runs/result.ts'
import { cellOf, orderRows } from './pick.ts'
import { adversaryCalled } from './adversaries.ts'
import { nameOf } from './words.ts'
import { listed } from '../../words/listed.ts'

/** Rows of the matrix that hold what the insider holds, where the mode divides nothing. */
const rows: readonly { readonly id: string; readonly isSame: (mode: ModeResult) => boolean }[] = [
  { id: orderRows.possible, isSame: () => true },
  { id: orderRows.everybody, isSame: ({ id }) => !modes.find((mode) => mode.id === id)?.tapping },
  { id: 'insider', isSame: () => true },
  { id: 'one secret and archive', isSame: ({ secrets }) => secrets.length === 1 },
  { id: 'one state', isSame: ({ secrets }) => new Set(secrets.map(({ jurisdiction }) => jurisdiction)).size === 1 },
]

const figures = ({ messages, conversations, people, lit }: Cell): string =>
  JSON.stringify([messages, conversations, people, lit])

/** The rows that are one finding under a mode: the same secrets on the same envelopes, with the same figures. */
function rowsOf(mode: ModeResult): readonly string[] {
  const insider = cellOf(mode, 'insider')
  if (insider?.status !== 'measured') return []
  return rows
    .filter(({ id, isSame }) => {
      const cell = cellOf(mode, id)
      return cell?.status === 'measured' && isSame(mode) && figures(cell) === figures(insider)
    })
    .map(({ id }) => id)
}

const numbers = ['two', 'three', 'four', 'five'] as const

/** A sentence for all modes that have the same such rows, so that nobody counts one finding several times. */
export function sameHands(result: Pick<LabResult, 'modes'>): readonly string[] {
  const groups = new Map<string, { readonly ids: readonly string[]; readonly titles: string[] }>()
  for (const mode of result.modes) {
    const ids = rowsOf(mode)
    const group = groups.get(ids.join(';')) ?? { ids, titles: [] }
    group.titles.push(nameOf(mode))
    groups.set(ids.join(';'), group)
  }
  return [...groups.values()]
    .filter(({ ids }) => ids.length > 1)
    .map(
      ({ ids, titles }) =>
        `Under ${listed(titles)} the columns for ${listed(ids.map((id) => adversaryCalled(id).title))} show the same keys on the same envelopes, and so the same figures: one finding, not ${numbers[ids.length - 2] ?? ids.length}.`,
    )
}
