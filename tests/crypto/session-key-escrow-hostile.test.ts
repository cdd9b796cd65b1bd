import { describe, expect, it, vi } from 'vitest'
import { sessionKeyEscrow } from '../../crypto/access/session-key-escrow.ts'
import type { Reader, RecordedEnvelope } from '../../crypto/access/mode.ts'
import { writeContent } from '../../crypto/content.ts'
import { decodeEnvelope, encodeEnvelope } from '../../crypto/envelope.ts'
import type { DeviceRecord } from '../../crypto/identity.ts'
import type { AgreementKey, ChainKey, Digest, HeaderKey } from '../../crypto/keys.ts'
import { sealBody } from '../../crypto/message.ts'
import { encryptHeader } from '../../crypto/ratchet.ts'
import type { MessageSeams } from '../../crypto/seams.ts'
import { encrypt, openSession } from '../../crypto/session.ts'
import { raw } from '../../crypto/sodium.ts'
import { suite2 } from '../../crypto/suite-2.ts'
import { noMode, recorded, underMode, underModes } from '../support/access.ts'
import { at } from '../support/at.ts'
import { person, policyChain, text } from '../support/couple.ts'
import { outcome } from '../support/refusal.ts'
import { seededRandom } from '../support/random.ts'

/*
 * What a reader of this mode believes, and for how long, when a sender does not comply: a stanza is sealed with a public
 * key, so anybody can say anything in one.
 */

/** Counts how often libsodium is asked for something while work is done. */
function calls(what: '_crypto_generichash' | '_crypto_aead_xchacha20poly1305_ietf_decrypt', work: () => void): number {
  const counted = vi.spyOn(raw, what)
  try {
    work()
    return counted.mock.calls.length
  } finally {
    counted.mockRestore()
  }
}

const read = (reader: Reader, one: RecordedEnvelope): string | null =>
  reader.read(one, decodeEnvelope(one.bytes))?.content.text ?? null

const readerWith = (secrets: readonly { readonly bytes: Uint8Array }[]) =>
  sessionKeyEscrow.reader(secrets.map(({ bytes }) => bytes))

/** Alice and Bob, where Alice's stanzas have another chain key in them while `lies` is set. */
function lying(seed: string) {
  const state = { lies: false }
  const falseKey = seededRandom(`${seed}, a false key`)(32) as ChainKey
  const rogue = (complying: MessageSeams): MessageSeams => ({
    ...complying,
    outgoing: (offer, chainKey) => complying.outgoing(offer, state.lies ? falseKey : chainKey),
  })
  return { state, ...underMode(sessionKeyEscrow, seed, rogue) }
}

/** The mode in force for the first epoch, and none for the second: what is sent in it has no stanza. */
function switchedOff(seed: string) {
  const { parameters, secrets } = sessionKeyEscrow.setup(seededRandom(seed))
  const pair = underModes([{ id: sessionKeyEscrow.id, parameters }, noMode], seed)
  const send = (epoch: number, body: string) => recorded(pair.alice, pair.bob, pair.sendIn(epoch, pair.alice, body))
  return { ...pair, secrets, send }
}

