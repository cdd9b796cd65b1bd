import { describe, expect, it } from 'vitest'
import type { HistoryAfterword, HistoryMessage } from '../../client/device/history-entries.ts'
import { quoteFrom } from '../../client/words/afterword.ts'
import { spoolFile } from '../../client/device/transfer.ts'
import type { Delivery } from '../../server/api.ts'
import { circle, untilMembers, untilSaid } from '../support/group-world.ts'
import { household, trouble, untilWritten } from '../support/world-household.ts'
import { shownTo } from '../support/world-shown.ts'
import { createWorld, type Person } from '../support/world.ts'

const nameOf = (person: Person, message: HistoryMessage) => person.device.afterwords.nameOf(message)

/** Reactions and deletions that a person has of a conversation. */
const afterwords = (person: Person, peer: string) =>
  person.entries().filter((entry): entry is HistoryAfterword => entry.kind === 'afterword' && entry.peer === peer)

const untilAfterwords = (person: Person, peer: string, count: number) =>
  person.until(`for ${count} afterwords`, () => afterwords(person, peer).length >= count)

const untilSent = (person: Person, peer: string) =>
  person.until('for all to be sent', () => person.device.history.unsent(peer) === 0)

/** What somebody has of a message: its text, or that it is deleted. */
const said = (person: Person, peer: string) =>
  person.entries().flatMap((entry) => {
    if (entry.kind !== 'message' || entry.peer !== peer) return []
    return [entry.deletedAt === null ? entry.text : 'deleted']
  })

async function couple(seed: string) {
  const world = await createWorld(seed)
  const [alice, bob] = [await world.join('alice'), await world.join('bob')]
  await alice.goOnline()
  await bob.goOnline()
  return { world, alice, bob }
}

