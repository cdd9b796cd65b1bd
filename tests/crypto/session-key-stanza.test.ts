import { describe, expect, it } from 'vitest'
import { sealToCustodian } from '../../crypto/access/custodian.ts'
import type { RecordedEnvelope } from '../../crypto/access/mode.ts'
import { sessionKeyEscrow } from '../../crypto/access/session-key-escrow.ts'
import { encryptAead } from '../../crypto/aead.ts'
import { concat, field, fromHex, hex, u32, u8, utf8 } from '../../crypto/bytes.ts'
import { decodeEnvelope, type Stanza } from '../../crypto/envelope.ts'
import { encodeDeviceRecord } from '../../crypto/identity.ts'
import { derive, labels } from '../../crypto/kdf.ts'
import type { ChainKey, DeviceId } from '../../crypto/keys.ts'
import { encodePolicyReference } from '../../crypto/policy.ts'
import type { StanzaInput } from '../../crypto/seams.ts'
import sodium from '../../crypto/sodium.ts'
import { noMode, recorded, underMode, underModes } from '../support/access.ts'
import { at } from '../support/at.ts'
import { seededRandom } from '../support/random.ts'
import { outcome } from '../support/refusal.ts'
import { someStanzaInput } from '../support/stanza-input.ts'

/* Section 13b: what one stanza has in it, and what a recipient and a holder make of any other. */

const id = 'session-key-escrow'
const { parameters, secrets } = sessionKeyEscrow.setup(seededRandom('stanzas'))
const seams = sessionKeyEscrow.join(parameters)

/** The payload of 439 bytes, as the page has it. */
function payloadOf({ chain, sender, recipient }: StanzaInput, chainKey: ChainKey): Uint8Array {
  const { headerKey, index, transcript, direction } = chain
  const records = concat(field(encodeDeviceRecord(sender)), field(encodeDeviceRecord(recipient)))
  const way = u8(direction === 'initiator to responder' ? 1 : 2)
  return concat(chainKey, headerKey, u32(index), transcript, way, records, new Uint8Array(338 - records.length))
}

const coinsOf = ({ seed, policy }: StanzaInput, key: Uint8Array) =>
  derive<Uint8Array>(labels.accessMode, seed, [utf8(id), utf8('coins'), encodePolicyReference(policy), key], 64)
const wrapKeyOf = (sharedSecret: Uint8Array) =>
  derive<Uint8Array>(labels.accessMode, sharedSecret, [utf8(id), utf8('wrap')])

/** With the right coins, around whatever is wanted. */
const sealed = (input: StanzaInput, payload: Uint8Array): Stanza => ({
  modeId: id,
  payload: sealToCustodian(
    parameters,
    coinsOf(input, parameters),
    wrapKeyOf,
    payload,
    encodePolicyReference(input.policy),
  ),
})

/** The same bytes with another one at that place. */
const changed = (bytes: Uint8Array, at: number) => bytes.with(at, (bytes[at] ?? 0) ^ 1)

