import { Reader } from '../../crypto/bytes.ts'
import { describe, expect, it } from 'vitest'
import { isLastPage, pagesOf } from '../../client/device/groups/news.ts'
import { createLease } from '../../client/device/lease.ts'
import { decodeRecord, encodeRecord } from '../../client/device/backup/records.ts'
import { founding, groupPerson, step } from '../support/group-people.ts'
import { change, circle, membersAt, saidTo, untilMembers, untilSaid } from '../support/group-world.ts'
import { createWorld, type Person, type World } from '../support/world.ts'

const second = 1000

/** As they stand in a backup, decrypted. */
const recordsOf = (person: Person) => [...person.device.takeBackup(() => undefined)]
const restore = (person: Person, records: readonly Uint8Array[]) => person.device.restoreBackup(records)
const changed = (
  records: readonly Uint8Array[],
  how: (record: ReturnType<typeof decodeRecord>) => ReturnType<typeof decodeRecord>,
) => records.map((bytes) => encodeRecord(how(decodeRecord(bytes))))

/** All that a person sees, and all that the device does by. */
const stateOf = ({ device }: Person) => ({
  contacts: device.contacts.all(),
  strangers: device.contacts.blockedStrangers(),
  muted: device.mutes.all(),
  groups: device.groups.all().map(({ peer, now, isOnHold }) => [peer, now.head, isOnHold]),
  history: device.history.after(0, null, 1000),
})

const textsWith = (person: Person, peer: string) =>
  person
    .entries()
    .flatMap((entry) => (entry.kind === 'message' && entry.peer === peer ? `${entry.direction} ${entry.text}` : []))

/** Alice and Bob have talked; Bob has a second device that was linked afterwards and knows nothing of it. */
async function talked(seed: string) {
  const world = await createWorld(seed)
  const [alice, bob] = await world.couple()
  await alice.tell(bob, 'hello')
  await bob.tell(alice, 'hello yourself')
  await bob.untilSent('alice')
  return { world, alice, bob }
}

describe('a backup', () => {
  it('gives a new device what was said, and whom the old one trusts', async () => {
    const { world, alice, bob } = await talked('to a new device')
    bob.look('alice')
    bob.device.contacts.verify('alice')
    bob.device.contacts.setLifetime('alice', 3600)
    bob.device.contacts.setBlocked('mallory', true)
    bob.device.mutes.set({ peer: 'alice', until: null })
    const records = recordsOf(bob)
    const again = await world.link(bob)
    expect(textsWith(again, 'alice')).toEqual([])
    expect(restore(again, records)).toMatchObject({ contacts: 0, groups: 0, messages: 2, onHold: [] })
    expect(textsWith(again, 'alice')).toEqual(['in hello', 'out hello yourself'])
    expect(again.device.contacts.get('alice')).toEqual(bob.device.contacts.get('alice'))
    expect(again.device.contacts.get('alice')).toMatchObject({ verified: true, accepted: true, lifetimeSeconds: 3600 })
    expect([again.device.contacts.blockedStrangers(), again.device.mutes.all()]).toEqual([
      ['mallory'],
      [{ peer: 'alice', until: null }],
    ])
    await again.goOnline()
    await again.tell(alice, 'from the new one')
    await alice.tell(again, 'to the new one')
  })

  it('restored twice is the same as once, and adds nothing to the device that made it', async () => {
    const { world, bob } = await talked('twice')
    const records = recordsOf(bob)
    const before = stateOf(bob)
    expect(restore(bob, records)).toMatchObject({ contacts: 0, groups: 0, messages: 0 })
    expect(stateOf(bob)).toEqual(before)
    const again = await world.link(bob)
    restore(again, records)
    const once = stateOf(again)
    expect(restore(again, records)).toMatchObject({ contacts: 0, groups: 0, messages: 0 })
    expect(stateOf(again)).toEqual(once)
    // and what was restored is in the next backup
    const third = await world.link(bob, 'third')
    expect(restore(third, recordsOf(again))).toMatchObject({ messages: 2 })
    expect(textsWith(third, 'alice')).toEqual(textsWith(again, 'alice'))
  })

  it('has no keys of the device, and nothing of what has not gone out', async () => {
    const { world, bob } = await talked('no keys')
    await bob.goOffline()
    bob.write('alice', 'still waiting')
    const told: unknown[] = []
    const records = [...bob.device.takeBackup((taken) => told.push(taken))]
    expect(told).toEqual([{ contacts: 1, groups: 0, messages: 2, unsent: 1 }])
    const { signingSecret, identitySecret } = bob.device.self.device
    const secrets = [signingSecret, identitySecret, bob.device.self.accountSecret()].map((one) =>
      Buffer.from(one.subarray(0, 32)).toString('hex'),
    )
    const all = Buffer.concat(records).toString('hex')
    expect(secrets.filter((secret) => all.includes(secret))).toEqual([])
    const again = await world.link(bob)
    restore(again, records)
    expect(textsWith(again, 'alice')).not.toContain('out still waiting')
  })

  it('is nothing new: it is unread nowhere, and nobody is told that it was read', async () => {
    const world = await createWorld('nothing new')
    const [alice, bob] = await world.couple({ receipts: true })
    await alice.tell(bob, 'not looked at')
    await bob.tell(alice, 'an answer')
    await alice.untilLast('bob', 'delivered')
    const again = await world.link(bob, 'again', { receipts: true })
    await alice.tell(bob, 'to all')
    restore(again, recordsOf(bob))
    expect(again.device.conversations.all()).toMatchObject([{ user: 'alice', unread: 0, firstUnread: null }])
    await again.goOnline()
    again.look('alice')
    await again.tell(alice, 'from the new one')
    await alice.tell(again, 'last')
    again.look('alice')
    await alice.untilLast('bob', 'read')
    expect(alice.states('bob')).toEqual(['delivered', 'delivered', 'read'])
  })
})

