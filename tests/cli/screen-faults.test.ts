import { renameSync } from 'node:fs'
import { describe, expect, it, onTestFinished } from 'vitest'
import { quietMs } from '../../client/cli/chat/ending.ts'
import { ClientError } from '../../client/device/errors.ts'
import { databaseIn } from '../../client/node/store.ts'
import { RelayError } from '../../server/api.ts'
import { three, unreadOf, texts } from '../support/world-screen.ts'
import { chatOf } from '../support/world-terminal.ts'
import type { Person } from '../support/world.ts'

/** Somebody else writes to the store, and does not come to an end. */
function hold(person: Person): () => void {
  person.database.exec('PRAGMA busy_timeout = 1')
  const other = databaseIn(person.home)
  other.exec('BEGIN IMMEDIATE')
  let held = true
  const release = () => {
    if (held) other.exec('COMMIT')
    if (held) other.close()
    held = false
  }
  onTestFinished(release)
  return release
}

/** Online at a relay that can be made to fail. */
async function atWeakRelay(person: Person) {
  let fault: Error | null = null
  await person.goOffline()
  await person.goOnline({
    ...person.wire,
    connect: (answer, listener) => (fault ? Promise.reject(fault) : person.wire.connect(answer, listener)),
  })
  return (next: Error | null) => {
    fault = next
    person.wire.cut()
  }
}

describe('the chat screen, when something goes wrong that may pass,', () => {
  it('stays with what was typed while another program holds the store, and sends it afterwards', async () => {
    const { alice, bob } = await three('held store')
    const chat = chatOf(alice, 'bob')
    await chat.shows('hello yourself')
    const release = hold(alice)
    await chat.press('a long thought\r')
    await chat.shows('in use by another program')
    await chat.press(', and more of it')
    await chat.shows('> a long thought, and more of it')
    expect(texts(alice, 'bob')).toEqual(['hello'])
    release()
    await chat.press('\r')
    await bob.untilRead('alice', 'a long thought, and more of it')
    await chat.shows(/more of it ✓/)
    expect(chat.raw).toEqual([true])
  })

  it('stays while the disk is full', async () => {
    const { alice, bob } = await three('full disk')
    const chat = chatOf(alice, 'bob', 60, 24)
    await chat.shows('hello yourself')
    alice.database.exec('PRAGMA max_page_count = 1')
    await chat.press(`begin ${'word '.repeat(10_000)}end`)
    await chat.press('\r')
    await chat.shows('the disk is full')
    await chat.shows(/end$/m)
    alice.database.exec('PRAGMA max_page_count = 1000000')
    await chat.press('\r')
    await bob.until('to have it', () => bob.texts('alice').some((text) => text.endsWith('end')))
  })

  it('stays when what is on it cannot be marked as read, and marks it later', async () => {
    const { alice } = await three('marking')
    const release = hold(alice)
    const chat = chatOf(alice, 'bob')
    await chat.shows('hello yourself')
    await chat.shows('in use by another program')
    expect(unreadOf(alice, 'bob')).toBe(1)
    release()
    await alice.until('to have read it', () => unreadOf(alice, 'bob') === 0)
    await chat.shows(/^(?![^]*in use by another program)[^]*bob · /)
  })

  it('is online again once nobody holds the store any more', async () => {
    const { alice, bob } = await three('held lease')
    const chat = chatOf(alice, 'bob')
    const release = hold(alice)
    bob.write('alice', 'something to store')
    await chat.shows('offline: the store is in use by another program')
    release()
    await chat.shows('bob: something to store')
  })

  it('stays while the relay fails, says so, and goes on when it does not', async () => {
    const { alice, bob } = await three('failing relay')
    const failWith = await atWeakRelay(alice)
    const chat = chatOf(alice, 'bob')
    await chat.press('half a sentence')
    failWith(new RelayError('internal', 'the relay has failed'))
    await chat.shows('offline: the relay has failed')
    await chat.shows('> half a sentence')
    await chat.press(', and the other\r')
    failWith(null)
    await bob.untilRead('alice', 'half a sentence, and the other')
  })
})

