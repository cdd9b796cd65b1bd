import type { Random } from '../../../crypto/random.ts'

/** Something to do, and the commands for it: the words of each, as they are typed in the folder of the run. */
export interface TaskStep {
  readonly text: string
  readonly commands: readonly (readonly string[])[]
}

/** What is asked of a player in one run. Paragraphs are lines without an end; the terminal decides where they break. */
export interface Task {
  readonly story: readonly string[]
  readonly steps: readonly TaskStep[]
  readonly question: string
  /** what an answer looks like, in words */
  readonly form: string
  /** an answer of that form that is wrong, in the words in which it is typed */
  readonly example: readonly string[]
}

/** One exercise: a run of one's own, a question about it, and an answer that is computed from that run when it is checked. */
export interface Exercise {
  readonly id: string
  /** also the heading of its page in docs/workshop */
  readonly title: string
  /** for one person at a terminal, without the questions in writing */
  readonly minutes: number
  /** Plays a run into an empty folder: whatever is random in it comes from `random`. */
  start(folder: string, random: Random): Promise<Task>
  /** @param answer folded, in lower case. @returns null when it is right, else a hint that does not give it away */
  readonly check: (folder: string, answer: string) => string | null
  /** Why the right answer is right: two sentences with the numbers of this run. */
  readonly why: (folder: string) => string
  /** the question that a room talks about afterwards */
  readonly discuss: string
}
