import type { Attachment } from '../../crypto/attachment.ts'
import { fileSize } from './file-size.ts'
import { visible, visibleLines } from './visible.ts'

/** A file where there is a line for a message: `[photo.jpg, 70 kB]`. Its name is the sender's word. */
export const attachmentText = ({ name, sizeBytes }: Pick<Attachment, 'name' | 'sizeBytes'>): string =>
  `[${visible(name)}, ${fileSize(sizeBytes)}]`

type File = Pick<Attachment, 'name' | 'sizeBytes'> | null

/** What a message says on one line, with its file behind it; made harmless. */
export const textWithAttachment = (text: string, attachment: File): string =>
  [...(text === '' && attachment ? [] : [visible(text)]), ...(attachment ? [attachmentText(attachment)] : [])].join(' ')

/** The same in as many lines as the text has, with a line for the file. */
export const linesWithAttachment = (text: string, attachment: File): readonly string[] => [
  ...(text === '' && attachment ? [] : visibleLines(text)),
  ...(attachment ? [attachmentText(attachment)] : []),
]
