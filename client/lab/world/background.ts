import { waking, worldDays, worldEnd } from './calendar.ts'
import { spoken } from './conversation.ts'
import { type Draws, draws, shuffled } from './draws.ts'
import { acquaintances, type Pair } from './graph.ts'
import { givenNames } from './phrases/names.ts'
import { acquainted, related, type Talk } from './phrases/talk.ts'
import type { Utterance } from './world.ts'

/** At least so long after one talk the next begins, in milliseconds. */
const pause = 600_000

/** That many different names, such as `ada.k`; with a number behind them when the names run out. */
export function backgroundNames(count: number, seed: string): readonly string[] {
  const letters = Array.from('abcdefghijklmnopqrstuvwxyz')
  const all = givenNames.flatMap((given) => letters.map((letter) => `${given}.${letter}`))
  const mixed = shuffled(all, draws(`${seed} names`))
  return Array.from({ length: count }, (_, i) => {
    const round = Math.floor(i / mixed.length)
    return `${mixed[i % mixed.length]}${round === 0 ? '' : round + 1}`
  })
}

export interface Background {
  readonly messages: readonly Utterance[]
  /** a tenth of those who write to each other */
  readonly verified: readonly Pair[]
}

/**
 * Everybody who is in no story, and those of the stories who know such people too.
 * @param sociable may know people of the background, not one another: what they say among themselves is written
 */
export function background(
  people: readonly string[],
  sociable: readonly string[],
  talk: Talk,
  seed: string,
): Background {
  const insiders = new Set(sociable)
  const everybody = people.length === 0 ? [] : [...people, ...sociable]
  const pairs = acquaintances(everybody, draws(`${seed} acquaintances`)).filter(
    (pair) => !pair.every((name) => insiders.has(name)),
  )
  const messages: Utterance[] = []
  for (const [one, other] of pairs) {
    const chance = draws(`${seed} talk of ${one} and ${other}`)
    const pair: Pair = chance.percent(50) ? [one, other] : [other, one]
    const kin = !pair.some((name) => insiders.has(name))
    messages.push(...conversation(pair, kin, talk, chance))
  }
  const verified = shuffled(pairs, draws(`${seed} verified`)).slice(0, Math.round(pairs.length / 10))
  return { messages, verified }
}

/** Two in five pairs begin in the first days, the others at some time in the month, to the last day. */
const beginning = ({ below, percent }: Draws): number => 1 + below(percent(40) ? 6 : worldDays)

/** Those of the stories have the family that they have there. */
const stockFor = (kin: boolean, { pick, percent }: Draws) => (kin && percent(25) ? related : pick(acquainted))

/** An eighth of the pairs never answer; the others talk one to nine times, the later they began the fewer. */
function conversation(pair: Pair, kin: boolean, talk: Talk, chance: Draws): Utterance[] {
  const { below, percent } = chance
  const silent = percent(12)
  const stock = stockFor(kin, chance)
  const first = beginning(chance)
  const further = Array.from(
    { length: silent ? below(2) : below(6) + (percent(25) ? below(4) : 0) },
    () => 1 + below(worldDays),
  )
  const days = [first, ...further.filter((day) => day > first)].sort((a, b) => a - b)
  const messages: Utterance[] = []
  for (const day of days) {
    const free = (messages.at(-1)?.at ?? 0) + pause
    const between: Pair = silent || percent(50) ? pair : [pair[1], pair[0]]
    const lines = silent ? talk.monologue(chance) : talk.exchange(stock, chance)
    messages.push(...spoken(Math.max(waking(day, chance), free), between, lines, chance))
  }
  return messages.filter(({ at }) => at < worldEnd)
}
