import { phases } from '../lab/simulation/phase.ts'
import type { Cell } from '../lab/adversaries/cell.ts'
import type { Detection } from '../lab/simulation/noticing.ts'
import type { Share } from '../lab/simulation/share.ts'

/*
 * How the commands of the lab print what was measured.
 */

export const part = ({ read, of }: Share): string => (of === 0 ? 'none said' : `${read}/${of}`)

export function cellLine({
  adversary,
  status,
  holds,
  messages,
  conversations,
  people,
  stillSealed,
  forged,
}: Cell): string {
  const figures =
    status === 'not applicable'
      ? `not applicable: ${holds}`
      : [
          ...phases.map((phase) => part(messages[phase]).padStart(11)),
          ` conversations ${part(conversations)}`,
          ` target ${part(people.target)}, partners ${part(people.partners)}, strangers ${part(people.strangers)}`,
          ...(stillSealed > 0 ? [`, and ${stillSealed} still sealed`] : []),
          ...(forged === null ? [] : [forged ? '; forges' : '; cannot forge']),
        ].join(' ')
  return `  ${adversary.padEnd(23)}${figures}`
}

/** Which detectors anybody could have run with success. */
export const noticedLine = (detections: readonly Detection[]): string =>
  detections
    .filter(({ noticed: { read } }) => read > 0)
    .map(({ id, noticed: share }) => `${id} ${part(share)}`)
    .join(', ') || 'nobody'

export const percent = (share: number): string => `${Math.round(share * 100)} %`