describe('between two', () => {
  it('a message is answered, and shown with what stands in the own history', async () => {
    const { alice, bob } = await couple('answers')
    await alice.tell(bob, 'is the door locked?')
    const [asked] = bob.received('alice') as [HistoryMessage]
    bob.device.write('alice', 'it is', undefined, nameOf(bob, asked))
    await alice.untilRead('bob', 'it is')
    expect(alice.received('bob')).toMatchObject([{ answers: { author: 'alice', id: asked.id } }])
    expect(shownTo(alice)).toEqual(['alice: is the door locked?', 'bob: > you: “is the door locked?”', '      it is'])
    alice.device.conversations.forget('bob', asked.id)
    expect(quoteFrom(alice.device)('bob', { author: 'alice', id: asked.id })).toBe(
      'a message that is not on this device',
    )
    // an id is its author's: nobody is quoted by an id of somebody else
    expect(quoteFrom(bob.device)('alice', { author: 'bob', id: asked.id })).toBe('a message that is not on this device')
    expect(quoteFrom(bob.device)('alice', { author: 'carol', id: asked.id })).toBe(
      'a message that is not on this device',
    )
  })

  it('an emoji is put on a message, changed, and taken back; no other text passes for one', async () => {
    const { alice, bob } = await couple('reactions')
    await alice.tell(bob, 'hello')
    const [hello] = bob.received('alice') as [HistoryMessage]
    for (const emoji of ['👍', '👩‍🚀', '']) bob.device.react('alice', nameOf(bob, hello), emoji)
    await untilAfterwords(alice, 'bob', 3)
    expect(shownTo(alice).slice(1)).toEqual([
      '* bob reacted 👍 to “hello”',
      '* bob reacted 👩‍🚀 to “hello”',
      '* bob took back the reaction to “hello”',
    ])
    for (const text of ['a', '👍👍', '1', '👍\u202e', ' '])
      expect(() => bob.device.react('alice', nameOf(bob, hello), text)).toThrow(
        expect.objectContaining({ code: 'bad-text' }),
      )
    expect(() => bob.device.react('alice', { author: 'alice', id: 'another' }, '👍')).toThrow(
      expect.objectContaining({ code: 'no-such-message' }),
    )
    expect([...trouble(alice), ...trouble(bob)]).toEqual([])
  })

  it('a deletion takes text and file from both, and from the relay, and leaves a mark', async () => {
    const { alice, bob } = await couple('deletion')
    const bytes = new Uint8Array(70_000).fill(7)
    const source = {
      name: 'plan.txt',
      type: 'text/plain',
      sizeBytes: bytes.length,
      read: async (at: number, size: number) => bytes.subarray(at, at + size),
    }
    const message = alice.device.writeFile('bob', 'the plan', await spoolFile(alice.device.spool, source, alice.random))
    await bob.untilRead('alice', 'the plan')
    const blob = message.attachment?.blob
    if (!blob) throw new Error('no file')
    expect((await alice.wire.blob(blob)).receivedBytes).toBeGreaterThan(0)
    const deletion = alice.device.deleteForAll('bob', [message.id])
    expect(said(alice, 'bob')).toEqual(['deleted'])
    await bob.until('for it to be deleted', () => said(bob, 'alice')[0] === 'deleted')
    expect(bob.received('alice')).toMatchObject([{ text: '', attachment: null, deletedAt: deletion.sentAt }])
    expect(alice.device.history.attached().concat(bob.device.history.attached())).toEqual([])
    await alice.until('for the file to be gone', () => alice.device.afterwords.unwanted().length === 0)
    await expect(alice.wire.blob(blob)).rejects.toMatchObject({ code: 'not-found' })
    expect(() => alice.device.deleteForAll('bob', [message.id])).toThrow(
      expect.objectContaining({ code: 'no-such-message' }),
    )
    expect([...trouble(alice), ...trouble(bob)]).toEqual([])
  })

  it('nobody deletes what somebody else has written', async () => {
    const { alice, bob } = await couple('not theirs')
    await alice.tell(bob, 'mine')
    const [mine] = bob.received('alice') as [HistoryMessage]
    expect(() => bob.device.deleteForAll('alice', [mine.id])).toThrow(
      expect.objectContaining({ code: 'no-such-message' }),
    )
    // a program that does not keep to it
    bob.device.history.addAfterword('alice', { id: 'forged', said: { kind: 'deletion', ids: [mine.id] } })
    bob.write('alice', 'after it')
    await alice.untilRead('bob', 'after it')
    expect(said(alice, 'bob')).toEqual(['mine', 'after it'])
  })

  it('a deletion that comes before its message holds, and a gap is told of as ever', async () => {
    const { alice, bob } = await couple('reordered')
    await alice.tell(bob, 'first')
    const held: Delivery[] = []
    bob.wire.route = (delivery) => (held.push(delivery), [])
    const message = alice.write('bob', 'never to be seen')
    await bob.until('for it to be held up', () => held.length === 1)
    bob.wire.route = (delivery) => [delivery]
    alice.device.deleteForAll('bob', [message.id])
    await untilAfterwords(bob, 'alice', 1)
    expect(bob.notices('gap')).toMatchObject([{ peer: 'alice', sequence: 1 }])
    bob.wire.route = (delivery) => [
      ...held.splice(0).map((late) => ({ ...late, sequence: delivery.sequence })),
      delivery,
    ]
    await alice.tell(bob, 'last')
    expect(held).toEqual([])
    expect(bob.notices('late')).toMatchObject([{ peer: 'alice' }])
    expect(said(bob, 'alice')).toEqual(['first', 'last'])
  })

  it('of one author take no place from another', async () => {
    const { alice, bob } = await couple('places')
    const { history, store } = bob.device
    const erase = (author: string, ids: readonly string[]) =>
      history.erase('+group', { direction: 'in', author }, { ids, at: 1, device: alice.address.device })
    erase(
      'carol',
      Array.from({ length: 300 }, (_, i) => `never-${i}`),
    )
    erase('alice', ['overtaken'])
    const ours = Array.from({ length: 300 }, (_, i) => `ours-${i}`)
    history.erase('+group', { direction: 'out' }, { ids: ours, at: 1, device: alice.address.device })
    const { awaited, isErased } = store.tables.history
    expect([awaited('+group', 'in', 'carol'), awaited('+group', 'in', 'alice')]).toEqual([256, 1])
    expect([awaited('+group', 'out', null), isErased('+group', 'alice', 'overtaken')]).toEqual([256, true])
  })

  it('of a message that has not gone out leave nothing that waits, and a mark that goes when the message would have', async () => {
    const { world, alice, bob } = await couple('not gone out')
    await alice.tell(bob, 'hello')
    await alice.goOffline()
    const { id, row } = alice.write('bob', 'never sent')
    alice.device.deleteForAll('bob', [id])
    expect(alice.device.store.tables.history.standing(row)?.state).toBe('failed')
    await alice.goOnline()
    await alice.until('to have said so', () => alice.device.history.unsent('bob') === 0)
    expect(alice.device.store.tables.history.waitingRows('bob')).toEqual([])
    alice.device.contacts.setLifetime('bob', 60)
    alice.write('bob', 'soon gone', 'fading')
    await bob.untilRead('alice', 'soon gone')
    alice.device.deleteForAll('bob', ['fading'])
    await bob.until('for it to be deleted', () => said(bob, 'alice').at(-1) === 'deleted')
    world.later(61_000)
    // alice has the mark of what was never sent, too
    await alice.until('for the mark to go', () => said(alice, 'bob').join() === 'hello,deleted')
    await bob.until('for the mark to go', () => said(bob, 'alice').join() === 'hello')
  })

  it('no more than 256 deletions of messages that have not come are remembered', async () => {
    const { alice, bob } = await couple('many deletions')
    await alice.tell(bob, 'hello')
    const [hello] = alice.written('bob') as [HistoryMessage]
    for (let batch = 0; batch < 5; batch++) {
      const ids = Array.from({ length: 64 }, (_, i) => `never ${batch} ${i}`.replaceAll(' ', '-'))
      alice.device.history.addAfterword('bob', { id: `deletion-${batch}`, said: { kind: 'deletion', ids } })
    }
    alice.device.deleteForAll('bob', [hello.id])
    await bob.until('for the last', () => said(bob, 'alice')[0] === 'deleted')
    expect(bob.device.store.tables.history.awaited('alice', 'in', null)).toBe(256)
  })

  it('what is said while somebody is away, or the policy changes, arrives all the same', async () => {
    const { world, alice, bob } = await couple('away')
    await alice.tell(bob, 'hello')
    const [hello] = bob.received('alice') as [HistoryMessage]
    await bob.goOffline()
    bob.device.react('alice', nameOf(bob, hello), '🎉')
    await alice.goOffline()
    alice.device.deleteForAll('bob', [hello.id])
    await world.switchOn()
    await alice.goOnline()
    await bob.goOnline()
    await untilAfterwords(alice, 'bob', 2)
    await untilAfterwords(bob, 'alice', 2)
    expect([said(alice, 'bob'), said(bob, 'alice')]).toEqual([['deleted'], ['deleted']])
    expect(shownTo(alice).at(-1)).toBe('* bob reacted 🎉 to a message that was deleted')
    expect([...trouble(alice), ...trouble(bob)]).toEqual([])
  })

  it('what is said of a message that fades goes as it does, and is nobody’s new lifetime', async () => {
    const { alice, bob } = await couple('fading')
    await alice.tell(bob, 'hello')
    alice.device.contacts.setLifetime('bob', 60)
    await alice.tell(bob, 'soon gone')
    const [, gone] = bob.received('alice') as [HistoryMessage, HistoryMessage]
    bob.device.react('alice', nameOf(bob, gone), '👀')
    await untilAfterwords(alice, 'bob', 1)
    expect([afterwords(alice, 'bob'), afterwords(bob, 'alice')]).toMatchObject([
      [{ lifetimeSeconds: 60 }],
      [{ lifetimeSeconds: 60 }],
    ])
    expect(alice.device.contacts.lifetimeOf('bob')).toBe(60)
    expect(bob.device.contacts.lifetimeOf('alice')).toBe(60)
  })

  it('nothing of somebody who is blocked is kept or done', async () => {
    const { alice, bob } = await couple('blocked')
    await alice.tell(bob, 'hello')
    const [hello] = alice.written('bob') as [HistoryMessage]
    bob.device.contacts.setBlocked('alice', true)
    alice.device.deleteForAll('bob', [hello.id])
    await untilSent(alice, 'bob')
    bob.device.contacts.setBlocked('alice', false)
    await alice.tell(bob, 'still there?')
    expect(said(bob, 'alice')).toEqual(['hello', 'still there?'])
  })
})

