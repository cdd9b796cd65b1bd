import { describe, expect, it, onTestFinished } from 'vitest'
import { key, three, unreadOf, texts } from '../support/world-screen.ts'
import { chatOf } from '../support/world-terminal.ts'

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
