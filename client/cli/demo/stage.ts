import { createInterface } from 'node:readline/promises'
import { systemRandom } from '../../../crypto/random.ts'
import { Stop } from '../exit.ts'
import { type Cast, openConversations, pass } from '../cast.ts'
import { finish } from '../running.ts'
import { print, printed } from '../output.ts'
import { paint } from '../terminal.ts'
import { visible } from '../../words/visible.ts'
import { type Conversation, conversations, freshSentence } from './people.ts'

/** Where the demo plays: a temporary folder, its relay, and whether somebody at a terminal takes part. */
export interface Stage {
  readonly folder: string
  readonly relayUrl: string
  readonly asks: boolean
}

export const heading = (text: string): void => print(`\n${paint('bold', text)}`)
/** The narrator: the only lines that no other process printed. */
export const say = (text: string): void => print(paint('dim', `  ${text}`))
/** A line as a process printed it. */
const screen = (name: string, line: string): void => print(`  ${paint('cyan', name.padEnd(9))} │ ${visible(line)}`)

export function expect(holds: boolean, fault: string): void {
  if (!holds) throw new Stop('unexpected', `the demo did not go as it must: ${fault}`)
}

/** An argument as one would type it in a shell. */
const quoted = (arg: string) => (/[^\w./:@-]/.test(arg) ? `'${arg.replaceAll("'", String.raw`'\''`)}'` : arg)

/** Runs a command of this program and shows it with what it prints. */
export async function show(stage: Stage, who: string, args: readonly string[]): Promise<void> {
  print(`  ${paint('cyan', who.padEnd(9))} $ doormat ${visible(args.map(quoted).join(' '))}`)
  for (const line of await finish(who, args, stage.folder)) screen(who, line)
  await printed()
}

/** Six people register, and open a conversation each: twelve processes, of which six stay. */
export async function begin(stage: Stage, suffix: string): Promise<Cast> {
  await printed()
  const pairs = conversations.map(({ people: [one, other] }) => [one + suffix, other + suffix] as const)
  return openConversations(pairs, stage.relayUrl, stage.folder)
}

/** Lets the three conversations speak, and shows each line as it came out at the other end. @returns the texts, in order */
export async function talk(
  cast: Cast,
  suffix: string,
  lines: (conversation: Conversation) => Conversation['before'],
): Promise<string[]> {
  const told: string[] = []
  for (const conversation of conversations) {
    print(`  ${paint('dim', `${conversation.what}:`)}`)
    for (const [who, text] of lines(conversation)) {
      const [from, to] = [conversation.people[who], conversation.people[1 - who] as string].map(
        (name) => name + suffix,
      ) as [string, string]
      screen(to, await pass(cast, from, to, text))
      await printed()
      told.push(text)
    }
  }
  return told
}

/** Every device says by itself which access mode is in force. */
export async function allSay(cast: Cast, part: string): Promise<void> {
  for (const [name, device] of cast) screen(name, await device.line(part))
}

/** A sentence that nobody could have prepared: typed here, or drawn at random. */
export async function ownSentence(stage: Stage, cast: Cast): Promise<string> {
  const typed = stage.asks ? await ask('  Type a sentence for heron to send to mara: ') : ''
  const own = typed.replaceAll(/\p{Cc}/gu, ' ').trim()
  const text = own || freshSentence(systemRandom)
  if (!own) say('A random sentence, which heron sends to mara:')
  screen('mara', await pass(cast, 'heron', 'mara', text))
  return text
}

export async function pause(stage: Stage): Promise<void> {
  if (stage.asks) await ask(paint('dim', '  Enter to go on: '))
}

async function ask(question: string): Promise<string> {
  await printed()
  const prompt = createInterface({ input: process.stdin, output: process.stdout })
  prompt.once('SIGINT', () => process.kill(process.pid, 'SIGINT'))
  try {
    return await prompt.question(question)
  } finally {
    prompt.close()
  }
}
