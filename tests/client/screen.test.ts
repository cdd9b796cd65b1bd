import { describe, expect, it, onTestFinished } from 'vitest'
import { at } from '../support/at.ts'
import { createWorld, type Person } from '../support/world.ts'
import { rogueIn } from '../support/world-rogue.ts'
import { chatOf } from '../support/world-terminal.ts'

const key = {
  up: '\u001b[A',
  left: '\u001b[D',
  altDown: '\u001b[1;3B',
  pageUp: '\u001b[5~',
  pageDown: '\u001b[6~',
  end: '\u001b[F',
  focus: '\u001b[I',
  blur: '\u001b[O',
  escape: '\u001b',
  ctrl: (letter: string) => String.fromCharCode(letter.charCodeAt(0) - 96),
}
const paste = (text: string) => `\u001b[200~${text}\u001b[201~`

/** Alice, Bob and Carol with receipts, and the first two have talked. */
async function three(seed: string) {
  const world = createWorld(seed)
  const [alice, bob, carol] = await Promise.all(
    ['alice', 'bob', 'carol'].map((name) => world.join(name, { receipts: true })),
  )
  if (!alice || !bob || !carol) throw new Error('somebody is missing')
  for (const person of [alice, bob, carol]) await person.goOnline()
  await alice.tell(bob, 'hello')
  await bob.tell(alice, 'hello yourself')
  return { world, alice, bob, carol }
}

const unreadOf = (person: Person, user: string) =>
  person.device.conversations.all().find((one) => one.user === user)?.unread
const texts = (person: Person, to: string) => person.written(to).map(({ text }) => text)

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
    await chat.shows('is no request any more')
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

describe('a command in the chat screen', () => {
  it('is never sent as text, known or not; two slashes begin a text with one', async () => {
    const { alice, bob } = await three('commands')
    const chat = chatOf(alice, 'bob')
    await chat.press('/tell him\r')
    expect((await chat.shows('there is no command /tell')).at(-1)).toBe('> /tell him')
    await chat.press(`${key.ctrl('u')}/constructor\r`)
    await chat.shows('there is no command /constructor')
    await chat.press(`${key.ctrl('u')}//shrug\r`)
    await bob.untilRead('alice', '/shrug')
    expect(texts(alice, 'bob')).toEqual(['hello', '/shrug'])
  })

  it('sets a lifetime, blocks and unblocks, forgets', async () => {
    const { alice } = await three('decisions')
    const chat = chatOf(alice, 'bob', 80, 16)
    await chat.press('/lifetime 7d\r')
    expect((await chat.shows('disappears 7 d')).join('\n')).toContain('⌛ 7 d')
    await chat.press('/lifetime never\r')
    await chat.shows('never is no time')
    await chat.press(`${key.ctrl('u')}/block\r`)
    await chat.shows('nothing that bob writes is shown')
    await chat.press('hello?\r')
    expect((await chat.shows('bob is blocked')).at(-1)).toContain('> hello?')
    await chat.press(`${key.ctrl('u')}/unblock\r`)
    await chat.shows('bob is not blocked any more')
    await chat.press('/forget\r')
    await chat.shows('/forget all forgets')
    await chat.press(' all\r')
    await chat.shows('2 messages forgotten here')
    expect((await chat.rows()).join('\n')).not.toContain('hello yourself')
  })

  it('shows the safety number before it can be confirmed', async () => {
    const { alice, bob } = await three('the number')
    const chat = chatOf(alice, 'bob', 60, 20)
    await chat.press('/verify confirm\r')
    await chat.shows('has not been shown yet')
    await chat.press(`${key.ctrl('u')}/verify\r`)
    const ours = (await chat.shows('safety number with bob')).filter((row) => /^[\d ]{20,}$/.test(row))
    const other = chatOf(bob, 'alice', 60, 20)
    await other.press('/verify\r')
    const theirs = (await other.shows('safety number with alice')).filter((row) => /^[\d ]{20,}$/.test(row))
    expect(ours.join(' ').split(' ')).toHaveLength(12)
    expect(ours).toEqual(theirs)
    await chat.press('/verify confirm\r')
    await chat.shows('bob is verified')
    await chat.shows('bob · verified')
    expect(alice.device.contacts.get('bob')?.verified).toBe(true)
  })

  it('is completed by Tab, and so is a name', async () => {
    const { alice, carol } = await three('tab')
    await carol.tell(alice, 'hi')
    const chat = chatOf(alice, null)
    await chat.press('/o\t')
    expect((await chat.rows()).at(-1)).toBe('> /open')
    await chat.press('c\t\r')
    await chat.shows('carol: hi')
    await chat.press('/un\t\r')
    await chat.shows('carol is not blocked any more')
    await chat.press('/\t')
    await chat.shows('/help')
  })

  it('opens a conversation with somebody new, and with nobody that cannot be', async () => {
    const { alice, world } = await three('somebody new')
    const dave = await world.join('dave')
    await dave.goOnline()
    const chat = chatOf(alice, null)
    await chat.press('/open dave\r')
    await chat.shows('dave · new')
    await chat.press('hello dave\r')
    await dave.untilRead('alice', 'hello dave')
    await chat.press('/open \u001b alice\r')
    await chat.shows('that is not the name of somebody else')
    await chat.press(`${key.ctrl('u')}/open nobody\r`)
    await chat.press('is there anybody?\r')
    await chat.shows('✗ not sent')
  })
})

