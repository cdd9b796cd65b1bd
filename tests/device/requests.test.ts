import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { setBlocked } from '../../client/cli/people.ts'
import { createWorld, type Person } from '../support/world.ts'
import { forge, plainly } from '../support/world-forge.ts'

const standingOf = (person: Person, user: string) =>
  person.device.conversations.all().find((one) => one.user === user)?.standing
const unread = (person: Person, user: string) =>
  person.device.conversations.all().find((one) => one.user === user)?.unread
const trouble = (person: Person) =>
  (['gap', 'late', 'unreadable', 'not-sent'] as const).flatMap((kind) => person.notices(kind))

/** Every byte that stands in a device's folder. */
const filesOf = ({ home }: Person) => Buffer.concat(readdirSync(home).map((name) => readFileSync(join(home, name))))

describe('what somebody writes who was never written to', () => {
  it('is a request until it is answered', async () => {
    const world = await createWorld('a request')
    const [alice, bob] = await world.couple()
    await alice.tell(bob, 'you do not know me')
    expect([standingOf(bob, 'alice'), standingOf(alice, 'bob')]).toEqual(['request', 'accepted'])
    expect(bob.device.contacts.get('alice')).toMatchObject({ accepted: false, blocked: false })
    await bob.restart()
    expect(standingOf(bob, 'alice')).toBe('request')
    bob.write('alice', 'now I do')
    expect(standingOf(bob, 'alice')).toBe('accepted')
  })

  it('is no request where both write before either has read', async () => {
    const world = await createWorld('crossing')
    const [alice, bob] = await world.couple()
    alice.write('bob', 'hello')
    bob.write('alice', 'hello')
    await Promise.all([alice.untilRead('bob', 'hello'), bob.untilRead('alice', 'hello')])
    expect([standingOf(bob, 'alice'), standingOf(alice, 'bob')]).toEqual(['accepted', 'accepted'])
  })

  it('counts as unread until it has been looked at', async () => {
    const world = await createWorld('unread')
    const [alice, bob] = await world.couple()
    await alice.tell(bob, 'one')
    await alice.tell(bob, 'two')
    expect(unread(bob, 'alice')).toBe(2)
    bob.look('alice')
    expect(unread(bob, 'alice')).toBe(0)
    await alice.tell(bob, 'three')
    expect([unread(bob, 'alice'), unread(alice, 'bob')]).toEqual([1, 0])
  })
})

describe('somebody who is blocked', () => {
  it('is neither shown nor kept, is not told, and breaks nothing: the next one is read without a gap', async () => {
    const world = await createWorld('blocked')
    const [alice, bob] = await world.couple()
    const carol = await world.join('carol')
    await carol.goOnline()
    await alice.tell(bob, 'before')
    await bob.tell(alice, 'and after?')
    bob.device.contacts.setBlocked('alice', true)
    expect(standingOf(bob, 'alice')).toBe('blocked')
    const before = bob.entries().length
    for (const text of ['blocked-one-text', 'blocked-two-text']) alice.write('bob', text)
    await alice.untilSent('bob')
    await bob.until('for it to be taken in', () => bob.device.store.tables.taken.all().length === 3)
    await bob.restart()
    await bob.goOnline()
    expect(bob.entries()).toHaveLength(before)
    bob.device.store.tidy()
    expect(filesOf(bob).includes('blocked-one-text')).toBe(false)
    expect(bob.wire.submitted).toHaveLength(1)
    bob.device.contacts.setBlocked('alice', false)
    await alice.tell(bob, 'unblocked')
    expect(bob.texts('alice')).toEqual(['before', 'unblocked'])
    expect(bob.received('alice').map(({ sequence }) => sequence)).toEqual([1, 4])
    await bob.tell(alice, 'there you are')
    expect([trouble(bob), trouble(alice)]).toEqual([[], []])
    expect(bob.sessionsWith(alice)).toHaveLength(1)
  })

  it('is not written to', async () => {
    const world = await createWorld('not written to')
    const [alice, bob] = await world.couple()
    await alice.tell(bob, 'hello')
    bob.device.contacts.setBlocked('alice', true)
    expect(() => bob.write('alice', 'hello')).toThrow(expect.objectContaining({ name: 'ClientError', code: 'blocked' }))
    expect(bob.written('alice')).toEqual([])
    expect(standingOf(bob, 'alice')).toBe('blocked')
  })

  it('sets no lifetime', async () => {
    const world = await createWorld('no lifetime')
    const [alice, bob] = await world.couple()
    await alice.tell(bob, 'hello')
    await bob.tell(alice, 'hello')
    bob.device.contacts.setBlocked('alice', true)
    alice.device.contacts.setLifetime('bob', 60)
    alice.write('bob', 'soon gone')
    await alice.untilSent('bob')
    await bob.until('for it to be taken in', () => bob.device.store.tables.taken.all().length === 2)
    expect(bob.device.contacts.get('alice')?.lifetimeSeconds).toBe(0)
    expect(bob.notices('lifetime')).toEqual([])
  })

  it('is nobody who was never blocked, and has no impossible name', async () => {
    const world = await createWorld('nobody')
    const alice = await world.join('alice')
    for (const work of [
      () => alice.device.contacts.setBlocked('nobody', false),
      () => setBlocked(alice.device, 'No Name', true),
      () => setBlocked(alice.device, 'alice', true),
    ])
      expect(work).toThrow(expect.objectContaining({ code: 'no-such-contact' }))
  })
})

