import { describe, expect, it } from 'vitest'
import { encryptAead } from '../../crypto/aead.ts'
import { concat, u32 } from '../../crypto/bytes.ts'
import { decodeEnvelope } from '../../crypto/envelope.ts'
import type { AgreementKey, HeaderKey } from '../../crypto/keys.ts'
import { decryptHeader, encryptHeader } from '../../crypto/ratchet.ts'
import { keptKeys, type Place } from '../../crypto/ratchet-state.ts'
import { answerSession } from '../../crypto/session.ts'
import { acquainted, sendMany, turn } from '../support/acquainted.ts'
import { at } from '../support/at.ts'
import { couple, type End } from '../support/couple.ts'
import { altered, handshakeIn, turned } from '../support/opening.ts'
import { seededRandom } from '../support/random.ts'
import { outcome, refused } from '../support/refusal.ts'
import { thiefOf } from '../support/thief.ts'

describe('the ratchet', () => {
  it('reads messages in whatever order they come', () => {
    const { alice, bob } = couple('order')
    const sent = sendMany(alice, 5)
    const read = [3, 0, 4, 2, 1].map((i) => bob.receive(at(sent, i)).text)
    expect(read).toEqual(['message 3', 'message 0', 'message 4', 'message 2', 'message 1'])
    expect(keptKeys(bob.session.ratchet)).toBe(0)
  })

  it('goes on after losses, within a chain and across turns', () => {
    const { alice, bob } = acquainted('loss')
    sendMany(alice, 3)
    expect(bob.receive(alice.send('after three')).text).toBe('after three')
    sendMany(alice, 2)
    const reply = bob.send('a reply')
    sendMany(bob, 2)
    alice.receive(reply)
    expect(bob.receive(alice.send('after two more, and a turn')).text).toBe('after two more, and a turn')
    expect(alice.receive(bob.send('after two of mine')).text).toBe('after two of mine')
    expect([keptKeys(bob.session.ratchet), keptKeys(alice.session.ratchet)]).toEqual([5, 2])
  })

  it('reads late messages of chains that have ended', () => {
    const { alice, bob } = acquainted('late')
    const [late, later] = [alice.send('late'), alice.send('later')]
    turn(alice, bob)
    turn(bob, alice)
    expect([bob.receive(later).text, bob.receive(late).text]).toEqual(['later', 'late'])
  })

  it('refuses duplicates: at once, of a late message, and after turns', () => {
    const { alice, bob } = acquainted('duplicates')
    const [late, inTime] = [alice.send('late'), alice.send('in time')]
    bob.receive(inTime)
    expect(refused(bob, inTime)).toBe('key-gone')
    bob.receive(late)
    expect(refused(bob, late)).toBe('key-gone')
    turn(bob, alice)
    const first = alice.send('first of a chain')
    bob.receive(first)
    turn(bob, alice)
    for (const old of [late, inTime, first]) expect(refused(bob, old)).toBe('key-gone')
  })

  it('takes a new ratchet key with every change of direction, and with nothing else', () => {
    const { alice, bob } = acquainted('ratchet keys')
    const keyOf = ({ session }: End) => session.ratchet.ours.public
    const before = keyOf(bob)
    const [one, two] = [alice.send('one'), alice.send('two')]
    bob.receive(two)
    const between = keyOf(bob)
    bob.receive(one)
    bob.send('a reply')
    expect(between).not.toEqual(before)
    expect(keyOf(bob)).toEqual(between)
    expect(bob.session.ratchet.ours.secret).not.toEqual(alice.session.ratchet.ours.secret)
  })

  it('cannot send as a responder who has not read anything', () => {
    const { alice, bob } = couple('responder')
    const handshake = handshakeIn(decodeEnvelope(alice.send('hello')))
    const answer = answerSession(bob.device, bob.prekeys, alice.device.record, handshake)
    bob.session = answer
    expect(() => bob.send('too early')).toThrow('cannot send before it has received')
  })
})

