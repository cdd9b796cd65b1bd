import type { Utterance } from '../../client/lab/world/world.ts'

/** The names of two people, in order. */
export const pairOf = ({ from, to }: { readonly from: string; readonly to: string }): string =>
  [from, to].sort().join(' ')

/** What each two people say to each other, by `pairOf`. */
export function conversationsOf(messages: readonly Utterance[]): ReadonlyMap<string, readonly Utterance[]> {
  const pairs = new Map<string, Utterance[]>()
  for (const message of messages) {
    const known = pairs.get(pairOf(message))
    if (known) known.push(message)
    else pairs.set(pairOf(message), [message])
  }
  return pairs
}