describe('what a backup says', () => {
  it('never takes back that somebody is blocked, in either, or what the device knows of a contact', async () => {
    const { bob } = await talked('older')
    const older = recordsOf(bob)
    bob.device.contacts.verify('alice')
    bob.device.contacts.setBlocked('alice', true)
    bob.device.mutes.set({ peer: 'alice', until: null })
    restore(bob, older)
    expect(bob.device.contacts.get('alice')).toMatchObject({ verified: true, blocked: true })
    expect(bob.device.mutes.get('alice')).not.toBeNull()
    const blocked = recordsOf(bob)
    bob.device.contacts.setBlocked('alice', false)
    bob.device.mutes.drop('alice')
    restore(bob, blocked)
    expect(bob.device.contacts.get('alice')).toMatchObject({ blocked: true })
    expect(bob.device.mutes.get('alice')).toBeNull()
  })

  it('does not make a contact verified, or give another account key, where the device has one', async () => {
    const world = await createWorld('another key')
    const [alice, bob] = await world.couple()
    const again = await world.link(bob)
    await alice.tell(bob, 'hello')
    await bob.tell(alice, 'hello yourself')
    const other = await createWorld('another alice')
    const impostor = await other.join('alice')
    const records = changed(recordsOf(bob), (record) =>
      record.kind === 'person' ? { ...record, list: impostor.device.self.signedList, verified: true } : record,
    )
    const before = bob.device.contacts.get('alice')
    restore(bob, records)
    expect(bob.device.contacts.get('alice')).toEqual(before)
    // a device that knows nobody of that name takes her from the backup, and hears from the relay that she has another key
    expect(restore(again, records)).toMatchObject({ contacts: 1 })
    again.write('alice', 'who are you?')
    await again.goOnline()
    await again.untilNoticed('account-changed')
    expect(again.device.contacts.get('alice')).toMatchObject({ verified: false })
    expect(again.states('alice').at(-1)).toBe('waiting')
  })

  it('is refused from somebody else, and from another account of the same name', async () => {
    const { alice, bob } = await talked('not mine')
    const other = await createWorld('another bob')
    const namesake = await other.join('bob')
    const before = stateOf(bob)
    expect(() => restore(bob, recordsOf(alice))).toThrow("this is a backup of alice, and this device is bob's")
    expect(() => restore(bob, recordsOf(namesake))).toThrow('another account that was called bob too')
    expect(() => restore(bob, recordsOf(bob).slice(1))).toThrow('does not say whose it is')
    expect(stateOf(bob)).toEqual(before)
  })

  it('is all there or not at all: an error at its end leaves nothing behind', async () => {
    const { world, bob } = await talked('all or nothing')
    const records = recordsOf(bob)
    const again = await world.link(bob)
    const before = stateOf(again)
    function* broken(): Generator<Uint8Array> {
      yield* records
      throw new Error('the last piece does not open')
    }
    expect(() => again.device.restoreBackup(broken())).toThrow('does not open')
    expect(stateOf(again)).toEqual(before)
  })

  it('waits for whoever is connected with the device', async () => {
    const { bob, world } = await talked('leased')
    const records = recordsOf(bob)
    await bob.goOffline()
    const { store } = bob.device
    const other = createLease({ ...store, holder: { id: 999_999, isAlive: () => true } }, world.clock)
    const sure = createLease({ ...store, holder: { ...store.holder, isAlive: () => true } }, world.clock)
    expect(other.take()).toBe(true)
    const holding = { ...store.holder, isAlive: () => true }
    Object.assign(store, { holder: holding })
    expect(() => restore(bob, records)).toThrow('another doormat is connected with this device')
    other.release()
    expect(restore(bob, records)).toMatchObject({ messages: 0 })
    expect(sure.take()).toBe(true)
  })

  it('brings no notices: what was the access mode then is not what it is now', async () => {
    const { world, alice, bob } = await talked('modes of before')
    await world.switchOn()
    await bob.untilNoticed('access', 2)
    await alice.tell(bob, 'under a mode')
    const records = recordsOf(bob)
    await world.switchOff()
    await bob.untilNoticed('access', 3)
    const again = await world.link(bob)
    await again.goOnline()
    await again.until('to know the policy', () => again.notices('access').length > 0)
    const before = again.notices('access')
    restore(again, records)
    expect(again.notices('access')).toEqual(before)
    expect(again.received('alice').map(({ text, epoch }) => [text, epoch])).toEqual([
      ['hello', 1],
      ['under a mode', 2],
    ])
  })
})

