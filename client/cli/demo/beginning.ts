import { systemRandom } from '../../../crypto/random.ts'
import { accessArguments, type Cast, pass } from '../cast.ts'
import { finish } from '../running.ts'
import { searchFor, tryKeys } from './looking.ts'
import { type Compared, compareNumbers } from './numbers.ts'
import type { Narrator } from './narrator.ts'
import { conversations, freshSentence, inOneLine, sentenceMaximum } from './people.ts'
import { allSay, begin, command, type Stage, talk } from './stage.ts'

/** What the first screen leaves to the others. */
export interface Beginning {
  readonly cast: Cast
  /** what was said before any key, in order */
  readonly before: readonly string[]
  /** the safety number of two people whose relay is honest */
  readonly honest: Compared
}

export async function meetAndTalk(stage: Stage): Promise<Beginning> {
  const { folder, narrator } = stage
  narrator.screen('1 of 6. Six people, three conversations, one relay')
  const cast = await begin(stage)
  const before = await talk(stage, cast, (conversation) => conversation.before)
  narrator.space()
  narrator.starting('looking through everything that the relay keeps')
  await finish('authority', ['authority', 'init'], folder)
  searchFor(stage, before)
  tryKeys(stage)
  const honest = await compareNumbers(stage, conversations[1].people)
  return { cast, before, honest }
}

/** @returns what was said while the key was under the mat, in order */
export async function underTheMat(stage: Stage, cast: Cast): Promise<readonly string[]> {
  stage.narrator.screen('2 of 6. The key goes under the mat')
  const on = accessArguments(stage.relayUrl, 'on', 'message-key-escrow', '--authority-key', 'escrow.key.pub')
  await command(stage, 'operator', on)
  await allSay(stage, cast, '(epoch 2)')
  const said = await talk(stage, cast, (conversation) => conversation.during)
  return [...said, await ownSentence(stage, cast)]
}

/** A sentence that nobody could have prepared: typed here, given with the command, or drawn at random. */
async function ownSentence({ narrator, sentence }: Stage, cast: Cast): Promise<string> {
  const own = sentence ?? (await typedSentence(narrator))
  if (!own) narrator.say('And a sentence drawn at random, which heron sends to mara:')
  const text = own || freshSentence(systemRandom)
  await narrator.shows('mara', await pass(cast, 'heron', 'mara', text))
  return text
}

/** @returns nothing where nobody is asked, or wants a random one */
async function typedSentence(narrator: Narrator): Promise<string> {
  const ask = async (question: string) => inOneLine(await narrator.ask(question, '  your sentence> '))
  let typed = await ask('Your turn: type a sentence of your own. heron sends it to mara, encrypted end to end.')
  if (typed === '') typed = await ask('Nothing was typed. Type a sentence, or press Enter again for a random one.')
  while (typed.length > sentenceMaximum)
    typed = await ask(`That has ${typed.length} characters, and ${sentenceMaximum} have room here. A shorter one:`)
  return typed
}