describe('on all devices of an account', () => {
  it('reactions and deletions are the same, whichever device makes them', async () => {
    const { laptop, phone, bob } = await household('afterwords of a household')
    await laptop.tell(bob, 'from the laptop')
    await untilWritten(phone, 'bob', 'from the laptop')
    await bob.tell(laptop, 'from bob')
    await phone.untilRead('bob', 'from bob')
    const [fromBob] = phone.received('bob') as [HistoryMessage]
    phone.device.react('bob', nameOf(phone, fromBob), '❤️')
    const [own] = phone.written('bob') as [HistoryMessage]
    phone.device.deleteForAll('bob', [own.id])
    await untilAfterwords(laptop, 'bob', 2)
    await untilAfterwords(bob, 'alice', 2)
    for (const [person, peer] of [
      [laptop, 'bob'],
      [phone, 'bob'],
      [bob, 'alice'],
    ] as const)
      expect(said(person, peer)).toEqual(['deleted', 'from bob'])
    expect(shownTo(laptop).slice(-2)).toEqual([
      '* you reacted ❤️ to “from bob”',
      '* you deleted a message for everybody',
    ])
    expect([laptop, phone, bob].flatMap(trouble)).toEqual([])
  })
})

it('a deletion by another device of its author holds, also where it comes before the message', async () => {
  const { laptop, phone, bob } = await household('deleted by the other')
  await laptop.tell(bob, 'first')
  const held: Delivery[] = []
  bob.wire.route = (delivery) => (held.push(delivery), [])
  const message = laptop.write('bob', 'never to be seen')
  await bob.until('for it to be held up', () => held.length === 1)
  await untilWritten(phone, 'bob', 'never to be seen')
  bob.wire.route = (delivery) => [delivery]
  phone.device.deleteForAll('bob', [message.id])
  await untilAfterwords(bob, 'alice', 1)
  bob.wire.route = (delivery) => [...held.splice(0).map((late) => ({ ...late, sequence: delivery.sequence })), delivery]
  await laptop.tell(bob, 'last')
  expect(held).toEqual([])
  expect(said(bob, 'alice')).toEqual(['first', 'last'])
  await laptop.until('for its own to be deleted', () => said(laptop, 'bob').includes('deleted'))
})