describe('a lifetime in a backup', () => {
  it('goes on from where it stood, also while the backup lay there', async () => {
    const { world, alice, bob } = await talked('lifetimes')
    alice.device.contacts.setLifetime('bob', 60)
    await alice.tell(bob, 'read')
    bob.look('alice')
    world.later(20 * second)
    await alice.tell(bob, 'unread')
    const records = recordsOf(bob)
    const early = await world.link(bob)
    world.later(30 * second)
    restore(early, records)
    expect(textsWith(early, 'alice').slice(2)).toEqual(['in read', 'in unread'])
    expect(early.device.contacts.get('alice')?.lifetimeSeconds).toBe(60)
    world.later(15 * second)
    early.letGo()
    expect(textsWith(early, 'alice').slice(2)).toEqual(['in unread'])
    // what was deleted stays deleted, and what has outlived its time does not come back
    restore(early, records)
    expect(textsWith(early, 'alice').slice(2)).toEqual(['in unread'])
    world.later(50 * second)
    early.letGo()
    expect(textsWith(early, 'alice')).toHaveLength(2)
    const late = await world.link(bob, 'late')
    restore(late, records)
    expect(textsWith(late, 'alice').slice(2)).toEqual(['in unread'])
  })
})

/** Alice leads a group with Bob and Carol; then Carol is removed, of which Bob's new device knows nothing. */
async function olderGroup(seed: string) {
  const world: World = await createWorld(seed)
  const [alice, bob, carol] = (await Promise.all(['alice', 'bob', 'carol'].map((name) => world.join(name)))) as [
    Person,
    Person,
    Person,
  ]
  for (const person of [alice, bob, carol]) await person.goOnline()
  const peer = await circle(alice, [bob, carol])
  for (const person of [bob, carol]) await untilMembers(person, peer, ['alice', 'bob', 'carol'])
  alice.write(peer, 'hello, both')
  for (const person of [bob, carol]) await untilSaid(person, peer, 'alice: hello, both')
  const records = recordsOf(bob)
  await carol.goOffline()
  change(alice, peer, { kind: 'remove', user: 'carol' })
  await untilMembers(bob, peer, ['alice', 'bob'])
  await alice.goOffline()
  const again = await world.link(bob)
  await bob.goOffline()
  return { world, alice, bob, carol, peer, records, again }
}

describe('news of several pages', () => {
  it.each([1, 63, 64, 65, 128])(
    'of %i changes end with a page that has room, so that who is told knows that it was the last',
    (count) => {
      const author = groupPerson('alice', `pages ${count}`)
      let { after, signed } = step(author, null, founding())
      const all = [signed.bytes]
      while (all.length < count) {
        ;({ after, signed } = step(author, after, { kind: 'rename', title: `Title ${all.length}` }))
        all.push(signed.bytes)
      }
      const pages = pagesOf(all, [author.signedList])
      expect(pages.flatMap(({ changes }) => changes)).toEqual(all)
      expect(isLastPage(pages.at(-1) ?? { changes: [], lists: [] })).toBe(true)
      expect(pages.slice(0, -1).filter(({ changes }) => changes.length < 63)).toEqual([])
    },
  )
})

