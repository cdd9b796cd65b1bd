import { describe, expect, it } from 'vitest'
import { ClientError } from '../../client/device/errors.ts'
import { createWorld } from '../support/world.ts'

const count = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => `message ${from + i}`)

describe('a message', () => {
  it('is written while offline, and goes out to somebody never met as soon as there is a relay', async () => {
    const world = await createWorld('offline')
    const [alice, bob] = [await world.join('alice'), await world.join('bob')]
    expect(alice.write('bob', 'hello').state).toBe('waiting')
    await bob.goOnline()
    await alice.goOnline()
    await bob.untilRead('alice', 'hello')
    await alice.untilSent('bob')
    await bob.tell(alice, 'hello yourself')
    expect([alice.device.contacts.get('bob')?.verified, bob.device.contacts.get('alice')?.verified]).toEqual([
      false,
      false,
    ])
  })

  it('waits at the relay for somebody who is away, behind those before it', async () => {
    const world = await createWorld('away')
    const [alice, bob] = await world.couple()
    await alice.tell(bob, 'before you go')
    await bob.goOffline()
    for (const text of count(1, 100)) alice.write('bob', text)
    await alice.untilSent('bob')
    await bob.goOnline()
    await bob.untilRead('alice', 'message 100')
    expect(bob.texts('alice')).toEqual(['before you go', ...count(1, 100)])
    expect(bob.notices('gap')).toEqual([])
  })

  it('keeps its order among those of one sender while both talk at once', async () => {
    const world = await createWorld('order')
    const [alice, bob] = await world.couple()
    for (const text of count(1, 150)) {
      alice.write('bob', text)
      bob.write('alice', text)
    }
    await Promise.all([alice.untilRead('bob', 'message 150'), bob.untilRead('alice', 'message 150')])
    expect(alice.texts('bob')).toEqual(count(1, 150))
    expect(bob.texts('alice')).toEqual(count(1, 150))
  })

  it('is sent once however often it is written under one id, whatever its text the second time', async () => {
    const world = await createWorld('ids')
    const [alice, bob] = await world.couple()
    const first = alice.write('bob', 'the first', 'order-1')
    expect(alice.write('bob', 'the first', 'order-1')).toEqual(first)
    await bob.untilRead('alice', 'the first')
    await alice.untilSent('bob')
    expect(alice.write('bob', 'another text', 'order-1')).toMatchObject({ text: 'the first', state: 'sent' })
    await alice.tell(bob, 'the last')
    expect(bob.texts('alice')).toEqual(['the first', 'the last'])
    expect(bob.received('alice')[0]?.id).toBe('order-1')
  })

  it('may carry an id that somebody else gets too, or that somebody else uses', async () => {
    const world = await createWorld('the same id')
    const [alice, bob] = await world.couple()
    const carol = await world.join('carol')
    await carol.goOnline()
    alice.write('bob', 'to Bob', 'same')
    alice.write('carol', 'to Carol', 'same')
    carol.write('bob', 'from Carol', 'same')
    await Promise.all([bob.untilRead('alice', 'to Bob'), bob.untilRead('carol', 'from Carol')])
    await carol.untilRead('alice', 'to Carol')
  })

  it('fails with a notice if nobody has that name, and holds nothing else up', async () => {
    const world = await createWorld('nobody')
    const [alice, bob] = await world.couple()
    alice.write('nobody', 'is there anybody?')
    await alice.untilNoticed('not-sent')
    await alice.tell(bob, 'you at least')
    expect(alice.written('nobody').map(({ state }) => state)).toEqual(['failed'])
    expect(alice.notices('not-sent')).toMatchObject([{ peer: 'nobody', text: 'unknown-user' }])
  })

  it('that cannot go out yet is told of once', async () => {
    const world = await createWorld('no prekeys')
    const [alice, bob] = await world.couple()
    await world.join('carol')
    alice.write('carol', 'are you there yet?')
    await alice.untilNoticed('not-sent')
    world.later(11_000)
    for (const text of ['one', 'two', 'three']) await bob.tell(alice, text)
    expect(alice.notices('not-sent')).toMatchObject([{ peer: 'carol', text: 'no-prekeys' }])
  })
})

describe('what may be written', () => {
  it.each([
    ['64,000 letters', 'x'.repeat(64_000)],
    ['16,000 faces of four bytes', '🚪'.repeat(16_000)],
    ['a zero, controls and a BOM', 'before\u0000\u0001\u001b[31m\u009b\ufeffafter\r\n'],
    ['names of object members', '__proto__ constructor toString'],
  ])('is %s, and it arrives as it was written', async (_name, text) => {
    const world = await createWorld('any text')
    const [alice, bob] = await world.couple()
    const { id } = alice.write('bob', text)
    await bob.until('for the text', () => bob.received('alice').length === 1)
    expect(bob.received('alice')[0]?.text === text).toBe(true)
    expect(bob.received('alice')[0]?.id).toBe(id)
    expect(alice.written('bob')[0]?.text === text).toBe(true)
  })

  it.each([
    ['64,001 letters', 'x'.repeat(64_001), 'bad-text'],
    ['16,001 faces of four bytes', '🚪'.repeat(16_001), 'bad-text'],
    ['nothing', '', 'bad-text'],
    ['half a character', 'a\ud83d', 'bad-text'],
  ])('is not %s', async (_name, text, code) => {
    const world = await createWorld('no text')
    const alice = await world.join('alice')
    expect(() => alice.write('bob', text)).toThrow(expect.objectContaining({ name: 'ClientError', code }))
    expect(alice.written('bob')).toEqual([])
  })

  it.each(['Bob', 'alice', '', '../bob', '__proto__', 'b'.repeat(33)])('is not for %j', async (name) => {
    const world = await createWorld('no name')
    const alice = await world.join('alice')
    expect(() => alice.write(name, 'hello')).toThrow(expect.objectContaining({ code: 'no-such-contact' }))
  })

  it.each(['', 'with space', 'new\nline', 'ümlaut', 'x'.repeat(65)])('has no id like %j', async (id) => {
    const world = await createWorld('no id')
    const alice = await world.join('alice')
    expect(() => alice.write('bob', 'hello', id)).toThrow(ClientError)
  })

  it('is written whole or not at all where several are', async () => {
    const world = await createWorld('several')
    const alice = await world.join('alice')
    expect(() => alice.device.writeAll('bob', [{ text: 'good' }, { text: '' }])).toThrow(ClientError)
    expect(alice.written('bob')).toEqual([])
  })
})

describe('a history', () => {
  it('only ever grows at its end, across restarts too', async () => {
    const world = await createWorld('rows')
    const [alice, bob] = await world.couple()
    await alice.tell(bob, 'one')
    const before = bob.entries()
    await bob.restart()
    await bob.goOnline()
    await alice.tell(bob, 'two')
    await bob.tell(alice, 'three')
    const after = bob.entries()
    expect(after.slice(0, before.length)).toEqual(before)
    const rows = after.map(({ row }) => row)
    expect(rows).toEqual([...new Set(rows)].toSorted((a, b) => a - b))
    expect(bob.device.history.after(before.at(-1)?.row ?? 0, null, 10).map(({ text }) => text)).toEqual([
      'two',
      'three',
    ])
  })
})
