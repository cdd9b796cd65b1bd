import { describe, expect, it } from 'vitest'
import { compare, concat } from '../../crypto/bytes.ts'
import { decodeEnvelope } from '../../crypto/envelope.ts'
import type { DeviceRecord, DeviceSecrets } from '../../crypto/identity.ts'
import { senderOf } from '../../crypto/pqxdh.ts'
import {
  answerSession,
  bySendingOrder,
  decodeSession,
  decrypt,
  encodeSession,
  encrypt,
  type Session,
} from '../../crypto/session.ts'
import { answeringKeys, couple, noSeams, person, text } from '../support/couple.ts'
import { handshakeIn, opened, startedAt, turned } from '../support/opening.ts'
import { seededRandom } from '../support/random.ts'
import { outcome, refused } from '../support/refusal.ts'

describe('a session', () => {
  it('repeats its handshake byte for byte until the first reply has been read, and then drops it', () => {
    const { alice, bob } = couple('repeated')
    const [first, second, third] = [alice.send('one'), alice.send('two'), alice.send('three')]
    const { handshake } = decodeEnvelope(first)
    expect(decodeEnvelope(second).handshake).toEqual(handshake)
    bob.receive(third)
    const reply = bob.send('got the third')
    expect(decodeEnvelope(reply).handshake).toBeNull()
    expect(decodeEnvelope(alice.send('four')).handshake).toEqual(handshake)
    alice.receive(reply)
    expect(decodeEnvelope(alice.send('five')).handshake).toBeNull()
    expect([bob.receive(second).text, bob.receive(first).text]).toEqual(['two', 'one'])
  })

  it('keeps its handshake while replies fail', () => {
    const { alice, bob } = couple('a reply that fails')
    bob.receive(alice.send('one'))
    const reply = bob.send('two')
    reply[reply.length - 1] = 255 - (reply.at(-1) ?? 0)
    expect(refused(alice, reply)).toBe('not-authentic')
    expect(decodeEnvelope(alice.send('three')).handshake).not.toBeNull()
  })

  it('survives its encoding at every stage, and goes on from there', () => {
    const { alice, bob } = couple('restart')
    const restart = (...ends: (typeof alice)[]) => {
      for (const end of ends) {
        const again = decodeSession(encodeSession(end.session))
        expect(again).toEqual(end.session)
        end.session = again
      }
    }
    restart(alice)
    const [first, lost, third] = [alice.send('one'), alice.send('lost'), alice.send('three')]
    restart(alice)
    bob.receive(third)
    restart(bob)
    expect(alice.receive(bob.send('a reply')).text).toBe('a reply')
    restart(alice, bob)
    expect(bob.receive(alice.send('a turn')).text).toBe('a turn')
    restart(alice, bob)
    expect([bob.receive(first).text, bob.receive(lost).text]).toEqual(['one', 'lost'])
  })

  it('is not read from a cut, a lengthened or an impossible encoding', () => {
    const { alice, bob } = couple('cut')
    bob.receive(alice.send('hello'))
    const bytes = encodeSession(bob.session)
    expect(outcome(() => decodeSession(bytes.subarray(0, -1)))).toBe('malformed')
    expect(outcome(() => decodeSession(concat(bytes, new Uint8Array(1))))).toBe('malformed')
    expect(outcome(() => decodeSession(bytes.with(4, 2)))).toBe('malformed')
  })

  it('refuses its own message sent back, before and after the reply', () => {
    const { alice, bob } = couple('reflection')
    const first = alice.send('from Alice')
    expect(refused(alice, first)).toBe('no header key')
    bob.receive(first)
    const reply = bob.send('from Bob')
    expect(refused(bob, reply)).toBe('no header key')
    alice.receive(reply)
    expect(refused(alice, alice.send('from Alice again'))).toBe('no header key')
  })

  it("leaves the recipient's signed prekey whole when what the first message has spent is wiped", () => {
    const { alice, bob } = couple('spent', noSeams, undefined, { forgets: true })
    const signed = Uint8Array.from(bob.prekeys.signed.secret)
    bob.receive(alice.send('hello'))
    expect(bob.prekeys.signed.secret).toEqual(signed)
  })

  it("does not open with one's own prekeys on one's own handshake", () => {
    const { alice, random } = couple('own handshake')
    const envelope = decodeEnvelope(alice.send('from Alice'))
    const handshake = handshakeIn(envelope)
    const mirrored = answerSession(alice.device, alice.prekeys, senderOf(handshake), handshake)
    expect(decrypt(mirrored, alice.device.record, envelope, noSeams, random)).toBeNull()
  })

  it('binds a message to its session and to the way it goes', () => {
    const { alice, bob, random } = couple('bound')
    bob.receive(alice.send('one'))
    const envelope = decodeEnvelope(alice.send('two'))
    const his = bob.device.record
    const read = (session: Session, ours: DeviceRecord) =>
      outcome(() => decrypt(session, ours, envelope, noSeams, random))
    expect(read({ ...bob.session, isOurs: true }, his)).toBe('not-authentic')
    expect(read({ ...bob.session, transcript: turned(bob.session.transcript, 0) }, his)).toBe('not-authentic')
    expect(read(bob.session, his)).toBe('accepted')
  })

  it('binds a session to both devices: between any others it is another, which opens nothing', () => {
    const { alice, bob, random } = couple('bound to devices')
    const envelope = decodeEnvelope(alice.send('one'))
    const handshake = handshakeIn(envelope)
    const [hers, { device }] = [alice.device.record, bob]
    const other = person('carol', random).device.record
    const read = (ours: DeviceSecrets, theirs: DeviceRecord) =>
      decrypt(
        answerSession(ours, answeringKeys(bob, handshake), theirs, handshake),
        ours.record,
        envelope,
        noSeams,
        random,
      )
    for (const part of ['user', 'accountKey', 'id', 'signingKey'] as const) {
      expect([part, read(device, { ...hers, [part]: other[part] })]).toEqual([part, null])
      const ours = { ...device, record: { ...device.record, [part]: other[part] } }
      expect([part, read(ours, hers)]).toEqual([part, null])
    }
    expect(read(device, hers)?.content.text).toBe('one')
  })

  it('reads nothing of a session between the same two that was started again', () => {
    const random = seededRandom('two sessions')
    const [alice, bob] = [person('alice', random), person('bob', random)]
    const [one, other] = [opened(alice, bob, random), opened(alice, bob, random)]
    const { reference } = couple('any policy').chain.head
    const sent = encrypt(one.byFrom, alice.device.record, text('in the first', random), reference, noSeams, random)
    expect(decrypt(other.byTo, bob.device.record, decodeEnvelope(sent.envelope), noSeams, random)).toBeNull()
    expect(decrypt(one.byTo, bob.device.record, decodeEnvelope(sent.envelope), noSeams, random)).not.toBeNull()
  })
})

