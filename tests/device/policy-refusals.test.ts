import { describe, expect, it } from 'vitest'
import { messageKeyEscrow, stanzaSizeBytes } from '../../crypto/access/message-key-escrow.ts'
import type { Digest } from '../../crypto/keys.ts'
import { generatePolicyPair } from '../../crypto/keys.ts'
import { signPolicy } from '../../crypto/policy.ts'
import { at } from '../support/at.ts'
import { noSeams } from '../support/couple.ts'
import { seededRandom } from '../support/random.ts'
import { createWorld, type Person } from '../support/world.ts'
import { rogueIn } from '../support/world-rogue.ts'

const nothing = new Uint8Array()
const refusal = (code: string) => expect.objectContaining({ code })
const headOf = ({ device }: Person) => device.policies.head()?.policy.epoch

describe('a chain of policies', () => {
  it('is followed link by link, and a link that is known is no news', async () => {
    const world = await createWorld('followed')
    const alice = await world.join('alice')
    const [first] = await world.relay.policies(0)
    const one = at(await world.chain(), 0)
    const two = signPolicy('none', nothing, 2, one, world.policyPair.secret)
    for (const link of [first ?? nothing, two.bytes, two.bytes, first ?? nothing]) alice.device.policies.append(link)
    expect(alice.notices('access').map(({ epoch }) => epoch)).toEqual([1, 2])
  })

  it('is refused where it skips, repeats, forks, is signed by somebody else or hides its parameters', async () => {
    const world = await createWorld('refused')
    const alice = await world.join('alice')
    const { policies } = alice.device
    const { secret } = world.policyPair
    const one = signPolicy('none', nothing, 1, null, secret)
    const two = signPolicy('none', nothing, 2, one, secret)
    const three = signPolicy('none', nothing, 3, two, secret)
    for (const { bytes } of [one, two]) policies.append(bytes)

    const otherOne = signPolicy('none', nothing, 9, null, secret)
    const otherTwo = signPolicy('none', nothing, 9, one, secret)
    const stranger = generatePolicyPair(seededRandom('a stranger')).secret
    const refused = {
      'a second first': [otherOne.bytes, 'policy-broken'],
      'a second second': [otherTwo.bytes, 'policy-broken'],
      'a third after another second': [signPolicy('none', nothing, 3, otherTwo, secret).bytes, 'policy-broken'],
      'a fourth without a third': [signPolicy('none', nothing, 4, three, secret).bytes, 'policy-broken'],
      "a stranger's": [signPolicy('none', nothing, 3, two, stranger).bytes, 'bad-signature'],
      'a piece of the third': [three.bytes.slice(0, -1), 'malformed'],
    } as const
    for (const [name, [link, code]] of Object.entries(refused))
      expect(() => policies.append(link), name).toThrow(refusal(code))
    expect(policies.head()?.bytes).toEqual(two.bytes)
    policies.append(three.bytes)
    expect(headOf(alice)).toBe(3)
  })

  it('that forks ends the connection, and is not followed after a restart either', async () => {
    const world = await createWorld('forked')
    const [alice, bob] = await world.couple()
    await alice.tell(bob, 'before')
    const [one] = await world.chain()
    const fork = signPolicy(messageKeyEscrow.id, world.escrow.parameters, 5, null, world.policyPair.secret)
    const second = signPolicy('none', nothing, 6, fork, world.policyPair.secret)
    alice.wire.lies.policies = () => [second.bytes]
    alice.wire.cut()
    await alice.until('a fault', () => alice.online.fault?.message === 'the access policy forks from the one known')
    expect(alice.device.policies.head()?.bytes).toEqual(one?.bytes)
    await alice.restart()
    alice.tryToGoOnline()
    await alice.until('a fault', () => alice.online.fault?.message === 'the access policy forks from the one known')
    alice.wire.lies.policies = (truth) => truth
    await alice.tell(bob, 'after')
  })
})

