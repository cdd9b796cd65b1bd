import type { HistoryEntry, HistoryMessage } from '../../device/history-entries.ts'
import { afterwordText, answerText, deletedText, type Quote } from '../../words/afterword.ts'
import { linesWithAttachment } from '../../words/attachment.ts'
import { confirmedWords } from '../../words/confirmed.ts'
import { duration } from '../../words/duration.ts'
import { noticeText, toneOf } from '../../words/history-notices.ts'
import { clockTime } from '../terminal.ts'
import { visible } from '../../words/visible.ts'
import { type Line, line, lineWidth, type Span } from './line.ts'
import { wrap } from '../wrap.ts'

/** What became of one's own message: a mark, and a word wherever the mark alone would not tell. */
const marks: Record<HistoryMessage['state'], Span> = {
  uploading: { text: 'sending the file …', style: 'dim' },
  waiting: { text: 'waiting …', style: 'dim' },
  sealed: { text: 'waiting …', style: 'dim' },
  sent: { text: '✓', style: 'dim' },
  delivered: { text: '✓✓', style: 'dim' },
  read: { text: '✓✓ read', style: 'cyan' },
  failed: { text: '✗ not sent', style: 'red' },
  received: { text: '' },
  restored: { text: '' },
}

/** To a group it has come to so many; once all have it, or have read it, the mark says that. */
function markOf({ state, confirmed, deletedAt }: HistoryMessage): Span {
  if (deletedAt !== null) return { text: '' }
  const words = confirmed && (state === 'sent' || state === 'delivered') ? confirmedWords(confirmed) : ''
  const isForAll = state === 'delivered' && confirmed?.read.length === 0
  return words === '' || isForAll ? marks[state] : { text: `✓✓ ${words}`, style: 'dim' }
}

/** What is said begins under the first letter of the name. */
const indent = 6

/** Text behind and below a head, in rows; below, it is indented. */
function hang(head: Line, texts: readonly string[], width: number, style?: Span['style']): Line[] {
  const room = width - indent
  const rows = texts.flatMap((text, i) => wrap(text, room, i === 0 ? lineWidth(head) - indent : 0))
  return rows.map((text, i) => [...(i === 0 ? head : line(' '.repeat(indent))), style ? { text, style } : { text }])
}

function messageRows(message: HistoryMessage, self: string, width: number, quote: Quote): Line[] {
  const own = message.direction === 'out'
  const head: Line = [
    { text: `${clockTime(message.sentAt, message.recordedAt)} `, style: 'dim' },
    { text: own ? self : visible(message.author ?? message.peer), style: own ? 'green' : 'cyan' },
    { text: ': ' },
  ]
  const rows = hang(head, linesOf(message, self, quote), width)
  const tail: Span[] = own ? [markOf(message)] : []
  if (message.lifetimeSeconds > 0) tail.push({ text: `⌛ ${duration(message.lifetimeSeconds)}`, style: 'dim' })
  if (tail.length === 0) return rows
  const last = rows.at(-1) ?? []
  const spaced = tail.flatMap((span): Span[] => [{ text: ' ' }, span])
  if (lineWidth(last) + lineWidth(spaced) <= width) return [...rows.slice(0, -1), [...last, ...spaced]]
  return [...rows, [{ text: ' '.repeat(indent - 1) }, ...spaced]]
}

function linesOf(
  { peer, text, attachment, answers, deletedAt, recordedAt }: HistoryMessage,
  self: string,
  quote: Quote,
) {
  if (deletedAt !== null) return [deletedText(clockTime(deletedAt, recordedAt))]
  const said = linesWithAttachment(text.trimEnd(), attachment)
  return answers ? [answerText(peer, answers, self, quote), ...said] : said
}

const styles = { exposed: 'red', calm: 'dim', warning: 'yellow' } as const

/** An entry of the history as rows of the screen. */
export function saidRows(entry: HistoryEntry, self: string, width: number, quote: Quote): Line[] {
  if (entry.kind === 'message') return messageRows(entry, self, width, quote)
  const head = line(`${clockTime(entry.recordedAt, entry.recordedAt)} `, 'dim')
  if (entry.kind === 'afterword') return hang(head, [`* ${afterwordText(entry, quote)}`], width, 'dim')
  return hang(head, [`* ${noticeText(entry)}`], width, styles[toneOf(entry)])
}

/** A row across, with a word in it. */
export const rule = (word: string, style: Span['style'] = 'dim'): Line => line(`── ${word} ──`, style)

/** 2026-03-01, local time: of when this device stored the entry, for the sender's clock may be wrong. */
export function dayOf({ recordedAt }: HistoryEntry): string {
  const date = new Date(recordedAt)
  const two = (value: number) => String(value).padStart(2, '0')
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`
}
