import { describe, expect, it } from 'vitest'
import { messageKeyEscrow } from '../../crypto/access/message-key-escrow.ts'
import { decodeEnvelope } from '../../crypto/envelope.ts'
import { createWorld, type Person, type World } from '../support/world.ts'

/** What the custodian reads of all that left a device: the text, or null where there is no stanza. */
const custodianReads = ({ wire, address }: Person, { escrow }: World) =>
  wire.submitted.map(({ to, envelope }) => {
    const ends = { fromUser: address.user, fromDevice: address.device, toUser: to.user, toDevice: to.device }
    const recorded = { time: 0, ...ends, bytes: envelope }
    return messageKeyEscrow.reader([escrow.secret]).read(recorded, decodeEnvelope(envelope))?.content.text ?? null
  })

const told = (person: Person) => person.notices('access').map(({ epoch, text }) => `${epoch} ${text}`)

describe('a switch in the middle of a conversation', () => {
  it('counts from its epoch on, both ways, and the custodian reads what was sent under it and nothing else', async () => {
    const world = await createWorld('a switch')
    const [alice, bob] = await world.couple()
    const talk = async (when: string) => {
      await alice.tell(bob, `Alice ${when}`)
      await bob.tell(alice, `Bob ${when}`)
    }
    await talk('before')
    await world.switchOn()
    await Promise.all([alice.untilNoticed('access', 2), bob.untilNoticed('access', 2)])
    await talk('during')
    await world.switchOff()
    await Promise.all([alice.untilNoticed('access', 3), bob.untilNoticed('access', 3)])
    await talk('after')
    expect(bob.received('alice').map(({ epoch }) => epoch)).toEqual([1, 2, 3])
    expect(alice.received('bob').map(({ epoch }) => epoch)).toEqual([1, 2, 3])
    expect(alice.written('bob').map(({ epoch }) => epoch)).toEqual([1, 2, 3])
    expect(custodianReads(alice, world)).toEqual([null, 'Alice during', null])
    expect(custodianReads(bob, world)).toEqual([null, 'Bob during', null])
  })

  it('is told to everybody, once, whether online or not', async () => {
    const world = await createWorld('told')
    const [alice, bob] = await world.couple()
    const carol = await world.join('carol')
    await world.switchOn()
    await world.switchOff()
    await Promise.all([alice, bob].map((person) => person.untilNoticed('access', 3)))
    await carol.goOnline()
    const chain = ['1 none', '2 message-key-escrow', '3 none']
    expect([told(alice), told(bob), told(carol)]).toEqual([chain, chain, chain])
    await alice.restart()
    await alice.goOnline()
    expect(told(alice)).toEqual(chain)
  })

  it('counts for what is written while a device still asks for the list of whom it is for', async () => {
    const world = await createWorld('while it asks')
    const [alice, bob] = await world.couple()
    alice.wire.lies.devices = async (truth: Uint8Array) => {
      alice.wire.lies.devices = (same: Uint8Array) => same
      await world.switchOn()
      return truth
    }
    await alice.tell(bob, 'the first of all')
    expect(alice.written('bob').map(({ epoch }) => epoch)).toEqual([2])
    expect(custodianReads(alice, world)).toEqual(['the first of all'])
  })

  it('is learnt from the chain before a message made under it is read', async () => {
    const world = await createWorld('not told')
    const [alice, bob] = await world.couple()
    bob.wire.tellsPolicy = false
    await world.switchOn()
    await alice.untilNoticed('access', 2)
    await alice.tell(bob, 'under the new one')
    expect(bob.received('alice').map(({ epoch }) => epoch)).toEqual([2])
    expect(told(bob)).toEqual(['1 none', '2 message-key-escrow'])
    expect(bob.notices('unreadable')).toEqual([])
  })
})