describe('a message that names a policy', () => {
  it.each([
    ['of an epoch that has not been', (digest: Digest) => ({ epoch: 2, digest }), 'policy-unknown', 'policy-broken'],
    ['of epoch zero', (digest: Digest) => ({ epoch: 0, digest }), 'bad-envelope', 'malformed'],
    [
      'with the digest of another',
      () => ({ epoch: 1, digest: new Uint8Array(32) as Digest }),
      'policy-unknown',
      'policy-broken',
    ],
  ])('%s is refused by the relay and by its recipient', async (_name, change, byRelay, byRecipient) => {
    const world = await createWorld('no such policy')
    const bob = await world.join('bob')
    await bob.goOnline()
    const rogue = await rogueIn(world, 'rogue')
    const reference = change(at(await world.chain(), 0).reference.digest)
    const envelope = await rogue.make(bob, {}, { reference })
    await expect(rogue.submit(bob, envelope)).rejects.toThrow(refusal(byRelay))
    bob.wire.inject(rogue.address, envelope)
    await bob.untilNoticed('unreadable')
    expect(bob.notices('unreadable')).toMatchObject([{ peer: 'rogue', text: byRecipient }])
    expect(bob.device.contacts.get('rogue')).toBeNull()
  })

  it('that is good, in a handshake that names another, is refused by its recipient', async () => {
    const world = await createWorld('a handshake of no policy')
    const bob = await world.join('bob')
    await bob.goOnline()
    const rogue = await rogueIn(world, 'rogue')
    const openingReference = { epoch: 1, digest: new Uint8Array(32) as Digest }
    await rogue.submit(bob, await rogue.make(bob, {}, { openingReference }))
    await bob.untilNoticed('unreadable')
    expect(bob.notices('unreadable')).toMatchObject([{ text: 'policy-broken' }])
  })

  it('is refused if the sender has used a later one before', async () => {
    const world = await createWorld('dated back')
    const bob = await world.join('bob')
    await bob.goOnline()
    const rogue = await rogueIn(world, 'rogue')
    await world.switchOn()
    await world.switchOff()
    const [, , none] = await world.chain()
    const [first] = await world.chain()
    await rogue.submit(bob, await rogue.make(bob, { text: 'now' }, { reference: none?.reference }))
    await bob.untilRead('rogue', 'now')
    bob.wire.inject(rogue.address, await rogue.make(bob, { text: 'then' }, { reference: first?.reference }))
    await bob.untilNoticed('unreadable')
    expect(bob.notices('unreadable')).toMatchObject([{ text: 'policy-dated-back' }])
    expect(bob.texts('rogue')).toEqual(['now'])
  })
})

describe('a sender who does not comply with escrow', () => {
  const underEscrow = async (seed: string) => {
    const world = await createWorld(seed)
    const bob = await world.join('bob')
    await world.switchOn()
    await bob.goOnline()
    return { world, bob, rogue: await rogueIn(world, 'rogue') }
  }

  it('is refused by the relay for a message without a stanza, and by a complying recipient', async () => {
    const { bob, rogue } = await underEscrow('no stanza')
    const envelope = await rogue.make(bob, {}, { seams: noSeams })
    await expect(rogue.submit(bob, envelope)).rejects.toThrow(refusal('stanza-missing'))
    bob.wire.inject(rogue.address, envelope)
    await bob.untilNoticed('unreadable')
    expect(bob.notices('unreadable')).toMatchObject([{ text: 'stanza-refused' }])
  })

  it('gets garbage past the relay, which can open nothing, but not past a complying recipient', async () => {
    const { world, bob, rogue } = await underEscrow('garbage')
    const garbage = { modeId: messageKeyEscrow.id, payload: world.random(stanzaSizeBytes) }
    const envelope = await rogue.make(bob, {}, { seams: { ...noSeams, outgoing: () => [garbage] } })
    await rogue.submit(bob, envelope)
    await bob.untilNoticed('unreadable')
    expect(bob.notices('unreadable')).toMatchObject([{ text: 'stanza-refused' }])
    expect(bob.texts('rogue')).toEqual([])
  })

  it('is read where the message complies', async () => {
    const { world, bob, rogue } = await underEscrow('complies')
    const seams = messageKeyEscrow.join(world.escrow.parameters)
    await rogue.submit(bob, await rogue.make(bob, { text: 'as asked' }, { seams }))
    await bob.untilRead('rogue', 'as asked')
  })
})
