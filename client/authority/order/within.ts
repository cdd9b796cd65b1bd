import type { RecordedEnvelope } from '../../../crypto/access/mode.ts'
import type { Evidence } from '../evidence.ts'
import type { Window } from './review.ts'

/** What an order names of all that passed. */
export interface Scope {
  readonly person: string
  readonly window: Window
}

/** Whether an envelope is to or from the person, and passed in the window: from its beginning, and before its end. */
export const isWithin = (
  { person, window: { from, to } }: Scope,
  { fromUser, toUser, time }: Pick<RecordedEnvelope, 'fromUser' | 'toUser' | 'time'>,
): boolean => (fromUser === person || toUser === person) && time >= from && time < to

/** The part of the evidence that an order names: what is not in it is not even tried with a key. */
export function* evidenceWithin(scope: Scope, evidence: Evidence): Evidence {
  for (;;) {
    const next = evidence.next()
    if (next.done) return next.value
    if (isWithin(scope, next.value)) yield next.value
  }
}
