import { describe, expect, it } from 'vitest'
import { utf8 } from '../../crypto/bytes.ts'
import { ClientError } from '../../client/device/errors.ts'
import { change, circle, untilOneNumber, membersAt, saidTo, untilMembers, untilSaid } from '../support/group-world.ts'
import { noticesTo } from '../support/world-shown.ts'
import { createWorld, type Person, type World } from '../support/world.ts'

async function peopleIn(world: World, ...names: readonly string[]): Promise<readonly Person[]> {
  const people = await Promise.all(names.map((name) => world.join(name)))
  for (const person of people) await person.goOnline()
  return people
}

describe('a group', () => {
  it('carries what each says to all others, once and in order', async () => {
    const world = await createWorld('a group')
    const [alice, bob, carol] = (await peopleIn(world, 'alice', 'bob', 'carol')) as [Person, Person, Person]
    const peer = await circle(alice, [bob, carol])
    for (let i = 1; i <= 20; i++) alice.write(peer, `message ${i}`)
    await untilSaid(bob, peer, 'alice: message 20')
    bob.write(peer, 'from bob')
    await untilSaid(carol, peer, 'alice: message 20', 'bob: from bob')
    await untilSaid(alice, peer, 'bob: from bob')
    const all = Array.from({ length: 20 }, (_, i) => `alice: message ${i + 1}`)
    expect([saidTo(bob, peer), saidTo(carol, peer).filter((line) => line.startsWith('alice'))]).toEqual([all, all])
    await untilOneNumber(peer, alice, bob, carol)
    expect(alice.states(peer).every((state) => state === 'sent')).toBe(true)
    expect([bob.notices('gap'), bob.notices('unreadable')]).toEqual([[], []])
    expect(bob.texts('alice')).toEqual([])
  })

  it('reaches all devices of its members, and what one writes is on their others', async () => {
    const world = await createWorld('devices of a group')
    const [alice, bob] = (await peopleIn(world, 'alice', 'bob')) as [Person, Person]
    const again = await world.link(bob)
    await again.goOnline()
    const peer = await circle(alice, [bob])
    alice.write(peer, 'to both')
    await untilSaid(bob, peer, 'alice: to both')
    await untilSaid(again, peer, 'alice: to both')
    again.write(peer, 'from the other')
    await untilSaid(alice, peer, 'bob: from the other')
    await bob.until('for what the other has written', () => bob.written(peer).length === 1)
    expect(bob.written(peer)[0]).toMatchObject({ text: 'from the other', state: 'sent' })
    bob.write(peer, 'from the first')
    await untilSaid(alice, peer, 'bob: from the first')
    await again.until('for what the first has written', () => again.written(peer).length === 2)
    await untilOneNumber(peer, alice, bob, again)
  })

  it('shows nothing of before to whoever is added, also while they are away', async () => {
    const world = await createWorld('added while away')
    const [alice, bob, carol] = (await peopleIn(world, 'alice', 'bob', 'carol')) as [Person, Person, Person]
    const peer = await circle(alice, [bob])
    alice.write(peer, 'before')
    await untilSaid(bob, peer, 'alice: before')
    await carol.goOffline()
    alice.device.meet('carol')
    await alice.until('to know carol', () => alice.device.contacts.isKnown('carol'))
    change(alice, peer, { kind: 'add', user: 'carol' })
    await untilMembers(bob, peer, ['alice', 'bob', 'carol'])
    bob.write(peer, 'welcome')
    await bob.untilSent(peer)
    await carol.goOnline()
    await untilSaid(carol, peer, 'bob: welcome')
    expect(saidTo(carol, peer)).toEqual(['bob: welcome'])
    await untilOneNumber(peer, alice, bob, carol)
  })

  it('is left, and nothing more is sent to whoever has left', async () => {
    const world = await createWorld('leaving')
    const [alice, bob, carol] = (await peopleIn(world, 'alice', 'bob', 'carol')) as [Person, Person, Person]
    const peer = await circle(alice, [bob, carol])
    await untilMembers(bob, peer, ['alice', 'bob', 'carol'])
    change(bob, peer, { kind: 'leave' })
    await untilMembers(alice, peer, ['alice', 'carol'])
    await untilMembers(carol, peer, ['alice', 'carol'])
    alice.write(peer, 'without bob')
    await untilSaid(carol, peer, 'alice: without bob')
    expect(() => bob.write(peer, 'still here')).toThrow(ClientError)
    expect(saidTo(bob, peer)).toEqual([])
  })

  it('is left by a laptop that was behind without a change to what the phone had done', async () => {
    const world = await createWorld('a laptop behind')
    const [alice, bob, mal] = (await peopleIn(world, 'alice', 'bob', 'mal')) as [Person, Person, Person]
    const laptop = await world.link(alice)
    await laptop.goOnline()
    const peer = await circle(alice, [bob, mal])
    await untilMembers(laptop, peer, ['alice', 'bob', 'mal'])
    await untilMembers(bob, peer, ['alice', 'bob', 'mal'])
    await laptop.goOffline()
    change(alice, peer, { kind: 'remove', user: 'mal' })
    change(alice, peer, { kind: 'rename', title: 'Without mal' })
    await untilMembers(bob, peer, ['alice', 'bob'])
    change(laptop, peer, { kind: 'leave' })
    expect(() => laptop.write(peer, 'one word more')).toThrow(/you are leaving Circle/)
    await laptop.restart()
    await laptop.goOnline()
    for (const person of [alice, bob, laptop]) await untilMembers(person, peer, ['bob'])
    expect(bob.device.groups.get(peer)?.now.title).toBe('Without mal')
    await untilOneNumber(peer, alice, bob, laptop)
    expect(laptop.device.groups.isWithdrawing()).toBe(false)
  })

  it('loses an admin who gives up their office, and goes on under the next', async () => {
    const world = await createWorld('an office given up')
    const [alice, bob] = (await peopleIn(world, 'alice', 'bob')) as [Person, Person]
    const peer = await circle(alice, [bob])
    expect(() => change(alice, peer, { kind: 'demote', user: 'alice' })).toThrow(ClientError)
    change(alice, peer, { kind: 'promote', user: 'bob' })
    change(alice, peer, { kind: 'demote', user: 'alice' })
    const admins = () => bob.device.groups.get(peer)?.now.admins.map(({ user }) => user)
    await bob.until('to be the only admin', () => admins()?.join() === 'bob')
  })

  it('refuses what a removed member goes on writing, and tells them', async () => {
    const world = await createWorld('removed')
    const [alice, bob, carol] = (await peopleIn(world, 'alice', 'bob', 'carol')) as [Person, Person, Person]
    const peer = await circle(alice, [bob, carol])
    await untilMembers(bob, peer, ['alice', 'bob', 'carol'])
    bob.write(peer, 'while in it')
    await untilSaid(alice, peer, 'bob: while in it')
    await untilSaid(carol, peer, 'bob: while in it')
    await bob.goOffline()
    change(alice, peer, { kind: 'remove', user: 'bob' })
    await untilMembers(carol, peer, ['alice', 'carol'])
    // bob's device hears of nothing before it has sent this
    bob.wire.route = () => []
    await bob.goOnline()
    bob.write(peer, 'after it')
    await bob.untilSent(peer)
    await carol.untilNoticed('unreadable')
    await alice.untilNoticed('unreadable')
    expect([saidTo(alice, peer), saidTo(carol, peer)]).toEqual([['bob: while in it'], ['bob: while in it']])
    expect(noticesTo(carol).at(-1)).toContain('a message from bob could not be read')
  })

  it('takes somebody back, and not what they wrote meanwhile', async () => {
    const world = await createWorld('back')
    const [alice, bob, carol] = (await peopleIn(world, 'alice', 'bob', 'carol')) as [Person, Person, Person]
    const peer = await circle(alice, [bob, carol])
    await untilMembers(bob, peer, ['alice', 'bob', 'carol'])
    await untilMembers(carol, peer, ['alice', 'bob', 'carol'])
    await bob.goOffline()
    bob.write(peer, 'written while removed')
    change(alice, peer, { kind: 'remove', user: 'bob' })
    await untilMembers(carol, peer, ['alice', 'carol'])
    change(alice, peer, { kind: 'add', user: 'bob' })
    await untilMembers(carol, peer, ['alice', 'carol', 'bob'])
    await bob.goOnline()
    await untilMembers(bob, peer, ['alice', 'carol', 'bob'])
    bob.write(peer, 'back again')
    await untilSaid(alice, peer, 'bob: back again')
    await untilSaid(carol, peer, 'bob: back again')
    await untilOneNumber(peer, alice, bob, carol)
  })
})