describe('an envelope that is too old for the relay', () => {
  it('is encrypted again under the same id, shown once, and its place is forgotten', async () => {
    const world = await createWorld('stale', { graceMs: 0 })
    const [alice, bob] = await world.couple()
    await alice.tell(bob, 'before')
    await bob.tell(alice, 'a reply')
    alice.wire.tellsPolicy = false
    await world.switchOn()
    const { id } = alice.write('bob', 'in time or not')
    await bob.untilRead('alice', 'in time or not')
    await alice.untilSent('bob')
    await alice.tell(bob, 'after')
    expect(bob.received('alice').map(({ text, epoch }) => [text, epoch])).toEqual([
      ['before', 1],
      ['in time or not', 2],
      ['after', 2],
    ])
    expect(bob.received('alice')[1]?.id).toBe(id)
    expect(alice.written('bob').map(({ epoch }) => epoch)).toEqual([1, 2, 2])
    expect(alice.wire.submitted.map(({ envelope }) => decodeEnvelope(envelope).policy.epoch)).toEqual([1, 1, 2, 2])
    expect(bob.keysKeptFor(alice)).toBe(0)
    expect([...bob.notices('gap'), ...bob.notices('late')]).toEqual([])
  })

  it('takes what was encrypted in time behind it along, and every place given up is forgotten', async () => {
    const world = await createWorld('stale and not', { graceMs: 0 })
    const [alice, bob] = await world.couple()
    await alice.tell(bob, 'before')
    await bob.tell(alice, 'a reply')
    alice.wire.tellsPolicy = false
    alice.wire.cutAt('submit', 'before')
    alice.write('bob', 'made before the switch')
    await alice.until('for the first attempt', () => alice.wire.cutsAhead === 0)
    await world.switchOn()
    alice.write('bob', 'made after it')
    await bob.untilRead('alice', 'made after it')
    await alice.tell(bob, 'after')
    expect(bob.texts('alice')).toEqual(['before', 'made before the switch', 'made after it', 'after'])
    expect(bob.keysKeptFor(alice)).toBe(0)
  })
})

describe('a device that refuses access', () => {
  it('keeps its messages while a mode is in force, reads on, and sends them after it', async () => {
    const world = await createWorld('refuses')
    const bob = await world.join('bob')
    const alice = await world.join('alice', { refusesAccess: true })
    await Promise.all([alice.goOnline(), bob.goOnline()])
    await alice.tell(bob, 'while I may')
    await world.switchOn()
    await alice.untilNoticed('access', 2)
    alice.write('bob', 'not like this')
    await bob.tell(alice, 'do you read me?')
    expect(alice.written('bob').map(({ state }) => state)).toEqual(['sent', 'waiting'])
    expect(alice.device.history.unsent('bob')).toBe(1)
    await world.switchOff()
    await bob.untilRead('alice', 'not like this')
    expect(bob.received('alice').map(({ epoch }) => epoch)).toEqual([1, 3])
    expect(custodianReads(alice, world)).toEqual([null, null])
  })

  it('keeps what it had encrypted before the switch too, and leaves the relay in peace meanwhile', async () => {
    const world = await createWorld('refuses what is under way', { graceMs: 0 })
    const bob = await world.join('bob')
    const alice = await world.join('alice', { refusesAccess: true })
    await Promise.all([alice.goOnline(), bob.goOnline()])
    await alice.tell(bob, 'while I may')
    alice.wire.tellsPolicy = false
    await world.switchOn()
    alice.write('bob', 'not like this')
    await alice.untilNoticed('access', 2)
    await bob.tell(alice, 'one')
    const before = alice.wire.asked('submit')
    for (const text of ['two', 'three', 'four', 'five']) await bob.tell(alice, text)
    expect(alice.wire.asked('submit') - before).toBeLessThan(5)
    alice.wire.tellsPolicy = true
    await world.switchOff()
    await bob.untilRead('alice', 'not like this')
    expect(bob.received('alice').map(({ epoch }) => epoch)).toEqual([1, 3])
    expect(custodianReads(alice, world).filter((text) => text !== null)).toEqual([])
  })
})
