import type { MessageName } from '../../crypto/message-name.ts'
import type { Device } from '../device/device.ts'
import type { HistoryAfterword } from '../device/history-entries.ts'
import { textWithAttachment } from './attachment.ts'
import { counted } from './counted.ts'
import { visible } from './visible.ts'

/** What a deletion reaches, for whoever makes one. */
export const deletionReach =
  'Deleted here, and on their devices if they run an honest program: not from what an authority, or the relay in its archive, has kept, nor where somebody has saved a copy.'

/** A message in a few words, as it stands in the own history: never in the words of whoever names it. Harmless. */
export type Quote = (peer: string, name: MessageName) => string

const quotedMaximum = 40
let segmenter: Intl.Segmenter | undefined

export function shortened(text: string): string {
  segmenter ??= new Intl.Segmenter('en', { granularity: 'grapheme' })
  const begin = Array.from(segmenter.segment(text.slice(0, 10 * quotedMaximum)), ({ segment }) => segment)
  const kept = begin.slice(0, quotedMaximum).join('')
  return kept.length < text.length ? `${kept}…` : text
}

export const quoteFrom =
  ({ afterwords }: Pick<Device, 'afterwords'>): Quote =>
  (peer, name) => {
    const message = afterwords.message(peer, name)
    if (!message) return 'a message that is not on this device'
    if (message.deletedAt !== null) return 'a message that was deleted'
    return `“${textWithAttachment(shortened(message.text.trim()), message.attachment)}”`
  }

/** What stands above an answer. */
export const answerText = (peer: string, answers: MessageName, self: string, quote: Quote): string =>
  `> ${answers.author === self ? 'you' : visible(answers.author)}: ${quote(peer, answers)}`

/** A reaction or a deletion in words, harmless. */
export function afterwordText({ peer, direction, author, said }: HistoryAfterword, quote: Quote): string {
  const who = direction === 'out' ? 'you' : visible(author ?? peer)
  if (said.kind === 'deletion')
    return `${who} deleted ${said.ids.length === 1 ? 'a message' : counted(said.ids.length, 'message')} for everybody`
  const what = quote(peer, said.of)
  return said.emoji === ''
    ? `${who} took back the reaction to ${what}`
    : `${who} reacted ${visible(said.emoji)} to ${what}`
}

/** What stands in the place of what a deleted message said. */
export const deletedText = (when: string): string => `[deleted for everybody, ${when}]`
