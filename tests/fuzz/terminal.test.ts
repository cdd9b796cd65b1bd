import { existsSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import headless from '@xterm/headless'
import fc from 'fast-check'
import stringWidth from 'string-width'
import { describe, expect, it } from 'vitest'
import { transcriptPage } from '../../client/authority/transcript-page.ts'
import { asText, type TranscriptLine } from '../../client/authority/transcript.ts'
import { press, rowsShown, textOf, typedText } from '../../client/cli/chat/editor.ts'
import { jsonOf, linesOf } from '../../client/cli/entries.ts'
import { safeJson, visible, visibleLines } from '../../client/words/visible.ts'
import type { HistoryEntry } from '../../client/device/history-entries.ts'
import { noticeKinds } from '../../client/device/history-kinds.ts'
import { counting, inTime, parameters, patience } from '../support/fuzz.ts'
import { dangersIn, hostileJson, hostileText } from '../support/hostile.ts'
import { missing } from '../support/missing.ts'

const count = counting()
const source = resolve(import.meta.dirname, '../../../shared/data/sms.tsv')
const skipped = missing(existsSync(source), 'the SMS Spam Collection is not at ../shared/data/sms.tsv')

const message = (text: string): HistoryEntry => ({
  row: 1,
  kind: 'message',
  peer: 'alice',
  direction: 'in',
  author: null,
  id: 'message-1',
  sequence: 1,
  sentAt: 1,
  recordedAt: 1,
  state: 'received',
  epoch: 1,
  lifetimeSeconds: 0,
  attachment: null,
  confirmed: null,
  answers: null,
  deletedAt: null,
  text,
})

const notice = (kind: (typeof noticeKinds)[number], text: string): HistoryEntry => ({
  row: 1,
  kind,
  peer: 'alice',
  recordedAt: 1,
  epoch: 1,
  sequence: 1,
  text,
})

const line = (text: string): TranscriptLine => ({
  time: 1,
  from: 'alice',
  fromDevice: '01',
  to: 'bob',
  toDevice: '02',
  saysSentTo: null,
  group: null,
  sentAt: 1,
  id: 'message-1',
  epoch: 1,
  attachment: null,
  mode: 'message-key-escrow',
  text,
})

const viewer = { self: 'bob', nameOf: visible, quote: () => '' }

/** Every line that a message can become in front of a person. */
const linesShown = (text: string): string[] => [
  visible(text),
  ...visibleLines(text),
  safeJson(jsonOf(message(text))),
  ...linesOf(message(text), viewer, 2),
  asText(line(text)),
]

const dangersShown = (text: string) => linesShown(text).flatMap(dangersIn)

describe('text from somebody else', () => {
  it('shows every danger as a sign, whatever the text', { timeout: patience(10) }, () => {
    const counted = count('visible, visibleLines, safeJson and what is made with them')
    fc.assert(
      fc.property(hostileText, (text) => {
        counted(visible(text) === text)
        expect(inTime(() => dangersShown(text))).toEqual([])
        expect(dangersIn(safeJson({ [text]: [text] }))).toEqual([])
        expect(noticeKinds.flatMap((kind) => linesOf(notice(kind, text), viewer, 2)).flatMap(dangersIn)).toEqual([])
        expect(visible(visible(text))).toBe(visible(text))
      }),
      parameters(10),
    )
  })

  it('says the same in JSON, on one line', { timeout: patience(3) }, () => {
    const counted = count('safeJson of a value')
    fc.assert(
      fc.property(hostileJson, (json) => {
        // what nests deeper than this cannot be written again by anybody
        const value: unknown = json.length < 10_000 ? JSON.parse(json) : json
        const shown = safeJson(value)
        counted(shown === JSON.stringify(value))
        expect(dangersIn(shown)).toEqual([])
        expect(JSON.parse(shown)).toEqual(JSON.parse(JSON.stringify(value)))
      }),
      parameters(3),
    )
  })

  const pageOf = (text: string) => transcriptPage({ lines: [line(text)], incomplete: null, limits: null })

  it('is nothing but text on a page', { timeout: patience(10) }, () => {
    const counted = count('the page of a transcript')
    const empty = pageOf('')
    const [before = '', after = ''] = empty.split('<td></td>')
    fc.assert(
      fc.property(hostileText, (text) => {
        const page = pageOf(text)
        expect(page.startsWith(`${before}<td>`) && page.endsWith(`</td>${after}`)).toBe(true)
        const said = page.slice(before.length + 4, page.length - after.length - 5)
        counted(said === text)
        expect(said.replaceAll('<br>', '')).not.toMatch(/[<>"']|&(?!(?:amp|lt|gt|quot|#39);)/)
        expect(dangersIn(said)).toEqual([])
      }),
      parameters(10),
    )
  })

  it('moves a terminal by as many columns as it has, and makes it do nothing', { timeout: patience(20) }, async () => {
    const counted = count('a terminal')
    const display = new headless.Terminal({ cols: 4000, rows: 3, allowProposedApi: true })
    const obeyed: string[] = []
    const note = (what: string) => () => {
      obeyed.push(what)
      return true
    }
    const finals = Array.from({ length: 0x7e - 0x40 + 1 }, (_, i) => String.fromCharCode(0x40 + i))
    for (const final of finals) display.parser.registerCsiHandler({ final }, note(`CSI ${final}`))
    for (const code of [0, 1, 2, 4, 7, 8, 9, 52, 133, 777, 1337])
      display.parser.registerOscHandler(code, note(`OSC ${code}`))
    display.onBell(note('bell'))
    display.onTitleChange(note('title'))
    display.onData(note('an answer'))
    display.onLineFeed(note('a new line'))
    const write = (text: string) => new Promise<void>((done) => display.write(text, done))
    await write('\u001b[2J')
    expect(obeyed.splice(0)).toEqual(['CSI J'])
    await fc.assert(
      fc.asyncProperty(hostileText, async (text) => {
        counted(true)
        display.reset()
        await write(visible(text).slice(0, 1500))
        expect(obeyed.splice(0)).toEqual([])
        expect(display.buffer.active.cursorY).toBe(0)
        expect(display.buffer.active.type).toBe('normal')
      }),
      parameters(20),
    )
  })
})

describe('a line being typed or pasted', () => {
  it('is shown harmless and within its width, and is sent as it was typed', { timeout: patience(10) }, () => {
    const counted = count('the editor')
    const keys = ['left', 'right', 'home', 'end'] as const
    fc.assert(
      fc.property(
        hostileText,
        fc.array(fc.constantFrom(...keys), { maxLength: 6 }),
        fc.nat(60),
        (text, moves, more) => {
          const typed = moves.reduce(press, typedText(text))
          const { rows, cursor } = inTime(() => rowsShown(typed, 20 + more, 5))
          counted(rows.join('') === text)
          expect(textOf(typed)).toBe(text)
          expect(dangersIn(rows.join(''))).toEqual([])
          for (const row of rows) expect(stringWidth(row)).toBeLessThanOrEqual(20 + more)
          expect(cursor.column).toBeLessThanOrEqual(20 + more)
        },
      ),
      parameters(10),
    )
  })
})

describe.skipIf(skipped)(`real text messages${skipped}`, () => {
  it('show every danger as a sign, and are otherwise as they were written', () => {
    const counted = count('lines of sms.tsv')
    const texts = readFileSync(source, 'utf8')
      .split('\n')
      .map((line) => line.slice(line.indexOf('\t') + 1))
    expect(texts.length).toBeGreaterThan(5000)
    for (const text of texts) {
      counted(visible(text) === text)
      expect(dangersShown(text)).toEqual([])
    }
    expect(texts.filter((text) => visible(text) !== text && dangersIn(text).length === 0)).toEqual([])
    expect(texts.filter((text) => dangersIn(text).length > 0).length).toBeGreaterThan(30)
  })
})