describe('two sessions at once', () => {
  it('leave both sides on the one with the greater ephemeral key when they start in the same moment', () => {
    const winners = Array.from({ length: 8 }, (_, seed) => {
      const random = seededRandom(seed)
      const [alice, bob] = [person('alice', random), person('bob', random)]
      const [hers, his] = [opened(alice, bob, random), opened(bob, alice, random)]
      const [hersFirst] = [hers.byFrom, his.byTo].sort(bySendingOrder)
      const [hisFirst] = [his.byFrom, hers.byTo].sort(bySendingOrder)
      const greater = [hers, his].map(({ byFrom }) => byFrom.ephemeralKey).sort(compare)[1]
      expect([hersFirst?.ephemeralKey, hisFirst?.ephemeralKey]).toEqual([greater, greater])
      return hersFirst === hers.byFrom ? 'hers' : 'his'
    })
    expect(new Set(winners)).toEqual(new Set(['hers', 'his']))
  })

  it('leave both sides on the one that was started later, whatever the ephemeral keys', () => {
    const random = seededRandom('later')
    const [alice, bob] = [person('alice', random), person('bob', random)]
    for (let round = 0; round < 8; round++) {
      const [early, late] = [opened(alice, bob, random), opened(bob, alice, random, startedAt + 1)]
      expect([early.byFrom, late.byTo].sort(bySendingOrder)[0]).toBe(late.byTo)
      expect([late.byFrom, early.byTo].sort(bySendingOrder)[0]).toBe(late.byFrom)
    }
  })
})
