import { describe, expect, it } from 'vitest'
import { createPuppetMail, puppetOf } from '../../crypto/access/puppet.ts'
import { decodeEnvelope } from '../../crypto/envelope.ts'
import { openDeviceList } from '../../crypto/identity.ts'
import { decodeHandshake } from '../../crypto/pqxdh.ts'
import { checkPrekey, encodeBundle, isKem, openBundle } from '../../crypto/prekeys.ts'
import { encrypt, openSession } from '../../crypto/session.ts'
import { at } from '../support/at.ts'
import { noSeams, person, policyChain, text } from '../support/couple.ts'
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

describe('a puppet', () => {
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
    expect(puppet.answering(genuine)).not.toBeNull()
    for (const id of [0, 103, 0xffff_ffff]) {
      expect(puppet.answering({ ...genuine, signedPrekeyId: id })).toBeNull()
      expect(puppet.answering({ ...genuine, kemPrekeyId: id })).toBeNull()
    }
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
})