describe('a change of a group', () => {
  it('made by two at once stands by rank, and the other is made again', async () => {
    const world = await createWorld('two at once')
    const [alice, bob, carol, dora] = (await peopleIn(world, 'alice', 'bob', 'carol', 'dora')) as [
      Person,
      Person,
      Person,
      Person,
    ]
    const peer = await circle(alice, [bob, carol])
    change(alice, peer, { kind: 'promote', user: 'bob' })
    await bob.until('to be an admin', () => bob.device.groups.get(peer)?.now.admins.length === 2)
    bob.device.meet('dora')
    await bob.until('to know dora', () => bob.device.contacts.isKnown('dora'))
    await Promise.all([alice.goOffline(), bob.goOffline()])
    change(alice, peer, { kind: 'rename', title: 'Renamed' })
    change(bob, peer, { kind: 'add', user: 'dora' })
    await Promise.all([alice.goOnline(), bob.goOnline()])
    for (const person of [alice, bob, carol, dora])
      await person.until(
        'for both changes',
        () =>
          person.device.groups.get(peer)?.now.title === 'Renamed' &&
          membersAt(person, peer).join() === 'alice,bob,carol,dora',
      )
    await untilOneNumber(peer, alice, bob, carol, dora)
    expect(bob.notices('group').some(({ text }) => text.includes('"how":"undone","deed":"add"'))).toBe(true)
  })

  it('that a relay drops is asked for as soon as somebody speaks who knows it', async () => {
    const world = await createWorld('dropped news')
    const [alice, bob, carol, dora] = (await peopleIn(world, 'alice', 'bob', 'carol', 'dora')) as [
      Person,
      Person,
      Person,
      Person,
    ]
    const peer = await circle(alice, [bob, carol])
    await untilMembers(carol, peer, ['alice', 'bob', 'carol'])
    alice.device.meet('dora')
    await alice.until('to know dora', () => alice.device.contacts.isKnown('dora'))
    carol.wire.route = () => []
    change(alice, peer, { kind: 'add', user: 'dora' })
    await carol.until('for the news to be lost', () => carol.wire.withheld > 0)
    carol.wire.route = (delivery) => [delivery]
    await untilMembers(dora, peer, ['alice', 'bob', 'carol', 'dora'])
    dora.write(peer, 'am I heard?')
    await untilSaid(bob, peer, 'dora: am I heard?')
    await untilSaid(carol, peer, 'dora: am I heard?')
    await untilOneNumber(peer, alice, bob, carol, dora)
  })

  it('is refused in words where it is not allowed', async () => {
    const world = await createWorld('not allowed')
    const [alice, bob] = (await peopleIn(world, 'alice', 'bob')) as [Person, Person]
    const peer = await circle(alice, [bob])
    await untilMembers(bob, peer, ['alice', 'bob'])
    for (const [person, wish, words] of [
      [bob, { kind: 'rename', title: 'Mine' }, 'only admins of Circle may do that'],
      [bob, { kind: 'remove', user: 'alice' }, 'only admins'],
      [alice, { kind: 'add', user: 'bob' }, 'bob is in Circle already'],
      [alice, { kind: 'add', user: 'nobody' }, 'you have no contact called nobody'],
      [alice, { kind: 'remove', user: 'nobody' }, 'nobody is not in Circle'],
      [alice, { kind: 'demote', user: 'bob' }, 'bob is no admin'],
      [alice, { kind: 'rename', title: 'two\nlines' }, 'a title is 1 to 64 bytes'],
    ] as const)
      expect(() => change(person, peer, wish)).toThrow(words)
    expect(() => alice.device.groups.found('')).toThrow('a title is')
    expect(() => alice.device.groups.called('Nothing')).toThrow('you are in no group called Nothing')
    alice.device.groups.found('Circle')
    expect(() => alice.device.groups.called('Circle')).toThrow('2 groups are called Circle')
    expect(alice.device.groups.called(peer.slice(1, 9)).peer).toBe(peer)
  })
})

