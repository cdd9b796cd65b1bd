import type { History } from './history.ts'
import type { HistoryEntry } from './history-entries.ts'

const pageSize = 200
/** So much is looked through at most: somebody who puts thousands of reactions on one message hides what is older, and no more. */
const pagesMaximum = 25

/** The last entries of one conversation and what concerns everybody, oldest first: so many, and all reactions among them besides. */
export function latestEntries(history: Pick<History, 'before'>, peer: string, wanted: number): readonly HistoryEntry[] {
  const pages: (readonly HistoryEntry[])[] = []
  let left = wanted
  for (let before = Number.MAX_SAFE_INTEGER; left > 0 && pages.length < pagesMaximum;) {
    const page = history.before(before, peer, pageSize)
    pages.unshift(page)
    left -= page.filter(({ kind }) => kind !== 'afterword').length
    before = page[0]?.row ?? 0
    if (page.length < pageSize) break
  }
  const all = pages.flat()
  const places = all.flatMap(({ kind }, place) => (kind === 'afterword' ? [] : [place]))
  return all.slice(places.at(-wanted) ?? 0)
}
