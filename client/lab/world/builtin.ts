import { background, backgroundNames } from './background.ts'
import { utterances } from './conversation.ts'
import { draws, shuffled } from './draws.ts'
import { evadersAmong } from './evasion.ts'
import { pairsWriting, partOf } from './pair.ts'
import { activists } from './personas/activists.ts'
import { bank } from './personas/bank.ts'
import { burglars } from './personas/burglars.ts'
import { clerk } from './personas/clerk.ts'
import { family } from './personas/family.ts'
import { law } from './personas/law.ts'
import { officer } from './personas/officer.ts'
import { press } from './personas/press.ts'
import { rivals } from './personas/rivals.ts'
import { shelter } from './personas/shelter.ts'
import { target as targetsLife } from './personas/target.ts'
import { teenagers } from './personas/teenagers.ts'
import { createTalk } from './phrases/talk.ts'
import type { Utterance, World } from './world.ts'

const groups = [press, law, activists, shelter, bank, family, burglars, rivals, targetsLife, teenagers, officer, clerk]

/** Whom the order names: the careless one of burglars.ts. */
const target = 'rook'

/** How many people have a part in the stories: a built-in world has them all. */
export const personas = groups.flatMap(({ people }) => people)

/**
 * What of a built-in world can be turned, each as a share of all pairs who write to each other, from 0 to 1. Comparing and
 * evading are both done by two, so pairs are counted and not people. Whoever it is is drawn, whatever their story.
 */
export interface WorldShares {
  /** those who compare safety numbers before they first write; null: those of the stories, and a tenth of all others */
  readonly comparing?: number | null
  /** those who evade, none of them the target's; null: one in eight */
  readonly evading?: number | null
}

/**
 * The world that comes with Doormat: 30 days of it. The stories of the personas are written by hand and the same under
 * every seed, but for their pauses; all others know each other by chance and talk in harmless phrases. No text is said
 * twice. Who evades is drawn among all, whatever their story.
 * @param people how many, with the personas
 * @throws RangeError for fewer people than there are personas, and for shares that cannot be
 */
export function builtinWorld(seed: string, people = 300, shares: WorldShares = {}): World {
  if (!Number.isSafeInteger(people) || people < personas.length)
    throw new RangeError(`a built-in world has at least the ${personas.length} people of its stories`)
  const conversations = groups.flatMap((group) => group.conversations)
  const stories = conversations.flatMap((conversation) => [...utterances(conversation, seed)])
  const names = backgroundNames(people - personas.length, seed)
  const talk = createTalk(new Set(stories.map(({ text }) => text)))
  const sociable = groups.flatMap((group) => group.sociable)
  const { messages, verified } = background(names, sociable, talk, seed)
  const all = [...stories, ...messages].sort((a, b) => a.at - b.at)
  const { comparing = null, evading = null } = shares
  return {
    name: `built-in, seed ${seed}${turned('compare', comparing)}${turned('evade', evading)}`,
    people: [...personas, ...names.map((name) => ({ name, role: 'somebody' }))],
    messages: all,
    target,
    shared: 'ines',
    listed: activists.people.map(({ name }) => name),
    verified:
      comparing === null
        ? [...conversations.filter(({ verified }) => verified).map(({ between }) => between), ...verified]
        : comparingAmong(all, comparing, seed),
    evading: evadersAmong(all, target, seed, evading),
    quotable: true,
  }
}

const turned = (what: string, share: number | null): string =>
  share === null ? '' : `, ${Math.round(share * 100)} % of pairs ${what}`

/** Draws pairs from all who write to each other. Who compares at one share does so at every larger one. */
function comparingAmong(messages: readonly Utterance[], share: number, seed: string): World['verified'] {
  const all = pairsWriting(messages)
  const wanted = partOf(all.length, share, 'compare')
  return shuffled(all, draws(`${seed} comparing`)).slice(0, wanted)
}
