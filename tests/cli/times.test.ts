import { describe, expect, it } from 'vitest'
import { transcriptPage } from '../../client/authority/transcript-page.ts'
import { asText, type TranscriptLine } from '../../client/authority/transcript.ts'
import { saidRows } from '../../client/cli/chat/said.ts'
import { jsonOf, linesOf } from '../../client/cli/entries.ts'
import { clockTime } from '../../client/cli/terminal.ts'
import { safeJson, visible } from '../../client/words/visible.ts'
import type { HistoryMessage } from '../../client/device/history-entries.ts'

/* A sender says when a message was written, and a relay when it came: any whole number that eight bytes can say. */

const noon = new Date(2026, 2, 1, 12, 0).getTime()
const last = 8_640_000_000_000_000
const times = [0, last, last + 1, Number.MAX_SAFE_INTEGER]

const message = (sentAt: number): HistoryMessage => ({
  row: 1,
  kind: 'message',
  peer: 'bob',
  direction: 'in',
  author: null,
  id: '1',
  sequence: 1,
  sentAt,
  recordedAt: noon,
  state: 'received',
  epoch: 1,
  lifetimeSeconds: 0,
  attachment: null,
  confirmed: null,
  answers: null,
  deletedAt: null,
  text: 'hello',
})
const line = (time: number): TranscriptLine => ({
  time,
  from: 'bob',
  fromDevice: '00',
  to: 'alice',
  toDevice: '00',
  saysSentTo: null,
  group: null,
  sentAt: time,
  id: '1',
  epoch: 1,
  attachment: null,
  mode: 'message-key-escrow',
  text: 'hello',
})

describe('a time that somebody else says', () => {
  it('is told where no calendar has it, and is never half a date', () => {
    const shown = (sentAt: number) => [
      saidRows(message(sentAt), 'alice', 60, () => '')
        .map((spans) => spans.map(({ text }) => text).join(''))
        .join('\n'),
      ...linesOf(message(sentAt), { self: 'alice', nameOf: visible, quote: () => '' }, noon),
    ]
    for (const sentAt of times) for (const row of shown(sentAt)) expect(row).not.toContain('NaN')
    for (const sentAt of times.filter((ms) => ms > last))
      expect(shown(sentAt)).toEqual(['(no time) bob: hello', '(no time) bob: hello'])
    expect(clockTime(Number.MAX_SAFE_INTEGER, noon)).toBe('(no time)')
    expect(clockTime(noon, Number.MAX_SAFE_INTEGER)).toBe('2026-03-01 12:00')
  })

  it('is the number itself in JSON', () => {
    for (const sentAt of times) expect(JSON.parse(safeJson(jsonOf(message(sentAt))))).toMatchObject({ sentAt })
  })

  it('stands whole in a transcript, also after the year 9999', () => {
    const far = Date.UTC(33_658, 8, 27, 1, 46, 40)
    expect(asText(line(far))).toBe('+033658-09-27 01:46:40Z  bob -> alice: hello')
    const page = (time: number) => transcriptPage({ lines: [line(time)], incomplete: null, limits: null })
    expect(page(far)).toContain('<time datetime="+033658-09-27T01:46:40.000Z">+033658-09-27 01:46:40</time>')
    expect(page(Number.MAX_SAFE_INTEGER)).toContain('<td><time>9007199254740991 ms</time></td>')
    expect(asText(line(Number.MAX_SAFE_INTEGER))).toBe('9007199254740991 ms  bob -> alice: hello')
  })
})
