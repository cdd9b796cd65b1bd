import type { HistoryEntry, HistoryNotice, MessageState, NoticeKind } from '../device/history.ts'
import { duration } from '../words/duration.ts'
import { clockTime, paint } from './terminal.ts'
import { visible, visibleLines } from '../words/visible.ts'

const notices: Record<
  NoticeKind,
  (entry: { text: string; peer: string | null; epoch: number | null; sequence: number | null }) => string
> = {
  'access': ({ text, epoch }) =>
    text === 'none'
      ? `access: none (epoch ${epoch}). Only the two ends can read what is sent from now on.`
      : `access: ${visible(text)} (epoch ${epoch}). Whoever holds its key can read what is sent from now on.`,
  'account-changed': ({ peer }) =>
    `${peer}'s account key has changed. Nothing is sent until you have looked: doormat verify ${peer}`,
  'gap': ({ peer, sequence }) => `${sequence} from ${peer} not received before the next one`,
  'late': ({ peer }) => `the next one from ${peer} is late: it was sent before others already shown`,
  'unreadable': ({ peer, text, sequence }) =>
    `a message from ${peer} could not be read: ${visible(text)}${sequence === null ? '' : `; ${sequence} more were only counted`}`,
  'weak-session': ({ peer }) =>
    `the conversation with ${peer} began without one-time keys; its first messages are less protected`,
  'rolled-back': ({ text }) => visible(text),
  'not-sent': ({ peer, text }) => `not sent to ${peer}: ${visible(text)}`,
  'own-account': ({ text }) =>
    `the relay shows another account under your own name: ${visible(text)}. Ask its operator.`,
  'lifetime': ({ peer, sequence }) =>
    sequence === 0
      ? `messages with ${peer} stay from now on`
      : `messages with ${peer} disappear ${duration(sequence ?? 0)} after they are sent or read`,
}

/** A notice in words, harmless. */
export const noticeText = (entry: HistoryNotice): string => notices[entry.kind](entry)

const unsent: Partial<Record<MessageState, string>> = {
  waiting: ' (waiting)',
  sealed: ' (waiting)',
  failed: ' (not sent)',
}

/** An entry as one or more lines for a person. */
export function linesOf(entry: HistoryEntry, self: string, now: number): string[] {
  const time = paint('dim', clockTime(entry.kind === 'message' ? entry.sentAt : entry.recordedAt, now))
  if (entry.kind !== 'message') return [`${time} ${paint('yellow', `* ${noticeText(entry)}`)}`]
  const who = entry.direction === 'in' ? paint('cyan', entry.peer) : paint('green', self)
  const state = entry.direction === 'in' ? '' : paint('dim', unsent[entry.state] ?? '')
  const [first = '', ...rest] = visibleLines(entry.text)
  return [`${time} ${who}: ${first}${state}`, ...rest.map((line) => `      ${line}`)]
}

/** An entry as docs/cli.md describes it: `sequence` counts this device's history. */
export function jsonOf(entry: HistoryEntry): Record<string, unknown> {
  const { row, sequence, ...rest } = entry
  return { sequence: row, ...rest, number: sequence }
}
