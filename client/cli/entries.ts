import type { HistoryEntry, MessageState } from '../device/history.ts'
import { noticeText } from '../words/history-notices.ts'
import { clockTime, paint } from './terminal.ts'
import { visibleLines } from '../words/visible.ts'

const unsent: Partial<Record<MessageState, string>> = {
  waiting: ' (waiting)',
  sealed: ' (waiting)',
  failed: ' (not sent)',
}

/** An entry as one or more lines for a person. */
export function linesOf(entry: HistoryEntry, self: string, now: number): string[] {
  const time = paint('dim', clockTime(entry.kind === 'message' ? entry.sentAt : entry.recordedAt, now))
  if (entry.kind !== 'message') return [`${time} ${paint('yellow', `* ${noticeText(entry)}`)}`]
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
