import { modes as known } from '../../../crypto/access/index.ts'
import type { LabResult, ModeResult } from '../runs/result.ts'

/** One key of a mode: what it is, who has it, and in which state. */
export interface Holder {
  readonly mode: ModeResult
  readonly key: string
  readonly holder: string
  readonly jurisdiction: string
}

/** Who holds what, under each mode: also what the operator has to know for a part in it. */
export const holders = (result: LabResult): readonly Holder[] =>
  result.modes.flatMap((mode) => [
    ...mode.secrets.map(({ name, holder, jurisdiction }) => ({ mode, key: name, holder, jurisdiction })),
    ...(known.find(({ id }) => id === mode.id)?.tapping?.operatorLearns
      ? [{ mode, key: 'the same key', holder: 'the operator, who has to know it to tap anybody', jurisdiction: '–' }]
      : []),
  ])

export const holderColumns = ['mode', 'key', 'who holds it', 'where'] as const
