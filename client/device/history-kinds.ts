import type { ReceiptStatus } from '../../crypto/content.ts'

/** What can stand in a history beside messages: something a person should know. */
export const noticeKinds = [
  'access',
  'account-changed',
  'gap',
  'late',
  'unreadable',
  'newer',
  'weak-session',
  'rolled-back',
  'not-sent',
  'lifetime',
  'own-account',
  'group',
] as const
export type NoticeKind = (typeof noticeKinds)[number]

/**
 * What a row of the history is. `afterword`: a reaction, or a deletion for everybody; `deleted`: what is left of a message that its author has deleted;
 * `forgotten`: what is left of one that is not to be taken for a new one.
 */
export type HistoryKind = 'message' | 'afterword' | 'deleted' | 'forgotten' | NoticeKind

/**
 * `uploading`: before it can be encrypted, its file has to be at the relay. `delivered` and `read`: as the other side's device says. `restored`: it
 * came to another device, and out of a backup to this one; it counts as read.
 */
export type MessageState =
  | 'uploading'
  | 'waiting'
  | 'sealed'
  | 'sent'
  | ReceiptStatus
  | 'failed'
  | 'received'
  | 'restored'
