import type { LabResult, ModeResult } from '../runs/result.ts'
import { cellOf, most, orderRows, strongest, withoutAccess } from './pick.ts'
import { grouped } from '../../words/counted.ts'
import { lowerFirst, outOf, percent } from './words.ts'
import { yieldOf } from './yield.ts'

/** The whole run in one sentence, made from its figures. */
export const answer = (result: LabResult): string => `${ofOrder(result) ?? ofStrongest(result)}${baseline(result)}`

/** Where the same hands open more than an order asked for: under the mode in which they open most. */
function ofOrder(result: LabResult): string | null {
  const orders = result.modes.flatMap((mode) => {
    const [used, possible] = [cellOf(mode, orderRows.used), cellOf(mode, orderRows.possible)]
    return used?.status === 'measured' && possible?.status === 'measured' ? [{ mode, used, possible }] : []
  })
  const worst = most(orders, ({ possible }) => possible.conversations.read)
  if (!worst || worst.possible.conversations.read <= worst.used.conversations.read) return null
  const { mode, used, possible } = worst
  return `Under ${lowerFirst(mode.title)} an order for one person opened ${grouped(yieldOf(result, used).read)} conversations, and the same keys open ${outOf(possible.conversations)} (${percent(possible.conversations)})`
}

function ofStrongest({ modes }: LabResult): string {
  const readers = modes.flatMap(
    (mode): { readonly mode: ModeResult; readonly cell: NonNullable<ReturnType<typeof strongest>> }[] => {
      const cell = mode.id === 'none' ? null : strongest(mode)
      return cell && cell.conversations.read > 0 ? [{ mode, cell }] : []
    },
  )
  const worst = most(readers, ({ cell }) => cell.conversations.read)
  if (!worst) return 'Under no access mode of this run was anything read'
  const { conversations, adversary } = worst.cell
  return `Under ${lowerFirst(worst.mode.title)} ${outOf(conversations)} conversations (${percent(conversations)}) were read (${adversary})`
}

function baseline(result: LabResult): string {
  const none = withoutAccess(result)
  const cell = none && strongest(none)
  if (!cell) return '; no run without access stands beside it.'
  const { conversations, adversary } = cell
  if (conversations.read === 0) return '; without access nobody read any.'
  if (adversary !== 'active relay') return `; without access the most was ${outOf(conversations)} (${adversary}).`
  const rest = strongest({ ...none, cells: none.cells.filter((one) => one !== cell) })
  const others = rest && rest.conversations.read > 0 ? `more than ${grouped(rest.conversations.read)}` : 'any'
  return `; without access a relay that lies read ${outOf(conversations)}, and nobody else ${others}.`
}
