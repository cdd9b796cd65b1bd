import type { Conduct } from '../lab/simulation/operator.ts'
import { phases } from '../lab/simulation/phase.ts'
import type { Cell } from '../lab/adversaries/cell.ts'
import { adversaryCalled } from '../lab/report/adversaries.ts'
import { headingOf } from '../lab/report/matrix.ts'
import type { Detection } from '../lab/simulation/noticing.ts'
import type { Share } from '../lab/simulation/share.ts'
import { counted } from '../words/counted.ts'
import { paragraph } from './layout.ts'

/*
 * How the commands of the lab print what was measured.
 */

export const part = ({ read, of }: Share): string => (of === 0 ? 'none sent' : `${read} of ${of}`)

const phaseWords = {
  before: 'before',
  during: 'while it was on',
  after: 'after',
  again: 'when it was on again',
} as const

/** One adversary under one mode, in full. */
export function cellLines(cell: Cell): readonly string[] {
  const { adversary, status, holds, messages, conversations, people, stillSealed, forged } = cell
  const figures =
    status === 'not applicable'
      ? `not applicable: ${holds}.`
      : [
          `messages ${phases.map((phase) => `${part(messages[phase])} ${phaseWords[phase]}`).join(', ')};`,
          `conversations ${part(conversations)};`,
          `the target ${part(people.target)}, partners ${part(people.partners)}, strangers ${part(people.strangers)}.`,
          ...(stillSealed > 0
            ? [`${counted(stillSealed, 'opened message was', 'opened messages were')} still a ciphertext.`]
            : []),
          ...(forged === null
            ? []
            : [forged ? 'A device accepted a forged message.' : 'No device accepted a forged message.']),
        ].join(' ')
  return paragraph(`${headingOf(adversaryCalled(adversary))}: ${figures}`, { first: '  ', rest: '    ' })
}

/** Which detectors anybody could have run with success. */
export const noticedWords = (detections: readonly Detection[]): string =>
  detections
    .filter(({ noticed: { read } }) => read > 0)
    .map(({ id, noticed: share }) => `${part(share)} by ${id}`)
    .join(', ') || 'nobody'

export const percent = (share: number): string => `${Math.round(share * 100)} %`

/** Who runs the server in one of the plays of a world. */
export const operatorCalled: Readonly<Record<Conduct, string>> = {
  'within the order': 'an honest operator',
  'for everybody': 'an operator who taps everybody',
  'as it likes': 'a dishonest server',
}