describe('a changed account key', () => {
  async function changed(seed: string) {
    const { world, ...people } = await three(seed)
    const impostor = await rogueIn(world, 'mallory', 'bob')
    const change = () => people.alice.device.contacts.learn('bob', impostor.account.signedList)
    return { world, ...people, change, impostor }
  }

  it('stops the conversation: nothing typed is sent, what was typed stays, and the new number is shown', async () => {
    const { alice, change } = await changed('stop')
    const chat = chatOf(alice, 'bob', 60, 20)
    await chat.press('half a sen')
    change()
    const rows = await chat.shows('STOP: KEY CHANGED')
    expect(rows.join('\n')).toMatch(/(?:\d{5} ){3}\d{5}/)
    expect(rows.join('\n')).toContain('bob · KEY CHANGED: nothing is sent')
    expect(rows.at(-1)).toBe('!')
    await chat.press('for Bob alone\r')
    expect((await chat.shows('nothing is sent to bob before')).at(-1)).toBe('! for Bob alone')
    await chat.press(`${key.ctrl('u')}/refuse\r`)
    await chat.shows("bob's new account key is refused")
    expect((await chat.rows()).at(-1)).toBe('> half a sen')
    expect(texts(alice, 'bob')).toEqual(['hello'])
    expect(alice.device.contacts.get('bob')?.changed).toBeNull()
  })

  it('stops what is entered before it could be shown', async () => {
    const { alice, change } = await changed('at the last moment')
    const chat = chatOf(alice, 'bob')
    await chat.press('for Bob alone')
    change()
    await chat.press('\r')
    await chat.shows('STOP')
    expect(texts(alice, 'bob')).toEqual(['hello'])
    await chat.press('/accept\r')
    await chat.shows("bob's new account key is accepted")
    expect((await chat.rows()).at(-1)).toBe('> for Bob alone')
  })

  it('is confirmed only as it was shown when the command was typed', async () => {
    const { world, alice, change } = await changed('yet another')
    const chat = chatOf(alice, 'bob', 60, 20)
    change()
    await chat.shows('STOP')
    await chat.press('/verify confirm')
    const third = await rogueIn(world, 'trudy', 'bob')
    alice.device.contacts.learn('bob', third.account.signedList)
    await chat.press('\r')
    await chat.shows('STOP')
    expect((await chat.rows()).at(-1)).toBe('!')
    expect(alice.device.contacts.get('bob')).toMatchObject({ verified: false })
    await chat.press('/verify confirm\r')
    await chat.shows('bob is verified')
    expect(alice.device.contacts.get('bob')).toMatchObject({ verified: true, changed: null })
  })

  it.each([
    [40, 8],
    [40, 10],
    [60, 20],
    [200, 80],
  ])('shows all its digits, and the warning, on %i columns and %i rows', async (columns, rows) => {
    const { alice, change } = await changed(`stop ${columns}`)
    change()
    const chat = chatOf(alice, 'bob', columns, rows)
    const shown = (await chat.shows('STOP')).join('\n')
    expect(shown.match(/\b\d{5}\b/g)).toHaveLength(12)
    expect(shown).toContain('KEY CHANGED: nothing is sent')
  })
})

