import type { History } from './history.ts'
import type { HistoryMessage } from './history-entries.ts'

/** What a part of a search has found. */
export interface SearchStep {
  /** the latest first */
  readonly found: readonly HistoryMessage[]
  /** above which row everything has been looked at; 0 where nothing is left */
  readonly from: number
}

/** So many entries are looked at in one step: some milliseconds. */
const stepEntries = 50

/**
 * Looks through the texts of messages, and the names of their files, from the latest to the first, as the history has them at each step. There is no index:
 * what was deleted or has outlived its lifetime is found nowhere. Whoever must not be held up does something else between two steps.
 * @param isWanted whether a text is what is looked for
 * @param peer a person, or a group; null for all of them
 * @param before begins with what stands above this row
 */
export function* searchSteps(
  history: Pick<History, 'before'>,
  isWanted: (text: string) => boolean,
  peer: string | null,
  before = Number.MAX_SAFE_INTEGER,
): Generator<SearchStep, void> {
  for (let from = before; from > 0;) {
    const page = history.before(from, peer, stepEntries)
    from = page.length < stepEntries ? 0 : (page[0]?.row ?? 0)
    const found = page.filter((entry): entry is HistoryMessage => entry.kind === 'message' && isHit(entry, isWanted))
    yield { found: found.toReversed(), from }
  }
}

const isHit = ({ text, attachment }: HistoryMessage, isWanted: (text: string) => boolean): boolean =>
  isWanted(text) || (attachment !== null && isWanted(attachment.name))
