import { createHash } from 'node:crypto'
import { modes } from '../../crypto/access/index.ts'
import type { Attachment } from '../../crypto/attachment.ts'
import { attachmentWords } from '../words/attachment.ts'
import { counted } from '../words/counted.ts'
import { escape } from '../words/escape.ts'
import { visible } from '../words/visible.ts'
import { afterwordWords } from './afterwords.ts'
import { type Attached, attachedWords } from './attached.ts'
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
  /** what became of the files; absent where nobody has looked for them */
  readonly files?: Files
}

/** Pictures and sound stand in the page itself, so that it needs nothing else. */
interface Files {
  readonly of: ReadonlyMap<TranscriptLine, Attached>
  bytesOf(path: string): Buffer
}

/** Above it a file is only linked: the page would be slow to open. */
const shownMaximumBytes = 8 * 1024 * 1024
/** The same for all of them together. Each stands in the page once. */
const shownTogetherMaximumBytes = 32 * 1024 * 1024

const hashOf = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`

/** Nothing is fetched, and nothing runs but the one script and the one style that are written here. */
const policy = [
  "default-src 'none'",
  `script-src ${hashOf(transcriptScript)}`,
  `style-src ${hashOf(transcriptStyle)}`,
  'img-src data:',
  'media-src data:',
  "base-uri 'none'",
  "form-action 'none'",
].join('; ')

type Conversation = readonly [name: string, lines: readonly TranscriptLine[]]

export const transcriptPage = (transcript: Transcript): string => [...transcriptPageParts(transcript)].join('')

/**
 * A case file as one page: contents, then each conversation. It needs nothing else, no network, and no script to be read.
 * @returns it by parts, for it can be more than fits into one string
 */
export function* transcriptPageParts(transcript: Transcript): Generator<string> {
  const conversations: Conversation[] = [...byConversation(transcript.lines)].sort(([a], [b]) =>
    a.localeCompare(b, 'en'),
  )
  const title = `${countOf(transcript.lines)}, ${counted(conversations.length, 'conversation')}`
  yield `<!doctype html>
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
`
  const fileOf = filesOnce(transcript.files)
  for (const [i, conversation] of conversations.entries()) yield* section(conversation, i + 1, fileOf)
  yield `</main>
<footer>Made by doormat, for study and teaching.</footer>
<script>${transcriptScript}</script>
</body></html>
`
}

function facts({ lines, incomplete, limits, files }: Transcript, title: string): string {
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
    ['Attachments', escape(attachmentsOf(lines, files))],
    ...(incomplete === null ? [] : [['Incomplete', `<strong>${escape(visible(incomplete))}.</strong>`] as const]),
  ]
  return `<dl>${rows.map(([name, value]) => `<dt>${name}</dt><dd>${value}</dd>`).join('\n')}</dl>`
}

function attachmentsOf(lines: readonly TranscriptLine[], files: Files | undefined): string {
  const all = lines.filter(({ attachment }) => attachment !== null)
  if (all.length === 0) return 'none'
  return (files && attachedWords([...files.of.values()])) ?? counted(all.length, 'file')
}

const contents = (conversations: readonly Conversation[]) =>
  conversations.length === 0
    ? '<p>There is nothing in it.</p>'
    : `<ol>${conversations
        .map(([name, said], i) => `<li><a href="#c${i + 1}">${escape(name)}</a> <small>${countOf(said)}</small></li>`)
        .join('\n')}</ol>`

function* section([name, said]: Conversation, number: number, fileOf: FileOf): Generator<string> {
  yield `<section id="c${number}"><h2>${number}. ${escape(name)}</h2><p>${countOf(said)}</p>
<table><thead><tr><th scope="col">No.</th><th scope="col">Time<small>the relay’s word</small></th><th scope="col">From<small>the relay’s word</small></th><th scope="col">To<small>the relay’s word</small></th><th scope="col">Text<small>the sending device’s word</small></th></tr></thead><tbody>
`
  for (const [i, line] of said.entries()) yield rowOf(line, `${number}.${i + 1}`, fileOf)
  yield '</tbody></table></section>\n'
}

/** The text's cell is the last, and nothing else is in it. */
function rowOf(line: TranscriptLine, number: string, fileOf: FileOf): string {
  const claim = claimOf(line)
  const text = line.text.split('\n').map((part) => escape(visible(part)))
  const words = line.afterword ? `<em>${escape(afterwordWords(line.afterword))}</em>` : text.join('<br>')
  const said = `${claim && `<em>${escape(claim)}</em><br>`}${words}${line.attachment ? fileOf(line, line.attachment, number) : ''}`
  return `<tr><th scope="row">${number}</th>${[timeOf(line.time), escape(line.from), escape(line.to), said]
    .map((cell) => `<td>${cell}</td>`)
    .join('')}</tr>\n`
}

type FileOf = (line: TranscriptLine, attachment: Attachment, number: string) => string

/**
 * Pictures and sound are decoded by the browser, each where it comes first; later it is linked, as what is too large is. All else
 * is only named: a browser that follows a link to a file beside a page may open it, and run what is in it.
 */
function filesOnce(files: Files | undefined): FileOf {
  /** by digest: the number of an entry */
  const shownAt = new Map<string, string>()
  let roomBytes = shownTogetherMaximumBytes
  return (line, attachment, number) => {
    const { sizeBytes } = attachment
    const label = escape(attachmentWords(attachment))
    const file = files?.of.get(line)
    if (!files || !file) return `<p class="file">${label}</p>`
    if ('missing' in file) return `<p class="file">${label}: ${escape(file.missing)}</p>`
    const { path, shownAs, digest } = file
    if (shownAs === null) return `<p class="file">${label}, beside this page as ${escape(path)}</p>`
    const link = `<a href="${escape(encodeURIComponent(path))}" download>${label}</a>`
    const before = shownAt.get(digest)
    if (before !== undefined) return `<p class="file">${link}, shown in <a href="#f${before}">No. ${before}</a></p>`
    if (sizeBytes > Math.min(shownMaximumBytes, roomBytes))
      return `<p class="file">${link}, too large to be shown in this page</p>`
    shownAt.set(digest, number)
    roomBytes -= sizeBytes
    const data = `data:${shownAs};base64,${files.bytesOf(path).toString('base64')}`
    const shown = shownAs.startsWith('audio/')
      ? `<audio id="f${number}" aria-label="${label}" controls preload="metadata" src="${data}"></audio>`
      : `<img id="f${number}" alt="${escape(visible(line.text)) || 'a picture without a word'}" src="${data}">`
    return `${shown}<p class="file">${link}</p>`
  }
}

/** A record's time is the relay's word, and may be no date at all. */
function timeOf(ms: number): string {
  const date = new Date(ms)
  return Number.isNaN(date.getTime())
    ? `<time>${when(ms)}</time>`
    : `<time datetime="${date.toISOString()}">${when(ms)}</time>`
}
