import type { LabResult } from '../result.ts'
import { modesByExposure, strongest, withoutAccess } from './pick.ts'
import { outOf, percent } from './words.ts'

/** The whole run in one sentence, which says what was measured and nothing that was not. */
export function answer(result: LabResult): string {
  const [worst] = modesByExposure(result).filter(({ mode }) => mode.id !== 'none')
  if (!worst) return `Nobody read anything in this run. ${baseline(result)}`
  const { mode, cell } = worst
  const { conversations, adversary } = cell
  return `With ${lowerFirst(mode.title)}, the ${adversary} read ${outOf(conversations)} conversations (${percent(conversations)}). ${baseline(result)}`
}

function baseline(result: LabResult): string {
  const none = withoutAccess(result)
  if (!none) return 'No run without access stands beside it.'
  const most = strongest(none)
  if (!most || most.conversations.read === 0) return 'Without access, nobody read any.'
  return `Without access, the most was ${outOf(most.conversations)}, read by the ${most.adversary}.`
}

export const lowerFirst = (title: string): string => title.slice(0, 1).toLowerCase() + title.slice(1)
