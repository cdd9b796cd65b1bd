import { describe, expect, it } from 'vitest'
import { messageKeyEscrow } from '../../crypto/access/message-key-escrow.ts'
import { hex } from '../../crypto/bytes.ts'
import { generatePolicyPair } from '../../crypto/keys.ts'
import { type SignedPolicy, signPolicy } from '../../crypto/policy.ts'
import { createWorld, type Person, type World } from '../support/world.ts'
import { noticesTo, shownTo } from '../support/world-shown.ts'

const nothing = new Uint8Array()
const epochs = (person: Person) => person.notices('access').map(({ epoch, text }) => `${epoch} ${text}`)
const headOf = ({ device }: Person) => hex(device.policies.head()?.reference.digest ?? nothing)

type Lie = (chain: readonly SignedPolicy[], world: World) => readonly SignedPolicy[]

const escrowAs = (epoch: number, previous: SignedPolicy | null, { escrow, policyPair }: World) =>
  signPolicy(messageKeyEscrow.id, escrow.parameters, epoch, previous, policyPair.secret)

/** What the relay says the chain is, after one whose last epoch is 3; what it makes of the newest link. */
const lies: Record<string, [Lie, string]> = {
  'forked': [
    ([, two], world) => [signPolicy('none', nothing, 4, escrowAs(3, two ?? null, world), world.policyPair.secret)],
    'the access policy forks from the one known',
  ],
  'another one of an epoch that has been': [
    ([, two], world) => [escrowAs(3, two ?? null, world)],
    'the access policy skips or repeats an epoch',
  ],
  'signed by somebody else': [
    ([, , three], { random }) => [signPolicy('none', nothing, 4, three ?? null, generatePolicyPair(random).secret)],
    'signature over the policy does not hold',
  ],
  'unsigned': [
    (_chain, world) => {
      const link = escrowAs(4, null, world)
      return [{ ...link, bytes: link.bytes.with(-1, 255 - (link.bytes.at(-1) ?? 0)) }]
    },
    'signature over the policy does not hold',
  ],
  'skipping an epoch': [
    ([, , three], world) => {
      const four = escrowAs(4, three ?? null, world)
      return [signPolicy('none', nothing, 5, four, world.policyPair.secret)]
    },
    'the access policy skips or repeats an epoch',
  ],
}

describe('a relay that lies about the access policy', () => {
  it.each(Object.entries(lies))('is left, and nothing is sent under what it says: %s', async (_what, [lie, fault]) => {
    const world = await createWorld('lies about the policy')
    const [alice, bob] = await world.couple()
    await alice.tell(bob, 'before')
    await world.switchOn()
    await world.switchOff()
    await alice.untilNoticed('access', 3)
    const [chain, sent] = [await world.chain(), alice.wire.submitted.length]
    alice.wire.lies.policies = () => lie(chain, world).map(({ bytes }) => bytes)
    alice.wire.cut()
    alice.write('bob', 'not under that')
    await alice.until('to be told', () => alice.online.state === 'offline' && alice.online.fault?.message === fault)
    expect(shownTo(alice)).toEqual(['alice: before', 'alice: not under that (waiting)'])
    expect(epochs(alice)).toEqual(['1 none', '2 message-key-escrow', '3 none'])
    expect(alice.wire.submitted).toHaveLength(sent)
    delete alice.wire.lies.policies
    await bob.untilRead('alice', 'not under that')
  })

  it('cannot roll it back: what is known stays, and what is made under it is not sent as anything else', async () => {
    const world = await createWorld('rolled back')
    const [alice, bob] = await world.couple()
    await world.switchOn()
    await Promise.all([alice.untilNoticed('access', 2), bob.untilNoticed('access', 2)])
    const [first] = await world.chain()
    for (const { wire } of [alice, bob]) wire.lies.policies = () => [first?.bytes ?? nothing]
    await alice.restart()
    await alice.goOnline()
    await alice.tell(bob, 'still under the second')
    expect(bob.received('alice').map(({ epoch }) => epoch)).toEqual([2])
    expect([epochs(alice), epochs(bob)]).toEqual([epochs(bob), ['1 none', '2 message-key-escrow']])
  })

  it('can tell two people different things: they cannot read each other, and the heads that they compare differ', async () => {
    const world = await createWorld('two chains')
    const [alice, bob] = [await world.join('alice'), await world.join('bob')]
    const forAlice = escrowAs(1, null, world)
    alice.wire.lies.policies = () => (alice.device.policies.head() ? [] : [forAlice.bytes])
    alice.wire.tellsPolicy = false
    await alice.goOnline()
    await bob.goOnline()
    // the relay hands over what it could not have taken as honest as it is here
    alice.wire.witness = ({ envelope }) => bob.wire.inject(alice.address, envelope)
    alice.write('bob', 'what do you see?')
    await bob.untilNoticed('unreadable')
    expect(noticesTo(bob)).toEqual(['a message from alice could not be read: policy-broken'])
    expect(bob.texts('alice')).toEqual([])
    expect(headOf(alice)).not.toBe(headOf(bob))
    expect([epochs(alice), epochs(bob)]).toEqual([['1 message-key-escrow'], ['1 none']])
  })
})
