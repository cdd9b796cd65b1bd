import { type Conversation, utterances } from '../lab/world/conversation.ts'
import { activists } from '../lab/world/personas/activists.ts'
import { burglars } from '../lab/world/personas/burglars.ts'
import { family } from '../lab/world/personas/family.ts'
import { law } from '../lab/world/personas/law.ts'
import { press } from '../lab/world/personas/press.ts'
import { shelter } from '../lab/world/personas/shelter.ts'
import { teenagers } from '../lab/world/personas/teenagers.ts'
import type { Utterance } from '../lab/world/world.ts'
import type { Story } from './words.ts'

/** The twelve who are on stage: of the built-in world, whose stories are invented. */
const casts: Readonly<Record<Story, readonly string[]>> = {
  ordinary: ['mara', 'heron', 'farida', 'osman', 'nadia', 'emre', 'rook', 'jay', 'mio', 'juno', 'rosa', 'anouk'],
  sensitive: ['mara', 'heron', 'farida', 'osman', 'nadia', 'emre', 'rook', 'jay', 'ines', 'tove', 'rosa', 'anouk'],
}

const conversations: readonly Conversation[] = [press, law, activists, burglars, teenagers, family, shelter].flatMap(
  (group) => group.conversations,
)

export const castOf = (story: Story): readonly string[] => casts[story]

/** All that they say to each other, in the order of their calendar. */
export function scriptOf(story: Story): readonly Utterance[] {
  const cast = new Set(casts[story])
  return conversations
    .filter(({ between }) => between.every((name) => cast.has(name)))
    .flatMap((conversation) => [...utterances(conversation, 'on stage')])
    .sort((one, other) => one.at - other.at)
}
