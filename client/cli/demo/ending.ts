import { counted } from '../../words/counted.ts'
import type { Opened } from './authority.ts'
import type { Heard } from './lie.ts'
import type { Narrator } from './narrator.ts'
import type { Stolen } from './theft.ts'

type Figures = Opened &
  Stolen &
  Heard & {
    readonly newEntries: number
    readonly before: number
    readonly sent: number
  }

const next = [
  ['doormat exercise list', 'seven exercises of a quarter of an hour, alone or in a class'],
  ['README.md', 'the same by hand, in four terminals'],
  ['docs/findings.md', 'a larger world, six access modes, both sides’ points'],
] as const

/** What was seen, in five sentences, and what to do next. */
export function tellEnd(narrator: Narrator, of: Figures): void {
  narrator.screen('What you saw')
  const sentences = [
    `An order was carried out as promised: it named one person, and ${counted(of.handedOver, 'message')} were handed over.`,
    `The same key opened ${of.conversations} conversations, and exposed ${counted(of.strangers, 'person', 'people')} who have nothing to do with the order.`,
    `A clerk read without an order, and the audit log has ${counted(of.newEntries, 'entry', 'entries')} more.`,
    `After everybody had deleted everything, a thief with two files read ${of.opened.sent} of ${counted(of.sent, 'message')} from under the mat, and ${of.opened.before + of.opened.after} of the ${of.before + of.after} sent before and after.`,
    `With no key at all, a server that hands out false keys read ${of.heard} of ${counted(of.said, 'message')}, until two people compared their safety numbers: ${of.different} of ${counted(of.groups, 'group')} differed.`,
  ]
  sentences.forEach((sentence, i) => narrator.item(`${i + 1}. `, sentence))
  narrator.space()
  narrator.say('Every key and every envelope was new. What to do next:')
  for (const [what, why] of next) narrator.item(what.padEnd(23), why)
}
