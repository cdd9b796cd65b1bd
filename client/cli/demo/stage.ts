import { visible } from '../../words/visible.ts'
import { type Cast, pass } from '../cast.ts'
import { Stop } from '../exit.ts'
import { finish, run } from '../running.ts'
import type { Narrator } from './narrator.ts'
import { type Conversation, conversations } from './people.ts'

/** Where the demo plays: a temporary folder, its relay, and who tells of it. */
export interface Stage {
  readonly folder: string
  readonly relayUrl: string
  readonly narrator: Narrator
  /** what the visitor wants to have sent; null where they are asked, or a random one is drawn */
  readonly sentence: string | null
}

export function expect(holds: boolean, fault: string): void {
  if (!holds) throw new Stop('unexpected', `the demo did not go as it must: ${fault}`)
}

/** Runs a command of this program and shows it. @returns what it printed */
export async function command(
  { narrator, folder }: Stage,
  who: string,
  args: readonly string[],
): Promise<readonly string[]> {
  narrator.types(who, args)
  return finish(who, args, folder)
}

/** Two people register at a relay and open a conversation with each other: two processes that stay. */
export async function meet(
  { narrator, folder }: Stage,
  relayUrl: string,
  [one, other]: readonly [string, string],
): Promise<Cast> {
  narrator.starting(`${one} and ${other} register, each with a device of their own`)
  const place = ['--no-passphrase', '--relay', relayUrl, '--no-receipts']
  await Promise.all([one, other].map((name) => finish(name, ['register', name, '--home', name, ...place], folder)))
  narrator.starting(`${one} and ${other} open their conversation`)
  const cast = new Map([
    [one, run(one, ['chat', other, '--home', one], folder)],
    [other, run(other, ['chat', one, '--home', other], folder)],
  ])
  for (const device of cast.values()) await device.line('-- ')
  return cast
}

/** Six people, and a conversation for each two of them. */
export async function begin(stage: Stage): Promise<Cast> {
  const cast = new Map<string, ReturnType<typeof run>>()
  for (const { people } of conversations)
    for (const [name, device] of await meet(stage, stage.relayUrl, people)) cast.set(name, device)
  return cast
}

/** Lets two people speak, and shows each line as it came out at the other end. @returns the texts, in order */
export async function speak(
  { narrator }: Stage,
  cast: Cast,
  people: readonly [string, string],
  lines: readonly (readonly [0 | 1, string])[],
): Promise<string[]> {
  const told: string[] = []
  for (const [who, text] of lines) {
    const [from, to] = [people[who], people[1 - who] as string]
    await narrator.shows(to, await pass(cast, from, to, text))
    told.push(text)
  }
  return told
}

/** Lets the three conversations speak. @returns the texts, in order */
export async function talk(
  stage: Stage,
  cast: Cast,
  lines: (conversation: Conversation) => Conversation['before'],
): Promise<string[]> {
  const told: string[] = []
  for (const conversation of conversations) {
    stage.narrator.say(`${conversation.what}:`)
    told.push(...(await speak(stage, cast, conversation.people, lines(conversation))))
  }
  return told
}

/** Every device says by itself which access mode is in force; the first line is shown. */
export async function allSay({ narrator }: Stage, cast: Cast, part: string): Promise<void> {
  const said = await Promise.all([...cast].map(async ([name, device]) => ({ name, line: await device.line(part) })))
  const [first, ...others] = said
  if (!first) return
  await narrator.shows(first.name, first.line)
  const text = (line: string) => line.replace(/^\S+\s+/, '')
  expect(
    others.every(({ line }) => text(line) === text(first.line)),
    'the devices do not say the same of the mode',
  )
  narrator.say(`The other ${others.length} devices print the same line.`)
}

/** A text as it stands in a line of output. */
export const holds = (line: string, text: string): boolean => line.includes(visible(text))
