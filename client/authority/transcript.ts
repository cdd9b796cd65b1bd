import { counted } from '../words/counted.ts'
import { createHash } from 'node:crypto'
import { hex } from '../../crypto/bytes.ts'
import type { Reading } from '../../crypto/access/mode.ts'
import { conversationOf } from './filter.ts'
import { groupedBy } from './grouped.ts'

/** One message as the authority has it: in a readable and usable format. `relaySays` and `deviceSays` tell the two apart. */
export interface TranscriptLine {
  /** the relay's clock, milliseconds since 1970 */
  readonly time: number
  readonly from: string
  /** a device's id, in hex */
  readonly fromDevice: string
  readonly to: string
  readonly toDevice: string
  /** whom a copy for the sender's own other devices says it was sent to; null for what was delivered to `to` itself */
  readonly saysSentTo: string | null
  /** when it was written, by the sending device's clock */
  readonly sentAt: number
  readonly id: string
  readonly epoch: number
  /** as its sender wrote it: never to a terminal or a page as it is */
  readonly text: string
  /** the mode that opened it */
  readonly mode: string
}

/** Whose word a line's fields are: the key proves neither. */
const relaySays = ['time', 'from', 'fromDevice', 'to', 'toDevice'] as const
const deviceSays = ['saysSentTo', 'sentAt', 'id', 'epoch', 'text'] as const

/**
 * Reads off messages, each once: what is for several devices of a person was recorded several times, and a copy for the
 * sender's own devices says the same again, or is all that opens. Only what is the same to the last letter is left out,
 * so that nobody hides a message behind the id of another; and no copy stands in the place of what was delivered.
 * @returns null for what is no message, or has been read off before
 */
export function transcriber(): (reading: Reading) => TranscriptLine | null {
  const delivered = new Set<string>()
  const copied = new Set<string>()
  return ({ recorded, content, epoch, modeId }) => {
    if (content.kind !== 'text' && content.kind !== 'copy') return null
    const { fromUser, toUser } = recorded
    if (content.kind === 'copy' && fromUser !== toUser) return null
    const line: TranscriptLine = {
      time: recorded.time,
      from: fromUser,
      fromDevice: hex(recorded.fromDevice),
      to: toUser,
      toDevice: hex(recorded.toDevice),
      saysSentTo: content.kind === 'copy' ? content.to : null,
      sentAt: content.sentAt,
      id: content.id,
      epoch,
      text: content.text,
      mode: modeId,
    }
    const name = nameOf(line)
    const isCopy = line.saysSentTo !== null
    if (delivered.has(name) || (isCopy && copied.has(name))) return null
    const seen = isCopy ? copied : delivered
    seen.add(name)
    return line
  }
}

/** The lines without copies of messages that stand among them too: in an archive the copy may come first. */
export function withoutEchoes(lines: readonly TranscriptLine[]): readonly TranscriptLine[] {
  const delivered = new Set(lines.filter(({ saysSentTo }) => saysSentTo === null).map(nameOf))
  return lines.filter((line) => line.saysSentTo === null || !delivered.has(nameOf(line)))
}

/** The same for a message and its copies, and for nothing else. */
function nameOf({ from, fromDevice, to, saysSentTo, id, sentAt, text }: TranscriptLine): string {
  const said = JSON.stringify([from, fromDevice, saysSentTo ?? to, id, sentAt, text])
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

/** One line as a value for JSON, with whose word its fields are. */
export const asObject = (line: TranscriptLine): object => ({ ...line, relaySays, deviceSays })

export const claimOf = ({ saysSentTo }: TranscriptLine) =>
  saysSentTo === null ? '' : `a copy; says it was sent to ${saysSentTo}`

/** @param visible makes other people's text harmless for a terminal */
export function asText(line: TranscriptLine, visible: (text: string) => string): string {
  const claim = claimOf(line)
  return `${when(line.time, 'Z')}  ${line.from} -> ${line.to}${claim && ` (${claim})`}: ${visible(line.text)}`
}

/** What stands above lines of text, and on the page. */
export const whoseWord =
  "Time, sender and recipient are the relay's word. The text, and whom a copy says it was sent to, are the sending device's word. The key alone proves neither."

/** A copy is counted apart: that the message itself was delivered nobody has seen. */
export function countOf(lines: readonly TranscriptLine[]): string {
  const copies = lines.filter(({ saysSentTo }) => saysSentTo !== null).length
  const messages = counted(lines.length - copies, 'message')
  return copies === 0 ? messages : `${messages}, ${counted(copies, 'copy', 'copies')}`
}
