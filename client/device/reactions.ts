import type { HistoryAfterword, HistoryEntry } from './history-entries.ts'
import type { MessageName } from '../../crypto/message-name.ts'

/** One emoji on a message, and whose it is, in the order in which they put it there. */
export interface Reactions {
  readonly emoji: string
  readonly people: readonly string[]
}

const keyOf = ({ author, id }: MessageName) => `${author} ${id}`

/**
 * Which reactions stand among these entries. Of each person one does: what each of their devices said last, and among devices what was said last by
 * their clocks, so that everybody has the same.
 * @param self this account
 * @returns by message
 */
export function reactionsIn(
  entries: readonly HistoryEntry[],
  self: string,
): (message: MessageName) => readonly Reactions[] {
  /** by message, then by person and device */
  const last = new Map<string, Map<string, HistoryAfterword>>()
  for (const entry of entries) {
    if (entry.kind !== 'afterword' || entry.said.kind !== 'reaction') continue
    const key = keyOf(entry.said.of)
    const ofMessage = last.get(key) ?? new Map<string, HistoryAfterword>()
    last.set(key, ofMessage.set(`${whose(entry, self)} ${entry.device ?? ''}`, entry))
  }
  return (message) => {
    const standing = new Map<string, HistoryAfterword>()
    for (const entry of last.get(keyOf(message))?.values() ?? []) {
      const before = standing.get(whose(entry, self))
      if (!before || entry.sentAt >= before.sentAt) standing.set(whose(entry, self), entry)
    }
    const people = new Map<string, string[]>()
    for (const [person, { said }] of standing)
      if (said.kind === 'reaction' && said.emoji !== '')
        people.set(said.emoji, [...(people.get(said.emoji) ?? []), person])
    return [...people].map(([emoji, people]) => ({ emoji, people }))
  }
}

const whose = ({ direction, author, peer }: HistoryAfterword, self: string) =>
  direction === 'out' ? self : (author ?? peer)
