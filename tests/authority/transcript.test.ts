import { describe, expect, it } from 'vitest'
import type { Content } from '../../crypto/content.ts'
import type { DeviceId } from '../../crypto/keys.ts'
import { transcriptPage } from '../../client/authority/transcript-page.ts'
import {
  asObject,
  asText,
  byConversation,
  countOf,
  transcriber,
  type TranscriptLine,
} from '../../client/authority/transcript.ts'
import { contentWithin, possibleContent } from '../../client/authority/order/execute.ts'
import { decodeEnvelope } from '../../crypto/envelope.ts'
import { ghostDevice } from '../../crypto/access/ghost-device.ts'
import type { RecordedEnvelope } from '../../crypto/access/mode.ts'
import { messageKeyEscrow } from '../../crypto/access/message-key-escrow.ts'
import { at } from '../support/at.ts'
import { createWorld } from '../support/world.ts'

const line = (from: string, to: string, text: string): TranscriptLine => ({
  time: 0,
  from,
  fromDevice: '01',
  to,
  toDevice: '02',
  saysSentTo: null,
  group: null,
  sentAt: 0,
  id: '1',
  epoch: 2,
  attachment: null,
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
    const page = transcriptPage({
      lines: [line('alice', 'bob', `<script>alert(1)</script> "&' <img src=x onerror=y>\u202Eevil\u001b]8;;x`)],
      incomplete: null,
      limits: null,
    })
    // the page's own, and no other
    expect(page.match(/<script/g)).toHaveLength(1)
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
    expect(read('only in the copy', phone, laptop, 'alice')).toBe('alice: only in the copy')
    expect(read('only in the copy', phone, phone, 'alice')).toBeNull()
    expect(read('only in the copy', phone, phone)).toBe('bob: only in the copy')
    expect(read("somebody else's copy", phone, laptop, 'bob')).toBeNull()
  })
})

/** Alice with two devices, and Bob, in a mode whose holder reads everything. */
async function household(seed: string) {
  const recording: RecordedEnvelope[] = []
  const world = await createWorld(seed, { recording })
  const [alice, bob] = await world.couple()
  const second = await world.link(alice)
  await second.goOnline()
  await world.switchOn()
  await Promise.all([alice, bob, second].map((person) => person.untilNoticed('access', 2)))
  await alice.tell(bob, 'on my way')
  await second.until('to have the copy', () => second.written('bob').length > 0)
  const keys = [{ mode: messageKeyEscrow.id, secret: world.escrow.secret }]
  const copies = recording.filter(({ fromUser, toUser }) => fromUser === toUser)
  return { recording, keys, copies }
}

function* evidenceOf(all: readonly RecordedEnvelope[]) {
  yield* all
  return { cutOffBytes: 0 }
}

const always = { from: 0, to: Number.MAX_SAFE_INTEGER }
const ends = ({ from, to, text }: TranscriptLine) => `${from} to ${to}: ${text}`

