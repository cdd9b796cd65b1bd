import { counted } from '../words/counted.ts'
import { createHash } from 'node:crypto'
import { hex } from '../../crypto/bytes.ts'
import type { Reading } from '../../crypto/access/mode.ts'
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

/** Whether somebody sent or got it by the relay's word, or is said to have been sent what this is a copy of. */
export const isAbout = ({ from, to, saysSentTo }: TranscriptLine, person: string): boolean =>
  [from, to, saysSentTo].includes(person)

/** The two people of a conversation, in the order of their names; a copy is put where it says it belongs. */
export const conversationOf = ({ from, to, saysSentTo }: TranscriptLine): string =>
  [from, saysSentTo ?? to].sort().join(' and ')

export const byConversation = (lines: readonly TranscriptLine[]): ReadonlyMap<string, readonly TranscriptLine[]> =>
  groupedBy(lines, conversationOf)

/** A record's time is the relay's word, and may be no date at all. */
function when(ms: number, zone = ''): string {
  const date = new Date(ms)
  return Number.isNaN(date.getTime())
    ? `${ms} ms`
    : date.toISOString().replace('T', ' ').slice(0, -'.000Z'.length) + zone
}

/** One line as a value for JSON, with whose word its fields are. */
export const asObject = (line: TranscriptLine): object => ({ ...line, relaySays, deviceSays })

const claimOf = ({ saysSentTo }: TranscriptLine) =>
  saysSentTo === null ? '' : `a copy; says it was sent to ${saysSentTo}`

/** @param visible makes other people's text harmless for a terminal */
export function asText(line: TranscriptLine, visible: (text: string) => string): string {
  const claim = claimOf(line)
  return `${when(line.time, 'Z')}  ${line.from} -> ${line.to}${claim && ` (${claim})`}: ${visible(line.text)}`
}

/** What stands above lines of text, and on the page. */
export const whoseWord =
  "Time, sender and recipient are the relay's word. The text, and whom a copy says it was sent to, are the sending device's word. The key alone proves neither."

/**
 * One self-contained page: no script, no network, light and dark, fit for print.
 * @param incomplete what the evidence lacks, as a sentence
 */
export function asHtml(
  lines: readonly TranscriptLine[],
  visible: (text: string) => string,
  incomplete: string | null = null,
): string {
  const conversations = [...byConversation(lines)].sort(([a], [b]) => a.localeCompare(b, 'en'))
  const sections = conversations.map(
    ([name, said]) => `<section><h2>${escape(name)}</h2><p>${countOf(said)}</p>
<table><thead><tr><th>time (UTC)<br>by the relay</th><th>from<br>by the relay</th><th>to<br>by the relay</th><th>text<br>by the sending device</th></tr></thead><tbody>
${said.map((line) => rowOf(line, visible)).join('\n')}
</tbody></table></section>`,
  )
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>Transcript: ${countOf(lines)}, ${counted(conversations.length, 'conversation')}</title>
<style>
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif }
body { max-width: 60rem; margin: 2rem auto; padding: 0 1rem }
h1 { font-size: 1.5rem } h2 { font-size: 1.15rem; margin: 2rem 0 0 }
table { border-collapse: collapse; width: 100% }
th, td { text-align: left; vertical-align: top; padding: .3rem .8rem .3rem 0; border-bottom: 1px solid #8884 }
td:last-child { overflow-wrap: anywhere; width: 100% } time { white-space: nowrap; font-variant-numeric: tabular-nums }
@media print { section { break-inside: avoid-page } }
</style></head><body>
<h1>Transcript</h1>
<p>${countOf(lines)} in ${counted(conversations.length, 'conversation')}, decrypted with the escrow key. ${whoseWord}</p>${incomplete === null ? '' : `\n<p><strong>Incomplete:</strong> ${escape(visible(incomplete))}.</p>`}
${sections.join('\n')}
</body></html>
`
}

function rowOf(line: TranscriptLine, visible: (text: string) => string): string {
  const claim = claimOf(line)
  const text = line.text.split('\n').map((part) => escape(visible(part)))
  const cells = [`<time>${when(line.time)}</time>`, escape(line.from), escape(line.to)]
  const said = `${claim && `<em>${escape(claim)}</em><br>`}${text.join('<br>')}`
  return `<tr>${[...cells, said].map((cell) => `<td>${cell}</td>`).join('')}</tr>`
}

/** A copy is counted apart: that the message itself was delivered nobody has seen. */
export function countOf(lines: readonly TranscriptLine[]): string {
  const copies = lines.filter(({ saysSentTo }) => saysSentTo !== null).length
  const messages = counted(lines.length - copies, 'message')
  return copies === 0 ? messages : `${messages}, ${counted(copies, 'copy', 'copies')}`
}

const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }
const escape = (text: string) => text.replaceAll(/[&<>"']/g, (character) => entities[character] ?? '')