describe('whoever is in a group', () => {
  it('is told by an admin whom they have blocked that somebody was removed', async () => {
    const world = await createWorld('blocked admin')
    const [alice, bob, carol] = (await peopleIn(world, 'alice', 'bob', 'carol')) as [Person, Person, Person]
    const peer = await circle(alice, [bob, carol])
    await untilMembers(bob, peer, ['alice', 'bob', 'carol'])
    bob.device.contacts.setBlocked('alice', true)
    change(alice, peer, { kind: 'remove', user: 'carol' })
    await untilMembers(bob, peer, ['alice', 'bob'])
  })

  it('sets no lifetime for others', async () => {
    const world = await createWorld('lifetimes of others')
    const [alice, bob] = (await peopleIn(world, 'alice', 'bob')) as [Person, Person]
    const peer = await circle(alice, [bob])
    await untilMembers(bob, peer, ['alice', 'bob'])
    bob.write(peer, 'gone soon')
    const { history } = bob.device.store.tables
    const row = history.get(bob.written(peer)[0]?.row ?? 0)
    expect(row?.lifetimeSeconds).toBe(0)
    history.clear()
    const rows = row ? [{ ...row, lifetimeSeconds: 1 }] : []
    history.fill(rows)
    await untilSaid(alice, peer, 'bob: gone soon')
    expect(alice.received(peer)[0]?.lifetimeSeconds).toBe(1)
    expect(alice.write(peer, 'stays').lifetimeSeconds).toBe(0)
  })

  it('is told a group from another by its id, whatever somebody calls theirs', async () => {
    const world = await createWorld('a title like an id')
    const [alice, eve] = (await peopleIn(world, 'alice', 'eve')) as [Person, Person]
    const { peer } = alice.device.groups.found('Circle')
    const likeIt = await circle(eve, [alice], peer.slice(1, 9))
    await untilMembers(alice, likeIt, ['eve', 'alice'])
    expect(alice.device.groups.called(peer.slice(1, 9)).peer).toBe(peer)
    const same = await circle(eve, [alice], 'Circle')
    await untilMembers(alice, same, ['eve', 'alice'])
    expect(alice.device.groups.called('Circle').peer).toBe(peer)
  })

  it('goes on after a backup of theirs was restored, and nobody is accused', async () => {
    const world = await createWorld('restored')
    const [alice, bob] = (await peopleIn(world, 'alice', 'bob')) as [Person, Person]
    const peer = await circle(alice, [bob])
    await untilMembers(bob, peer, ['alice', 'bob'])
    await alice.goOffline()
    const saved = `${world.folder}/saved`
    await alice.copyTo(saved)
    await alice.goOnline()
    alice.write(peer, 'before the restore')
    await untilSaid(bob, peer, 'alice: before the restore')
    await alice.goOffline()
    await alice.restoreFrom(saved)
    await alice.goOnline()
    alice.write(peer, 'after the restore')
    await untilSaid(bob, peer, 'alice: after the restore')
    bob.write(peer, 'I have both')
    await untilSaid(alice, peer, 'bob: I have both')
    for (const person of [alice, bob])
      expect(person.notices('group').filter(({ text }) => text.startsWith('differs'))).toEqual([])
  })
})

