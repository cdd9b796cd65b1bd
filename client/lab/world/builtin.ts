import { background, backgroundNames } from './background.ts'
import { utterances } from './conversation.ts'
import { evadersAmong } from './evasion.ts'
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
import type { World } from './world.ts'

const groups = [press, law, activists, shelter, bank, family, burglars, rivals, targetsLife, teenagers, officer, clerk]

/** Whom the order names: the careless one of burglars.ts. */
const target = 'rook'

/** How many people have a part in the stories: a built-in world has them all. */
export const personas = groups.flatMap(({ people }) => people)

/**
 * The world that comes with Doormat: 30 days of it. The stories of the personas are written by hand and the same under
 * every seed, but for their pauses; all others know each other by chance and talk in harmless phrases. No text is said
 * twice. Who evades is drawn among all, whatever their story.
 * @param people how many, with the personas
 * @throws RangeError for fewer people than there are personas
 */
export function builtinWorld(seed: string, people = 300): World {
  if (!Number.isSafeInteger(people) || people < personas.length)
    throw new RangeError(`a built-in world has at least the ${personas.length} people of its stories`)
  const conversations = groups.flatMap((group) => group.conversations)
  const stories = conversations.flatMap((conversation) => [...utterances(conversation, seed)])
  const names = backgroundNames(people - personas.length, seed)
  const talk = createTalk(new Set(stories.map(({ text }) => text)))
  const sociable = groups.flatMap((group) => group.sociable)
  const { messages, verified } = background(names, sociable, talk, seed)
  const all = [...stories, ...messages].sort((a, b) => a.at - b.at)
  return {
    name: `built-in, seed ${seed}`,
    people: [...personas, ...names.map((name) => ({ name, role: 'somebody' }))],
    messages: all,
    target,
    shared: 'ines',
    listed: activists.people.map(({ name }) => name),
    verified: [...conversations.filter(({ verified }) => verified).map(({ between }) => between), ...verified],
    evading: evadersAmong(all, target, seed),
    quotable: true,
  }
}