describe('the chat screen, when something goes wrong for good,', () => {
  it('ends where its store is gone from its place, for what is kept there is lost', async () => {
    const { alice } = await three('store gone')
    const chat = chatOf(alice, 'bob')
    await chat.press('half a sentence')
    renameSync(alice.home, `${alice.home}-elsewhere`)
    onTestFinished(() => renameSync(`${alice.home}-elsewhere`, alice.home))
    await expect(chat.ended).rejects.toThrow('device.db is gone')
    expect(chat.written()).toContain('not sent to bob: half a sentence')
  })

  const wrongRelay = () => new ClientError('wrong-relay', 'the relay has another policy key')

  it('ends in words and prints what was not sent, to whom', async () => {
    const { alice } = await three('unsent')
    const failWith = await atWeakRelay(alice)
    const chat = chatOf(alice, 'bob')
    await chat.press('two lines\u001b\rfor bob')
    await chat.shows('for bob')
    failWith(wrongRelay())
    await expect(chat.ended).rejects.toThrow('the relay has another policy key')
    const printed = chat.written().slice(chat.written().lastIndexOf('\u001b[?1049l'))
    expect(printed).toContain('not sent to bob: two lines\r\n  for bob\r\n')
  })

  it('prints it too where somebody else ends the process, and not where the person leaves it behind', async () => {
    const { alice } = await three('ended by somebody')
    for (const [leave, isPrinted] of [
      [() => void process.emit('SIGTERM'), true],
      [(chat: ReturnType<typeof chatOf>) => chat.press('\u0003'), false],
    ] as const) {
      const chat = chatOf(alice, 'bob')
      await chat.press('half a sentence')
      await leave(chat)
      await chat.ended
      expect(chat.written().includes('not sent to bob: half a sentence')).toBe(isPrinted)
    }
  })

  it('keeps the terminal, and takes no more orders, until nobody types any more', async () => {
    // somebody who types without a pause, as a machine may be too busy to do
    for (let hadPause = true; hadPause;) {
      const { alice } = await three('typing on')
      const failWith = await atWeakRelay(alice)
      const chat = chatOf(alice, 'bob')
      await chat.press('half a sentence')
      let over = false
      chat.ended.catch(() => (over = true))
      failWith(wrongRelay())
      await chat.shows('the relay has another policy key')
      const begun = performance.now()
      let [last, longest] = [begun, 0]
      for (let i = 0; last < begun + 2 * quietMs; i++) {
        await chat.press(i % 10 === 9 ? '\r' : 'x')
        await new Promise((resolve) => setTimeout(resolve, 40))
        const now = performance.now()
        longest = Math.max(longest, now - last)
        last = now
      }
      hadPause = longest > quietMs / 2
      if (!hadPause) expect([over, chat.raw]).toEqual([false, [true]])
      await expect(chat.ended).rejects.toThrow('the relay has another policy key')
      expect(chat.raw).toEqual([true, false])
      expect(texts(alice, 'bob')).toEqual(['hello'])
    }
  })

  it('ends at once at Ctrl-C', async () => {
    const { alice } = await three('ctrl-c then')
    const failWith = await atWeakRelay(alice)
    const chat = chatOf(alice, 'bob')
    failWith(wrongRelay())
    await chat.shows('the relay has another policy key')
    await chat.press('\u0003')
    await expect(chat.ended).rejects.toThrow('the relay has another policy key')
  })
})

describe('the chat screen, when it is stopped and goes on,', () => {
  it('has its keys, its modes and all its rows again', async () => {
    const { alice } = await three('stopped')
    const chat = chatOf(alice, 'bob')
    const before = await chat.shows('hello yourself')
    // a shell writes where it finds itself, and leaves the terminal as shells like it
    chat.display.write('\u001b[?2004l\u001b[?1004l\u001b[?7h\r\n[1]+  Stopped\r\n$ fg\r\n')
    process.emit('SIGCONT')
    await chat.shows('hello yourself')
    expect(await chat.rows()).toEqual(before)
    const { bracketedPasteMode, sendFocusMode, wraparoundMode } = chat.display.modes
    expect([bracketedPasteMode, sendFocusMode, wraparoundMode]).toEqual([true, true, false])
    // Node sets no mode that it takes for set
    expect(chat.raw).toEqual([true, false, true])
    await chat.press('\u0003')
    await chat.ended
    expect((await chat.rows())[0]).toBe('$ doormat chat')
    expect(await chat.cursor()).toEqual({ column: '$ doormat chat'.length, row: 0 })
  })

  it('gives the terminal back before it stops', async () => {
    const { alice } = await three('stopping')
    const chat = chatOf(alice, 'bob')
    await chat.shows('hello yourself')
    const signals: unknown[] = []
    const { kill } = process
    process.kill = (_pid, signal) => {
      signals.push(signal, chat.raw.at(-1))
      return true
    }
    onTestFinished(() => void (process.kill = kill))
    process.emit('SIGTSTP')
    await chat.rows()
    expect(signals).toEqual(['SIGSTOP', false])
    expect(chat.display.buffer.active.type).toBe('normal')
    process.emit('SIGCONT')
    await chat.shows('hello yourself')
    expect([chat.raw.at(-1), chat.display.buffer.active.type]).toEqual([true, 'alternate'])
  })

  it('leaves no listener behind', async () => {
    const { alice } = await three('listeners')
    const counted = () => ['SIGCONT', 'SIGTSTP', 'SIGTERM', 'SIGHUP', 'exit'].map((name) => process.listenerCount(name))
    const before = counted()
    const chat = chatOf(alice, 'bob')
    await chat.press('\u0003')
    await chat.ended
    expect(counted()).toEqual(before)
  })
})
