import { armouredIn } from '../../../crypto/armour.ts'
import { conversationOf } from '../../authority/filter.ts'
import type { TranscriptLine } from '../../authority/transcript.ts'
import type { ReadByKey } from '../api.ts'

/**
 * Of what a key has opened: the conversations in which somebody had locked a text themselves, and how many messages each of the two has
 * written since then, locked or in the open.
 * @param all in the order in which they passed
 */
export function lockedIn(all: readonly TranscriptLine[]): ReadByKey['locked'] {
  const conversations = new Map<string, Map<string, { locked: Set<string>; open: Set<string> }>>()
  for (const line of all) {
    const isLocked = armouredIn(line.text) !== null
    const pair = conversationOf(line)
    const known = conversations.get(pair)
    if (!known && !isLocked) continue
    const writers = known ?? new Map(pair.split(' and ').map((name) => [name, { locked: new Set(), open: new Set() }]))
    conversations.set(pair, writers)
    writers.get(line.from)?.[isLocked ? 'locked' : 'open'].add(line.id)
  }
  return [...conversations.values()].map((writers) =>
    [...writers].map(([name, { locked, open }]) => ({ name, locked: locked.size, open: open.size })),
  )
}
