import type { HistoryNotice } from '../device/history-entries.ts'
import type { NoticeKind } from '../device/history-kinds.ts'
import { isGroup } from '../device/groups/peers.ts'
import { counted } from './counted.ts'
import { duration } from './duration.ts'
import { groupNotice } from './group-notices.ts'
import { visible } from './visible.ts'

const notices: Record<
  NoticeKind,
  (entry: { text: string; peer: string | null; epoch: number | null; sequence: number | null }) => string
> = {
  'access': ({ text, epoch }) =>
    text === 'none'
      ? `access: none (epoch ${epoch}). From now on, only the two ends can read what is sent.`
      : `access: ${visible(text)} (epoch ${epoch}). From now on, whoever holds its key can read what is sent: by everybody, or by the people whom the mode is for.`,
  'account-changed': ({ peer }) =>
    `${peer}'s account key has changed. Nothing is sent to them until you have looked: doormat verify ${peer}`,
  'gap': ({ peer, sequence }) =>
    sequence === 1
      ? `1 message from ${peer} before the next one has not arrived`
      : `${sequence} messages from ${peer} before the next one have not arrived`,
  'late': ({ peer }) => `the next message from ${peer} is late: it was sent before others that you have seen`,
  'unreadable': ({ peer, text, sequence }) =>
    `a message from ${peer} could not be read: ${visible(text)}${sequence === null ? '' : `; ${counted(sequence, 'more message')} could not be read either`}`,
  'newer': ({ peer }) =>
    `${peer} has written with a newer version of doormat: something in this message cannot be shown before you update`,
  'weak-session': ({ peer }) =>
    `the conversation with ${peer} began without one-time keys, so its first messages are protected less well`,
  'rolled-back': ({ text }) => visible(text),
  'not-sent': ({ peer, text }) => `not sent to ${isGroup(peer ?? '') ? 'the group' : peer}: ${visible(text)}`,
  'own-account': ({ text }) =>
    `the relay shows another account under your own name: ${visible(text)}. Ask the relay's operator about it.`,
  'group': ({ text, sequence }) => groupNotice(text, sequence),
  'lifetime': ({ peer, sequence }) =>
    sequence === 0
      ? `messages with ${peer} stay from now on`
      : `messages with ${peer} disappear ${duration(sequence ?? 0)} after they are sent or read`,
}

/** A notice in words, harmless. */
export const noticeText = (entry: HistoryNotice): string => notices[entry.kind](entry)

/** How loud a notice is: whether somebody else may read from here on, or all is well, or a person should look. */
export const toneOf = ({ kind, text }: HistoryNotice): 'exposed' | 'calm' | 'warning' => {
  if (kind === 'access') return text === 'none' ? 'calm' : 'exposed'
  if (kind === 'group') return text.startsWith('differs ') ? 'warning' : 'calm'
  return kind === 'lifetime' ? 'calm' : 'warning'
}
