import { describe, expect, it } from 'vitest'
import { at } from '../support/at.ts'
import { key, paste, three, unreadOf, texts } from '../support/world-screen.ts'
import { chatOf } from '../support/world-terminal.ts'

describe('the chat screen', () => {
  it('shows what was said, with whom, and what is typed; Enter sends it', async () => {
    const { alice, bob } = await three('what was said')
    const chat = chatOf(alice, 'bob', 60, 12)
    await chat.shows('bob: hello yourself')
    await chat.press('how are you?')
    const rows = await chat.shows('> how are you?')
    expect(rows.at(-2)).toBe('bob · not verified · access: none (epoch 1) · 1 device')
    expect(await chat.cursor()).toEqual({ column: 14, row: 11 })
    await chat.press('\r')
    await bob.untilRead('alice', 'how are you?')
    expect((await chat.shows('alice: how are you? ✓')).at(-1)).toBe('>')
  })

  it('is red at the foot while an access mode is in force, and only then', async () => {
    const { alice, world } = await three('red')
    const chat = chatOf(alice, 'bob', 140, 12)
    const redBar = '\u001b[1m\u001b[7m\u001b[31m'
    await chat.shows('access: none (epoch 1)')
    expect(chat.written()).not.toContain(redBar)
    await world.switchOn()
    await chat.shows('access: message-key-escrow: a third party may read this (epoch 2)')
    if (chat.output.isTTY && !process.env['NO_COLOR']) expect(chat.written()).toContain(redBar)
    const before = chat.written().length
    await world.switchOff()
    await chat.shows('access: none (epoch 3)')
    expect(chat.written().slice(before)).not.toContain(redBar)
  })

  it('sends never only spaces', async () => {
    const { alice } = await three('only spaces')
    const chat = chatOf(alice, 'bob')
    await chat.press('   \r\r')
    await chat.press(`${key.ctrl('u')}wrld${key.left}${key.left}${key.left}o\r`)
    await chat.shows('alice: world')
    expect(texts(alice, 'bob')).toEqual(['hello', 'world'])
  })

  it('marks what has come and what was read, once the other side looks', async () => {
    const { alice, bob, carol } = await three('marks')
    await bob.goOffline()
    const chat = chatOf(alice, 'bob')
    await chat.press('are you there?\r')
    await chat.shows(/there\? ✓$/m)
    await bob.goOnline()
    await chat.shows(/there\? ✓✓$/m)
    const other = chatOf(bob, 'alice')
    await chat.shows(/there\? ✓✓ read$/m)
    await other.shows('alice: are you there?')
    await alice.goOffline()
    alice.write('carol', 'x')
    expect(alice.written('carol')).toMatchObject([{ state: 'waiting' }])
    expect(carol.name).toBe('carol')
  })

  it('lists who has written, with counts, and does not count what is on the screen', async () => {
    const { alice, bob, carol } = await three('counts')
    const chat = chatOf(alice, 'bob', 100, 12)
    await chat.shows(/^▸bob +│/m)
    carol.write('alice', 'one')
    carol.write('alice', 'two')
    await chat.shows(/^ carol +request 2 │/m)
    await bob.tell(alice, 'seen at once')
    await chat.shows('bob: seen at once')
    await alice.until('for that to be read', () => unreadOf(alice, 'bob') === 0)
    await chat.press('/open carol\r')
    await chat.shows('carol: two')
    expect((await chat.rows()).join('\n')).toMatch(/── unread ──\n.*carol: one\n.*carol: two/)
    await chat.shows(/^▸carol +request │/m)
    await chat.press('/accept\r')
    await chat.shows("you have accepted carol's request")
    expect(alice.device.contacts.get('carol')?.accepted).toBe(true)
  })

  it('has a bar instead of the column where it is narrow', async () => {
    const { alice, bob, carol } = await three('narrow')
    carol.write('alice', 'one')
    const chat = chatOf(alice, 'bob', 40, 10)
    expect(at(await chat.shows('carol'), 0)).toBe(' ▸bob  carol request 1')
    expect(bob.name).toBe('bob')
  })

  it('does not take anything for read while nobody looks, and says where what is new begins', async () => {
    const { alice, bob } = await three('nobody looks')
    const chat = chatOf(alice, 'bob')
    await chat.shows('hello yourself')
    await chat.press(key.blur)
    await bob.tell(alice, 'in the meantime')
    await chat.shows(/── unread ──\n.*bob: in the meantime/)
    expect(unreadOf(alice, 'bob')).toBe(1)
    await chat.press(key.focus)
    expect(unreadOf(alice, 'bob')).toBe(0)
  })

  it('begins at the first that is new, and takes only what was on the screen for read', async () => {
    const { alice, bob } = await three('more than a screen')
    for (let i = 1; i <= 40; i++) bob.write('alice', `number ${i}`)
    await alice.untilRead('bob', 'number 40')
    const chat = chatOf(alice, 'bob', 60, 12)
    const rows = await chat.shows('number 1')
    expect(rows.slice(1, 4)).toEqual([
      '── unread ──',
      expect.stringContaining('hello yourself'),
      expect.stringContaining('number 1'),
    ])
    const unread = unreadOf(alice, 'bob') ?? 0
    expect(unread).toBeGreaterThan(30)
    expect(rows.join('\n')).toContain(`↓ ${unread} new below · End`)
    await chat.press(key.pageDown)
    expect(unreadOf(alice, 'bob')).toBeLessThan(unread)
    await chat.press(key.end)
    await chat.shows('number 40')
    expect(unreadOf(alice, 'bob')).toBe(0)
  })

  it('scrolls back, tells of what comes meanwhile, and is back at the newest once something is sent', async () => {
    const { alice, bob } = await three('scroll back')
    for (let i = 1; i <= 40; i++) bob.write('alice', `number ${i}`)
    await alice.untilRead('bob', 'number 40')
    alice.device.conversations.markRead('bob', alice.device.history.lastRow())
    const chat = chatOf(alice, 'bob', 60, 12)
    await chat.shows('number 40')
    for (let i = 0; i < 10; i++) await chat.press(key.pageUp)
    expect((await chat.shows('alice: hello')).join('\n')).toContain('↓ End: the newest')
    await bob.tell(alice, 'number 41')
    await chat.shows('↓ 1 new below · End')
    expect(unreadOf(alice, 'bob')).toBe(1)
    await chat.press('an answer\r')
    await chat.shows('alice: an answer')
    expect(unreadOf(alice, 'bob')).toBe(0)
  })

  it('begins with the newest in another conversation, wherever it was in the one before', async () => {
    const { alice, bob, carol } = await three('another place')
    for (let i = 1; i <= 40; i++) bob.write('alice', `number ${i}`)
    await alice.untilRead('bob', 'number 40')
    for (let i = 1; i <= 40; i++) carol.write('alice', `letter ${i}`)
    await alice.untilRead('carol', 'letter 40')
    for (const user of ['bob', 'carol']) alice.device.conversations.markRead(user, alice.device.history.lastRow())
    const chat = chatOf(alice, 'bob', 60, 12)
    await chat.shows('number 40')
    await chat.press(key.pageUp)
    await chat.press('/open carol\r')
    await chat.shows('letter 40')
  })

  it('keeps for everybody what was typed to them, and lets what was sent come back', async () => {
    const { alice, carol } = await three('drafts')
    await carol.tell(alice, 'hi')
    const chat = chatOf(alice, 'bob')
    await chat.press('one\r')
    await chat.press('half a sen')
    await chat.press('\u000e')
    await chat.shows('▸carol')
    expect((await chat.rows()).at(-1)).toBe('>')
    await chat.press('for carol')
    await chat.press(key.altDown)
    expect((await chat.rows()).at(-1)).toBe('> half a sen')
    await chat.press(key.up)
    expect((await chat.rows()).at(-1)).toBe('> one')
    await chat.press(key.ctrl('p'))
    expect((await chat.rows()).at(-1)).toBe('> for carol')
    expect(texts(alice, 'carol')).toEqual([])
  })

  it('opens nothing by itself, so that nothing is taken for read', async () => {
    const { alice, bob } = await three('nothing open')
    const chat = chatOf(alice, null)
    await chat.shows('/open NAME, or Ctrl-N')
    expect(unreadOf(alice, 'bob')).toBe(1)
    await chat.press('to nobody\r')
    expect((await chat.shows('no conversation is open')).at(-1)).toBe('> to nobody')
    await chat.press(`${key.ctrl('u')}${key.ctrl('n')}`)
    await chat.shows('bob: hello yourself')
    expect(texts(bob, 'alice')).toEqual(['hello yourself'])
  })
})

