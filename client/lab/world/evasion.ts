import { draws, shuffled } from './draws.ts'
import { pair } from './pair.ts'
import type { EvadingPair, Evasion, Utterance, World } from './world.ts'

export const evasions: readonly Evasion[] = ['garbage stanzas', 'encrypt first', 'foreign client']

/** One pair in so many evades, and at least one in each way. */
const oneIn = 8

/**
 * Draws pairs who evade from all who write to each other, whoever they are. The target's own pairs are left out: an order
 * for somebody who evades is an experiment of its own.
 */
export function evadersAmong(messages: readonly Utterance[], target: string, seed: string): readonly EvadingPair[] {
  const all = new Map<string, readonly [string, string]>()
  for (const { from, to } of messages) if (!all.has(pair(from, to))) all.set(pair(from, to), [from, to])
  const others = [...all.values()].filter((between) => !between.includes(target))
  const wanted = Math.max(evasions.length, Math.round(all.size / oneIn))
  return shuffled(others, draws(`${seed} evaders`))
    .slice(0, wanted)
    .map((between, i) => ({ between, by: evasions[i % evasions.length] as Evasion }))
}

/** How two people of a world evade when they write to each other; null where they comply. */
export function evasionIn({ evading }: World): (one: string, other: string) => Evasion | null {
  const ways = new Map(evading.map(({ between: [one, other], by }) => [pair(one, other), by]))
  return (one, other) => ways.get(pair(one, other)) ?? null
}