describe('a stanza', () => {
  const { input, chainKey } = someStanzaInput('one stanza')

  it('is made as the specification says', () => {
    const coins = coinsOf(input, parameters)
    const { ciphertext, sharedSecret } = sodium.crypto_kem_xwing_enc_deterministic(parameters, coins)
    const reference = encodePolicyReference(input.policy)
    const wrapped = encryptAead(wrapKeyOf(sharedSecret), new Uint8Array(24), payloadOf(input, chainKey), reference)
    expect(seams.outgoing(() => input, chainKey)).toEqual([{ modeId: id, payload: concat(ciphertext, wrapped) }])
  })

  const takes = (...stanzas: readonly Stanza[]) => outcome(() => seams.incoming(() => input, stanzas))
  const right = sealed(input, payloadOf(input, chainKey))

  it('is taken by a recipient if everything in it is what the recipient knows', () => {
    expect(takes(right)).toBe('accepted')
    const payload = payloadOf(input, chainKey)
    // a byte of each part: chain key, header key, index, transcript, direction, records, zeros
    for (const place of [0, 31, 32, 63, 64, 67, 68, 99, 100, 101, 105, 141, 438])
      expect([place, takes(sealed(input, changed(payload, place)))]).toEqual([place, 'stanza-refused'])
  })

  it('is refused by a recipient if it has other coins, another name or size, or is not the only one', () => {
    const other = someStanzaInput('another stanza')
    const refused = [
      [],
      [right, right],
      [{ ...right, modeId: 'message-key-escrow' }],
      [{ ...right, payload: right.payload.slice(1) }],
      [{ ...right, payload: concat(right.payload, new Uint8Array(1)) }],
      [{ ...right, payload: changed(right.payload, 0) }],
      [{ ...right, payload: changed(right.payload, 1574) }],
      [sealed({ ...input, seed: other.input.seed }, payloadOf(input, chainKey))],
      [sealed({ ...input, policy: { ...input.policy, epoch: 2 } }, payloadOf(input, chainKey))],
    ]
    expect(refused.map((stanzas) => takes(...stanzas))).toEqual(refused.map(() => 'stanza-refused'))
  })

  it('is let in by a relay if it is alone, and has the name and the size', () => {
    expect(seams.admit([right], 2)).toBe(true)
    expect(seams.admit([{ ...right, payload: new Uint8Array(1575) }], 2)).toBe(true)
    expect(seams.admit([{ ...right, payload: new Uint8Array(1574) }], 1)).toBe(true)
    const others = [[], [right, right], [{ ...right, modeId: 'none' }], [{ ...right, payload: new Uint8Array(1574) }]]
    expect(others.map((stanzas) => seams.admit(stanzas, 2))).toEqual(others.map(() => false))
  })
})

/** Alice and Bob, where Alice seals something else than her chain, with the right coins, while `instead` is set. */
function sealing(seed: string) {
  const state: { instead: ((payload: Uint8Array) => Uint8Array) | null } = { instead: null }
  const inForce = [{ id, parameters }, noMode]
  const pair = underModes(inForce, seed, (complying) => ({
    ...complying,
    outgoing: (offer, chainKey) =>
      state.instead
        ? [sealed(offer(), state.instead(payloadOf(offer(), chainKey)))]
        : complying.outgoing(offer, chainKey),
  }))
  const reader = sessionKeyEscrow.reader(secrets.map(({ bytes }) => bytes))
  const read = (record: RecordedEnvelope) => reader.read(record, decodeEnvelope(record.bytes))?.content.text ?? null
  const send = (body: string, epoch = 1) => recorded(pair.alice, pair.bob, pair.sendIn(epoch, pair.alice, body))
  return { ...pair, state, reader, read, send }
}

