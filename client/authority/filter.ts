import type { Reading } from '../../crypto/access/mode.ts'
import type { Content } from '../../crypto/content.ts'
import type { GroupId } from '../../crypto/membership.ts'
import { hex } from '../../crypto/bytes.ts'
import { visible } from '../words/visible.ts'
import { type GroupName, shortId } from './group-titles.ts'

/** What somebody asks for, of all that a key opens. What is left out limits nothing. */
export interface Filter {
  readonly person?: string
  /** two people, in any order */
  readonly conversation?: readonly [string, string]
  /** by the relay's clock, milliseconds since 1970; `to` is not in it any more */
  readonly from?: number
  readonly to?: number
}

/** Between whom something passed: a copy for somebody's own devices belongs where it says it was sent. */
export interface Ends {
  readonly from: string
  readonly to: string
  readonly saysSentTo: string | null
  /** set where it was said to a group */
  readonly group: GroupName | null
}

/** Whom a copy for the sender's own other devices says it was sent to; null for all else. */
export function copiedTo(content: Content): string | null {
  if (content.kind === 'copy') return content.to
  return content.kind === 'afterword' ? (content.to ?? null) : null
}

/** The group that something is said in, or of; null for what is between two. */
export const groupOf = (content: Content): GroupId | null => ('group' in content ? content.group : null)

export const endsOf = ({ recorded, content }: Reading): Ends => ({
  from: recorded.fromUser,
  to: recorded.toUser,
  saysSentTo: copiedTo(content),
  group: groupNamed(groupOf(content)),
})

const groupNamed = (group: GroupId | null): GroupName | null => group && { id: hex(group), title: null }

/** Whether somebody sent or got it by the relay's word, or is said to have been sent what this is a copy of. */
export const isAbout = ({ from, to, saysSentTo }: Ends, person: string): boolean =>
  [from, to, saysSentTo].includes(person)

/** The two people of a conversation, in the order of their names; or the group. */
export const conversationOf = ({ from, to, saysSentTo, group }: Ends): string =>
  group === null ? [from, saysSentTo ?? to].sort().join(' and ') : `the group ${shortId(group.id)}`

export const isAskedFor = (filter: Filter, ends: Ends, time: number): boolean =>
  (filter.person === undefined || isAbout(ends, filter.person)) &&
  (filter.conversation === undefined || conversationOf(ends) === filter.conversation.toSorted().join(' and ')) &&
  time >= (filter.from ?? -Infinity) &&
  time < (filter.to ?? Infinity)

/** What a filter leaves, in words: null where it leaves everything. */
export function filterWords({ person, conversation, from, to }: Filter): string | null {
  const day = (ms: number) => new Date(ms).toISOString().replace('T', ' ').replace(':00.000Z', ' UTC')
  const parts = [
    ...(person === undefined ? [] : [`what ${person} sent or received`]),
    ...(conversation === undefined ? [] : [`what ${conversation.join(' and ')} wrote to each other`]),
    ...(from === undefined ? [] : [`what passed the relay at or after ${day(from)}`]),
    ...(to === undefined ? [] : [`what passed it before ${day(to)}`]),
  ]
  return parts.length === 0 ? null : visible(parts.join('; '))
}