describe('the terminal', () => {
  it.each([
    ['narrower', 40, 14],
    ['wider', 100, 14],
    ['lower', 60, 9],
    ['higher', 60, 30],
  ])('has no debris on it when it has become %s', async (_how, columns, rows) => {
    const { alice, bob } = await three(`resize ${columns} ${rows}`)
    for (let i = 1; i <= 12; i++)
      bob.write('alice', `number ${i}, which is a line of some length: ${'word '.repeat(i)}`)
    await alice.untilRead('bob', `number 12, which is a line of some length: ${'word '.repeat(12)}`)
    alice.device.conversations.markRead('bob', alice.device.history.lastRow())
    const chat = chatOf(alice, 'bob', 60, 14)
    await chat.shows('number 12')
    await chat.press('half a sentence that is longer than a row of a narrow terminal')
    await chat.resize(columns, rows)
    const fresh = chatOf(alice, 'bob', columns, rows)
    await fresh.press('half a sentence that is longer than a row of a narrow terminal')
    expect(await chat.rows()).toEqual(await fresh.rows())
    expect(await chat.cursor()).toEqual(await fresh.cursor())
    expect(chat.display.buffer.active.length).toBe(rows)
  })

  it('is told when it is too small, and shows nothing as read', async () => {
    const { alice } = await three('too small')
    const chat = chatOf(alice, 'bob', 20, 4)
    await chat.shows('this window is too')
    expect(unreadOf(alice, 'bob')).toBe(1)
    await chat.resize(60, 12)
    await chat.shows('hello yourself')
    expect(unreadOf(alice, 'bob')).toBe(0)
  })

  it('is drawn anew at Ctrl-L, whatever was written over it', async () => {
    const { alice } = await three('ctrl-l')
    const chat = chatOf(alice, 'bob')
    const before = await chat.shows('hello yourself')
    chat.display.write('\u001b[1;1Hwall message from root')
    await chat.press(key.ctrl('l'))
    expect(await chat.rows()).toEqual(before)
  })

  const modesOf = (chat: ReturnType<typeof chatOf>) => {
    const { bracketedPasteMode, sendFocusMode, wraparoundMode } = chat.display.modes
    return {
      type: chat.display.buffer.active.type,
      bracketedPasteMode,
      sendFocusMode,
      wraparoundMode,
      raw: chat.raw.at(-1),
    }
  }
  const during = {
    type: 'alternate',
    bracketedPasteMode: true,
    sendFocusMode: true,
    wraparoundMode: false,
    raw: true,
  }
  const after = { type: 'normal', bracketedPasteMode: false, sendFocusMode: false, wraparoundMode: true, raw: false }

  it.each([
    ['at Ctrl-C', (chat: ReturnType<typeof chatOf>) => chat.press('unsent\u0003')],
    ['at Ctrl-D on an empty line', (chat: ReturnType<typeof chatOf>) => chat.press('a\u0004\u007f\u0004')],
    ['at /quit', (chat: ReturnType<typeof chatOf>) => chat.press('/quit\r')],
    ['at SIGTERM', () => void process.emit('SIGTERM')],
    ['at SIGHUP', () => void process.emit('SIGHUP')],
    ['at SIGINT', () => void process.emit('SIGINT')],
  ])('is given back as it was %s', async (_how, leave) => {
    const { alice } = await three('given back')
    const chat = chatOf(alice, 'bob')
    await chat.shows('hello yourself')
    expect(modesOf(chat)).toEqual(during)
    await leave(chat)
    await chat.ended
    expect((await chat.rows())[0]).toBe('$ doormat chat')
    expect(modesOf(chat)).toEqual(after)
    expect(texts(alice, 'bob')).toEqual(['hello'])
    const [before] = [chat.written()]
    await chat.press('typed after the end\r')
    expect(chat.written()).toBe(before)
  })

  it('is given back at the end of the process, if nothing else has done it', async () => {
    const { alice } = await three('crash')
    const before = process.listeners('exit')
    const chat = chatOf(alice, 'bob')
    await chat.shows('hello yourself')
    const atExit = process.listeners('exit').find((listener) => !before.includes(listener))
    expect(modesOf(chat)).toEqual(during)
    atExit?.(2)
    await chat.rows()
    expect(modesOf(chat)).toEqual(after)
    process.emit('SIGTERM')
    await chat.ended
  })

  it('is told apart from one that is gone', async () => {
    const { alice } = await three('gone')
    const chat = chatOf(alice, 'bob')
    chat.output.emit('error', new Error('write EIO'))
    expect(await chat.ended).toBe('terminal gone')
  })

  it('is given back when something goes wrong, and that is told', async () => {
    const { alice } = await three('something wrong')
    const chat = chatOf(alice, 'bob')
    await chat.shows('hello yourself')
    const { all } = alice.device.conversations
    Object.assign(alice.device.conversations, {
      all: () => {
        throw new Error('the disk is on fire')
      },
    })
    onTestFinished(() => void Object.assign(alice.device.conversations, { all }))
    await chat.press('hello\r')
    await expect(chat.ended).rejects.toThrow('the disk is on fire')
    await chat.rows()
    expect(modesOf(chat)).toEqual(after)
  })
})
