import type { MetadataLine } from '../../authority/order/execute.ts'
import { mixedPeople, type MixedPlayed, playMixed } from '../simulation/mixed.ts'
import type { Share } from '../simulation/share.ts'
import { type Draws, draws } from '../world/draws.ts'
import { pair } from '../world/pair.ts'
import { type BurstRule, burstMs, guessGroups, likeness, sizeSpreadBytes } from './bursts.ts'
import type { Experiment } from './experiment.ts'
import { portion } from './figures.ts'
import { titles } from './titles.ts'

/** One rule, held against who really is in which group. */
export interface GroupGuessRow {
  readonly rule: string
  /** groups guessed, and of these the ones with exactly the people of a group */
  readonly guessed: number
  readonly exact: number
  /** pairs of people who are guessed to be in one group, and are; by guessed group */
  readonly precision: Estimate
  /** pairs who are in one group, and are guessed to be; by group */
  readonly recall: Estimate
}

/** A share, and between what it came to lie in 95 of 100 draws of as many groups from these. */
export interface Estimate extends Share {
  readonly low: number
  readonly high: number
}

export const guessWorlds = 3

const rules: readonly (readonly [string, BurstRule])[] = [
  ['several recipients at once', { sameSize: false, twoSenders: false }],
  ['the same, and of about one size', { sameSize: true, twoSenders: false }],
  ['several at once, from two senders at least', { sameSize: false, twoSenders: true }],
  ['all three', { sameSize: true, twoSenders: true }],
]

/** How well somebody finds the groups who sees the outside of envelopes alone. */
export async function groupGuesses(seed: string, worlds = guessWorlds): Promise<Experiment> {
  const played: MixedPlayed[] = []
  for (let world = 1; world <= worlds; world++) played.push(await playMixed(`${seed} ${world}`))
  const rows = rules.map(([rule, how]) => rowOf(rule, how, played, seed))
  const groups = played.flatMap((one) => one.groups)
  const chance = byChance(played)
  return {
    id: 'group-guesses',
    title: titles['group-guesses'],
    claims: [10],
    question: 'How well does a server find groups that it knows nothing of?',
    method: `${worlds} worlds of ${mixedPeople} people (seeds “${seed} 1” to “${seed} ${worlds}”), not part of the matrix, with no access mode. Each has ${played[0]?.groups.length ?? 0} groups of 3 to 6 people who also write to each other in pairs; who is in which group, who knows whom and who writes when is drawn. There is also what could be taken for a group: in each world up to five of those who know at least three others send one text to all whom they know, and write different texts to up to three of them that go out together. The rules see of each envelope its sender, its recipient, its time and its size, and are then checked against the groups. A burst is what one sender sends within ${burstMs / 1000} second to more than one person, of about one size where sizes differ by at most ${sizeSpreadBytes} bytes. Bursts that share at least ${likeness * 100} % of all the people they touch (Jaccard) are of one group, and a group’s people are those in at least half of its bursts. “Precision” is the share of pairs guessed to be in one group who are, “recall” the share of pairs in one group who were guessed. The intervals come from drawing as many groups again from the same ones, 1,000 times, and leaving out the lowest and the highest 25 results; pairs of one group hang together, so groups are drawn and not pairs. The rule of the verdict is the one with the best of both, by their harmonic mean. Of all pairs, ${chance} % are in one group: that is what chance would be right in. Real traffic has many more people and other noise, devices that are offline still send their envelopes at once, and these rules were made by whoever made the worlds.`,
    columns: [
      'rule',
      'groups there are',
      'groups guessed',
      'guessed exactly',
      'precision',
      'precision, 95 % interval',
      'recall',
      'recall, 95 % interval',
    ],
    rows: rows.map((row) => [
      row.rule,
      groups.length,
      row.guessed,
      row.exact,
      percent(row.precision),
      interval(row.precision),
      percent(row.recall),
      interval(row.recall),
    ]),
    verdict: groupGuessesVerdict(rows),
    evidence: groupGuessesEvidence(rows, groups.length, chance),
    figures: Object.fromEntries(rows.map(({ rule, exact }) => [rule, exact])),
  }
}

const outsideOf = ({ archive }: MixedPlayed): readonly MetadataLine[] =>
  archive.map(({ time, fromUser: from, toUser: to, bytes }) => ({ time, from, to, sizeBytes: bytes.length }))

