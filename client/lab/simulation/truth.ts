import type { WorldFile } from '../world/world.ts'
import type { Phase } from './phase.ts'

/** A file, and the hexadecimal id of the blob that was made of it. */
export interface SentFile extends WorldFile {
  readonly blob: string
}

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
  /** what was sent with it; absent where that is nothing */
  readonly file?: SentFile
}
