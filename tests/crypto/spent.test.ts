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

/** The chain keys that steps make from now on, as they are copied out of libsodium's memory. */
function chainKeysMade(): Uint8Array[] {
  const made: Uint8Array[] = []
  const { _crypto_generichash: hash } = raw
  let isNext = false
  vi.spyOn(raw, '_crypto_generichash').mockImplementation((...args) => {
    const [, , message, sizeBytes] = args
    isNext = Buffer.from(raw.HEAPU8.subarray(message, message + sizeBytes)).includes(labels.chainStep)
    return hash(...args)
  })
  vi.spyOn(raw.HEAPU8, 'slice').mockImplementation((from, to) => {
    const bytes = new Uint8Array(raw.HEAPU8.subarray(from, to))
    if (isNext) made.push(bytes)
    isNext = false
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
    const made = chainKeysMade()
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