describe('in a group', () => {
  it('all see the same, on all their devices, and no chain contradicts itself', async () => {
    const world = await createWorld('afterwords of a group')
    const people = await Promise.all(['alice', 'bob', 'carol'].map((name) => world.join(name)))
    for (const person of people) await person.goOnline()
    const [alice, bob, carol] = people as [Person, Person, Person]
    const phone = await world.link(alice)
    await phone.goOnline()
    const peer = await circle(alice, [bob, carol])
    await untilMembers(carol, peer, ['alice', 'bob', 'carol'])
    bob.write(peer, 'who comes?')
    await untilSaid(alice, peer, 'bob: who comes?')
    await untilSaid(phone, peer, 'bob: who comes?')
    await untilSaid(carol, peer, 'bob: who comes?')
    const asked = carol.received(peer)[0] as HistoryMessage
    carol.device.write(peer, 'I do', undefined, nameOf(carol, asked))
    phone.device.react(peer, nameOf(phone, phone.received(peer)[0] as HistoryMessage), '🙋')
    await untilAfterwords(bob, peer, 1)
    await untilSaid(bob, peer, 'carol: I do')
    bob.device.deleteForAll(peer, [asked.id])
    for (const person of [alice, phone, carol])
      await person.until('for it to be deleted', () => said(person, peer).includes('deleted'))
    for (const person of [alice, phone, bob, carol]) {
      await untilAfterwords(person, peer, 2)
      await person.until('for the answer', () => said(person, peer).includes('I do'))
      expect(said(person, peer).toSorted()).toEqual(['I do', 'deleted'])
    }
    // nobody deletes for somebody else, here neither
    carol.device.history.addAfterword(peer, { id: 'forged', said: { kind: 'deletion', ids: [asked.id, 'x'] } })
    alice.write(peer, 'see you')
    for (const person of [bob, carol, phone])
      await person.until('for the end', () => said(person, peer).includes('see you'))
    expect(
      [alice, phone, bob, carol].flatMap((person) => [
        ...trouble(person),
        ...person.notices('group').filter(({ text }) => text.startsWith('differs')),
      ]),
    ).toEqual([])
    expect(shownTo(carol)).toContain('      I do')
  })
})
