import type { LabResult } from '../runs/result.ts'
import { cellOf, withoutAccess } from './pick.ts'
import { outOf } from './words.ts'

/** Beside “another state”, which needs a mode: what a state can order where there is none. Null where that was not tried. */
export function compelledWithoutMode(result: LabResult): string | null {
  const none = withoutAccess(result)
  const dishonest = none && cellOf(none, 'active relay')
  return dishonest?.status === 'measured' && dishonest.complying.messages.read > 0
    ? `Another state needs no mode either: it can order the operator to hand out false keys. That is the dishonest server, which read ${outOf(dishonest.complying.messages)} messages with no access mode; whoever compares safety numbers sees it.`
    : null
}
