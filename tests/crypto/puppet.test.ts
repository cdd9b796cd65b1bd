import { describe, expect, it } from 'vitest'
import type { RecordedEnvelope } from '../../crypto/access/mode.ts'
import { createPuppetMail, puppetOf, streamOf } from '../../crypto/access/puppet.ts'
import { concat, u32, utf8 } from '../../crypto/bytes.ts'
import { decodeEnvelope, envelopeDigest } from '../../crypto/envelope.ts'
import { createAccount, openDeviceList } from '../../crypto/identity.ts'
import { derive, labels } from '../../crypto/kdf.ts'
import type { AgreementKey } from '../../crypto/keys.ts'
import { decodeHandshake } from '../../crypto/pqxdh.ts'
import { checkPrekey, createPrekey, encodeBundle, isKem, openBundle } from '../../crypto/prekeys.ts'
import { encrypt, openSession, type Session } from '../../crypto/session.ts'
import { at } from '../support/at.ts'
import { noSeams, person, policyChain, text } from '../support/couple.ts'
import { outcome } from '../support/refusal.ts'
import { seededRandom } from '../support/random.ts'

const seed = seededRandom('the seed')(32)
const now = 1_700_000_000

/** Alice writes to the puppet called Bob with its first one-time keys. */
function written(seedOfPuppet: Uint8Array) {
  const random = seededRandom('alice')
  const alice = person('alice', random)
  const { reference } = policyChain(random).head
  const puppet = puppetOf(seedOfPuppet, 'bob')
  const { device } = puppet
  const [signed, oneTime, kem] = (['signed', 'one-time', 'KEM one-time'] as const).map((kind) =>
    puppet.prekeys().find((prekey) => prekey.kind === kind),
  )
  if (!signed || !oneTime || !kem || isKem(signed) || isKem(oneTime) || !isKem(kem)) throw new Error('no such prekeys')
  const bundle = openBundle(encodeBundle({ signed, oneTime, kem }), device.record, now)
  let session = openSession(alice.device, alice.signedList, device.record, bundle, reference, 1, random)
  const send = (body: string) => {
    const { next, envelope } = encrypt(session, alice.device.record, text(body, random), reference, noSeams, random)
    session = next
    const { record } = alice.device
    const ends = { fromUser: 'alice', fromDevice: record.id, toUser: 'bob', toDevice: device.record.id }
    return { time: 0, ...ends, bytes: envelope }
  }
  return { alice, device, reference, send }
}

describe('the stream of a puppet', () => {
  it('comes in blocks of 64 bytes, and each draw begins with a new one', () => {
    const names = [utf8('a'), utf8('b')]
    const block = (i: number) => derive<Uint8Array>(labels.accessMode, seed, [utf8('puppet'), ...names, u32(i)], 64)
    const two = (i: number) => concat(block(i), block(i + 1))
    const draw = streamOf(seed, ...names)
    expect([32, 64, 65, 0, 1, 128].map(draw)).toEqual([
      block(0).slice(0, 32),
      block(1),
      two(2).slice(0, 65),
      new Uint8Array(),
      block(4).slice(0, 1),
      two(5),
    ])
  })
})

describe('a puppet', () => {
  it('draws its account and each of its prekeys from streams of their own', () => {
    const puppet = puppetOf(seed, 'bob')
    const { device, signedList } = createAccount('bob', streamOf(seed, utf8('account'), utf8('bob')))
    expect([puppet.device, puppet.signedList]).toEqual([device, signedList])
    const kindOf = (id: number) =>
      id === 1 ? 'signed' : id === 2 ? 'KEM last-resort' : id < 53 ? 'one-time' : 'KEM one-time'
    const expected = Array.from({ length: 102 }, (_, i) =>
      createPrekey(kindOf(i + 1), i + 1, 0xffff_ffff, device, streamOf(seed, utf8('prekey'), utf8('bob'), u32(i + 1))),
    )
    expect(puppet.prekeys()).toEqual(expected)
  })

  it('keeps the two prekeys that any handshake may name, and makes the others anew each time', () => {
    const puppet = puppetOf(seed, 'bob')
    const [one, other] = [puppet.prekeys(), puppet.prekeys()]
    expect(one).toEqual(other)
    expect(one.flatMap((prekey, i) => (prekey === other[i] ? [prekey.id] : []))).toEqual([1, 2])
  })

  it('has the same keys for the same seed and name, and others for others', () => {
    const list = (bytes: Uint8Array, user: string) => puppetOf(bytes, user).signedList
    expect(list(seed, 'bob')).toEqual(list(seed, 'bob'))
    expect(list(seed, 'bob')).not.toEqual(list(seed, 'carol'))
    expect(list(seed, 'bob')).not.toEqual(list(seededRandom('another seed')(32), 'bob'))
    expect(openDeviceList(list(seed, 'bob')).user).toBe('bob')
  })

  it('signs 102 prekeys, each under an id of its own', () => {
    const puppet = puppetOf(seed, 'bob')
    const all = puppet.prekeys()
    for (const prekey of all) checkPrekey(puppet.device.record, prekey)
    expect(new Set(all.map(({ id }) => id)).size).toBe(102)
  })

  it('answers no handshake that names prekeys it has not', () => {
    const { send } = written(seed)
    const { handshake } = decodeEnvelope(send('hello').bytes)
    if (!handshake) throw new Error('the first message has no handshake')
    const puppet = puppetOf(seed, 'bob')
    const genuine = decodeHandshake(handshake)
    expect(puppet.answering(genuine)).toMatchObject({ signed: { id: 1 }, oneTime: { id: 3 }, kem: { id: 53 } })
    expect(puppet.answering({ ...genuine, oneTimePrekeyId: null })).toMatchObject({ oneTime: null })
    // any X25519 key in the place of one, and any KEM key in the place of the other
    const crossed = puppet.answering({ ...genuine, signedPrekeyId: 3, oneTimePrekeyId: 1, kemPrekeyId: 2 })
    expect(crossed).toMatchObject({ signed: { id: 3 }, oneTime: { id: 1 }, kem: { id: 2 } })
    for (const id of [0, 103, 0xffff_ffff]) {
      expect(puppet.answering({ ...genuine, signedPrekeyId: id })).toBeNull()
      expect(puppet.answering({ ...genuine, oneTimePrekeyId: id })).toBeNull()
      expect(puppet.answering({ ...genuine, kemPrekeyId: id })).toBeNull()
    }
    expect(puppet.answering({ ...genuine, oneTimePrekeyId: genuine.kemPrekeyId })).toBeNull()
    expect(puppet.answering({ ...genuine, signedPrekeyId: genuine.kemPrekeyId })).toBeNull()
    expect(puppet.answering({ ...genuine, kemPrekeyId: genuine.signedPrekeyId })).toBeNull()
  })
})

describe('the mail of puppets', () => {
  it('is read by whoever has the seed, as often as they begin again, and by nobody else', () => {
    const { send } = written(seed)
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
    const { alice, device, reference, send } = written(seed)
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

  it('gives what a puppet draws for its next chain out of the message that begins one', () => {
    const { alice, device, send } = written(seed)
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
    const { alice, device, reference, send } = written(seed)
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
  const { alice, device, send } = written(seed)
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