describe('a copy for the own other devices of whoever wrote', () => {
  it('never stands as a message that was delivered: it is shown with what it says, and whose word that is', async () => {
    const { copies, keys } = await household('undelivered')
    const { lines, extent } = contentWithin({ person: 'alice', window: always }, evidenceOf(copies), keys)
    expect(lines.map(ends)).toEqual(['alice to alice: on my way'])
    expect(at(lines, 0).saysSentTo).toBe('bob')
    expect(asText(at(lines, 0))).toMatch(/Z {2}alice -> alice \(a copy; says it was sent to bob\): on my way$/)
    expect([...byConversation(lines).keys()]).toEqual(['alice and bob'])
    const page = transcriptPage({ lines, incomplete: null, limits: null })
    expect(page).toContain('a copy; says it was sent to bob')
    expect(page).toContain('0 messages, 1 copy')
    // whoever is named in what is handed over counts
    expect(extent).toEqual({ messages: 1, people: 2 })
  })

  it('is of no order for whoever it says it was sent to', async () => {
    const { copies, keys } = await household('an order for Bob')
    expect(contentWithin({ person: 'bob', window: always }, evidenceOf(copies), keys).lines).toEqual([])
  })

  it('adds nothing where the message itself is read, before it or after it', async () => {
    const { recording, keys, copies } = await household('both')
    const delivered = recording.filter((recorded) => !copies.includes(recorded))
    for (const evidence of [
      [...copies, ...delivered],
      [...delivered, ...copies],
    ]) {
      const { lines } = contentWithin({ person: 'alice', window: always }, evidenceOf(evidence), keys)
      expect(lines.map(ends)).toEqual(['alice to bob: on my way'])
      expect(possibleContent(evidenceOf(evidence), keys)).toEqual({ messages: 1, people: 2 })
    }
  })

  it('is what a ghost has of all that its target writes', async () => {
    const recording: RecordedEnvelope[] = []
    const world = await createWorld('a ghost', { recording })
    const [alice, bob] = await world.couple()
    const held = await world.tap(ghostDevice.id, ['alice'])
    world.later(61_000)
    await bob.tell(alice, 'to her')
    await alice.tell(bob, 'from her')
    const keys = held.map((secret) => ({ mode: ghostDevice.id, secret }))
    const { lines } = contentWithin({ person: 'alice', window: always }, evidenceOf(recording), keys)
    expect(lines.map(ends)).toEqual(['bob to alice: to her', 'alice to alice: from her'])
    expect(lines.map(({ saysSentTo }) => saysSentTo)).toEqual([null, 'bob'])
  })
})

describe('what is said of messages', () => {
  it('is read as what it is: an answer with what it answers, a reaction, and a deletion that takes nothing from the key', async () => {
    const recording: RecordedEnvelope[] = []
    const world = await createWorld('afterwords read', { recording })
    const [alice, bob] = await world.couple()
    await world.switchOn()
    await alice.tell(bob, 'meet me at nine')
    const [nine] = bob.received('alice').slice(-1)
    if (!nine) throw new Error('nothing came')
    const name = bob.device.afterwords.nameOf(nine)
    bob.device.write('alice', 'at ten', undefined, name)
    bob.device.react('alice', name, '👍')
    await alice.until('for both', () => alice.entries().at(-1)?.kind === 'afterword')
    alice.device.deleteForAll('bob', [nine.id])
    await bob.until('for it to be deleted', () => bob.texts('alice').at(-1) === '')

    const reader = messageKeyEscrow.reader([world.escrow.secret])
    const lineOf = transcriber()
    const lines = recording
      .flatMap((recorded) => reader.read(recorded, decodeEnvelope(recorded.bytes)) ?? [])
      .flatMap((reading) => lineOf(reading) ?? [])
    const shown = lines.map(asText).map((text) => text.slice(text.indexOf('Z  ') + 3))
    expect(shown).toEqual([
      'alice -> bob: meet me at nine',
      'bob -> alice (answers alice: “meet me at nine”): at ten',
      'bob -> alice: [reacted 👍 to alice: “meet me at nine”]',
      'alice -> bob: [deleted for everybody: “meet me at nine”; the copy above stays]',
    ])
    expect(lines.map((line) => asObject(line))).toMatchObject([
      { text: 'meet me at nine' },
      { answers: { author: 'alice', id: nine.id, text: 'meet me at nine' } },
      { afterword: { kind: 'reaction', emoji: '👍', of: { id: nine.id } } },
      { afterword: { kind: 'deletion', of: [{ author: 'alice', id: nine.id, text: 'meet me at nine' }] } },
    ])
    expect(countOf(lines)).toBe('2 messages, 2 reactions and deletions')
    const page = transcriptPage({ lines, incomplete: null, limits: null })
    expect(page).toContain('<em>[deleted for everybody: “meet me at nine”; the copy above stays]</em>')
  })
})