describe('what is typed into the chat screen', () => {
  it('takes a pasted page as one message, and does not send it before Enter', async () => {
    const { alice, bob } = await three('a page')
    const page = Array.from({ length: 30 }, (_, i) => `line ${i + 1} of a page`)
    const chat = chatOf(alice, 'bob', 60, 18)
    await chat.press(`see: ${paste(page.join('\r'))}`)
    const rows = await chat.rows()
    expect(rows.at(-1)).toBe('  line 30 of a page')
    expect(rows.filter((row) => row.includes('of a page'))).toHaveLength(6)
    expect(texts(alice, 'bob')).toEqual(['hello'])
    await chat.press('\r')
    await bob.untilRead('alice', `see: ${page.join('\n')}`)
  })

  it('takes a paste of the longest message, and keeps one that is too long', async () => {
    const { alice } = await three('too long')
    const chat = chatOf(alice, 'bob')
    await chat.press(`${paste('x'.repeat(64_001))}\r`)
    expect((await chat.shows('a message is at most 64000 bytes; this one has 64001')).at(-1)).toMatch(/^ +x+$/)
    await chat.press('\u007f\r')
    await chat.shows('✓')
    expect(texts(alice, 'bob')).toEqual(['hello', 'x'.repeat(64_000)])
  })

  it('can be left in the middle of a paste that never ends', async () => {
    const { alice } = await three('no end')
    const chat = chatOf(alice, 'bob')
    await chat.press('\u001b[200~one\rtwo')
    await chat.press('\u0003')
    await chat.ended
    expect(texts(alice, 'bob')).toEqual(['hello'])
  })

  it('puts the cursor behind wide characters', async () => {
    const { alice } = await three('wide')
    const chat = chatOf(alice, 'bob')
    await chat.press('漢字かな')
    expect((await chat.cursor()).column).toBe(10)
    await chat.press(key.left)
    expect((await chat.cursor()).column).toBe(8)
    expect((await chat.rows()).at(-1)).toBe('> 漢字かな')
  })

  it('shows what others write, and what is pasted, without obeying it', async () => {
    const { alice, bob } = await three('hostile')
    const hostile = '\u001b[2J\u001b]52;c;ZXZpbA==\u0007\u009b2J\u202egnp.exe\u{e0041}\u0085'
    await bob.tell(alice, hostile)
    const chat = chatOf(alice, 'bob', 100, 12)
    await chat.shows('bob: ␛[2J␛]52;c;ZXZpbA==␇<U+009B>2J<U+202E>gnp.exe<U+E0041><U+0085>')
    await chat.press(paste(`${hostile}x`))
    await chat.shows('> ␛[2J␛]52')
    // oxlint-disable-next-line no-control-regex -- what must not be written
    const ours = /\u001b\[(?:\??[\d;]*[hlHJKm])/g
    expect(chat.written().replaceAll(ours, '')).not.toMatch(/[\p{Cc}\u202e\u{e0041}]/u)
  })
})
