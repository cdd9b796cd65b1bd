import { describe, expect, it } from 'vitest'
import type { Reader, RecordedEnvelope } from '../../crypto/access/mode.ts'
import { createPuppetMail, puppetReader, streamOf } from '../../crypto/access/puppet.ts'
import { concat, hex, u32, utf8 } from '../../crypto/bytes.ts'
import { decodeEnvelope, envelopeDigest } from '../../crypto/envelope.ts'
import type { AgreementKey } from '../../crypto/keys.ts'
import { encrypt, type Session } from '../../crypto/session.ts'
import { at } from '../support/at.ts'
import { noSeams, text } from '../support/couple.ts'
import { turned } from '../support/opening.ts'
import { writesToPuppet } from '../support/puppet-mail.ts'
import { seededRandom } from '../support/random.ts'
import { outcome } from '../support/refusal.ts'

const seed = seededRandom('the seed')(32)

describe('the mail of puppets', () => {
  it('is read by whoever has the seed, as often as they begin again, and by nobody else', () => {
    const { send } = writesToPuppet(seed)
    const mail = ['one', 'two', 'three'].map(send)
    const read = (bytes: Uint8Array) => {
      const puppets = createPuppetMail(bytes)
      return mail.map((recorded) => puppets.open(recorded, decodeEnvelope(recorded.bytes))?.text ?? null)
    }
    expect(read(seed)).toEqual(['one', 'two', 'three'])
    expect(read(seed)).toEqual(['one', 'two', 'three'])
    expect(read(seededRandom('another seed')(32))).toEqual([null, null, null])
  })

  it('is overheard where a puppet answers, out of the recording alone', () => {
    const { alice, device, reference, send } = writesToPuppet(seed)
    const opening = send('hello')
    const [live, later] = [createPuppetMail(seed), createPuppetMail(seed)]
    live.open(opening, decodeEnvelope(opening.bytes))
    later.open(opening, decodeEnvelope(opening.bytes))
    const random = seededRandom('other coins')
    const session = at(live.sessions(device.record, alice.device.record), 0)
    const { envelope } = encrypt(session, device.record, text('an answer', random), reference, noSeams, random)
    const ends = { fromUser: 'bob', fromDevice: device.record.id, toUser: 'alice', toDevice: alice.device.record.id }
    const recorded = { time: 0, ...ends, bytes: envelope }
    expect(later.overhear(recorded, decodeEnvelope(envelope))?.text).toBe('an answer')
    expect(later.open(recorded, decodeEnvelope(envelope))).toBeNull()
    expect(createPuppetMail(seed).overhear(recorded, decodeEnvelope(envelope))).toBeNull()
  })

  it('is read on in the session that is there, once nobody repeats the handshake', () => {
    const { alice, device, reference, send, receive } = writesToPuppet(seed)
    const opening = send('hello')
    const mail = createPuppetMail(seed)
    mail.open(opening, decodeEnvelope(opening.bytes))
    const random = seededRandom('an answer')
    const session = at(mail.sessions(device.record, alice.device.record), 0)
    const answer = encrypt(session, device.record, text('an answer', random), reference, noSeams, random)
    mail.keep(device.record, answer.next)
    expect(receive(answer.envelope)?.text).toBe('an answer')
    for (const body of ['one', 'two']) {
      const recorded = send(body)
      const envelope = decodeEnvelope(recorded.bytes)
      expect(envelope.handshake).toBeNull()
      expect(outcome(() => createPuppetMail(seed).open(recorded, envelope))).toBe('no-session')
      expect(mail.open(recorded, envelope)?.text).toBe(body)
    }
  })

  it('is not authentic where its handshake is right and its header is not', () => {
    const { send } = writesToPuppet(seed)
    const recorded = send('hello')
    const envelope = decodeEnvelope(recorded.bytes)
    const other = { ...envelope, encryptedHeader: turned(envelope.encryptedHeader, 300) }
    expect(outcome(() => createPuppetMail(seed).open(recorded, other))).toBe('not-authentic')
  })

  it('gives what a puppet draws for its next chain out of the message that begins one', () => {
    const { alice, device, send } = writesToPuppet(seed)
    const opening = send('hello')
    const mail = createPuppetMail(seed)
    mail.open(opening, decodeEnvelope(opening.bytes))
    const secret = streamOf(seed, utf8('turn'), envelopeDigest(opening.bytes))(32)
    expect(at(mail.sessions(device.record, alice.device.record), 0).ratchet.ours.secret).toEqual(secret)
  })
})

