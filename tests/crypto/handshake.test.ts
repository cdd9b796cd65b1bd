import { describe, expect, it } from 'vitest'
import { compare, concat } from '../../crypto/bytes.ts'
import { decodeEnvelope } from '../../crypto/envelope.ts'
import { type DeviceRecord, type DeviceSecrets, proveDevice, signDeviceList } from '../../crypto/identity.ts'
import { type AgreementKey, encapsulate, generateAgreementPair } from '../../crypto/keys.ts'
import {
  type AnsweringKeys,
  decodeHandshake,
  encodeHandshake,
  type Handshake,
  initiate,
  respond,
} from '../../crypto/pqxdh.ts'
import { createPrekey, encodeBundle, openBundle, type PrekeyBundle } from '../../crypto/prekeys.ts'
import type { Random } from '../../crypto/random.ts'
import { couple, inTheFuture, noSeams, person, policyChain, type TestPerson } from '../support/couple.ts'
import { altered, answered, firstMessage, handshakeIn, startedAt, turned, withHandshake } from '../support/opening.ts'
import { seededRandom } from '../support/random.ts'
import { type Outcome, outcome, refused } from '../support/refusal.ts'

const bundles: [string, { fresh: boolean; handsOut: (bob: TestPerson) => AnsweringKeys }][] = [
  ['all one-time keys', { fresh: true, handsOut: (bob) => bob.prekeys }],
  ['no one-time key', { fresh: false, handsOut: (bob) => ({ ...bob.prekeys, oneTime: null }) }],
  ['the last-resort KEM key', { fresh: false, handsOut: (bob) => ({ ...bob.prekeys, kem: bob.prekeys.lastResort }) }],
  ['neither', { fresh: false, handsOut: (bob) => ({ ...bob.prekeys, oneTime: null, kem: bob.prekeys.lastResort }) }],
]

/** A handshake from Alice to Bob: what she has of it, and what he makes of it with these keys. */
function handshakeWith(handsOut: (bob: TestPerson) => AnsweringKeys = (bob) => bob.prekeys) {
  const random = seededRandom('a handshake')
  const [alice, bob] = [person('alice', random), person('bob', random)]
  const keys = handsOut(bob)
  const { reference } = policyChain(random).head
  const agreed = initiate(alice.device, alice.signedList, bob.device.record, keys, reference, startedAt, random)
  const answer = (given: AnsweringKeys, device = bob.device) =>
    respond(device, given, alice.device.record, agreed.handshake)
  return { random, alice, bob, keys, agreed, answer }
}

describe('a handshake', () => {
  it.each(bundles)('gives both sides one root secret and one transcript with %s', (_name, { handsOut }) => {
    const { agreed, keys, answer } = handshakeWith(handsOut)
    const { rootSecret, transcript } = answer(keys)
    expect(rootSecret).toEqual(agreed.rootSecret)
    expect(transcript).toEqual(agreed.transcript)
  })

  it.each(bundles)('opens a conversation with %s, and says whether it is fresh', (_name, { fresh, handsOut }) => {
    const { alice, bob } = couple('opening', noSeams, undefined, { handsOut })
    expect(bob.receive(alice.send('hello')).text).toBe('hello')
    expect(alice.receive(bob.send('hello yourself')).text).toBe('hello yourself')
    expect([alice.session.fresh, bob.session.fresh]).toEqual([fresh, fresh])
  })

  it.each(bundles)('survives its encoding with %s', (_name, { handsOut }) => {
    const { handshake } = handshakeWith(handsOut).agreed
    expect(decodeHandshake(encodeHandshake(handshake))).toEqual(handshake)
  })

  it('gives another root secret to whoever has all but one of the secrets', () => {
    const { random, bob, keys, agreed, answer } = handshakeWith()
    const stranger = person('stranger', random)
    const secretless: AnsweringKeys[] = [
      { ...keys, signed: { ...keys.signed, secret: stranger.prekeys.signed.secret } },
      { ...keys, oneTime: { ...bob.prekeys.oneTime, secret: stranger.prekeys.oneTime.secret } },
      { ...keys, kem: { ...keys.kem, secret: stranger.prekeys.kem.secret } },
    ]
    for (const guess of secretless) expect(answer(guess).rootSecret).not.toEqual(agreed.rootSecret)
    const withoutIdentity = { ...bob.device, identitySecret: stranger.device.identitySecret }
    expect(answer(keys, withoutIdentity).rootSecret).not.toEqual(agreed.rootSecret)
  })

  it("gives another root secret to whoever shows Alice's public record without her identity secret", () => {
    const { random, alice, bob, keys } = handshakeWith()
    const impostor = { ...alice.device, identitySecret: person('mallory', random).device.identitySecret }
    const { reference } = policyChain(random).head
    const posed = initiate(impostor, alice.signedList, bob.device.record, keys, reference, startedAt, random)
    const answer = respond(bob.device, keys, alice.device.record, posed.handshake)
    expect(answer.transcript).toEqual(posed.transcript)
    expect(answer.rootSecret).not.toEqual(posed.rootSecret)
  })
})

