import type { HostView } from '../api.ts'

type Shown = NonNullable<HostView['exercise']>
/** How it stands with what two people have said: one of them has yet to speak; both are right; both have to look again. */
export type PairStanding = 'waiting' | 'right' | 'again'

/** Something that the whole room does on its phones, and that is checked by what was really done. */
export interface Exercise {
  readonly id: Shown['id']
  /** who has done it */
  people(): Shown['people']
  /** To one person, on their phone: where they stand, with a hint and never the answer. */
  says(name: string): readonly string[]
  /** To all, on the wall. */
  lines(): Shown['lines']
  pairs(): Shown['pairs']
  /** What is done stays to be seen. */
  end(): void
  close(): void
}
