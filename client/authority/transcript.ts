import { type Attachment, encodeAttachment } from '../../crypto/attachment.ts'
import { textWithAttachment } from '../words/attachment.ts'
import { counted } from '../words/counted.ts'
import { createHash } from 'node:crypto'
import { hex } from '../../crypto/bytes.ts'
import type { Content } from '../../crypto/content.ts'
import type { Reading } from '../../crypto/access/mode.ts'
import type { Attached } from './attached.ts'
import { afterwordWords, answersWords, createQuotes, type Naming, sameNaming } from './afterwords.ts'
import { conversationOf, copiedTo, groupOf } from './filter.ts'
import { createGroupTitles, type GroupName, groupWords } from './group-titles.ts'
import { groupedBy } from './grouped.ts'

/** One message as the authority has it: in a readable and usable format. `relaySays` and `deviceSays` tell the two apart. */
export interface TranscriptLine extends Naming {
  /** the relay's clock, milliseconds since 1970 */
  readonly time: number
  readonly from: string
  /** a device's id, in hex */
  readonly fromDevice: string
  readonly to: string
  readonly toDevice: string
  /** whom a copy for the sender's own other devices says it was sent to; null for what was delivered to `to` itself */
  readonly saysSentTo: string | null
  /** in which group it was said; null for what is between two */
  readonly group: GroupName | null
  /** when it was written, by the sending device's clock */
  readonly sentAt: number
  readonly id: string
  readonly epoch: number
  /** as its sender wrote it: never to a terminal or a page as it is */
  readonly text: string
  readonly attachment: Attachment | null
  /** the mode that opened it */
  readonly mode: string
}

/** Whose word a line's fields are: the key proves neither. */
const relaySays = ['time', 'from', 'fromDevice', 'to', 'toDevice'] as const
const deviceSays = [
  'saysSentTo',
  'group',
  'sentAt',
  'id',
  'epoch',
  'text',
  'attachment',
  'answers',
  'afterword',
  'deletedBefore',
] as const

/**
 * Reads off messages, each once: what is for several devices of a person was recorded several times, and a copy for the
 * sender's own devices says the same again, or is all that opens. Only what is the same to the last letter is left out,
 * so that nobody hides a message behind the id of another; and no copy stands in the place of what was delivered. What was said to a group
 * was sealed for each of its people: it is one message, and `to` is whoever was sent it first.
 * @returns null for what is no message, or has been read off before
 */
export function transcriber(): (reading: Reading) => TranscriptLine | null {
  const titles = createGroupTitles()
  const quotes = createQuotes()
  const delivered = new Set<string>()
  const copied = new Set<string>()
  return ({ recorded, content, epoch, modeId }) => {
    if (content.kind === 'news') titles.note(content)
    if (!shown.has(content.kind)) return null
    const { fromUser, toUser } = recorded
    const saysSentTo = copiedTo(content)
    if (saysSentTo !== null && fromUser !== toUser) return null
    const group = groupOf(content)
    const ends = { from: fromUser, to: toUser, saysSentTo, group: group && titles.of(group) }
    const conversation = conversationOf(ends)
    const named = { author: fromUser, id: content.id }
    const deletedBefore = saysSentTo === null && quotes.isDeleted(conversation, toUser, named)
    quotes.noteDeletion(conversation, toUser, fromUser, content)
    const line: TranscriptLine = {
      time: recorded.time,
      from: fromUser,
      fromDevice: hex(recorded.fromDevice),
      to: toUser,
      toDevice: hex(recorded.toDevice),
      saysSentTo,
      group: ends.group,
      sentAt: content.sentAt,
      id: content.id,
      epoch,
      text: content.text,
      attachment: ('attachment' in content && content.attachment) || null,
      ...quotes.namingOf(conversation, fromUser, content),
      ...(deletedBefore && { deletedBefore }),
      mode: modeId,
    }
    const name = nameOf(line)
    const isCopy = line.saysSentTo !== null
    if (!line.afterword) {
      const text = textWithAttachment(line.text, line.attachment)
      quotes.note(conversation, fromUser, named, text, isCopy)
      if (!isCopy) quotes.note(conversation, toUser, named, text, false)
    }
    if (delivered.has(name) || (isCopy && copied.has(name))) return null
    const seen = isCopy ? copied : delivered
    seen.add(name)
    return line
  }
}

