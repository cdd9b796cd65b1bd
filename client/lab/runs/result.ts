import type { Cell } from '../adversaries/cell.ts'
import type { Detection } from '../simulation/noticing.ts'
import type { Share } from '../simulation/share.ts'
import type { Evasion } from '../world/world.ts'

export interface ModeResult {
  readonly id: string
  readonly title: string
  readonly year: number
  readonly source: string
  readonly secrets: readonly { readonly name: string; readonly holder: string; readonly jurisdiction: string }[]
  readonly envelopes: number
  readonly envelopeBytes: number
  /** sent, and received by nobody */
  readonly lost: number
  /** not sent by those who had compared safety numbers and saw another one */
  readonly withheld: { readonly order: number; readonly activeRelay: number }
  /** envelopes that opened with 32 bytes that stand in them, of those that was tried on: 0 */
  readonly plainKeys: Share
  readonly cells: readonly Cell[]
  /** of an honest operator under an order; of a relay that answers as it likes */
  readonly detections: { readonly order: readonly Detection[]; readonly activeRelay: readonly Detection[] }
  /** how many messages the one kept key opened, tried on all: 1 */
  readonly control: number
  /**
   * with every device's last state and the whole archive: messages opened that had been read before (0, or keys are kept),
   * and, as a positive control, of those that were still to come
   */
  readonly lastStates: { readonly readBefore: number; readonly stillToCome: Share }
  readonly seconds: number
}

/** A question with an answer that is computed from what was measured. */
export interface ExperimentResult {
  readonly id: string
  readonly title: string
  /** rows of the table of claims; see docs/findings.md */
  readonly claims: readonly number[]
  readonly question: string
  /** what was done, in which world, and what was assumed */
  readonly method: string
  readonly columns: readonly string[]
  readonly rows: readonly (readonly (string | number)[])[]
  /** one sentence of at most 25 words with one number, made from the rows */
  readonly verdict: string
  /** what else the rows say, in sentences */
  readonly evidence: string
  /** of the rows what the verdicts on the claims are made from */
  readonly figures: Readonly<Record<string, number>>
  readonly seconds: number
}

export interface WorldSummary {
  readonly name: string
  readonly target: string
  readonly days: number
  readonly people: readonly { readonly name: string; readonly role: string }[]
  /** each pair that talks, as its two names in alphabetical order with a space between */
  readonly conversations: readonly { readonly pair: string; readonly messages: number }[]
  /** pairs who compare safety numbers before they first write */
  readonly compared: number
  readonly evading: readonly { readonly pair: string; readonly by: Evasion }[]
  readonly messages: number
  /** messages said by the day of the world, from its first */
  readonly saidByDay: readonly number[]
}

/** Everything that a page about one run needs: no figure on a page comes from anywhere else. */
export interface LabResult {
  /** false: it was interrupted, and this is what was finished */
  readonly complete: boolean
  readonly provenance: {
    readonly command: string
    readonly version: string
    /** of the source that it was built or run from, abbreviated; null: not known */
    readonly commit: string | null
    readonly seed: string
    readonly node: string
    readonly libsodium: string
    readonly machine: string
    readonly began: string
    readonly seconds: number
  }
  readonly world: WorldSummary
  /** days from the beginning of the world, with fractions; null: did not happen */
  readonly moments: {
    readonly on: number
    readonly breach: number
    readonly off: number
    readonly again: number | null
  }
  readonly modes: readonly ModeResult[]
  readonly experiments: readonly ExperimentResult[]
}
