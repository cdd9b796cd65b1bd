import type { MetadataLine } from '../../authority/order/execute.ts'
import { groupedBy } from '../../authority/grouped.ts'

/*
 * Groups guessed from the outside of envelopes. A text to a group leaves its sender as one envelope for each device, all at
 * once and of about one size: a burst. Nothing here sees a text, a list of members, or anything but its arguments.
 */

/** Envelopes of one burst follow each other within so long. */
export const burstMs = 1000
/** So much two sizes may differ: a first message has names in it, and names differ in length. */
export const sizeSpreadBytes = 64
/** Two bursts are of one group if they share so much of all whom they touch. */
export const likeness = 0.5

export interface BurstRule {
  /** envelopes of a burst have about the same size */
  readonly sameSize: boolean
  /** at least two people have sent bursts among these people */
  readonly twoSenders: boolean
}

interface Burst {
  readonly from: string
  /** the sender, and all recipients */
  readonly people: ReadonlySet<string>
}

/** @param lines in order of time @returns the people of each group that is guessed */
export function guessGroups(lines: readonly MetadataLine[], rule: BurstRule): readonly ReadonlySet<string>[] {
  const clusters: Burst[][] = []
  const bursts = burstsIn(lines, rule).toSorted((one, other) => other.people.size - one.people.size)
  for (const burst of bursts) {
    const like = clusters.find(([first]) => first && jaccard(first.people, burst.people) >= likeness)
    if (like) like.push(burst)
    else clusters.push([burst])
  }
  return clusters
    .filter((all) => !rule.twoSenders || new Set(all.map(({ from }) => from)).size > 1)
    .map(inHalf)
    .filter((people) => people.size > 2)
}

/** Of one sender at one moment, to more than one other. */
function burstsIn(lines: readonly MetadataLine[], { sameSize }: BurstRule): readonly Burst[] {
  const moments: MetadataLine[][] = []
  for (const sent of groupedBy(lines, ({ from }) => from).values())
    for (const line of sent) {
      const last = moments.at(-1)
      const [first] = last ?? []
      if (last && first && first.from === line.from && line.time - first.time < burstMs) last.push(line)
      else moments.push([line])
    }
  return moments
    .flatMap((moment) => (sameSize ? bySize(moment) : [moment]))
    .map((those) => ({ from: those[0]?.from ?? '', people: new Set(those.flatMap(({ from, to }) => [from, to])) }))
    .filter(({ people }) => people.size > 2)
}

/** In parts of about the same size, the smallest first. */
function bySize(moment: readonly MetadataLine[]): readonly (readonly MetadataLine[])[] {
  const parts: MetadataLine[][] = []
  for (const line of moment.toSorted((one, other) => one.sizeBytes - other.sizeBytes)) {
    const last = parts.at(-1)
    if (last && line.sizeBytes - (last[0]?.sizeBytes ?? 0) <= sizeSpreadBytes) last.push(line)
    else parts.push([line])
  }
  return parts
}

function jaccard(one: ReadonlySet<string>, other: ReadonlySet<string>): number {
  const shared = [...one].filter((name) => other.has(name)).length
  return shared / (one.size + other.size - shared)
}

/** Whoever is in half of the bursts at least. */
function inHalf(bursts: readonly Burst[]): ReadonlySet<string> {
  const everybody = new Set(bursts.flatMap(({ people }) => [...people]))
  return new Set(
    [...everybody].filter((name) => 2 * bursts.filter(({ people }) => people.has(name)).length >= bursts.length),
  )
}
