import { counted } from '../../words/counted.ts'
import { auditLog, carryOutOrder } from './court.ts'
import { linesOf, openAll, open, type Read } from './looking.ts'
import { sideBySide } from './numbers.ts'
import { bystanders, conversations, target } from './people.ts'
import { command, expect, type Stage } from './stage.ts'

/** What the order gave, and what the key gives. */
export interface Opened {
  readonly handedOver: number
  /** everything that the key opens, in order */
  readonly readings: readonly Read[]
  readonly conversations: number
  /** people who were read though no order names them or whom they write to */
  readonly strangers: number
}

/** @param sent what was said while the key was under the mat */
export async function oneOrder(stage: Stage, sent: readonly string[]): Promise<Opened> {
  const { narrator } = stage
  narrator.screen('3 of 6. An order names one person; the key does not')
  const { checks, onTrust, lines } = await carryOutOrder(stage)
  for (const line of lines) await narrator.shows('officer', line)
  narrator.say(
    `The order names ${target[0]}. After ${counted(checks, 'check')}, ${onTrust} of them taken on trust, the officer gets ${counted(lines.length, 'message')} and no other: lawful access, as promised. Now the same key on everything that passed:`,
  )
  const { printed, readings } = await openAll(stage)
  expect(
    readings.map(({ text }) => text).join('\n') === sent.join('\n'),
    'the authority did not read exactly what was sent',
  )
  for (const { what, people } of conversations.slice(1)) {
    narrator.say(`${what}, who never wrote to ${target[0]}:`)
    for (const line of linesOf(printed, readings, people)) await narrator.reads('authority', line)
  }
  const opened = conversations.filter(({ people }) => linesOf(printed, readings, people).length > 0).length
  const strangers = bystanders.filter((name) => readings.some(({ from, to }) => from === name || to === name)).length
  narrator.say(
    `The key opens ${opened} of ${counted(conversations.length, 'conversation')} and exposes ${counted(strangers, 'person', 'people')} who never wrote to ${target[0]}.`,
  )
  return { handedOver: lines.length, readings, conversations: opened, strangers }
}

/** @returns how many entries the audit log has more, once somebody has read without an order */
export async function clerk(stage: Stage, readings: readonly Read[]): Promise<number> {
  const { narrator } = stage
  const [, , { people }] = conversations
  narrator.screen('4 of 6. A clerk has no order')
  narrator.say('Everything the order desk does stands in an audit log, chained so that a changed entry shows:')
  const before = await auditLog(stage)
  narrator.say(`At night a clerk who has key and archive looks for ${people[0]}, for the man she has left:`)
  const printed = await command(stage, 'clerk', [...open, '--person', people[0]])
  for (const line of linesOf(printed, readings, people)) await narrator.reads('clerk', line)
  narrator.say('The next morning:')
  const after = await auditLog(stage)
  expect(before.head === after.head, 'the audit log has changed, though nothing went through the order desk')
  const groups = (head: string) => head.match(/.{8}/g) ?? []
  const title = (when: string, { entries }: { readonly entries: number }) =>
    `${when}: ${counted(entries, 'entry', 'entries')}, digest`
  narrator.beside(
    sideBySide([title('before', before), title('after', after)], [groups(before.head), groups(after.head)]),
  )
  narrator.say(
    'The same to the last digit. The log sees what goes through the order desk, and the key does not have to go through it.',
  )
  return after.entries - before.entries
}
