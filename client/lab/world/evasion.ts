import { draws, shuffled } from './draws.ts'
import { pair, pairsWriting, partOf } from './pair.ts'
import type { EvadingPair, Evasion, Utterance, World } from './world.ts'

export const evasions: readonly Evasion[] = ['garbage stanzas', 'encrypt first', 'foreign client']

/** One pair in so many evades unless told, and at least one in each way. */
const oneIn = 8

/**
 * Draws pairs who evade from all who write to each other, whoever they are. The target's own pairs are left out: an order
 * for somebody who evades is an experiment of its own. Who evades at one share does so at every larger one.
 * @param share of all pairs, from 0 to 1; null: the usual number
 * @throws RangeError for another share, or one that the target's own pairs would have to be a part of
 */
export function evadersAmong(
  messages: readonly Utterance[],
  target: string,
  seed: string,
  share: number | null = null,
): readonly EvadingPair[] {
  const all = pairsWriting(messages)
  const others = all.filter((between) => !between.includes(target))
  const wanted =
    share === null ? Math.max(evasions.length, Math.round(all.length / oneIn)) : partOf(all.length, share, 'evade')
  if (share !== null && wanted > others.length)
    throw new RangeError(`at most ${others.length} of the ${all.length} pairs can evade: the target's own do not`)
  return shuffled(others, draws(`${seed} evaders`))
    .slice(0, wanted)
    .map((between, i) => ({ between, by: evasions[i % evasions.length] as Evasion }))
}

/** How two people of a world evade when they write to each other; null where they comply. */
export function evasionIn({ evading }: Pick<World, 'evading'>): (one: string, other: string) => Evasion | null {
  const ways = new Map(evading.map(({ between: [one, other], by }) => [pair(one, other), by]))
  return (one, other) => ways.get(pair(one, other)) ?? null
}
