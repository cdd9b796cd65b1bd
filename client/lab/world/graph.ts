import type { Draws } from './draws.ts'

export type Pair = readonly [string, string]

/**
 * Who knows whom: everybody comes in turn and gets to know one to three of those who are there, half of them as friends
 * of a friend, some because many know them, some by chance. So a few have many contacts, most have few, and friends
 * have friends in common.
 * @see Holme and Kim, Growing scale-free networks with tunable clustering (2002)
 * @returns each pair once; the newcomer second
 */
export function acquaintances(people: readonly string[], chance: Draws): readonly Pair[] {
  const { below, pick, percent } = chance
  const pairs: Pair[] = []
  const known = new Map<string, string[]>()
  /** everybody, once for each contact: a pick among them meets people as often as they are known */
  const ends: string[] = []

  function choose(index: number, last: string | null): string {
    if (last !== null && percent(70)) return pick(known.get(last) ?? [last])
    return ends.length > 0 && percent(60) ? pick(ends) : (people[below(index)] as string)
  }

  for (const [index, newcomer] of people.entries()) {
    const contacts: string[] = []
    known.set(newcomer, contacts)
    const wanted = index === 0 ? 0 : 1 + (percent(40) ? 1 : 0) + (percent(12) ? 1 : 0)
    let last: string | null = null
    for (let tie = 0; tie < wanted; tie++) {
      const other = choose(index, last)
      last = other
      if (other === newcomer || contacts.includes(other)) continue
      contacts.push(other)
      known.get(other)?.push(newcomer)
      ends.push(newcomer, other)
      pairs.push([other, newcomer])
    }
  }
  return pairs
}