/** What a person has been shown, or what was done to it. */
const shown: ReadonlySet<Content['kind']> = new Set(['text', 'copy', 'group', 'afterword', 'group afterword'])

/** The lines without copies of messages that stand among them too: in an archive the copy may come first. */
export function withoutEchoes(lines: readonly TranscriptLine[]): readonly TranscriptLine[] {
  const delivered = new Set(lines.filter(({ saysSentTo }) => saysSentTo === null).map(nameOf))
  return lines.filter((line) => line.saysSentTo === null || !delivered.has(nameOf(line)))
}

/** The same for a message and its copies, and for nothing else. */
function nameOf(line: TranscriptLine): string {
  const { from, fromDevice, to, saysSentTo, group, id, sentAt, text, attachment } = line
  const said = JSON.stringify([
    from,
    fromDevice,
    group === null ? (saysSentTo ?? to) : { group: group.id },
    id,
    sentAt,
    text,
    attachment && hex(encodeAttachment(attachment)),
    sameNaming(line),
  ])
  return createHash('sha256').update(said).digest('base64')
}

export const byConversation = (lines: readonly TranscriptLine[]): ReadonlyMap<string, readonly TranscriptLine[]> =>
  groupedBy(lines, conversationOf)

/** A record's time is the relay's word, and may be no date at all. */
export function when(ms: number, zone = ''): string {
  const date = new Date(ms)
  return Number.isNaN(date.getTime())
    ? `${ms} ms`
    : date.toISOString().replace('T', ' ').slice(0, -'.000Z'.length) + zone
}

/** One line as a value for JSON, with whose word its fields are. The key of an attachment is not among them. */
export const asObject = (
  { attachment, answers, afterword, deletedBefore, mode, ...line }: TranscriptLine,
  attached?: Attached,
): object => ({
  ...line,
  attachment: attachment && {
    name: attachment.name,
    type: attachment.type,
    sizeBytes: attachment.sizeBytes,
    ...(attachment.voiceMs !== undefined && { voiceMs: attachment.voiceMs }),
    blob: hex(attachment.blob),
    ...(attached && ('path' in attached ? { path: attached.path } : attached)),
  },
  answers: answers ?? null,
  afterword: afterword ?? null,
  deletedBefore: deletedBefore ?? false,
  mode,
  relaySays,
  deviceSays,
})

export function claimOf({ saysSentTo, group, answers, deletedBefore }: TranscriptLine): string {
  const place =
    group === null
      ? saysSentTo !== null && `a copy; says it was sent to ${saysSentTo}`
      : `to the group ${groupWords(group)}`
  return [
    ...(place === false ? [] : [place]),
    ...(answers ? [answersWords(answers)] : []),
    ...(deletedBefore ? ['deleted before it came: an honest program does not show it'] : []),
  ].join('; ')
}

/** Harmless for a terminal. */
export function asText(line: TranscriptLine): string {
  const claim = claimOf(line)
  const said = line.afterword ? afterwordWords(line.afterword) : textWithAttachment(line.text, line.attachment)
  return `${when(line.time, 'Z')}  ${line.from} -> ${line.to}${claim && ` (${claim})`}: ${said}`
}

/** What stands above lines of text, and on the page. */
export const whoseWord =
  "Time, sender and recipient are the relay's word. The text, and whom a copy says it was sent to, are the sending device's word. The key alone proves neither."

/** A copy is counted apart: that the message itself was delivered nobody has seen. */
export function countOf(lines: readonly TranscriptLine[]): string {
  const said = lines.filter(({ afterword }) => !afterword)
  const copies = said.filter(({ saysSentTo }) => saysSentTo !== null).length
  const afterwords = lines.length - said.length
  return [
    counted(said.length - copies, 'message'),
    ...(copies > 0 ? [counted(copies, 'copy', 'copies')] : []),
    ...(afterwords > 0 ? [counted(afterwords, 'reaction or deletion', 'reactions and deletions')] : []),
  ].join(', ')
}