describe('a message to a group', () => {
  it('is not the same for all where a device tells two people two things, and they are told', async () => {
    const world = await createWorld('two stories')
    const [alice, bob] = (await peopleIn(world, 'alice', 'bob')) as [Person, Person]
    const carol = await world.join('carol')
    await carol.goOnline()
    const peer = await circle(alice, [bob, carol])
    await untilMembers(bob, peer, ['alice', 'bob', 'carol'])
    await untilMembers(carol, peer, ['alice', 'bob', 'carol'])
    // a device that lies: once bob's envelope is away, carol's says something else under the same number
    await alice.goOffline()
    alice.write(peer, 'yes')
    alice.device.groupSending.place(false)
    const row = alice.written(peer).at(-1)?.row ?? 0
    const { store } = alice.device
    const owed = ['groups due', 'group due carol', `group body ${row}`]
    const kept = owed.map((key) => store.meta(key) ?? new Uint8Array())
    store.dropMeta('group due carol')
    await alice.goOnline()
    await untilSaid(bob, peer, 'alice: yes')
    await alice.goOffline()
    alice.device.store.tables.history.setText(row, utf8('no'))
    for (const [i, key] of owed.entries()) store.setMeta(key, kept[i] ?? new Uint8Array())
    await alice.goOnline()
    await untilSaid(carol, peer, 'alice: no')
    bob.write(peer, 'so it is yes')
    await untilSaid(carol, peer, 'bob: so it is yes')
    expect(carol.notices('group').at(-1)?.text).toBe('differs bob')
  })

  it('does not contradict another that crosses it', async () => {
    const world = await createWorld('crossing')
    const [alice, bob, carol] = (await peopleIn(world, 'alice', 'bob', 'carol')) as [Person, Person, Person]
    const peer = await circle(alice, [bob, carol])
    for (const person of [bob, carol]) await untilMembers(person, peer, ['alice', 'bob', 'carol'])
    for (let i = 0; i < 10; i++) for (const person of [alice, bob, carol]) person.write(peer, `${i} of ${person.name}`)
    for (const person of [alice, bob, carol])
      for (const other of ['alice', 'bob', 'carol'].filter((name) => name !== person.name))
        await untilSaid(person, peer, `${other}: 9 of ${other}`)
    for (const person of [alice, bob, carol])
      expect(person.notices('group').filter(({ text }) => text.startsWith('differs'))).toEqual([])
  })

  it('is as long as it may be, and refused in words where it is longer', async () => {
    const world = await createWorld('long texts')
    const [alice, bob] = (await peopleIn(world, 'alice', 'bob')) as [Person, Person]
    const peer = await circle(alice, [bob])
    expect(() => alice.write(peer, 'x'.repeat(60_001))).toThrow('a message is at most 60000 bytes')
    alice.write(peer, 'x'.repeat(60_000))
    await untilSaid(bob, peer, `alice: ${'x'.repeat(60_000)}`)
  })

  it('has not been sent while one of them has been sent nothing', async () => {
    const world = await createWorld('one is missing')
    const [alice, bob] = (await peopleIn(world, 'alice', 'bob')) as [Person, Person]
    const carol = await world.join('carol')
    const peer = await circle(alice, [bob, carol])
    alice.write(peer, 'for both')
    await untilSaid(bob, peer, 'alice: for both')
    expect([alice.states(peer), alice.device.groupSending.missing().get(alice.written(peer)[0]?.row ?? 0)]).toEqual([
      ['sealed'],
      ['carol'],
    ])
    await carol.goOnline()
    await untilSaid(carol, peer, 'alice: for both')
    await alice.untilSent(peer)
    expect(alice.device.groupSending.placed()).toEqual([])
  })

  it('is not lost for what strangers have had held', async () => {
    const world = await createWorld('junk')
    const [alice, bob, carol, eve] = (await peopleIn(world, 'alice', 'bob', 'carol', 'eve')) as [
      Person,
      Person,
      Person,
      Person,
    ]
    const peer = await circle(alice, [bob])
    await untilMembers(bob, peer, ['alice', 'bob'])
    // eve is in a group of her own with bob, and says that what she writes there is in alice's
    const own = await circle(eve, [bob], 'Mine')
    await untilMembers(bob, own, ['eve', 'bob'])
    const { store } = eve.device
    for (let i = 0; i < 40; i++) {
      await eve.goOffline()
      const { row } = eve.write(own, `junk ${i}`)
      eve.device.groupSending.place(false)
      const body = store.meta(`group body ${row}`) ?? new Uint8Array()
      body.set(Buffer.from(peer.slice(1), 'hex'))
      body.set(new Uint8Array(32).fill(i + 1), 32)
      store.setMeta(`group body ${row}`, body)
      await eve.goOnline()
      if (i === 39) await eve.untilSent(own)
    }
    alice.device.meet('carol')
    await alice.until('to know carol', () => alice.device.contacts.isKnown('carol'))
    bob.wire.route = () => []
    change(alice, peer, { kind: 'add', user: 'carol' })
    await bob.until('for the news to be lost', () => bob.wire.withheld > 0)
    bob.wire.route = (delivery) => [delivery]
    await untilMembers(carol, peer, ['alice', 'bob', 'carol'])
    carol.write(peer, 'from carol')
    await alice.until('for carol', () => saidTo(alice, peer).includes('carol: from carol'))
    alice.write(peer, 'and from alice')
    await untilSaid(bob, peer, 'carol: from carol', 'alice: and from alice')
  })

  it('of somebody who is blocked is not shown', async () => {
    const world = await createWorld('blocked in a group')
    const [alice, bob, carol] = (await peopleIn(world, 'alice', 'bob', 'carol')) as [Person, Person, Person]
    const peer = await circle(alice, [bob, carol])
    await untilMembers(carol, peer, ['alice', 'bob', 'carol'])
    carol.device.contacts.setBlocked('bob', true)
    bob.write(peer, 'not for carol')
    await untilSaid(alice, peer, 'bob: not for carol')
    alice.write(peer, 'for everybody')
    await untilSaid(carol, peer, 'alice: for everybody')
    expect(saidTo(carol, peer)).toEqual(['alice: for everybody'])
  })
})