/** Two people and a third, whose devices are one each, in what an authority has opened. */
function openedLines(...said: readonly (readonly [from: string, to: string, content: object])[]): readonly string[] {
  const lineOf = transcriber()
  const deviceOf = (user: string) => new Uint8Array(32).fill(user.length) as DeviceId
  const common = { sequence: 1, sentAt: 1, abandoned: [], text: '' }
  const zeros = new Uint8Array(32)
  const inGroup = { group: zeros, head: zeros, counter: 1, salt: zeros, previous: zeros, heard: [] }
  const lines = said.flatMap(([fromUser, toUser, content]) => {
    const recorded = {
      time: 0,
      fromUser,
      fromDevice: deviceOf(fromUser),
      toUser,
      toDevice: deviceOf(toUser),
      bytes: new Uint8Array(),
    }
    const isInGroup = 'kind' in content && String(content.kind).startsWith('group')
    const whole = { ...common, ...(isInGroup && inGroup), ...content } as unknown as Content
    return lineOf({ recorded, content: whole, epoch: 2, modeId: messageKeyEscrow.id }) ?? []
  })
  return lines.map((one) => asText(one).slice('1970-01-01 00:00:00Z  '.length))
}

describe('what is said of a message, in a transcript', () => {
  const of = { author: 'mallory', id: 'x' }
  const reaction = { kind: 'reaction', of, emoji: '👍' } as const

  it('is said of what its author was sent, and not of what a copy or somebody else has under that id', () => {
    const copied = { kind: 'copy', to: 'bob', id: 'x', text: 'shall we rob the bank?' }
    expect(
      openedLines(
        ['mallory', 'mallory', copied],
        ['mallory', 'bob', { kind: 'text', id: 'x', text: 'lunch?' }],
        ['bob', 'mallory', { kind: 'afterword', id: 'r', said: reaction }],
        ['bob', 'mallory', { kind: 'text', id: 's', text: 'yes', answers: of }],
      ).slice(2),
    ).toEqual(['bob -> mallory: [reacted 👍 to mallory: “lunch?”]', 'bob -> mallory (answers mallory: “lunch?”): yes'])
    expect(
      openedLines(
        ['mallory', 'carol', { kind: 'group', id: 'x', text: 'shall we rob the bank?' }],
        ['mallory', 'bob', { kind: 'group', id: 'x', text: 'lunch?' }],
        ['bob', 'mallory', { kind: 'group afterword', id: 'r', said: reaction }],
      ).at(-1),
    ).toContain('[reacted 👍 to mallory: “lunch?”]')
  })

  it('comes with the word that an honest program does not show it, where it was deleted before it came', () => {
    expect(
      openedLines(
        ['mallory', 'bob', { kind: 'afterword', id: 'd', said: { kind: 'deletion', ids: ['x'] } }],
        ['mallory', 'bob', { kind: 'text', id: 'x', text: 'the loot is under your bed' }],
        ['bob', 'mallory', { kind: 'text', id: 'x', text: 'of mine nothing was deleted' }],
      ).slice(1),
    ).toEqual([
      'mallory -> bob (deleted before it came: an honest program does not show it): the loot is under your bed',
      'bob -> mallory: of mine nothing was deleted',
    ])
  })

  it('quotes nothing where its author was sent several under one id, and says where only a copy was opened', () => {
    expect(
      openedLines(
        ['mallory', 'bob', { kind: 'text', id: 'x', text: 'lunch?' }],
        ['mallory', 'bob', { kind: 'text', id: 'x', text: 'shall we rob the bank?' }],
        ['bob', 'mallory', { kind: 'afterword', id: 'r', said: reaction }],
      ).at(-1),
    ).toBe('bob -> mallory: [reacted 👍 to mallory: one of several messages under one id]')
    expect(
      openedLines(
        ['mallory', 'mallory', { kind: 'copy', to: 'bob', id: 'x', text: 'lunch?' }],
        ['mallory', 'bob', { kind: 'afterword', id: 'r', said: { kind: 'deletion', ids: ['x'] } }],
        ['bob', 'mallory', { kind: 'afterword', id: 's', said: reaction }],
      ).slice(1),
    ).toEqual([
      'mallory -> bob: [deleted for everybody: “lunch?” (by a copy alone); the copy above stays]',
      'bob -> mallory: [reacted 👍 to mallory: a message that was not opened before]',
    ])
  })
})
