import type { Reading } from '../../crypto/access/mode.ts'
import { modeCalled, modes } from '../../crypto/access/index.ts'
import { counted } from '../words/counted.ts'
import { listed } from '../words/listed.ts'
import { visible } from '../words/visible.ts'
import { conversationOf, endsOf } from './filter.ts'
import type { SecretKeyFile } from './key-file.ts'
import { neededOf, type Tally } from './reading.ts'

/** What was read in one conversation, or in all of them. */
export interface Counts {
  messages: number
  /** the sender's own devices got them; that the message itself was delivered nobody has seen */
  copies: number
  receipts: number
  /** reactions, and deletions for everybody */
  afterwords: number
  /** envelopes that say again what was counted already, to another device */
  repeats: number
  /** envelopes that only begin a session anew */
  resets: number
  /** envelopes that say who is in a group */
  news: number
}

const none = (): Counts => ({ messages: 0, copies: 0, receipts: 0, afterwords: 0, repeats: 0, resets: 0, news: 0 })

/** Counts what comes of envelopes, by conversation. */
export interface Count {
  /** @param isNew whether it is a message that has not been read before */
  add(reading: Reading, isNew: boolean): void
  readonly all: Counts
  readonly byConversation: ReadonlyMap<string, Counts>
}

export function createCount(): Count {
  const all = none()
  const byConversation = new Map<string, Counts>()
  return {
    all,
    byConversation,
    add(reading, isNew) {
      const name = conversationOf(endsOf(reading))
      const here = byConversation.get(name) ?? none()
      byConversation.set(name, here)
      const kind = kindOf(reading, isNew)
      here[kind] += 1
      all[kind] += 1
    },
  }
}

function kindOf({ content }: Reading, isNew: boolean): keyof Counts {
  if (content.kind === 'receipt') return 'receipts'
  if (content.kind === 'reset') return 'resets'
  if (content.kind === 'news') return 'news'
  if (!isNew) return 'repeats'
  if (content.kind === 'afterword' || content.kind === 'group afterword') return 'afterwords'
  return content.kind === 'copy' ? 'copies' : 'messages'
}

const sum = (counts: Counts) => Object.values(counts).reduce((total: number, one: number) => total + one, 0)

/** "2 messages and 4 delivery receipts"; empty where there is none of these. */
export const countsText = ({ messages, copies, receipts, afterwords }: Counts): string =>
  listed([
    ...(messages > 0 ? [counted(messages, 'message')] : []),
    ...(copies > 0 ? [`${counted(copies, 'copy', 'copies')} of sent messages`] : []),
    ...(afterwords > 0 ? [counted(afterwords, 'reaction or deletion', 'reactions and deletions')] : []),
    ...(receipts > 0 ? [counted(receipts, 'delivery receipt')] : []),
  ])

const were = (count: number) => (count === 1 ? 'was' : 'were')
const envelopes = (count: number) => counted(count, 'envelope')

/** What came of reading, in sentences: what was read, what was opened besides, and why the rest was not. */
export function summaryOf(
  tally: Tally,
  { all }: Pick<Count, 'all'>,
  keys: readonly SecretKeyFile[],
): readonly string[] {
  const { opened, withoutStanza, underOtherModes, notOurs } = tally
  const isTap = modeCalled(keys[0]?.mode ?? 'none').tapping !== undefined
  const outside = opened - sum(all)
  const silent = withoutStanza - underOtherModes
  return [
    readSentence(tally, all, isTap),
    ...(all.repeats > 0 ? [`${envelopes(all.repeats)} repeated messages already read.`] : []),
    ...(all.news > 0 ? [`${envelopes(all.news)} ${all.news === 1 ? 'says' : 'say'} who is in a group.`] : []),
    ...(all.resets > 0 ? [`${envelopes(all.resets)} only began a session anew.`] : []),
    ...(outside > 0 ? [`The key opens ${counted(outside, 'more envelope')} that you did not ask for.`] : []),
    ...(silent > 0
      ? [`${envelopes(silent)} ${were(silent)} ${isTap ? 'caught by no tap' : 'sent while no key was under the mat'}.`]
      : []),
    ...(underOtherModes > 0
      ? [
          `${envelopes(underOtherModes)} ${were(underOtherModes)} sent under another access mode: ${listed([...tally.otherModes].map(nameOf))}.`,
        ]
      : []),
    ...(notOurs > 0 ? [`${envelopes(notOurs)} stayed closed: ${whyClosed(keys, notOurs)}.`] : []),
  ]
}

/** Too few shares are no wrong key: they are sound, and no message is tried with them. */
function whyClosed(keys: readonly SecretKeyFile[], count: number): string {
  const { given, needed } = neededOf(keys)
  if (given < needed) return 'that takes more shares than were given'
  return `the key given does not open ${count === 1 ? 'it' : 'them'}`
}

/** A mode that an envelope names may be none that there is. */
const nameOf = (id: string) => modes.find((mode) => mode.id === id)?.title ?? visible(id)

function readSentence({ envelopes: passed, opened, notOurs }: Tally, all: Counts, isTap: boolean): string {
  const { messages, copies, receipts, afterwords } = all
  if (messages + copies + afterwords > 0) return `Read ${countsText(all)}.`
  if (receipts > 0) return `Read no message, only ${counted(receipts, 'delivery receipt')}.`
  if (passed === 0) return 'Read nothing: no envelope has passed yet.'
  if (opened > 0) return 'Read nothing of what you asked for.'
  if (notOurs > 0) return 'Read nothing.'
  return isTap
    ? 'Read nothing: nobody who is tapped has written or been written to.'
    : 'Read nothing: nobody wrote while the key was under the mat.'
}
