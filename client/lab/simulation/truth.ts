import type { Phase } from './phase.ts'

/** What was really said, and what went into the messenger; those differ where somebody encrypts first. */
export interface Truth {
  readonly id: string
  readonly at: number
  readonly from: string
  readonly to: string
  readonly said: string
  /** null: nothing passed this relay */
  readonly sent: string | null
  readonly phase: Phase
}