describe('a group in a backup', () => {
  it('is on hold until a member has said who is in it: whoever was removed since gets nothing', async () => {
    const { alice, carol, peer, records, again } = await olderGroup('removed since')
    expect(restore(again, records)).toMatchObject({ groups: 1, onHold: [peer] })
    expect(saidTo(again, peer)).toEqual(['alice: hello, both'])
    expect(membersAt(again, peer)).toEqual(['alice', 'bob', 'carol'])
    again.write(peer, 'not for carol')
    expect(() => change(again, peer, { kind: 'rename', title: 'Other' })).toThrow('from a backup')
    await again.goOnline()
    await again.until('to have asked', () => again.device.groupSending.owed().length === 0)
    expect(again.states(peer)).toEqual(['waiting'])
    await alice.goOnline()
    await untilSaid(alice, peer, 'bob: not for carol')
    expect(membersAt(again, peer)).toEqual(['alice', 'bob'])
    await again.untilSent(peer)
    await carol.goOnline()
    await untilMembers(carol, peer, ['alice', 'bob'])
    expect(saidTo(carol, peer)).toEqual(['alice: hello, both'])
  })

  it('says nothing to a device that has the group, which is not on hold', async () => {
    const { alice, bob, peer, records } = await olderGroup('has it')
    expect(restore(bob, records)).toMatchObject({ groups: 0, onHold: [] })
    expect(membersAt(bob, peer)).toEqual(['alice', 'bob'])
    await Promise.all([alice.goOnline(), bob.goOnline()])
    bob.write(peer, 'at once')
    await untilSaid(alice, peer, 'bob: at once')
  })

  it('is not let go by the word of one who is no first admin, but by that of two', async () => {
    const world = await createWorld('the word of one')
    const [alice, bob, carol, dora] = (await Promise.all(
      ['alice', 'bob', 'carol', 'dora'].map((name) => world.join(name)),
    )) as [Person, Person, Person, Person]
    const everybody = [alice, bob, carol, dora]
    for (const person of everybody) await person.goOnline()
    const peer = await circle(alice, [bob, carol, dora])
    const names = everybody.map(({ name }) => name)
    for (const person of everybody) await untilMembers(person, peer, names)
    const records = recordsOf(bob)
    for (const person of [alice, carol, dora]) await person.goOffline()
    const again = await world.link(bob)
    await bob.goOffline()
    restore(again, records)
    again.write(peer, 'for whom?')
    const heard = (): readonly string[] => {
      const reader = new Reader(again.device.store.meta(`group hold ${peer}`) ?? new Uint8Array(12))
      reader.u64()
      return Array.from({ length: reader.u32() }, () => reader.text(64))
    }
    await again.goOnline()
    await carol.goOnline()
    await again.until('to have heard carol', () => heard().includes('carol'))
    expect([again.device.groups.get(peer)?.isOnHold, again.states(peer)]).toEqual([true, ['waiting']])
    await dora.goOnline()
    await untilSaid(carol, peer, 'bob: for whom?')
    expect(again.device.groups.get(peer)?.isOnHold).toBe(false)
  })

  it('is not let go by another device that restored the same', async () => {
    const { world, alice, bob, carol, peer, records, again } = await olderGroup('two that restored')
    await bob.goOnline()
    const third = await world.link(bob, 'a third device')
    await bob.leave()
    for (const person of [again, third]) restore(person, records)
    again.write(peer, 'not for carol')
    for (const person of [again, third]) await person.goOnline()
    for (const person of [again, third])
      await person.until('to have asked all', () => person.device.groupSending.owed().length === 0)
    // what each of the two says to the other comes after what it had to answer
    again.write('alice', 'after the asking')
    await third.until('to have that', () => third.written('alice').length === 1)
    expect([again, third].map(({ device }) => device.groups.get(peer)?.isOnHold)).toEqual([true, true])
    await alice.goOnline()
    await untilSaid(alice, peer, 'bob: not for carol')
    await carol.goOnline()
    await untilMembers(carol, peer, ['alice', 'bob'])
    expect(saidTo(carol, peer).filter((line) => line.startsWith('bob'))).toEqual([])
  })

  it('is let go in each of many groups with the same people', async () => {
    const world = await createWorld('many groups on hold')
    const [alice, bob] = [await world.join('alice'), await world.join('bob')]
    for (const person of [alice, bob]) await person.goOnline()
    const peers: string[] = []
    for (let i = 0; i < 6; i++) peers.push(await circle(alice, [bob], `Group ${i}`))
    for (const peer of peers) await untilMembers(bob, peer, ['alice', 'bob'])
    const records = recordsOf(bob)
    const again = await world.link(bob)
    await bob.goOffline()
    restore(again, records)
    await again.goOnline()
    await again.until('for all to be let go', () => again.device.groups.all().every(({ isOnHold }) => !isOnHold))
  })

  it('is let go by the account’s own other device', async () => {
    const { alice, bob, peer, records, again } = await olderGroup('own other device')
    restore(again, records)
    await again.goOnline()
    await bob.goOnline()
    await untilMembers(again, peer, ['alice', 'bob'])
    await again.until('to be let go', () => again.device.groups.get(peer)?.isOnHold === false)
    again.write(peer, 'from the new one')
    await again.untilSent(peer)
    await alice.goOnline()
    await untilSaid(alice, peer, 'bob: from the new one')
  })
})
