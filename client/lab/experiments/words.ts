import { modes } from '../../../crypto/access/index.ts'
import { none } from '../../../crypto/access/mode.ts'
import type { ExperimentResult } from '../runs/result.ts'

/** `a`, `a and b`, `a, b and c` */
export function listed(words: readonly string[]): string {
  const last = words.at(-1) ?? 'none'
  return words.length < 2 ? last : `${words.slice(0, -1).join(', ')} and ${last}`
}

/** A mode by its name, as it stands in a sentence; an id that no mode has stays as it is. */
export function nameOf(mode: string): string {
  if (mode === none.id) return 'no access mode'
  const title = modes.find(({ id }) => id === mode)?.title ?? mode
  return title.slice(0, 1).toLowerCase() + title.slice(1)
}

/** `under split escrow`, `with no access mode` */
export const under = (mode: string): string => `${mode === none.id ? 'with' : 'under'} ${nameOf(mode)}`

export const capital = (text: string): string => text.slice(0, 1).toUpperCase() + text.slice(1)

/** Adds how long it took, in real time. */
export async function timed(work: () => Promise<Omit<ExperimentResult, 'seconds'>>): Promise<ExperimentResult> {
  const begun = performance.now()
  return { ...(await work()), seconds: (performance.now() - begun) / 1000 }
}
