import { describe, expect, it } from 'vitest'
import type { Attachment } from '../../crypto/attachment.ts'
import type { TranscriptLine } from '../../client/authority/transcript.ts'
import { nothingRead, summarise } from '../../client/workshop/authority/summary.ts'

const line = (from: string, to: string, id: string, text: string, time = 1): TranscriptLine => ({
  time,
  from,
  fromDevice: 'aa',
  to,
  toDevice: 'bb',
  saysSentTo: null,
  group: null,
  sentAt: time,
  id,
  epoch: 2,
  text,
  attachment: null,
  mode: 'message-key-escrow',
})

describe('what a key has opened', () => {
  const lines = [
    line('anna', 'ben', '1', 'to ben', 30),
    line('anna', 'ben', '2', 'to all', 20),
    line('anna', 'carl', '2', 'to all', 40),
    line('ben', 'anna', '1', 'not shown', 50),
  ]

  it('is counted by message, however many it was sent to, and by conversation', () => {
    const { messages, conversations, since } = summarise(lines, new Set())
    expect(messages).toBe(3)
    expect(conversations).toEqual([
      { people: ['anna', 'ben'], messages: 3 },
      { people: ['anna', 'carl'], messages: 1 },
    ])
    expect(since).toBe(20)
  })

  it('is read out only where its writer has agreed', () => {
    // nor is whoever it was written to named, if they have not
    expect(summarise(lines, new Set(['anna'])).lines.map(({ to, text }) => `${to}: ${text}`)).toEqual([
      'somebody: to ben',
      '2 people: to all',
    ])
    expect(summarise(lines, new Set()).lines).toEqual([])
  })

  it('says that there was a file, and nothing that its writer has not agreed to', () => {
    const file = { blob: new Uint8Array(32), key: new Uint8Array(32), root: new Uint8Array(32) }
    const plans = { ...file, name: 'plans.pdf', type: '', sizeBytes: 70_000 } as Attachment
    const said = [
      { ...line('anna', 'ben', '1', 'look'), attachment: plans },
      { ...line('anna', 'ben', '2', ''), attachment: { ...plans, voiceMs: 12_345 } },
    ]
    const texts = summarise(said, new Set(['anna'])).lines.map(({ text }) => text)
    expect(texts).toEqual(['look [a file, 70 kB]', '[voice message, 0:12, 70 kB]'])
  })

  it('has one digest for the same messages, in whatever order and to however many they were sent, and another for others', () => {
    const digest = (some: readonly TranscriptLine[]) => summarise(some, new Set()).digest
    expect(digest(lines.toReversed())).toBe(digest(lines))
    expect(digest(lines.filter(({ to }) => to !== 'carl'))).toBe(digest(lines))
    expect(digest(lines.slice(0, 3))).not.toBe(digest(lines))
    expect(digest([...lines.slice(0, 3), line('ben', 'anna', '7', 'not shown', 50)])).not.toBe(digest(lines))
  })

  it('is nothing where nothing opens', () => expect(summarise([], new Set(['anna']))).toEqual(nothingRead))
})