describe('the reader of session key escrow', () => {
  it('reads what complies, though the head of the chain has been sealed with a false key', () => {
    const { state, alice, bob, secrets } = lying('a false head')
    const reader = readerWith(secrets)
    state.lies = true
    const planted = alice.send('refused')
    expect(outcome(() => bob.receive(planted))).toBe('stanza-refused')
    expect(outcome(() => read(reader, recorded(alice, bob, planted)))).toBe('not-authentic')
    state.lies = false
    for (const body of ['one', 'two', 'three']) {
      const bytes = alice.send(body)
      expect(bob.receive(bytes).text).toBe(body)
      expect(read(reader, recorded(alice, bob, bytes))).toBe(body)
    }
  })

  it('reads on without stanzas, though another message opened under the same header key and a false chain key', () => {
    const { alice, secrets, send } = switchedOff('a chain beside')
    const reader = readerWith(secrets)
    const { session } = alice
    const { sending } = session.ratchet
    if (!sending) throw new Error('whoever begins has a sending chain')
    const falseKey = seededRandom('a false key')(32) as ChainKey
    alice.session = { ...session, ratchet: { ...session.ratchet, sending: { ...sending, chainKey: falseKey } } }
    expect(read(reader, send(1, 'planted'))).toBe('planted')
    alice.session = session
    expect([send(1, 'sealed'), send(2, 'one'), send(2, 'two')].map((one) => read(reader, one))).toEqual([
      'sealed',
      'one',
      'two',
    ])
  })

  it('reads a chain that nobody answers to its end, with stanzas', () => {
    const { alice, bob, secrets } = underMode(sessionKeyEscrow, 'unanswered')
    const reader = readerWith(secrets)
    for (let i = 0; i < 1010; i++) expect(read(reader, recorded(alice, bob, alice.send(`${i}`)))).toBe(`${i}`)
  })

  it('reads a chain that nobody answers to its end, without stanzas, each message with as much work as the next', () => {
    const { secrets, send } = switchedOff('unanswered, off')
    const reader = readerWith(secrets)
    expect(read(reader, send(1, 'sealed'))).toBe('sealed')
    const rest = Array.from({ length: 2100 }, (_, i) => send(2, `${i}`))
    const work = (from: number) =>
      calls('_crypto_generichash', () => {
        for (let i = from; i < from + 300; i++) expect(read(reader, at(rest, i))).toBe(`${i}`)
      })
    const costs = [0, 300, 600, 900, 1200, 1500, 1800].map(work)
    expect(new Set(costs).size).toBe(1)
  })

  it('reads a message that comes late or out of order, as far behind as its recipient would', () => {
    const { secrets, send } = switchedOff('late')
    const reader = readerWith(secrets)
    expect(read(reader, send(1, 'sealed'))).toBe('sealed')
    const rest = Array.from({ length: 2500 }, (_, i) => send(2, `${i}`))
    const late = new Set([1300, 1900, 2150, 2299])
    for (let i = 0; i < 2300; i++) if (!late.has(i)) expect(read(reader, at(rest, i))).toBe(`${i}`)
    for (const i of [2299, 1300, 2150, 1900]) expect(read(reader, at(rest, i))).toBe(`${i}`)
    for (const i of [2499, 2400, 2301, 2300]) expect(read(reader, at(rest, i))).toBe(`${i}`)
  })

  it('says that a message of a known chain does not open, where it lies too far ahead', () => {
    const { secrets, send } = switchedOff('too far')
    const reader = readerWith(secrets)
    expect(read(reader, send(1, 'sealed'))).toBe('sealed')
    const rest = Array.from({ length: 1002 }, (_, i) => send(2, `${i}`))
    expect(outcome(() => read(reader, at(rest, 1001)))).toBe('too-far-ahead')
    expect(read(reader, at(rest, 999))).toBe('999')
    expect(read(reader, at(rest, 1001))).toBe('1001')
  })

  it('puts nobody else in the place of the sender or the recipient that a stanza names', () => {
    const { alice, bob, secrets } = underMode(sessionKeyEscrow, 'other ends')
    const genuine = recorded(alice, bob, alice.send('genuine'))
    const reader = readerWith(secrets)
    const ids = [bob, alice].map(({ device }) => device.record.id)
    for (const others of [
      { fromUser: 'mallory' },
      { toUser: 'mallory' },
      { fromDevice: at(ids, 0) },
      { toDevice: at(ids, 1) },
    ])
      expect(outcome(() => read(reader, { ...genuine, ...others }))).toBe('wrong-person')
    expect(read(reader, genuine)).toBe('genuine')
  })

  it('has nothing for this mode where nothing of the chain was ever sealed', () => {
    const { alice, bob, secrets, sendIn } = switchedOff('nothing')
    const reader = readerWith(secrets)
    const before = recorded(alice, bob, sendIn(1, alice, 'sealed, and not seen'))
    expect(read(reader, recorded(alice, bob, sendIn(2, alice, 'without a stanza')))).toBeNull()
    expect(read(reader, before)).toBe('sealed, and not seen')
  })

  it('takes as much work for an envelope after many planted ones as after few', () => {
    const { alice, bob, secrets, parameters, chain } = underMode(sessionKeyEscrow, 'planted')
    const seams = sessionKeyEscrow.join(parameters)
    const random = seededRandom('sessions in plenty')
    const { reference } = chain.head
    /** Of a session of its own: it opens, whether or not it ever reaches its recipient. */
    const plant = (i: number) => {
      const session = openSession(alice.device, alice.signedList, bob.device.record, bob.prekeys, reference, i, random)
      return encrypt(session, alice.device.record, text('planted', random), reference, seams, random).envelope
    }
    const garbled = (bytes: Uint8Array) => bytes.with(-1, (at([...bytes], -1) ^ 1) & 255)
    const reader = readerWith(secrets)
    const stranger = recorded(alice, bob, plant(0))
    const costs = [40, 80, 120].map(() => {
      for (let i = 0; i < 40; i++) {
        expect(read(reader, recorded(alice, bob, plant(i)))).toBe('planted')
        expect(outcome(() => read(reader, recorded(alice, bob, garbled(plant(i)))))).toBe('not-authentic')
      }
      const lost = { ...stranger, bytes: garbled(stranger.bytes) }
      return calls('_crypto_aead_xchacha20poly1305_ietf_decrypt', () => void outcome(() => read(reader, lost)))
    })
    expect(new Set(costs).size).toBe(1)
    // its own stanza, header and body, and the header under each chain that is remembered
    expect(costs[0]).toBeLessThanOrEqual(3 + 20)
  })

  it('takes no more steps for a planted envelope than one may jump over, however many chains it fits', () => {
    const { state, alice, bob, secrets } = lying('steps')
    const reader = readerWith(secrets)
    expect(read(reader, recorded(alice, bob, alice.send('true')))).toBe('true')
    state.lies = true
    const far = Array.from({ length: 990 }, () => alice.session).length
    alice.session = {
      ...alice.session,
      ratchet: {
        ...alice.session.ratchet,
        sending: alice.session.ratchet.sending && { ...alice.session.ratchet.sending, index: far },
      },
    }
    const planted = recorded(alice, bob, alice.send('far ahead'))
    const cost = () => calls('_crypto_generichash', () => void outcome(() => read(reader, planted)))
    const costs = [cost(), cost(), cost()]
    expect(new Set(costs).size).toBe(1)
    expect(costs[0]).toBeLessThanOrEqual(1100)
    expect(costs[0]).toBeGreaterThan(900)
  })
})

