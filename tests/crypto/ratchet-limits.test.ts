import { describe, expect, it, vi } from 'vitest'
import { keptKeys } from '../../crypto/ratchet-state.ts'
import { decodeSession, encodeSession, type Session } from '../../crypto/session.ts'
import { raw } from '../../crypto/sodium.ts'
import { acquainted, sendMany, turn } from '../support/acquainted.ts'
import { at } from '../support/at.ts'
import { couple } from '../support/couple.ts'
import { answered } from '../support/opening.ts'
import { refused } from '../support/refusal.ts'

describe('the limits of the ratchet', () => {
  it('let a message skip 1,000 of its chain, and not one more', () => {
    const { alice, bob } = acquainted('skip')
    bob.receive(alice.send('first'))
    const sent = sendMany(alice, 1002)
    expect(refused(bob, at(sent, 1001))).toBe('too-far-ahead')
    expect(bob.receive(at(sent, 1000)).text).toBe('message 1000')
    expect(bob.receive(at(sent, 1001)).text).toBe('message 1001')
    expect(bob.receive(at(sent, 0)).text).toBe('message 0')
  })

  it('let the first message to arrive skip 1,000, and not one more', () => {
    const { alice, bob } = couple('skip at first')
    const sent = sendMany(alice, 1002)
    expect(answered(bob, at(sent, 1001))).toBe('too-far-ahead')
    expect(answered(bob, at(sent, 1000))).toBe('accepted')
  })

  it('let a message skip 1,000 across a turn, on both chains together, and not one more', () => {
    const { alice, bob } = acquainted('skip across a turn')
    bob.receive(alice.send('first'))
    const lost = sendMany(alice, 600)
    alice.receive(bob.send('your turn'))
    const sent = sendMany(alice, 402)
    expect(refused(bob, at(sent, 401))).toBe('too-far-ahead')
    expect(bob.receive(at(sent, 400)).text).toBe('message 400')
    expect(keptKeys(bob.session.ratchet)).toBe(1000)
    expect([bob.receive(at(lost, 0)).text, bob.receive(at(lost, 599)).text]).toEqual(['message 0', 'message 599'])
  })

  it('keep 1,000 keys, and forget the lowest of a chain first', () => {
    const { alice, bob } = acquainted('kept')
    bob.receive(alice.send('first'))
    const sent = sendMany(alice, 1003)
    bob.receive(at(sent, 1000))
    expect(keptKeys(bob.session.ratchet)).toBe(1000)
    const restarted = decodeSession(encodeSession(bob.session))
    expect(restarted).toEqual(bob.session)
    bob.session = restarted
    bob.receive(at(sent, 1002))
    expect(keptKeys(bob.session.ratchet)).toBe(1000)
    expect(refused(bob, at(sent, 0))).toBe('key-gone')
    for (const i of [1, 999, 1001]) expect(bob.receive(at(sent, i)).text).toBe(`message ${i}`)
  })

  it('forget the keys of the oldest chain first', () => {
    const { alice, bob } = acquainted('kept across chains')
    const old = sendMany(alice, 600)
    turn(alice, bob)
    const recent = sendMany(alice, 501)
    bob.receive(at(recent, 500))
    expect(keptKeys(bob.session.ratchet)).toBe(1000)
    expect([refused(bob, at(old, 0)), refused(bob, at(old, 99))]).toEqual(['key-gone', 'key-gone'])
    expect([bob.receive(at(old, 100)).text, bob.receive(at(recent, 0)).text]).toEqual(['message 100', 'message 0'])
  })

  it('remember five receiving chains, the current one among them', () => {
    const { alice, bob } = acquainted('chains')
    const late = Array.from({ length: 6 }, (_, i) => {
      const skipped = alice.send(`late ${i}`)
      turn(alice, bob)
      return skipped
    })
    expect(bob.session.ratchet.receiving).toHaveLength(5)
    expect(refused(bob, at(late, 0))).toBe('no header key')
    for (const i of [5, 4, 3, 2, 1]) expect(bob.receive(at(late, i)).text).toBe(`late ${i}`)
  })

  it('bound what is stored: 45,000 bytes a session, however much is skipped', () => {
    const { alice, bob } = acquainted('size')
    for (let round = 0; round < 8; round++) {
      sendMany(alice, 300)
      turn(alice, bob)
    }
    expect(keptKeys(bob.session.ratchet)).toBe(1000)
    const size = encodeSession(bob.session).length
    expect(size).toBeGreaterThan(44_000)
    expect(size).toBeLessThan(45_000)
  })

  it('bound the work of one message: two hashes a skipped key, and almost none for one that is refused', () => {
    const { alice, bob } = acquainted('work')
    const hashes = vi.spyOn(raw, '_crypto_generichash')
    const sent = sendMany(alice, 1001)
    hashes.mockClear()
    bob.receive(at(sent, 1000))
    expect(hashes.mock.calls.length).toBeLessThan(2 * 1000 + 20)
    alice.session = ahead(alice.session, 200_000)
    const absurd = alice.send('far ahead')
    hashes.mockClear()
    expect(refused(bob, absurd)).toBe('too-far-ahead')
    expect(hashes.mock.calls.length).toBeLessThan(20)
    hashes.mockRestore()
  })
})

/** The session of a client that claims to have sent this many messages. */
const ahead = (session: Session, index: number): Session => ({
  ...session,
  ratchet: { ...session.ratchet, sending: session.ratchet.sending && { ...session.ratchet.sending, index } },
})
