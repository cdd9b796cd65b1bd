import { describe, expect, it } from 'vitest'
import type { Content } from '../../crypto/content.ts'
import type { DeviceId } from '../../crypto/keys.ts'
import { visible } from '../../client/cli/visible.ts'
import { asHtml, byConversation, transcriber, type TranscriptLine } from '../../client/authority/transcript.ts'

const line = (from: string, to: string, text: string): TranscriptLine => ({
  time: 0,
  from,
  to,
  sentAt: 0,
  id: '1',
  epoch: 2,
  mode: 'message-key-escrow',
  text,
})

describe('a transcript', () => {
  it('puts both directions of a conversation together', () => {
    const lines = [line('bob', 'alice', 'a'), line('alice', 'bob', 'b'), line('alice', 'carol', 'c')]
    expect([...byConversation(lines)].map(([name, said]) => [name, said.length])).toEqual([
      ['alice and bob', 2],
      ['alice and carol', 1],
    ])
  })

  it('lets nothing that was written become a part of its page', () => {
    const page = asHtml(
      [line('alice', 'bob', `<script>alert(1)</script> "&' <img src=x onerror=y>\u202Eevil\u001b]8;;x`)],
      visible,
    )
    expect(page).not.toContain('<script')
    expect(page).not.toContain('<img')
    for (const character of ['\u202e', '\u001b']) expect(page).not.toContain(character)
    expect(page).toContain('&lt;script&gt;alert(1)&lt;/script&gt; &quot;&amp;&#39; &lt;img src=x onerror=y&gt;')
    expect(page).toContain("default-src 'none'")
  })

  it('has a message to several devices once, and leaves out nothing that says anything else', () => {
    const [phone, laptop] = [1, 2].map((byte) => new Uint8Array(32).fill(byte) as DeviceId) as [DeviceId, DeviceId]
    const lineOf = transcriber()
    const read = (text: string, fromDevice: DeviceId, toDevice: DeviceId, copyFor: string | null = null) => {
      const said = { id: 'the-same', sequence: 1, sentAt: 1, abandoned: [], text }
      const content: Content = copyFor === null ? { kind: 'text', ...said } : { kind: 'copy', to: 'bob', ...said }
      const toUser = copyFor ?? 'bob'
      const recorded = { time: 0, fromUser: 'alice', fromDevice, toUser, toDevice, bytes: new Uint8Array() }
      const line = lineOf({ recorded, content, epoch: 2, modeId: 'message-key-escrow' })
      return line && `${line.to}: ${line.text}`
    }
    expect(read('hello', phone, phone)).toBe('bob: hello')
    expect(read('hello', phone, laptop)).toBeNull()
    expect(read('hidden behind its id', phone, laptop)).toBe('bob: hidden behind its id')
    expect(read('hello', laptop, phone)).toBe('bob: hello')
    expect(read('hello', phone, laptop, 'alice')).toBeNull()
    expect(read('only in the copy', phone, laptop, 'alice')).toBe('bob: only in the copy')
    expect(read("somebody else's copy", phone, laptop, 'bob')).toBeNull()
  })
})