it('an envelope of others is not believed of whoever hands it in, even with a chain that one end gave away: the stanza in it names its people', () => {
  const random = seededRandom('handed in')
  const [alice, bob, mallory] = ['alice', 'bob', 'mallory'].map((name) => person(name, random).device.record) as [
    DeviceRecord,
    DeviceRecord,
    DeviceRecord,
  ]
  const policy = policyChain(random).head.reference
  const { parameters, secrets } = sessionKeyEscrow.setup(random)
  const seams = sessionKeyEscrow.join(parameters)
  const first = random(32) as ChainKey
  const [headerKey, transcript, ratchetKey] = [
    random(32) as HeaderKey,
    random(32) as Digest,
    random(32) as AgreementKey,
  ]
  const said = (sender: DeviceRecord, index: number, what: string) => {
    const chainKey = suite2.chainKeyAfter(first, index)
    const encryptedHeader = encryptHeader({ ratchetKey, previousCount: 0, index }, headerKey, random)
    const ends = { direction: 'initiator to responder', sender, recipient: bob, handshake: null, policy } as const
    const context = suite2.context({ transcript, encryptedHeader, ...ends })
    const chain = { suite: 2, transcript, direction: ends.direction, headerKey, index } as const
    const place = { context, policy, sender, recipient: bob, chain }
    return sealBody(
      { messageKey: suite2.stepChain(chainKey).messageKey, chainKey, place, seams, random },
      (to) => writeContent(to, text(what, random)),
      (body) => encodeEnvelope({ policy, handshake: null, encryptedHeader, ...body }),
    )
  }
  const reader = sessionKeyEscrow.reader(secrets.map(({ bytes }) => bytes))
  const read = (from: DeviceRecord, bytes: Uint8Array) => {
    const ends = { fromUser: from.user, fromDevice: from.id, toUser: bob.user, toDevice: bob.id }
    return outcome(() => reader.read({ time: 1, ...ends, bytes }, decodeEnvelope(bytes)))
  }
  const threat = said(alice, 1, 'a threat by Alice')
  expect(read(mallory, said(mallory, 0, 'bait'))).toBe('accepted')
  expect(read(mallory, threat)).toBe('wrong-person')
  expect(read(alice, threat)).toBe('accepted')
})