describe('a handshake altered in flight', () => {
  const { alice, bob, random } = couple('altered')
  const genuine = alice.send('the first message')
  const tablet = deviceFor(alice, random)
  const withTablet = listOf(alice, [alice.device, tablet])

  const changes: Record<string, Partial<Handshake> | ((handshake: Handshake) => Partial<Handshake>)> = {
    'a newer list of the same account': { senderList: listOf(alice, [alice.device]) },
    'a list with one device more': { senderList: withTablet },
    'another device of the account': { senderList: withTablet, senderDevice: tablet.record.id },
    "somebody else's list": { senderList: bob.signedList, senderDevice: bob.device.record.id },
    'a later start': ({ startedAt }) => ({ startedAt: startedAt + 1 }),
    'another ephemeral key': { ephemeralKey: generateAgreementPair(random).public },
    'another spelling of the ephemeral key': ({ ephemeralKey }) => ({ ephemeralKey: turned(ephemeralKey, 255) }),
    'another signed prekey id': { signedPrekeyId: 11 },
    'another one-time prekey id': { oneTimePrekeyId: 12 },
    'its one-time prekey stripped': { oneTimePrekeyId: null },
    'another KEM prekey id': { kemPrekeyId: 13 },
    'the id of the last-resort KEM key': { kemPrekeyId: bob.prekeys.lastResort.id },
    'one bit of the KEM ciphertext turned': ({ kemCiphertext }) => ({ kemCiphertext: turned(kemCiphertext, 500) }),
    'a new KEM ciphertext': { kemCiphertext: encapsulate(bob.prekeys.kem.key, random(32)).ciphertext },
    'no KEM ciphertext but zeros': { kemCiphertext: new Uint8Array(1088) },
    'another policy epoch': ({ policy }) => ({ policy: { ...policy, epoch: policy.epoch + 1 } }),
    'another policy of that epoch': ({ policy }) => ({ policy: { ...policy, digest: turned(policy.digest, 0) } }),
  }

  it.each(Object.entries(changes))('leads to other keys with %s', (_name, change) => {
    expect(answered(bob, withHandshake(genuine, change))).toBe('no header key')
    expect(answered(bob, genuine)).toBe('accepted')
  })

  it('names no sender whose device is not in the list, or whose list was touched', () => {
    const unsigned = ({ senderList }: Handshake) => ({ senderList: turned(senderList, 8 * senderList.length - 9) })
    expect(answered(bob, withHandshake(genuine, { senderDevice: tablet.record.id }))).toBe('wrong-person')
    expect(answered(bob, withHandshake(genuine, unsigned))).toBe('bad-signature')
  })

  it('is refused with an ephemeral key of low order', () => {
    const lowOrder = new Uint8Array(32) as AgreementKey
    expect(answered(bob, withHandshake(genuine, { ephemeralKey: lowOrder }))).toBe('bad-key')
  })

  it('has no form without its KEM part, and becomes none of another suite', () => {
    const encoded = encodeHandshake(handshakeIn(decodeEnvelope(genuine)))
    const withoutKem = concat(encoded.subarray(0, -1088 - 36), encoded.subarray(-36))
    expect(answered(bob, altered(genuine, { handshake: encoded.with(0, 3) }))).toBe('malformed')
    expect(answered(bob, altered(genuine, { handshake: withoutKem }))).toBe('malformed')
    expect(outcome(() => decodeEnvelope(genuine.with(0, 3)))).toBe('malformed')
    const suite = 1 as const
    expect(answered(bob, withHandshake(genuine, { suite }))).toBe('no header key')
    expect(answered(bob, altered(genuine, { suite }))).toBe('no header key')
    expect(answered(bob, altered(withHandshake(genuine, { suite }), { suite }))).toBe('no header key')
  })

  it('breaks the message too: policy, and a handshake repeated to a session that stands', () => {
    const { alice, bob } = couple('altered later')
    const first = alice.send('first')
    const otherPolicy = altered(first, ({ policy }) => ({ policy: { ...policy, digest: turned(policy.digest, 0) } }))
    expect(answered(bob, otherPolicy)).toBe('not-authentic')
    bob.receive(first)
    const second = alice.send('second')
    expect(refused(bob, withHandshake(second, { startedAt: startedAt + 1 }))).toBe('not-authentic')
    expect(refused(bob, altered(second, { handshake: null }))).toBe('not-authentic')
    expect(bob.receive(second).text).toBe('second')
  })
})

