import { afterEach, describe, expect, it, vi } from 'vitest'
import { CryptoError } from '../../crypto/errors.ts'
import { labels } from '../../crypto/kdf.ts'
import { raw } from '../../crypto/sodium.ts'
import type { MessageSeams, Offer, StanzaInput } from '../../crypto/seams.ts'
import { sendMany, turn } from '../support/acquainted.ts'
import { at } from '../support/at.ts'
import { couple, type End } from '../support/couple.ts'
import { outcome } from '../support/refusal.ts'

/*
 * What a client wipes once the next state is stored is what the step has used up, and no more: the state that stands
 * goes on working.
 */

/** What is derived under these labels from now on, as it is copied out of libsodium's memory: its first part, or its second. */
function derived(under: readonly string[], part = 0): Uint8Array[] {
  const made: Uint8Array[] = []
  const { _crypto_generichash: hash } = raw
  let next = Infinity
  vi.spyOn(raw, '_crypto_generichash').mockImplementation((...args) => {
    const [, , message, sizeBytes] = args
    const over = Buffer.from(raw.HEAPU8.subarray(message, message + sizeBytes))
    next = under.some((label) => over.includes(label)) ? 0 : Infinity
    return hash(...args)
  })
  vi.spyOn(raw.HEAPU8, 'slice').mockImplementation((from, to) => {
    const bytes = new Uint8Array(raw.HEAPU8.subarray(from, to))
    if (next === part) made.push(bytes)
    next += 1
    return bytes
  })
  return made
}

function forgetful(seed: string) {
  const { alice, bob } = couple(seed, undefined, undefined, { forgets: true })
  bob.receive(alice.send('hello'))
  alice.receive(bob.send('hello yourself'))
  bob.receive(alice.send('a turn for both'))
  return { alice, bob }
}

const isWiped = (key: Uint8Array | null | undefined) => key?.every((byte) => byte === 0)
const chainOf = ({ session }: End) => at(session.ratchet.receiving, 0)

afterEach(() => vi.restoreAllMocks())

describe('after a step nobody can take it again, for wiped is', () => {
  it('the chain key that a message was sent with', () => {
    const { alice, bob } = forgetful('sending')
    const before = alice.session.ratchet.sending?.chainKey
    expect(isWiped(before)).toBe(false)
    bob.receive(alice.send('one'))
    expect(isWiped(before)).toBe(true)
    expect(isWiped(alice.session.ratchet.sending?.chainKey)).toBe(false)
  })

  it('the chain key that a message was received with', () => {
    const { alice, bob } = forgetful('receiving')
    const before = chainOf(bob).chainKey
    bob.receive(alice.send('one'))
    expect(isWiped(before)).toBe(true)
    expect(isWiped(chainOf(bob).chainKey)).toBe(false)
  })

  it('the key of a message, when it is sent and when it is read', () => {
    const made = derived([labels.chainStep], 1)
    const { alice, bob } = forgetful('message key')
    made.length = 0
    const sent = alice.send('one')
    expect(made.map(isWiped)).toEqual([true])
    bob.receive(sent)
    bob.receive(alice.send('two'))
    expect(made.map(isWiped)).toEqual([true, true, true, true])
  })

  it('at a turn, root key, ratchet secret, and the key of the chain that has ended', () => {
    const { alice, bob } = forgetful('turning')
    alice.receive(bob.send('your turn'))
    const { rootKey, ours } = bob.session.ratchet
    const { chainKey } = chainOf(bob)
    expect([rootKey, ours.secret, chainKey].map(isWiped)).toEqual([false, false, false])
    bob.receive(alice.send('and yours'))
    expect([rootKey, ours.secret, chainKey].map(isWiped)).toEqual([true, true, true])
    turn(bob, alice)
  })

  it('each chain key on the way over messages that are missing, on a chain that goes on and on one that ends', () => {
    const made = derived([labels.chainStep])
    const { alice, bob } = forgetful('missing')
    sendMany(alice, 3)
    const fourth = alice.send('the fourth')
    made.length = 0
    bob.receive(fourth)
    expect(made.map(isWiped)).toEqual([true, true, true, false])
    sendMany(alice, 3)
    alice.receive(bob.send('your turn'))
    const onNewChain = alice.send('and yours')
    made.length = 0
    bob.receive(onNewChain)
    expect(made.map(isWiped)).toEqual([true, true, true, false])
  })

  it('the key that was kept for a message which has come late', () => {
    const { alice, bob } = forgetful('late')
    const late = alice.send('late')
    bob.receive(alice.send('in time'))
    const { messageKey } = at(chainOf(bob).kept, 0)
    bob.receive(late)
    expect(isWiped(messageKey)).toBe(true)
  })

  it('the key that was kept for a message which its sender has given up, and no other', () => {
    const { alice, bob } = forgetful('given up')
    const place = { ratchetKey: alice.session.ratchet.ours.public, index: alice.session.ratchet.sending?.index ?? 0 }
    alice.send('given up')
    const late = alice.send('late')
    bob.receive(alice.send('in time'))
    const [givenUp, kept] = chainOf(bob).kept
    bob.receive(alice.send('one will not come', undefined, [place]))
    expect([isWiped(givenUp?.messageKey), isWiped(kept?.messageKey)]).toEqual([true, false])
    expect(bob.receive(late).text).toBe('late')
  })
})

