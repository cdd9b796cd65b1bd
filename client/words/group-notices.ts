import { z } from 'zod'
import { counted } from './counted.ts'
import { duration } from './duration.ts'
import { visible } from './visible.ts'

/** What the device notes of a change of a group's membership. */
const changeSchema = z.object({
  how: z.enum(['done', 'undone']),
  deed: z.enum(['found', 'add', 'remove', 'leave', 'rename', 'promote', 'demote', 'lifetime']),
  author: z.string(),
  /** a person, a title or seconds; empty for whoever leaves */
  subject: z.string(),
})
type Change = z.output<typeof changeSchema>

const deeds: Record<Change['deed'], (author: string, subject: string) => string> = {
  found: (author, subject) => `${author} has founded the group "${subject}"`,
  add: (author, subject) => `${author} has added ${subject}`,
  remove: (author, subject) => `${author} has removed ${subject}: nothing more is sent to them`,
  leave: (author) => `${author} has left`,
  rename: (author, subject) => `${author} calls the group "${subject}" now`,
  promote: (author, subject) => `${author} has made ${subject} an admin`,
  demote: (author, subject) => `${subject} is no admin any more, says ${author}`,
  lifetime: (author, subject) =>
    subject === '0'
      ? `${author} has set that new messages stay`
      : `${author} has set that new messages disappear ${duration(Number(subject))} after they are sent or read`,
}

/** @param text what stands in the history @param count how many more there were */
export function groupNotice(text: string, count: number | null): string {
  if (text === 'more') return `and ${counted(count ?? 0, 'more change')}`
  if (text.startsWith('differs '))
    return `${visible(text.slice('differs '.length))} and you have not been told the same in this group: somebody has said two things to two people`
  const change = changeSchema.safeParse(parsed(text)).data
  if (!change) return visible(text)
  const { how, deed, author, subject } = change
  const words = deeds[deed](visible(author), visible(subject))
  return how === 'done' ? words : `does not stand, for somebody else made another change at the same time: ${words}`
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
