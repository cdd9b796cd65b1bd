import { createHash } from 'node:crypto'
import { conversationOf } from '../../authority/filter.ts'
import type { TranscriptLine } from '../../authority/transcript.ts'
import { textAndKindOfFile } from '../../words/attachment.ts'
import type { ReadByKey } from '../api.ts'
import { lockedIn } from '../exercises/locked.ts'

const linesMaximum = 40

/** Of whose messages they are and their ids, in order: SHA-256, base64url. Two who have opened the same have the same. */
export const digestOf = (names: Iterable<string>): string =>
  createHash('sha256')
    .update([...names].sort().join('\n'))
    .digest('base64url')

export const nothingRead: ReadByKey = {
  messages: 0,
  conversations: [],
  agreed: 0,
  lines: [],
  since: null,
  until: null,
  digest: digestOf([]),
  locked: [],
}

/**
 * Counts what a key has opened, and takes out the texts of those who agreed. What was sent to several people is one message, in several
 * conversations: it has one id.
 */
export function summarise(all: readonly TranscriptLine[], mayShow: ReadonlySet<string>): ReadByKey {
  const messages = new Map<string, TranscriptLine[]>()
  const conversations = new Map<string, Set<string>>()
  for (const line of all) {
    const name = `${line.from} ${line.id}`
    const same = messages.get(name)
    if (same) same.push(line)
    else messages.set(name, [line])
    const pair = conversationOf(line)
    const ids = conversations.get(pair) ?? new Set()
    conversations.set(pair, ids.add(name))
  }
  const agreed = [...messages.values()].filter(([first]) => first && mayShow.has(first.from))
  const lines = agreed.slice(-linesMaximum).flatMap((same) => {
    const [first] = same
    if (!first) return []
    const people = new Set(same.map(({ to, saysSentTo }) => saysSentTo ?? to))
    const [only = ''] = people
    // whoever did not agree to be shown is not named by others either
    const to = people.size > 1 ? `${people.size} people` : mayShow.has(only) ? only : 'somebody'
    // they have agreed to their texts: what a file is called, and what is in it, is not shown
    const text = textAndKindOfFile(first.text, first.attachment)
    return [{ time: first.time, from: first.from, to, text }]
  })
  return {
    messages: messages.size,
    conversations: [...conversations].map(([pair, ids]) => {
      const [one = '', other = ''] = pair.split(' and ')
      return { people: [one, other], messages: ids.size }
    }),
    agreed: agreed.length,
    lines,
    until: all.length === 0 ? null : all.reduce((last, { time }) => Math.max(last, time), -Infinity),
    digest: digestOf(messages.keys()),
    locked: lockedIn(all),
    since: all.length === 0 ? null : all.reduce((first, { time }) => Math.min(first, time), Infinity),
  }
}