describe('an attack on the handshake', () => {
  it('gains nothing by a KEM key or prekey under which the very same secrets come out', () => {
    const { random, bob, keys, agreed, answer } = handshakeWith()
    const other = person('bob', random).prekeys
    const swapped: AnsweringKeys[] = [
      { ...keys, kem: { ...keys.kem, key: other.kem.key } },
      { ...keys, signed: { ...keys.signed, key: other.signed.key } },
      { ...keys, oneTime: { ...bob.prekeys.oneTime, key: other.oneTime.key } },
    ]
    for (const keys of swapped) expect(answer(keys).rootSecret).not.toEqual(agreed.rootSecret)
  })

  it('gains nothing by a device record under which the very same secrets come out', () => {
    const { random, alice, bob, keys, agreed } = handshakeWith()
    const { id } = person('mallory', random).device.record
    const [hers, his] = [alice.device.record, bob.device]
    const answer = (theirs: DeviceRecord, ours: DeviceRecord) =>
      respond({ ...his, record: ours }, keys, theirs, agreed.handshake).rootSecret
    expect(answer(hers, his.record)).toEqual(agreed.rootSecret)
    for (const change of [{ user: 'mallory' }, { id }]) {
      expect(answer({ ...hers, ...change }, his.record)).not.toEqual(agreed.rootSecret)
      expect(answer(hers, { ...his.record, ...change })).not.toEqual(agreed.rootSecret)
    }
  })

  it('gains nothing by a KEM key of the attacker in the bundle', () => {
    const random = seededRandom('re-encapsulation')
    const [bob, mallory] = [person('bob', random), person('mallory', random)]
    const substituted = encodeBundle({ ...bob.prekeys, kem: mallory.prekeys.kem })
    expect(outcome(() => openBundle(substituted, bob.device.record, 1))).toBe('bad-signature')
  })

  it('cannot pass a key of one kind off as one of another', () => {
    const { prekeys, device } = person('bob', seededRandom('kinds'))
    const { signed, oneTime, lastResort } = prekeys
    const open = (bundle: PrekeyBundle) => outcome(() => openBundle(encodeBundle(bundle), device.record, 1))
    expect(open({ ...prekeys, kem: { ...lastResort, kind: 'KEM one-time' } })).toBe('bad-signature')
    expect(open({ ...prekeys, signed: { ...oneTime, kind: 'signed' } })).toBe('bad-signature')
    expect(open({ ...prekeys, oneTime: { ...signed, kind: 'one-time' } })).toBe('bad-signature')
    expect(open({ ...prekeys, signed: oneTime })).toBe('malformed')
    const curveAsKem = { ...prekeys, kem: { ...oneTime, kind: 'KEM one-time' } } as unknown as PrekeyBundle
    expect(open(curveAsKem)).toBe('malformed')
  })

  it('cannot offer a bundle that another device has signed', () => {
    const random = seededRandom('bundle')
    const [bob, mallory] = [person('bob', random), person('mallory', random)]
    const namesake = { ...mallory.device, record: { ...mallory.device.record, user: 'bob', id: bob.device.record.id } }
    const forged = { ...bob.prekeys, signed: createPrekey('signed', 1, inTheFuture, namesake, random) }
    for (const bundle of [mallory.prekeys, forged as PrekeyBundle])
      expect(outcome(() => openBundle(encodeBundle(bundle), bob.device.record, 1))).toBe('bad-signature')
  })

  it("does not make Bob read what Alice wrote to Charlie, who shows Bob's keys as his own", () => {
    const { random, alice, bob } = handshakeWith()
    const charlie = person('charlie', random).device.record
    const addressees: [DeviceRecord, Outcome][] = [
      [{ ...charlie, identityKey: bob.device.record.identityKey }, 'no header key'],
      [{ ...bob.device.record, user: 'charlie' }, 'no header key'],
      [{ ...bob.device.record, id: charlie.id }, 'no header key'],
      [bob.device.record, 'accepted'],
    ]
    for (const [to, expected] of addressees)
      expect(answered(bob, firstMessage(alice, to, bob.prekeys, random).bytes)).toBe(expected)
  })

  it("does not make Bob take Alice's first message for one of Charlie, who shows her identity key as his own", () => {
    const { random, alice, bob } = handshakeWith()
    const charlie = person('charlie', random)
    const { identityKey } = alice.device.record
    const borrowed: DeviceSecrets = { ...charlie.device, record: { ...charlie.device.record, identityKey } }
    const theft = { senderList: listOf(charlie, [borrowed]), senderDevice: borrowed.record.id }
    const { bytes } = firstMessage(alice, bob.device.record, bob.prekeys, random)
    expect(answered(bob, withHandshake(bytes, theft))).toBe('no header key')
    expect(answered(bob, bytes)).toBe('accepted')
  })
})

/** One more device that is truly of this account. */
function deviceFor({ device }: TestPerson, random: Random): DeviceSecrets {
  const other = person(device.record.user, random).device
  return { ...other, record: { ...other.record, accountKey: device.record.accountKey } }
}

function listOf(owner: TestPerson, devices: readonly DeviceSecrets[]): Uint8Array {
  const inOrder = devices.toSorted((a, b) => compare(a.record.id, b.record.id))
  const list = { ...owner.list, number: 2, devices: inOrder.map(({ record }) => record) }
  return signDeviceList(list, inOrder.map(proveDevice), owner.accountSecret)
}