describe('a holder', () => {
  it('believes nothing that is sealed unless it opens its own message, and says why not', () => {
    const { state, read, send } = sealing('believes')
    const codes = [0, 32, 67, 68, 438].map((place) => {
      state.instead = (payload) => changed(payload, place)
      return [place, outcome(() => read(send('a lie')))]
    })
    // nothing may stand behind the records
    expect(codes).toEqual([0, 32, 67, 68, 438].map((place) => [place, place === 438 ? 'malformed' : 'not-authentic']))
    state.instead = null
    expect(read(send('the truth'))).toBe('the truth')
  })

  it('reads on by an earlier message where a stanza lies, and not where no earlier one opened', () => {
    const { state, read, send } = sealing('reads on')
    expect(read(send('the truth'))).toBe('the truth')
    for (const place of [0, 32, 67, 68, 100, 438]) {
      state.instead = (payload) => changed(payload, place)
      expect([place, read(send('a lie'))]).toEqual([place, 'a lie'])
    }
  })

  it('passes on a mistake of the program, which is no refusal', () => {
    const { reader, send } = sealing('a mistake')
    const record = send('hello')
    const envelope = decodeEnvelope(record.bytes)
    // no envelope that was decoded has such an epoch
    const impossible = { ...envelope, policy: { ...envelope.policy, epoch: 2 ** 32 } }
    expect(() => reader.read(record, impossible)).toThrow(RangeError)
  })

  it('has a stanza opened by whichever of several keys it was sealed to', () => {
    const { send } = sealing('several keys')
    const others = ['one', 'other'].map((seed) => at(sessionKeyEscrow.setup(seededRandom(seed)).secrets, 0).bytes)
    const own = at(secrets, 0).bytes
    const record = send('hello')
    for (const held of [
      [own, ...others],
      [...others, own],
    ])
      expect(sessionKeyEscrow.reader(held).read(record, decodeEnvelope(record.bytes))?.content.text).toBe('hello')
    expect(outcome(() => sessionKeyEscrow.reader(others).read(record, decodeEnvelope(record.bytes)))).toBe(
      'not-authentic',
    )
    expect(sessionKeyEscrow.reader([]).read(record, decodeEnvelope(record.bytes))).toBeNull()
  })

  it('looks past the stanza of another mode', () => {
    const { reader, send, read } = sealing('another mode')
    const record = send('with two')
    const envelope = decodeEnvelope(record.bytes)
    const none = { modeId: 'none', payload: new Uint8Array() }
    // the other opens, but not the body, which was not sealed with both
    const both = { ...envelope, stanzas: [none, ...envelope.stanzas] }
    expect(outcome(() => reader.read(record, both))).toBe('not-authentic')
    expect(reader.read(record, { ...envelope, stanzas: [none] })).toBeNull()
    expect(read(record)).toBe('with two')
  })

  it('keeps what is known between two devices from any other two, however their names and ids run together', () => {
    const { read, send } = sealing('ends')
    expect(read(send('sealed'))).toBe('sealed')
    const without = send('without a stanza', 2)
    const id = hex(without.fromDevice)
    // the same characters, cut elsewhere
    const shifted = {
      ...without,
      fromUser: `${without.fromUser}${id[0]}`,
      fromDevice: fromHex(`${id.slice(1)}${without.toUser[0]}`) as DeviceId,
      toUser: without.toUser.slice(1),
    }
    const others: Partial<RecordedEnvelope>[] = [
      { fromUser: 'carol' },
      { toUser: 'carol' },
      { fromDevice: without.toDevice },
      { toDevice: without.fromDevice },
      shifted,
    ]
    expect(others.map((other) => read({ ...without, ...other }))).toEqual(others.map(() => null))
    expect(read(without)).toBe('without a stanza')
  })

  it('makes the next message just as its sender would, of the kind that was there', () => {
    const { alice, bob, secrets: own } = underMode(sessionKeyEscrow, 'the next one')
    const reader = sessionKeyEscrow.reader(own.map(({ bytes }) => bytes))
    const first = recorded(alice, bob, alice.send('genuine'))
    const genuine = bob.receive(first.bytes)
    const random = seededRandom('forger')
    const forged = reader.forge(first, decodeEnvelope(first.bytes), 'forged', random) ?? new Uint8Array()
    expect(bob.receive(forged)).toEqual({
      ...genuine,
      id: expect.stringMatching(/^[0-9a-f]{32}$/) as string,
      sequence: genuine.sequence + 1,
      abandoned: [],
      text: 'forged',
    })
  })

  it('has nothing to begin with for what it cannot read, and makes nothing without a key', () => {
    const { reader, send } = sealing('nothing')
    const record = send('without a stanza', 2)
    const envelope = decodeEnvelope(record.bytes)
    expect(reader.forge(record, envelope, 'forged', seededRandom('forger'))).toBeNull()
    const nobody = sessionKeyEscrow.reader([])
    expect(nobody.forge(record, envelope, 'forged', seededRandom('forger'))).toBeNull()
  })
})
