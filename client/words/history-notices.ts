import type { HistoryNotice, NoticeKind } from '../device/history.ts'
import { duration } from './duration.ts'
import { visible } from './visible.ts'

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
