import type { Utterance } from './world.ts'

/** Two names in alphabetical order, with a space between. */
export const pair = (one: string, other: string): string => [one, other].sort().join(' ')

/** All who write to each other, each pair once, in the order of their first messages. */
export function pairsWriting(messages: readonly Utterance[]): readonly (readonly [string, string])[] {
  const all = new Map<string, readonly [string, string]>()
  for (const { from, to } of messages) if (!all.has(pair(from, to))) all.set(pair(from, to), [from, to])
  return [...all.values()]
}

/**
 * How many pairs a share of them is.
 * @param share from 0 to 1
 * @param what those pairs do
 * @throws RangeError for another share
 */
export function partOf(pairs: number, share: number, what: string): number {
  if (!(share >= 0 && share <= 1)) throw new RangeError(`the share of pairs who ${what} is from 0 to 1, not ${share}`)
  return Math.round(pairs * share)
}