describe('a ratchet state', () => {
  it('is what it was after a message that would have turned it but does not decrypt', () => {
    const { alice, bob } = acquainted('failed turn')
    sendMany(alice, 3)
    const genuine = alice.send('a turn, and three skipped')
    const { ciphertext, encryptedHeader } = decodeEnvelope(genuine)
    expect(refused(bob, altered(genuine, { ciphertext: turned(ciphertext, 0) }))).toBe('not-authentic')
    expect(refused(bob, altered(genuine, { encryptedHeader: turned(encryptedHeader, 300) }))).toBe('no header key')
    expect(bob.receive(genuine).text).toBe('a turn, and three skipped')
  })

  it('takes nothing beyond the end that the sender gave a chain', () => {
    const { alice, bob } = acquainted('clone')
    const copy = alice.session
    bob.receive(alice.send('one'))
    const reply = bob.send('your turn')
    alice.receive(reply)
    bob.receive(alice.send('in the next chain'))
    alice.session = copy
    alice.send('one, once more')
    expect(refused(bob, alice.send('two, in a chain that has ended at one'))).toBe('not-authentic')
  })

  it('takes no end of a chain before what was read of it', () => {
    const { alice, bob } = acquainted('rolled back')
    const copy = alice.session
    bob.receive(alice.send('one'))
    const reply = bob.send('your turn')
    alice.session = copy
    alice.receive(reply)
    expect(refused(bob, alice.send('in the next chain, after none in the last'))).toBe('not-authentic')
  })

  it('takes no header that names the ratchet key of another chain, or one of low order', () => {
    const { alice, bob } = acquainted('ratchet keys')
    const claiming = (key: AgreementKey) => {
      const { ratchet } = alice.session
      alice.session = { ...alice.session, ratchet: { ...ratchet, ours: { ...ratchet.ours, public: key } } }
      return alice.send('under another ratchet key')
    }
    const honest = alice.session
    expect(refused(bob, claiming(new Uint8Array(32) as AgreementKey))).toBe('bad-key')
    alice.session = honest
    bob.receive(alice.send('honest'))
    expect(refused(bob, claiming(bob.device.record.identityKey))).toBe('not-authentic')
  })

  it('forgets the keys of places that their sender has given up, of this chain and of one before', () => {
    const { alice, bob, chain } = acquainted('given up')
    const [oldPlace, old] = [nextPlace(alice), alice.send('given up')]
    const [keptPlace, kept] = [nextPlace(alice), alice.send('late')]
    turn(alice, bob)
    const [recentPlace, recent] = [nextPlace(alice), alice.send('given up too')]
    const elsewhere = { ...keptPlace, ratchetKey: nextPlace(bob).ratchetKey }
    const places = [oldPlace, recentPlace, elsewhere]
    bob.receive(alice.send('two places less', chain.head.reference, places))
    expect(keptKeys(bob.session.ratchet)).toBe(1)
    expect([refused(bob, old), refused(bob, recent)]).toEqual(['key-gone', 'key-gone'])
    expect(bob.receive(kept).text).toBe('late')
  })
})

const nextPlace = ({ session: { ratchet } }: End): Place => ({
  ratchetKey: ratchet.ours.public,
  index: ratchet.sending?.index ?? 0,
})

describe('a stolen state', () => {
  it('opens of the past only the messages whose keys were kept', () => {
    const { alice, bob } = acquainted('past')
    const past: Uint8Array[] = []
    const keep = (bytes: Uint8Array) => {
      past.push(bytes)
      return bytes
    }
    for (let round = 0; round < 4; round++) {
      for (let i = 0; i < 3; i++) bob.receive(keep(alice.send('read')))
      keep(alice.send('skipped'))
      bob.receive(keep(alice.send('read')))
      for (let i = 0; i < 3; i++) alice.receive(keep(bob.send('read')))
    }
    const thief = thiefOf(bob)
    const read = past.map((bytes) => thief.read(bytes)).filter((text) => text !== null)
    expect(past).toHaveLength(32)
    expect(read).toEqual(['skipped', 'skipped', 'skipped', 'skipped'])
  })

  it('opens nothing more after both sides have turned', () => {
    const { alice, bob } = acquainted('healing')
    bob.receive(alice.send('before the theft'))
    const thief = thiefOf(bob)
    const overhear = (from: End, to: End) => {
      const bytes = from.send('after the theft')
      to.receive(bytes)
      return thief.read(bytes) !== null
    }
    expect(overhear(alice, bob)).toBe(true)
    expect(overhear(bob, alice)).toBe(true)
    expect(overhear(alice, bob)).toBe(true)
    for (let round = 0; round < 3; round++) {
      expect([overhear(bob, alice), overhear(bob, alice)]).toEqual([false, false])
      expect([overhear(alice, bob), overhear(alice, bob)]).toEqual([false, false])
    }
  })
})

describe('the count of the chain before', () => {
  it('is 0 in a first chain', () => {
    for (const previousCount of [1, 1000, 0xffffffff]) {
      const { alice, bob } = couple(`previous ${previousCount}`)
      const honest = alice.session
      alice.session = { ...honest, ratchet: { ...honest.ratchet, previousCount } }
      const wrong = alice.send('a lie')
      alice.session = honest
      expect(outcome(() => bob.receive(wrong))).toBe('not-authentic')
      expect(bob.receive(alice.send('the truth')).text).toBe('the truth')
    }
  })
})

describe('an encrypted header', () => {
  const random = seededRandom('headers')
  const [key, other, nonce] = [random(32) as HeaderKey, random(32) as HeaderKey, random(24)]
  const header = { ratchetKey: random(32) as AgreementKey, previousCount: 3, index: 0xffff_ffff }
  const encrypted = encryptHeader(header, key, random)

  it('opens with its key, and with no other', () => {
    expect(decryptHeader(encrypted, key)).toEqual(header)
    expect(decryptHeader(encrypted, other)).toBeNull()
  })

  it('is under no key when it is cut, down to nothing', () => {
    for (let size = 0; size < 80; size++) expect(decryptHeader(encrypted.subarray(0, size), key)).toBeNull()
  })

  it('is malformed when somebody with its key has sealed anything but ratchet key and two counts', () => {
    const sealed = (text: Uint8Array) => concat(nonce, encryptAead(key, nonce, text))
    const whole = concat(header.ratchetKey, u32(3), u32(0xffff_ffff))
    expect(decryptHeader(sealed(whole), key)).toEqual(header)
    for (const text of [new Uint8Array(), whole.subarray(1), concat(whole, new Uint8Array(1))])
      expect(outcome(() => decryptHeader(sealed(text), key))).toBe('malformed')
  })
})
