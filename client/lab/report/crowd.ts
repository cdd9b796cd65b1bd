import { groupedBy } from '../../authority/grouped.ts'
import type { WorldSummary } from '../runs/result.ts'

/** The people who are drawn, and who of them talks with whom. */
export interface Crowd {
  readonly names: readonly string[]
  /** the conversations between them: the pair as the result names it, and the two places in the list of names */
  readonly edges: readonly { readonly pair: string; readonly ends: readonly [number, number] }[]
  readonly left: { readonly people: number; readonly pairs: readonly string[] }
}

/** More are a grey cloud on any screen. */
export const crowdMaximum = 400

export const endsOf = (pair: string): readonly [string, string] => {
  const space = pair.indexOf(' ')
  return [pair.slice(0, space), pair.slice(space + 1)]
}

/** Everybody; of too many people the target, those it talks with, those who talk with them, and on until there are enough. */
export function crowd({ people, target, conversations }: WorldSummary, maximum = crowdMaximum): Crowd {
  const all = people.map(({ name }) => name)
  const names =
    all.length <= maximum
      ? all
      : around(
          target,
          conversations.map(({ pair }) => endsOf(pair)),
          maximum,
        )
  const places = new Map(names.map((name, i) => [name, i]))
  const placed = conversations.map(({ pair }) => {
    const [one, other] = endsOf(pair).map((name) => places.get(name))
    return { pair, ends: one === undefined || other === undefined ? null : ([one, other] as const) }
  })
  return {
    names,
    edges: placed.flatMap(({ pair, ends }) => (ends ? [{ pair, ends }] : [])),
    left: { people: all.length - names.length, pairs: placed.flatMap(({ pair, ends }) => (ends ? [] : [pair])) },
  }
}

function around(target: string, pairs: readonly (readonly [string, string])[], maximum: number): readonly string[] {
  const bothWays = pairs.flatMap(
    ([one, other]) =>
      [
        [one, other],
        [other, one],
      ] as const,
  )
  const known = groupedBy(bothWays, ([one]) => one)
  const found = new Set([target])
  for (const name of found) for (const [, next] of known.get(name) ?? []) if (found.size < maximum) found.add(next)
  return [...found]
}
