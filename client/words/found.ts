import type { HistoryMessage } from '../device/history-entries.ts'
import { textWithAttachment } from './attachment.ts'
import { excerpt } from './excerpt.ts'
import { folded } from './folded.ts'

/** What a person looks for: whether a text has these words, however they are written. @returns null for words with nothing in them */
export function wantedBy(words: string): ((text: string) => boolean) | null {
  const wanted = folded(words)
  return wanted === '' ? null : (text) => folded(text).includes(wanted)
}

/** What a found message says, on one line; made harmless. */
export const foundText = ({ text, attachment }: HistoryMessage, isWanted: (text: string) => boolean): string =>
  textWithAttachment(excerpt(text, isWanted), attachment)