function rowOf(rule: string, how: BurstRule, played: readonly MixedPlayed[], seed: string): GroupGuessRow {
  const precision: Share[] = []
  const recall: Share[] = []
  let exact = 0
  for (const one of played) {
    const guessed = guessGroups(outsideOf(one), how).map((people) => [...people])
    const [so, said] = [one.groups, guessed].map((all) => new Set(all.flatMap(pairsOf))) as [Set<string>, Set<string>]
    precision.push(...guessed.map((people) => shareOf(people, so)))
    recall.push(...one.groups.map((people) => shareOf(people, said)))
    const whole = new Set(one.groups.map(nameOf))
    exact += new Set(guessed.map(nameOf).filter((name) => whole.has(name))).size
  }
  const chance = draws(`${seed} intervals ${rule}`)
  return {
    rule,
    guessed: precision.length,
    exact,
    precision: estimate(precision, chance),
    recall: estimate(recall, chance),
  }
}

const nameOf = (people: readonly string[]) => people.toSorted().join(' ')
const pairsOf = (people: readonly string[]): readonly string[] =>
  people.flatMap((one, i) => people.slice(i + 1).map((other) => pair(one, other)))

function shareOf(people: readonly string[], known: ReadonlySet<string>): Share {
  const pairs = pairsOf(people)
  return { read: pairs.filter((one) => known.has(one)).length, of: pairs.length }
}

const summed = (parts: readonly Share[]): Share => ({
  read: parts.reduce((sum, { read }) => sum + read, 0),
  of: parts.reduce((sum, { of }) => sum + of, 0),
})

const rate = ({ read, of }: Share): number => (of === 0 ? 0 : read / of)

/** Of all parts, and what it is when as many are drawn from them, with replacement. */
export function estimate(parts: readonly Share[], { pick }: Pick<Draws, 'pick'>): Estimate {
  const drawn = Array.from({ length: 1000 }, () => rate(summed(parts.map(() => pick(parts))))).toSorted((a, b) => a - b)
  return { ...summed(parts), low: drawn[25] ?? 0, high: drawn[974] ?? 0 }
}

/** The share of all pairs who are in one group: what a guess at random would be right in. */
function byChance(played: readonly MixedPlayed[]): number {
  const all = played.map(({ people, groups }) => ({
    read: new Set(groups.flatMap(pairsOf)).size,
    of: (people.length * (people.length - 1)) / 2,
  }))
  return Math.round(100 * rate(summed(all)))
}

const percent = (share: Share) => `${Math.round(100 * rate(share))} % (${portion(share)})`
const interval = ({ low, high }: Estimate) => `${Math.round(100 * low)} to ${Math.round(100 * high)} %`

export function groupGuessesVerdict(rows: readonly GroupGuessRow[]): string {
  const best = bestOf(rows)
  if (!best || best.recall.read === 0) return 'From the outside of envelopes no rule found any two members of a group.'
  return `From the outside of envelopes alone, a simple rule found ${Math.round(100 * rate(best.recall))} % of all pairs of people who share a group.`
}

/** That with the most right, of both together: the harmonic mean of precision and recall. */
function bestOf(rows: readonly GroupGuessRow[]): GroupGuessRow | undefined {
  const worth = ({ precision, recall }: GroupGuessRow) => {
    const [p, r] = [rate(precision), rate(recall)]
    return p + r === 0 ? 0 : (2 * p * r) / (p + r)
  }
  return rows.toSorted((one, other) => worth(other) - worth(one))[0]
}

export function groupGuessesEvidence(rows: readonly GroupGuessRow[], groups: number, chance: number): string {
  const best = bestOf(rows)
  if (!best) return 'No rule was tried.'
  const of = rows.map(
    ({ rule, precision, recall, exact }) =>
      `${rule}: precision ${Math.round(100 * rate(precision))} % (${interval(precision)}), recall ${Math.round(100 * rate(recall))} % (${interval(recall)}), ${exact} of ${groups} groups to the person`,
  )
  return `That rule is right in ${Math.round(100 * rate(best.precision))} % of the pairs that it names, where chance is right in ${chance} %. Rule by rule: ${of.join('; ')}.`
}
