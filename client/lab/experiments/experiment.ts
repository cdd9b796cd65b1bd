import { emptyHands, type Hands, measure } from '../adversaries/exposure.ts'
import type { ModeRun } from '../runs/mode-run.ts'
import { phases } from '../simulation/phase.ts'
import type { Played } from '../simulation/played.ts'
import type { Truth } from '../simulation/truth.ts'
import type { Cell } from '../adversaries/cell.ts'
import type { ExperimentResult } from '../runs/result.ts'
import type { Share } from '../simulation/share.ts'

/** A result before anybody has looked at the clock. */
export type Experiment = Omit<ExperimentResult, 'seconds'>

const noMail: Hands['envelopes'] = []

/** What hands that are in no row of the matrix read of a run. Nothing is forged: the mail for trying that is left out. */
export const readWith = (played: Played, hands: Partial<Hands>): Cell =>
  measure(
    { ...played, breach: { ...played.breach, undelivered: noMail }, ending: { ...played.ending, undelivered: noMail } },
    { id: 'of an experiment', holds: '', hands: () => ({ ...emptyHands, ...hands }) },
  )

/** @throws Error for an adversary that the matrix does not have */
export function cellOf({ result }: ModeRun, adversary: string): Cell {
  const cell = result.cells.find((one) => one.adversary === adversary)
  if (!cell) throw new Error(`no cell of ${adversary} under ${result.id}`)
  return cell
}

/** Of all messages, whenever they were said. */
export const ofAll = ({ messages }: Cell): Share => ({
  read: phases.reduce((sum, phase) => sum + messages[phase].read, 0),
  of: phases.reduce((sum, phase) => sum + messages[phase].of, 0),
})

/** What was said while the mode was on; by or to one person, if one is named. */
export const saidDuring = ({ truth }: Played, person: string | null = null): readonly Truth[] =>
  [...truth.values()].filter(
    ({ phase, from, to }) => phase === 'during' && (person === null || person === from || person === to),
  )

export const hasSecrets = ({ within }: ModeRun): boolean => within.holdings.authority.length > 0
