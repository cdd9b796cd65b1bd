import type { Edge } from './edge-list.ts'
import type { World } from './world.ts'

/** So many people somebody writes with, for an order to touch people who are not its target. */
const partnersMinimum = 5

/**
 * A world of real timings and real texts: the people of an edge list are `p1`, `p2` and on by their numbers, and the i-th
 * message says the i-th text, from the first again when they run out. That these people said these words is made up.
 * @param edges at least one, in order of time
 * @param texts at least one
 */
export function datasetWorld(edges: readonly Edge[], texts: readonly string[], name: string): World {
  if (edges.length === 0 || texts.length === 0) throw new RangeError('a world has messages, and each says something')
  const partners = partnersOf(edges)
  const target = middling(partners)
  const names = new Map([...partners.keys()].sort((a, b) => a - b).map((number) => [number, `p${number}`]))
  return {
    name,
    people: Array.from(names.values(), (name) => ({ name, role: 'somebody' })),
    messages: edges.map(({ from, to, atSeconds }, i) => ({
      at: atSeconds * 1000,
      from: names.get(from) as string,
      to: names.get(to) as string,
      text: texts[i % texts.length] as string,
    })),
    target: names.get(target) as string,
    shared: names.get(target) as string,
    listed: [names.get(target) as string],
    verified: [],
    evading: [],
    quotable: false,
  }
}

/** With how many others each person writes, in one direction or the other. */
function partnersOf(edges: readonly Edge[]): ReadonlyMap<number, number> {
  const partners = new Map<number, Set<number>>()
  const add = (one: number, other: number) => {
    const known = partners.get(one)
    if (known) known.add(other)
    else partners.set(one, new Set([other]))
  }
  for (const { from, to } of edges) {
    add(from, to)
    add(to, from)
  }
  return new Map(Array.from(partners, ([person, others]) => [person, others.size]))
}

/**
 * An order names somebody neither lonely nor famous: of those with at least five partners the one in the middle, by
 * partners and then by number, the lower of two. Where nobody has five, whoever has most.
 */
function middling(partners: ReadonlyMap<number, number>): number {
  const inOrder = [...partners].sort(([one, few], [other, many]) => few - many || one - other)
  const candidates = inOrder.filter(([, count]) => count >= partnersMinimum)
  const middle = candidates[Math.floor((candidates.length - 1) / 2)] ?? inOrder.at(-1)
  return (middle as readonly [number, number])[0]
}
