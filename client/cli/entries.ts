import type { HistoryEntry, MessageState } from '../device/history.ts'
import { noticeText, toneOf } from '../words/history-notices.ts'
import { clockTime, exposed, paint } from './terminal.ts'
import { visibleLines } from '../words/visible.ts'

const unsent: Partial<Record<MessageState, string>> = {
  waiting: ' (waiting)',
  sealed: ' (waiting)',
  failed: ' (not sent)',
}

const tones = {
  exposed,
  calm: (text: string) => paint('dim', text),
  warning: (text: string) => paint('yellow', text),
}

/** An entry as one or more lines for a person. */
export function linesOf(entry: HistoryEntry, self: string, now: number): string[] {
  const time = paint('dim', clockTime(entry.kind === 'message' ? entry.sentAt : entry.recordedAt, now))
  if (entry.kind !== 'message') return [`${time} ${tones[toneOf(entry)](`* ${noticeText(entry)}`)}`]
  const who = entry.direction === 'in' ? paint('cyan', entry.peer) : paint('green', self)
  const state = entry.direction === 'in' ? '' : paint('dim', unsent[entry.state] ?? '')
  const [first = '', ...rest] = visibleLines(entry.text)
  return [`${time} ${who}: ${first}${state}`, ...rest.map((line) => `      ${line}`)]
}

/** An entry as docs/cli.md describes it: `sequence` counts this device's history. */
export function jsonOf(entry: HistoryEntry): Record<string, unknown> {
  const { row, sequence, ...rest } = entry
  return { sequence: row, ...rest, number: sequence }
}
