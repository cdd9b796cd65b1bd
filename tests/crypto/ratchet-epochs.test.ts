import { describe, expect, it } from 'vitest'
import { at } from '../support/at.ts'
import { couple, type End, noSeams } from '../support/couple.ts'
import { altered, answered, turned } from '../support/opening.ts'
import { refused } from '../support/refusal.ts'

const none = { id: 'none', parameters: new Uint8Array() }

/** Two people who start in epoch 2 of a chain of five; `send` says in which epoch. */
function inEpochs(seed: string) {
  const pair = couple(seed, noSeams, [none, none, none, none, none], { openingEpoch: 2 })
  const send = (from: End, epoch: number) => from.send(`epoch ${epoch}`, at(pair.chain.links, epoch - 1).reference)
  return { ...pair, send }
}

/** All orders of some things. */
const orders = <T>(of: readonly T[]): T[][] =>
  of.length === 0
    ? [[]]
    : of.flatMap((one) => orders(of.filter((other) => other !== one)).map((rest) => [one, ...rest]))

describe('the policy epoch of a message', () => {
  it('may stay and rise, and never falls along a chain', () => {
    const { alice, bob, send } = inEpochs('along a chain')
    for (const epoch of [2, 2, 3]) expect(bob.receive(send(alice, epoch)).text).toBe(`epoch ${epoch}`)
    expect(refused(bob, send(alice, 2))).toBe('policy-dated-back')
    expect(bob.receive(send(alice, 5)).text).toBe('epoch 5')
  })

  it('does not fall across chains', () => {
    const { alice, bob, send } = inEpochs('across chains')
    bob.receive(send(alice, 3))
    alice.receive(send(bob, 2))
    expect(refused(bob, send(alice, 2))).toBe('policy-dated-back')
    expect(bob.receive(send(alice, 3)).text).toBe('epoch 3')
  })

  it("is not below the handshake's, in the first message and in the first reply", () => {
    const { alice, bob, send } = inEpochs('below the handshake')
    expect(answered(bob, send(alice, 1))).toBe('policy-dated-back')
    bob.receive(send(alice, 2))
    expect(refused(alice, send(bob, 1))).toBe('policy-dated-back')
    expect(alice.receive(send(bob, 2)).text).toBe('epoch 2')
  })

  it('lies, in a late message, between what was known before the skip and what caused it', () => {
    const { alice, bob, send } = inEpochs('late')
    bob.receive(send(alice, 3))
    const skipped = [2, 3, 4, 5].map((epoch) => send(alice, epoch))
    bob.receive(send(alice, 4))
    expect(skipped.slice(1, 3).map((bytes) => bob.receive(bytes).text)).toEqual(['epoch 3', 'epoch 4'])
    expect(refused(bob, at(skipped, 0))).toBe('policy-dated-back')
    expect(refused(bob, at(skipped, 3))).toBe('policy-dated-back')
  })

  it('lies between the same bounds in the late messages of a chain that has ended', () => {
    const { alice, bob, send } = inEpochs('late, of an ended chain')
    bob.receive(send(alice, 3))
    const skipped = [2, 3, 4, 5].map((epoch) => send(alice, epoch))
    alice.receive(send(bob, 2))
    bob.receive(send(alice, 4))
    expect(refused(bob, at(skipped, 0))).toBe('policy-dated-back')
    expect(refused(bob, at(skipped, 3))).toBe('policy-dated-back')
    expect(skipped.slice(1, 3).map((bytes) => bob.receive(bytes).text)).toEqual(['epoch 3', 'epoch 4'])
  })

  it('narrows, when a late message comes, the bounds of those before and after it', () => {
    const { alice, bob, send } = inEpochs('narrowed')
    const [before, early, middle, late, after] = [4, 2, 3, 5, 2].map((epoch) => send(alice, epoch)) as Five
    bob.receive(send(alice, 5))
    expect(bob.receive(middle).text).toBe('epoch 3')
    expect(refused(bob, before)).toBe('policy-dated-back')
    expect(refused(bob, after)).toBe('policy-dated-back')
    expect([bob.receive(late).text, bob.receive(early).text]).toEqual(['epoch 5', 'epoch 2'])
  })

  /** Late messages on two chains, sent in this order, and one on the second that makes up for both. */
  function onTwoChains(seed: string, first: readonly number[], second: readonly number[]) {
    const { alice, bob, send } = inEpochs(seed)
    bob.receive(send(alice, 2))
    const older = first.map((epoch) => send(alice, epoch))
    alice.receive(send(bob, 2))
    const newer = second.map((epoch) => send(alice, epoch))
    bob.receive(send(alice, 5))
    return { bob, older, newer }
  }

  it('does not fall across chains in late messages either, whichever comes first', () => {
    const { bob, older, newer } = onTwoChains('late across chains', [2, 4], [3, 4])
    expect(bob.receive(at(older, 1)).text).toBe('epoch 4')
    expect(refused(bob, at(newer, 0))).toBe('policy-dated-back')
    expect([at(newer, 1), at(older, 0)].map((bytes) => bob.receive(bytes).text)).toEqual(['epoch 4', 'epoch 2'])
    const other = onTwoChains('late across chains', [2, 4], [3, 4])
    expect(other.bob.receive(at(other.newer, 0)).text).toBe('epoch 3')
    expect(refused(other.bob, at(other.older, 1))).toBe('policy-dated-back')
    for (const bytes of [at(other.older, 0), at(other.newer, 1)]) other.bob.receive(bytes)
  })

  it.each([
    [2, 2, 2, 3, 5],
    [2, 3, 3, 3, 4],
    [2, 2, 4, 5, 5],
  ])('rises across a switch in whatever order the late messages come: %i %i, then %i %i %i', (...epochs) => {
    const { bob, older, newer } = onTwoChains('honest', epochs.slice(0, 2), epochs.slice(2))
    const [sent, { session }] = [[...older, ...newer], bob]
    for (const order of orders([0, 1, 2, 3, 4])) {
      bob.session = session
      const read = order.map((which) => bob.receive(at(sent, which)).text)
      expect(read).toEqual(order.map((which) => `epoch ${epochs[which]}`))
    }
  })

  it('is no lower for the next message because a late one was', () => {
    const { alice, bob, send } = inEpochs('after a late one')
    const skipped = send(alice, 2)
    bob.receive(send(alice, 4))
    bob.receive(skipped)
    expect(refused(bob, send(alice, 3))).toBe('policy-dated-back')
  })

  it('cannot be altered in flight, up or down', () => {
    const { alice, bob, send, chain } = inEpochs('in flight')
    bob.receive(send(alice, 2))
    const genuine = send(alice, 3)
    const to = (epoch: number) => altered(genuine, { policy: at(chain.links, epoch - 1).reference })
    const digest = altered(genuine, ({ policy }) => ({ policy: { ...policy, digest: turned(policy.digest, 0) } }))
    expect([refused(bob, to(2)), refused(bob, to(4)), refused(bob, digest)]).toEqual(Array(3).fill('not-authentic'))
    expect(refused(bob, to(1))).toBe('policy-dated-back')
    expect(bob.receive(genuine).text).toBe('epoch 3')
  })
})

type Five = [Uint8Array, Uint8Array, Uint8Array, Uint8Array, Uint8Array]
