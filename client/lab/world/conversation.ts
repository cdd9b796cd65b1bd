import { answering, moment, typing } from './calendar.ts'
import { type Draws, draws } from './draws.ts'
import type { Utterance, WorldPerson } from './world.ts'

/** Who of the two speaks, by place, and what they say. */
export type Line = readonly [speaker: 0 | 1, text: string]

/** Two people talk for a while. */
export interface Scene {
  /** 1 to 30; day 1 is a Monday */
  readonly day: number
  /** `HH:MM` in UTC, of the first line; the others follow as people type */
  readonly time: string
  readonly lines: readonly Line[]
}

export interface Conversation {
  readonly between: readonly [string, string]
  /** they compared safety numbers before they wrote */
  readonly verified: boolean
  /** in order of time */
  readonly scenes: readonly Scene[]
}

/** People who belong together in a story, written by hand. All of it is invented, and none of it does harm. */
export interface Group {
  readonly people: readonly WorldPerson[]
  /** those of them who also know people outside the stories */
  readonly sociable: readonly string[]
  readonly conversations: readonly Conversation[]
}

/** What the two say, from that time on: each line later than the one before. */
export function* spoken(
  at: number,
  [first, second]: readonly [string, string],
  lines: readonly Line[],
  chance: Draws,
): Generator<Utterance> {
  let time = at
  let last: 0 | 1 | null = null
  for (const [speaker, text] of lines) {
    if (last !== null) time += speaker === last ? typing(text, chance) : answering(text, chance)
    last = speaker
    const [from, to] = speaker === 0 ? [first, second] : [second, first]
    yield { at: time, from, to, text }
  }
}

/** All scenes, with their pauses from the seed. */
export function* utterances({ between, scenes }: Conversation, seed: string): Generator<Utterance> {
  const chance = draws(`${seed} scenes of ${between.join(' and ')}`)
  for (const { day, time, lines } of scenes) yield* spoken(moment(day, time), between, lines, chance)
}
