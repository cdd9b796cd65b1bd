import type { Attachment } from '../../crypto/attachment.ts'
import { voiceLength } from '../device/voice/length.ts'
import { fileSize } from './file-size.ts'
import { visible, visibleLines } from './visible.ts'

type Named = Pick<Attachment, 'name' | 'sizeBytes' | 'voiceMs'>

/** `photo.jpg, 70 kB`, or `voice message, 0:12, 36 kB`. Name and length are the sender's word. */
export const attachmentWords = ({ name, sizeBytes, voiceMs }: Named): string =>
  `${voiceMs === undefined ? visible(name) : `voice message, ${voiceLength(voiceMs)}`}, ${fileSize(sizeBytes)}`

/** A file where there is a line for a message: `[photo.jpg, 70 kB]`. */
export const attachmentText = (file: Named): string => `[${attachmentWords(file)}]`

type File = Named | null

/** What a message says on one line, with its file behind it; made harmless. */
export const textWithAttachment = (text: string, attachment: File): string =>
  [...(text === '' && attachment ? [] : [visible(text)]), ...(attachment ? [attachmentText(attachment)] : [])].join(' ')

/** The same in as many lines as the text has, with a line for the file. */
export const linesWithAttachment = (text: string, attachment: File): readonly string[] => [
  ...(text === '' && attachment ? [] : visibleLines(text)),
  ...(attachment ? [attachmentText(attachment)] : []),
]

/** A text with what can be said of its file where its name is nobody's business: not made harmless. */
export function textAndKindOfFile(text: string, file: Pick<Attachment, 'sizeBytes' | 'voiceMs'> | null): string {
  if (!file) return text
  const kind =
    file.voiceMs === undefined ? `[a file, ${fileSize(file.sizeBytes)}]` : attachmentText({ ...file, name: '' })
  return text === '' ? kind : `${text} ${kind}`
}
