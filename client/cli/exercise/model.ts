import type { Random } from '../../../crypto/random.ts'

/** One exercise: a run of one's own, a question about it, and an answer that is computed from that run when it is checked. */
export interface Exercise {
  readonly id: string
  readonly title: string
  /** Plays a run, random for each player. @returns the task, in lines */
  start(folder: string, random: Random): Promise<readonly string[]>
  /** Null when the answer is right, else a hint that does not give it away. */
  readonly check: (folder: string, answer: string) => string | null
}