/** Every secret in a session's ratchet: all its bytes but the public keys. */
function secretsOf(part: unknown): Uint8Array[] {
  if (part instanceof Uint8Array) return [part]
  if (typeof part !== 'object' || part === null) return []
  return Object.entries(part).flatMap(([name, inner]) =>
    name === 'public' || name === 'ratchetKey' ? [] : secretsOf(inner),
  )
}

/** What somebody sends or receives leaves nothing behind that is not wiped, and wipes nothing that is still held. */
function leavesNothing<T>(end: End, step: () => T): T {
  const before = secretsOf(end.session.ratchet)
  const result = step()
  const held = new Set(secretsOf(end.session.ratchet))
  expect([...held].filter(isWiped)).toEqual([])
  expect(before.filter((secret) => !held.has(secret) && !isWiped(secret))).toEqual([])
  return result
}

describe('what a state held and the next one does not is wiped, and nothing else', () => {
  const watched = (seed: string) => {
    const { alice, bob } = forgetful(seed)
    return {
      alice,
      bob,
      tell: (text: string) => leavesNothing(alice, () => alice.send(text)),
      read: (bytes: Uint8Array) => leavesNothing(bob, () => bob.receive(bytes)),
      turn() {
        leavesNothing(alice, () => alice.receive(leavesNothing(bob, () => bob.send('your turn'))))
      },
    }
  }

  it('at each turn: also the keys of the sending chain that it ends', () => {
    const { bob, tell, read, turn } = watched('sending chain')
    for (let i = 0; i < 3; i++) {
      turn()
      const { sending } = bob.session.ratchet
      read(tell('and yours'))
      expect([sending?.chainKey, sending?.headerKey].map(isWiped)).toEqual([true, true])
    }
  })

  it('when a chain falls out, being the sixth: its header key and the keys kept on it', () => {
    const { bob, tell, read, turn } = watched('sixth chain')
    tell('lost')
    read(tell('next'))
    const { headerKey, kept } = chainOf(bob)
    for (let i = 0; i < 4; i++) {
      turn()
      read(tell('and yours'))
    }
    expect([headerKey, at(kept, 0).messageKey].map(isWiped)).toEqual([false, false])
    turn()
    read(tell('and yours'))
    expect([headerKey, at(kept, 0).messageKey].map(isWiped)).toEqual([true, true])
  })

  it('when more than 1,000 keys are kept: the oldest', () => {
    const { alice, bob, tell, read, turn } = watched('too many')
    sendMany(alice, 999)
    read(tell('in time'))
    const first = chainOf(bob).kept.slice(0, 12)
    sendMany(alice, 10)
    const late = tell('late')
    read(tell('in time'))
    expect(first.map(({ messageKey }) => isWiped(messageKey))).toEqual([...Array(10).fill(true), false, false])
    turn()
    tell('lost')
    read(tell('on another chain'))
    expect(at(first, 10).messageKey.every((byte) => byte === 0)).toBe(true)
    read(late)
  })
})

it('wipes what a session was begun with: the secret of its handshake, and the first root key', () => {
  const made = derived([labels.rootSecret, labels.rootKey])
  const { alice, bob } = couple('begun', undefined, undefined, { forgets: true })
  expect(made.map(isWiped)).toEqual([true, true])
  bob.receive(alice.send('hello'))
  expect(made.map(isWiped)).toEqual([true, true, true, true])
})

describe('what an access mode was let see of a message', () => {
  it('is wiped when the message is made, and when it is read or refused', () => {
    const seen: StanzaInput[] = []
    const kept: Offer[] = []
    const see = (offer: Offer) => {
      if (kept.push(offer) === 1) return
      const input = offer()
      expect(offer()).toBe(input)
      expect(isWiped(input.encryptionKey)).toBe(false)
      seen.push(input)
    }
    let refuses = false
    const seams: MessageSeams = {
      outgoing(offer) {
        see(offer)
        return []
      },
      incoming(offer) {
        see(offer)
        if (refuses) throw new CryptoError('stanza-refused', 'not today')
      },
    }
    const { alice, bob } = couple('seams', seams)
    bob.receive(alice.send('one'))
    refuses = true
    const second = alice.send('two')
    expect(outcome(() => bob.receive(second))).toBe('stanza-refused')
    expect(seen.map(({ encryptionKey, seed }) => [encryptionKey, seed].map(isWiped))).toEqual(
      Array.from({ length: 3 }, () => [true, true]),
    )
    // the first was not asked in time, and cannot be any more
    expect(kept[0]).toThrow('only while it is made or read')
  })
})
