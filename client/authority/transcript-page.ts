import { createHash } from 'node:crypto'
import { modes } from '../../crypto/access/index.ts'
import { counted } from '../words/counted.ts'
import { visible } from '../words/visible.ts'
import { byConversation, claimOf, countOf, type TranscriptLine, when, whoseWord } from './transcript.ts'
import { transcriptScript } from './transcript-script.ts'
import { transcriptStyle } from './transcript-style.ts'

/** What the holder of a key hands to somebody who has to read it. */
export interface Transcript {
  readonly lines: readonly TranscriptLine[]
  /** what the evidence lacks, as a sentence; null where it is whole */
  readonly incomplete: string | null
  /** to what it is limited, in words; null where it has everything that the key opens */
  readonly limits: string | null
}

const hashOf = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`

/** Nothing is fetched, and nothing runs but the one script and the one style that are written here. */
const policy = [
  "default-src 'none'",
  `script-src ${hashOf(transcriptScript)}`,
  `style-src ${hashOf(transcriptStyle)}`,
  "base-uri 'none'",
  "form-action 'none'",
].join('; ')

type Conversation = readonly [name: string, lines: readonly TranscriptLine[]]

/** A case file as one page: contents, then each conversation. It needs nothing else, no network, and no script to be read. */
export function transcriptPage(transcript: Transcript): string {
  const conversations: Conversation[] = [...byConversation(transcript.lines)].sort(([a], [b]) =>
    a.localeCompare(b, 'en'),
  )
  const title = `${countOf(transcript.lines)}, ${counted(conversations.length, 'conversation')}`
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<title>Transcript: ${title}</title>
<style>${transcriptStyle}</style></head><body>
<header><h1>Transcript</h1>
${facts(transcript, title)}
<p class="word">${whoseWord}</p></header>
<main>
<nav aria-labelledby="contents"><h2 id="contents">Contents</h2>
${contents(conversations)}
</nav>
<form id="search" role="search" hidden><label for="words">Search in all messages</label>
<input id="words" type="search" autocomplete="off" spellcheck="false"><p id="found" role="status"></p></form>
${conversations.map(section).join('\n')}
</main>
<footer>Made by doormat, for study and teaching.</footer>
<script>${transcriptScript}</script>
</body></html>
`
}

function facts({ lines, incomplete, limits }: Transcript, title: string): string {
  const times = lines.map(({ time }) => time)
  const [first, last] = [
    times.reduce((a, b) => Math.min(a, b), Infinity),
    times.reduce((a, b) => Math.max(a, b), -Infinity),
  ]
  const names = [...new Set(lines.map(({ mode }) => mode))].map(
    (id) => modes.find((mode) => mode.id === id)?.title ?? id,
  )
  const rows: (readonly [string, string])[] = [
    ['Contains', escape(title)],
    ['Extent', escape(limits === null ? 'everything that the key opens' : `only ${limits}`)],
    ...(lines.length > 0 ? [['Period', `${timeOf(first)} to ${timeOf(last)}`] as const] : []),
    ['Times', '<span id="zone">in UTC</span>, by the relay’s clock'],
    ...(names.length > 0
      ? [['Decrypted with', `the secret key of ${escape(names.join(', ').toLowerCase())}`] as const]
      : []),
    ['Attachments', 'none. Doormat carries text only; files would be listed under the conversation they belong to.'],
    ...(incomplete === null ? [] : [['Incomplete', `<strong>${escape(visible(incomplete))}.</strong>`] as const]),
  ]
  return `<dl>${rows.map(([name, value]) => `<dt>${name}</dt><dd>${value}</dd>`).join('\n')}</dl>`
}

const contents = (conversations: readonly Conversation[]) =>
  conversations.length === 0
    ? '<p>There is nothing in it.</p>'
    : `<ol>${conversations
        .map(([name, said], i) => `<li><a href="#c${i + 1}">${escape(name)}</a> <small>${countOf(said)}</small></li>`)
        .join('\n')}</ol>`

function section([name, said]: Conversation, i: number): string {
  const number = i + 1
  return `<section id="c${number}"><h2>${number}. ${escape(name)}</h2><p>${countOf(said)}</p>
<table><thead><tr><th scope="col">No.</th><th scope="col">Time<small>the relay’s word</small></th><th scope="col">From<small>the relay’s word</small></th><th scope="col">To<small>the relay’s word</small></th><th scope="col">Text<small>the sending device’s word</small></th></tr></thead><tbody>
${said.map((line, row) => rowOf(line, `${number}.${row + 1}`)).join('\n')}
</tbody></table></section>`
}

/** The text's cell is the last, and nothing else is in it. */
function rowOf(line: TranscriptLine, number: string): string {
  const claim = claimOf(line)
  const text = line.text.split('\n').map((part) => escape(visible(part)))
  const said = `${claim && `<em>${escape(claim)}</em><br>`}${text.join('<br>')}`
  return `<tr><th scope="row">${number}</th>${[timeOf(line.time), escape(line.from), escape(line.to), said]
    .map((cell) => `<td>${cell}</td>`)
    .join('')}</tr>`
}

/** A record's time is the relay's word, and may be no date at all. */
function timeOf(ms: number): string {
  const date = new Date(ms)
  return Number.isNaN(date.getTime())
    ? `<time>${when(ms)}</time>`
    : `<time datetime="${date.toISOString()}">${when(ms)}</time>`
}

const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }
const escape = (text: string) => text.replaceAll(/[&<>"']/g, (character) => entities[character] ?? '')
