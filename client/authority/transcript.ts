import { createHash } from 'node:crypto'
import { hex } from '../../crypto/bytes.ts'
import type { Content } from '../../crypto/content.ts'
import type { Reading, RecordedEnvelope } from '../../crypto/access/mode.ts'

/** One message as the authority has it: in a readable and usable format. */
export interface TranscriptLine {
  /** the relay's clock, milliseconds since 1970 */
  readonly time: number
  readonly from: string
  readonly to: string
  /** what the sender's device says of when it was written */
  readonly sentAt: number
  readonly id: string
  readonly epoch: number
  readonly mode: string
  /** as its sender wrote it: never to a terminal or a page as it is */
  readonly text: string
}

/**
 * Reads off messages, each once: what is for several devices of a person was recorded several times, and a copy for the
 * sender's own devices says the same again, or is all that opens. Only what is the same to the last letter is left out,
 * so that nobody hides a message behind the id of another.
 * @returns null for what is no message, or has been read off before
 */
export function transcriber(): (reading: Reading) => TranscriptLine | null {
  const seen = new Set<string>()
  return ({ recorded, content, epoch, modeId }) => {
    const to = recipientOf(recorded, content)
    if (to === null) return null
    const { id, sentAt, text } = content
    const { time, fromUser: from, fromDevice } = recorded
    const said = JSON.stringify([from, hex(fromDevice), to, id, sentAt, text])
    const name = createHash('sha256').update(said).digest('base64')
    if (seen.has(name)) return null
    seen.add(name)
    return { time, from, to, sentAt, id, epoch, mode: modeId, text }
  }
}

/** Whom a message is for; null for what is no message, and for a copy that is not the sender's own. */
function recipientOf({ fromUser, toUser }: RecordedEnvelope, content: Content): string | null {
  if (content.kind === 'copy') return fromUser === toUser ? content.to : null
  return content.kind === 'text' ? toUser : null
}

/** The two people of a conversation, in the order of their names. */
export const conversationOf = ({ from, to }: TranscriptLine): string => [from, to].sort().join(' and ')

export function byConversation(lines: readonly TranscriptLine[]): ReadonlyMap<string, readonly TranscriptLine[]> {
  const conversations = new Map<string, TranscriptLine[]>()
  for (const line of lines) {
    const name = conversationOf(line)
    conversations.set(name, [...(conversations.get(name) ?? []), line])
  }
  return conversations
}

/** A record's time is the relay's word, and may be no date at all. */
function when(ms: number, zone = ''): string {
  const date = new Date(ms)
  return Number.isNaN(date.getTime())
    ? `${ms} ms`
    : date.toISOString().replace('T', ' ').slice(0, -'.000Z'.length) + zone
}

/** @param visible makes other people's text harmless for a terminal */
export const asText = (line: TranscriptLine, visible: (text: string) => string): string =>
  `${when(line.time, 'Z')}  ${line.from} -> ${line.to}: ${visible(line.text)}`

/** One self-contained page: no script, no network, light and dark, fit for print. */
export function asHtml(lines: readonly TranscriptLine[], visible: (text: string) => string): string {
  const conversations = [...byConversation(lines)].sort(([a], [b]) => a.localeCompare(b, 'en'))
  const sections = conversations.map(
    ([name, said]) => `<section><h2>${escape(name)}</h2><p>${said.length} message${said.length === 1 ? '' : 's'}</p>
<table><thead><tr><th>time (UTC)</th><th>from</th><th>text</th></tr></thead><tbody>
${said
  .map(
    (line) =>
      `<tr><td><time>${when(line.time)}</time></td><td>${escape(line.from)}</td><td>${line.text
        .split('\n')
        .map((part) => escape(visible(part)))
        .join('<br>')}</td></tr>`,
  )
  .join('\n')}
</tbody></table></section>`,
  )
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>Transcript: ${lines.length} messages, ${conversations.length} ${conversations.length === 1 ? 'conversation' : 'conversations'}</title>
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
<p>${lines.length} messages in ${conversations.length} conversations, decrypted with the escrow key. Times are the relay's.
Who wrote a message, the key alone cannot prove: the names are the relay's word.</p>
${sections.join('\n')}
</body></html>
`
}

const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }
const escape = (text: string) => text.replaceAll(/[&<>"']/g, (character) => entities[character] ?? '')