describe('what a puppet says', () => {
  /** A puppet with a session, in which it says this much, and somebody else with the seed who has seen that session begin. */
  function speaking(count: number) {
    const { alice, device, reference, send } = writesToPuppet(seed)
    const opening = send('hello')
    const [live, later] = [createPuppetMail(seed), createPuppetMail(seed)]
    for (const mail of [live, later]) mail.open(opening, decodeEnvelope(opening.bytes))
    const random = seededRandom('what is said')
    let session = at(live.sessions(device.record, alice.device.record), 0)
    const ends = { fromUser: 'bob', fromDevice: device.record.id, toUser: 'alice', toDevice: alice.device.record.id }
    const said = Array.from({ length: count }, (_, i) => {
      const { next, envelope } = encrypt(session, device.record, text(`${i}`, random), reference, noSeams, random)
      session = next
      return { time: 0, ...ends, bytes: envelope }
    })
    const hear = (recorded: RecordedEnvelope) => later.overhear(recorded, decodeEnvelope(recorded.bytes))?.text ?? null
    return { alice, device, said, hear, later }
  }

  it('is overheard in the order in which it was said, whatever is missing', () => {
    const { said, hear } = speaking(5)
    expect([0, 1, 3, 2, 3, 4].map((i) => hear(at(said, i)))).toEqual(['0', '1', '3', null, null, '4'])
  })

  it('is overheard where 1,000 messages of it are missing, and no more', () => {
    const { said, hear } = speaking(1003)
    expect([1001, 1000, 1002].map((i) => hear(at(said, i)))).toEqual([null, '1000', '1002'])
  })

  it('is overheard between the two that said and heard it, and not between others', () => {
    const { said, hear, device, alice } = speaking(1)
    const genuine = at(said, 0)
    for (const others of [
      { fromUser: 'carol' },
      { fromDevice: alice.device.record.id },
      { toUser: 'carol' },
      { toDevice: device.record.id },
    ])
      expect(hear({ ...genuine, ...others })).toBeNull()
    expect(hear(genuine)).toBe('0')
  })

  it('is refused where it is altered, and then still heard', () => {
    const { said, hear } = speaking(1)
    const genuine = at(said, 0)
    const bytes = genuine.bytes.with(-1, 1 ^ (genuine.bytes.at(-1) ?? 0))
    expect(outcome(() => hear({ ...genuine, bytes }))).toBe('not-authentic')
    expect(hear(genuine)).toBe('0')
  })
})

describe('the sessions of a puppet with somebody', () => {
  const { alice, device, send } = writesToPuppet(seed)
  const opening = send('hello')
  const begun = createPuppetMail(seed)
  begun.open(opening, decodeEnvelope(opening.bytes))
  const genuine = at(begun.sessions(device.record, alice.device.record), 0)
  const session = (startedAt: number, key: number, theirs = alice.device.record): Session => ({
    ...genuine,
    theirs,
    startedAt,
    ephemeralKey: new Uint8Array(32).fill(key) as AgreementKey,
  })
  const orderIn = (sessions: readonly Session[]) =>
    sessions.map(({ startedAt, ephemeralKey }) => [startedAt, ephemeralKey[0]])

  it('are the four first ones in sending order', () => {
    const mail = createPuppetMail(seed)
    const none = mail.sessions(device.record, alice.device.record)
    expect(none).toEqual([])
    for (const [startedAt, key] of [
      [3, 3],
      [5, 5],
      [1, 1],
      [4, 9],
      [4, 4],
      [2, 2],
    ] as const)
      mail.keep(device.record, session(startedAt, key))
    expect(orderIn(mail.sessions(device.record, alice.device.record))).toEqual([
      [5, 5],
      [4, 9],
      [4, 4],
      [3, 3],
    ])
  })

  it('have each its latest state', () => {
    const mail = createPuppetMail(seed)
    for (const fresh of [false, true]) {
      mail.keep(device.record, session(1, 1))
      mail.keep(device.record, { ...session(2, 2), fresh })
    }
    const kept = mail.sessions(device.record, alice.device.record)
    expect(orderIn(kept)).toEqual([
      [2, 2],
      [1, 1],
    ])
    expect(at(kept, 0).fresh).toBe(true)
  })

  it('go by the keys of both, where those are known, and by name and id where not', () => {
    const mail = createPuppetMail(seed)
    const { record } = alice.device
    const twin = { ...record, signingKey: record.identityKey as Uint8Array as typeof record.signingKey }
    mail.keep(device.record, session(1, 1))
    mail.keep(device.record, session(2, 2, twin))
    expect(orderIn(mail.sessions(device.record, record))).toEqual([[1, 1]])
    expect(orderIn(mail.sessions(device.record, twin))).toEqual([[2, 2]])
    expect(orderIn(mail.sessionsAt(device.record, 'alice', record.id))).toEqual([
      [2, 2],
      [1, 1],
    ])
    expect(mail.sessionsAt(device.record, 'carol', record.id)).toEqual([])
    expect(mail.sessionsAt(device.record, 'alice', device.record.id)).toEqual([])
    expect(mail.sessionsAt(record, 'alice', record.id)).toEqual([])
  })
})

