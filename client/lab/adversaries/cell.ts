import type { Phase } from '../simulation/phase.ts'
import type { Share } from '../simulation/share.ts'

/** How a figure came about. Only what is `measured` enters totals. */
export type Status = 'measured' | 'extrapolated' | 'not applicable'

/** What one adversary read of one run, every reading compared with the truth. */
export interface Cell {
  readonly mode: string
  readonly adversary: string
  readonly status: Status
  /** what the adversary held under this mode; why there is nothing, where the status is `not applicable` */
  readonly holds: string
  readonly messages: Readonly<Record<Phase, Share>>
  readonly conversations: Share
  /** who wrote or got something that was read: the order's target, those who talk with them, everybody else */
  readonly people: { readonly target: Share; readonly partners: Share; readonly strangers: Share }
  /** messages that the order's target wrote or got */
  readonly ofTarget: Share
  /** of those the ones that an order can ask for: said while the mode was on */
  readonly asked: Share
  /** of what pairs who do not evade said to each other while the mode was on: the same days for every adversary */
  readonly complying: { readonly messages: Share; readonly conversations: Share }
  /** opened, and still a ciphertext: somebody had encrypted first */
  readonly stillSealed: number
  /** envelopes that were tried, those that opened, and how long that took, without trying to forge */
  readonly work: { readonly tried: number; readonly opened: number; readonly seconds: number }
  /** messages read by the day of the world on which they were said, from its first */
  readonly days: readonly number[]
  /** the conversations read, each as its two names in alphabetical order with a space between */
  readonly lit: readonly string[]
  /** whether a client that knows the victim took a message of the adversary's for that victim's; null: there was nothing to try */
  readonly forged: boolean | null
}
