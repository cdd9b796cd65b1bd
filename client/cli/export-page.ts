import { createHash } from 'node:crypto'
import { transcriptStyle } from '../authority/transcript-style.ts'
import { when } from '../authority/transcript.ts'
import type { HistoryEntry } from '../device/history-entries.ts'
import { afterwordText, answerText, deletedText, type Quote } from '../words/afterword.ts'
import { escape } from '../words/escape.ts'
import { noticeText } from '../words/history-notices.ts'
import { visible, visibleLines } from '../words/visible.ts'

/** One conversation of an export: what it is called, and its entries, which are read when they are asked for. */
export interface ExportedConversation {
  readonly name: string
  readonly entries: () => Iterable<HistoryEntry>
}

/** What became of the file of a message. */
export type ExportedFile = { readonly path: string } | { readonly missing: string }

export interface ExportedHistory {
  readonly self: string
  readonly conversations: readonly ExportedConversation[]
  /** by the row of its message */
  readonly files: ReadonlyMap<number, ExportedFile>
  readonly quote: Quote
}

/** Nothing is fetched, and nothing runs. */
const policy = `default-src 'none'; style-src 'sha256-${createHash('sha256').update(transcriptStyle).digest('base64')}'; base-uri 'none'; form-action 'none'`

/** One's own history as a page that needs nothing else. @returns it by parts, for it can be more than fits into one string */
export function* exportPage(history: ExportedHistory): Generator<string> {
  const { self, conversations } = history
  yield `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<title>Messages of ${escape(self)}</title>
<style>${transcriptStyle}</style></head><body>
<header><h1>Messages of ${escape(self)}</h1>
<p class="word">Times are in UTC, by the clocks of those who wrote.</p></header>
<main><nav aria-labelledby="contents"><h2 id="contents">Contents</h2><ol>
${conversations.map(({ name }, i) => `<li><a href="#c${i + 1}">${escape(name)}</a></li>`).join('\n')}
</ol></nav>
`
  for (const [i, { name, entries }] of conversations.entries()) {
    yield `<section id="c${i + 1}"><h2>${escape(name)}</h2>
<table><thead><tr><th scope="col">Time</th><th scope="col">From</th><th scope="col">Text</th></tr></thead><tbody>
`
    for (const entry of entries()) yield rowOf(entry, history)
    yield '</tbody></table></section>\n'
  }
  yield '</main></body></html>\n'
}

function rowOf(entry: HistoryEntry, { self, files, quote }: ExportedHistory): string {
  const aside = (text: string) => row(entry.recordedAt, '', `<em>${escape(text)}</em>`)
  if (entry.kind === 'afterword') return aside(afterwordText(entry, quote))
  if (entry.kind !== 'message') return aside(noticeText(entry))
  const { attachment, answers, deletedAt, peer } = entry
  const lines = deletedAt === null ? visibleLines(entry.text) : [deletedText(when(deletedAt))]
  const text = (answers ? [answerText(peer, answers, self, quote), ...lines] : lines).map(escape).join('<br>')
  const file = attachment && `<div class="file">${linkTo(visible(attachment.name), files.get(entry.row))}</div>`
  return row(entry.sentAt, entry.direction === 'out' ? self : (entry.author ?? entry.peer), `${text}${file ?? ''}`)
}

const row = (time: number, who: string, said: string) =>
  `<tr><th scope="row"><time>${escape(when(time))}</time></th><td>${escape(who)}</td><td>${said}</td></tr>\n`

function linkTo(name: string, file: ExportedFile | undefined): string {
  if (file === undefined) return escape(name)
  if ('missing' in file) return `${escape(name)} (not here: ${escape(file.missing)})`
  return `<a href="${escape(file.path.split('/').map(encodeURIComponent).join('/'))}">${escape(name)}</a>`
}