describe('the reader of puppets', () => {
  const other = seededRandom('another seed')(32)
  const random = seededRandom('a forger')
  const asked = { modeId: 'none', payload: utf8('as asked') }
  const readerWith = (...seeds: readonly Uint8Array[]) =>
    puppetReader('some-mode', seeds, 'by people', (epoch) => ({
      ...noSeams,
      outgoing: () => [{ ...asked, payload: concat(asked.payload, u32(epoch)) }],
    }))

  /** Alice has opened two sessions with Bob's puppet, and it has answered in the older one. */
  function answeredInTheOlder() {
    const [older, newer] = [writesToPuppet(seed, 1), writesToPuppet(seed, 2)]
    const openings = [older, newer].map(({ send }) => send('hello'))
    const live = createPuppetMail(seed)
    live.open(at(openings, 0), decodeEnvelope(at(openings, 0).bytes))
    const { alice, device, reference } = older
    const session = at(live.sessions(device.record, alice.device.record), 0)
    const { envelope } = encrypt(session, device.record, text('an answer', random), reference, noSeams, random)
    const ends = { fromUser: 'bob', fromDevice: device.record.id, toUser: 'alice', toDevice: alice.device.record.id }
    return { older, newer, openings, answer: { time: 77, ...ends, bytes: envelope } }
  }

  const read = (reader: Reader, recorded: RecordedEnvelope) => reader.read(recorded, decodeEnvelope(recorded.bytes))

  it('says of what it has read which record it was, in which mode and epoch, and says nothing of anything else', () => {
    const { openings, answer } = answeredInTheOlder()
    const reader = readerWith(other, seed)
    expect(read(reader, answer)).toBeNull()
    const opening = at(openings, 0)
    expect(read(reader, opening)).toMatchObject({ recorded: opening, modeId: 'some-mode', epoch: 1 })
    expect(read(reader, answer)?.content.text).toBe('an answer')
    expect(read(readerWith(other), opening)).toBeNull()
    expect(read(readerWith(), opening)).toBeNull()
    for (const bytes of [seed.slice(1), concat(seed, seed)]) expect(outcome(() => readerWith(bytes))).toBe('malformed')
  })

  it('writes as a puppet in the session that it is shown, or else in the first, and not where there is none', () => {
    const { older, newer, openings, answer } = answeredInTheOlder()
    const envelope = decodeEnvelope(answer.bytes)
    const reader = readerWith(other, seed)
    expect(reader.forge(answer, envelope, 'too early', random)).toBeNull()
    for (const opening of openings) read(reader, opening)
    const forged = reader.forge(answer, envelope, 'forged', seededRandom('coins')) ?? new Uint8Array()
    expect(older.receive(forged)).toEqual({
      kind: 'text',
      id: hex(seededRandom('coins')(16)),
      sequence: 1,
      sentAt: 77,
      abandoned: [],
      text: 'forged',
    })
    const made = decodeEnvelope(forged)
    expect([made.policy, made.stanzas]).toEqual([
      envelope.policy,
      [{ ...asked, payload: concat(asked.payload, u32(1)) }],
    ])
    const plain = puppetReader('some-mode', [seed], 'by people')
    for (const opening of openings) read(plain, opening)
    const without = plain.forge(answer, envelope, 'without stanzas', random) ?? new Uint8Array()
    expect(decodeEnvelope(without).stanzas).toEqual([])
    const opening = { ...answer, bytes: at(openings, 0).bytes }
    const inFirst = reader.forge(opening, decodeEnvelope(opening.bytes), 'in the first', random) ?? new Uint8Array()
    expect(newer.receive(inFirst)?.text).toBe('in the first')
  })
})