describe('what is forgotten', () => {
  it('is gone here alone, from the file too, and nobody is told', async () => {
    const world = await createWorld('forgotten')
    const [alice, bob] = await world.couple()
    for (const text of ['forget-this-text', 'keep-this-text']) await alice.tell(bob, text)
    await bob.tell(alice, 'bob-said-this-text')
    const before = bob.wire.submitted.length
    const { id } = bob.received('alice')[0] ?? { id: '' }
    expect(bob.device.conversations.forget('alice', id)).toBe(1)
    expect(bob.texts('alice')).toEqual(['keep-this-text'])
    expect(bob.device.conversations.forget('alice', null)).toBe(2)
    expect(bob.entries().filter(({ kind }) => kind === 'message')).toEqual([])
    expect(bob.device.conversations.forget('alice', null)).toBe(0)
    await bob.restart()
    bob.device.store.tidy()
    const raw = filesOf(bob)
    expect(['forget-this-text', 'keep-this-text', 'bob-said-this-text'].filter((text) => raw.includes(text))).toEqual(
      [],
    )
    expect(alice.written('bob').map(({ text }) => text)).toEqual(['forget-this-text', 'keep-this-text'])
    expect(alice.texts('bob')).toEqual(['bob-said-this-text'])
    await bob.goOnline()
    await alice.tell(bob, 'still here')
    expect(bob.wire.submitted).toHaveLength(before)
    expect(trouble(bob)).toEqual([])
  })

  it('is not shown again when its id comes again', async () => {
    const world = await createWorld('again')
    const [alice, bob] = await world.couple()
    alice.write('bob', 'once', 'the-same')
    await bob.untilRead('alice', 'once')
    await bob.tell(alice, 'yes')
    bob.device.conversations.forget('alice', 'the-same')
    await forge(world, alice, bob, { ...plainly, kind: 'text', id: 'the-same', sequence: 2, text: 'once more' })
    await bob.until('for it to be taken in', () => bob.device.store.tables.taken.all().length === 2)
    expect(bob.texts('alice')).toEqual([])
    expect(bob.device.conversations.all()).toMatchObject([{ user: 'alice', unread: 0 }])
  })

  it('is not sent again when it is written again under its id', async () => {
    const world = await createWorld('written again')
    const [alice, bob] = await world.couple()
    alice.write('bob', 'once', 'mine')
    await bob.untilRead('alice', 'once')
    await alice.untilSent('bob')
    alice.device.conversations.forget('bob', 'mine')
    expect(alice.write('bob', 'once more', 'mine').state).toBe('sent')
    await alice.tell(bob, 'another')
    expect(bob.texts('alice')).toEqual(['once', 'another'])
    expect(alice.written('bob').map(({ text }) => text)).toEqual(['another'])
  })

  it('before it was sent is never sent, and holds up nothing that is written after it', async () => {
    const world = await createWorld('never sent')
    const [alice, bob] = await world.couple()
    await alice.tell(bob, 'we have met')
    await alice.goOffline()
    alice.device.writeAll(
      'bob',
      Array.from({ length: 120 }, (_, i) => ({ text: `not sent ${i}` })),
    )
    alice.device.conversations.forget('bob', null)
    expect(alice.device.history.unsent('bob')).toBe(0)
    await alice.goOnline()
    await alice.tell(bob, 'this one')
    expect(bob.texts('alice')).toEqual(['we have met', 'this one'])
    expect(alice.device.outbox.waitingFor()).toEqual([])
    expect(trouble(bob)).toEqual([])
  })
})
