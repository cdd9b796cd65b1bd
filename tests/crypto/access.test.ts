import { describe, expect, it } from 'vitest'
import { archiveMagic, decodeRecord, encodeRecord, recordName, splitRecords } from '../../crypto/access/archive.ts'
import { joinMode, modeCalled, modes } from '../../crypto/access/index.ts'
import { custodianKeySizeBytes } from '../../crypto/access/custodian.ts'
import { messageKeyEscrow } from '../../crypto/access/message-key-escrow.ts'
import { none } from '../../crypto/access/mode.ts'
import { concat, fromUtf8, hex, u32 } from '../../crypto/bytes.ts'
import { decodeEnvelope, envelopeMaximumBytes } from '../../crypto/envelope.ts'
import type { DeviceId } from '../../crypto/keys.ts'
import { accessModeSuite, type Promises } from '../contract/access-mode.ts'
import { converse, noMode, readings, recorded, underMode, underModes } from '../support/access.ts'
import { at } from '../support/at.ts'
import { altered } from '../support/opening.ts'
import { seededRandom } from '../support/random.ts'
import { outcome } from '../support/refusal.ts'

const promised: Record<string, Promises> = {
  'none': { holderReads: 'nothing', forgery: 'not to be begun', stanzas: 0 },
  'message-key-escrow': { holderReads: 'everything', forgery: 'refused', stanzas: 1, needed: 1 },
  'session-key-escrow': { holderReads: 'everything', forgery: 'accepted', stanzas: 1, needed: 1 },
  'split-escrow': { holderReads: 'everything', forgery: 'refused', stanzas: 1, needed: 3 },
  'ghost-device': { holderReads: 'nothing', forgery: 'not to be begun', stanzas: 0 },
  'key-substitution': { holderReads: 'nothing', forgery: 'not to be begun', stanzas: 0 },
}

it('says here of every mode what it promises', () => {
  expect(modes.map(({ id }) => id)).toEqual(Object.keys(promised))
})

for (const mode of modes) {
  const promises = promised[mode.id]
  if (promises) accessModeSuite(mode, promises)
}

describe('the list of modes', () => {
  it('finds each by its id, and no other', () => {
    for (const mode of modes) expect(modeCalled(mode.id)).toBe(mode)
    for (const id of ['', 'None', 'message-key-escrow ', '__proto__'])
      expect(outcome(() => joinMode(id, new Uint8Array()))).toBe('malformed')
  })
})

describe('message key escrow', () => {
  const { parameters } = messageKeyEscrow.setup(seededRandom('parameters'))
  const kemKeySizeBytes = 1184

  it('publishes an X-Wing key of 1,216 bytes, and adds 1,200 to the stanza of a message', () => {
    const { alice } = underMode(messageKeyEscrow, 'sizes')
    expect([parameters.length, custodianKeySizeBytes]).toEqual([1216, 1216])
    expect(decodeEnvelope(alice.send('hello')).stanzas.map(({ payload }) => payload.length)).toEqual([1200])
  })

  it('takes no key whose ML-KEM half is not reduced, or whose X25519 half is of low order', () => {
    const notReduced = parameters.with(0, 255).with(1, 255)
    const lowOrder = concat(parameters.subarray(0, kemKeySizeBytes), new Uint8Array(32))
    for (const bytes of [notReduced, lowOrder, new Uint8Array(1216)])
      expect(outcome(() => messageKeyEscrow.join(bytes))).toBe('bad-key')
  })

  it('says of a stanza that it is not its own, or that it is and is broken', () => {
    const { alice, bob, secrets } = underMode(messageKeyEscrow, 'broken')
    const secret = at(secrets, 0).bytes
    const read = (bytes: Uint8Array, key = secret) =>
      messageKeyEscrow.reader([key]).read(recorded(alice, bob, bytes), decodeEnvelope(bytes))
    const [one, other] = [alice.send('one'), alice.send('other')]
    const { stanzas } = decodeEnvelope(other)
    expect(read(one)?.content.text).toBe('one')
    expect(read(altered(one, { stanzas: [] }))).toBeNull()
    const foreign = decodeEnvelope(one).stanzas.map(({ payload }) => ({ modeId: 'another-mode', payload }))
    expect(read(altered(one, { stanzas: foreign }))).toBeNull()
    expect(none.reader([secret]).read(recorded(alice, bob, one), decodeEnvelope(one))).toBeNull()
    expect(outcome(() => read(altered(one, { stanzas })))).toBe('not-authentic')
    const dated = altered(one, ({ policy }) => ({ policy: { ...policy, epoch: 2 } }))
    expect(outcome(() => read(dated))).toBe('not-authentic')
    expect(outcome(() => read(one, secret.subarray(1)))).toBe('malformed')
    expect(outcome(() => read(one, seededRandom('other')(32)))).toBe('not-authentic')
  })

  it('opens with each custodian what was sent while that one was in force', () => {
    const [first, second] = ['first', 'second'].map((seed) => messageKeyEscrow.setup(seededRandom(seed))) as Pair
    const inForce = [first, second].map((setup) => ({ id: messageKeyEscrow.id, parameters: setup.parameters }))
    const { alice, bob, sendIn } = underModes([...inForce, noMode], 'custodians')
    const evidence = [1, 2, 2, 3].map((epoch) => {
      const bytes = sendIn(epoch, alice, `in epoch ${epoch}`)
      bob.receive(bytes)
      return recorded(alice, bob, bytes)
    })
    const texts = ({ secrets }: Setup) =>
      readings(messageKeyEscrow, secrets, evidence).map(({ content }) => content.text)
    expect(texts(first)).toEqual(['in epoch 1'])
    expect(texts(second)).toEqual(['in epoch 2', 'in epoch 2'])
  })

  it('needs nothing but the secret and the archive', () => {
    const { alice, bob, secrets } = underMode(messageKeyEscrow, 'archive')
    const { sent, evidence } = converse(alice, bob)
    const archive = concat(archiveMagic, ...evidence.map(encodeRecord), encodeRecord(at(evidence, 0)).subarray(0, 99))
    expect(fromUtf8(archive.subarray(0, 18))).toBe('doormat archive 1\n')
    const { records, usedBytes } = splitRecords(archive.subarray(18))
    expect(archive.length - 18 - usedBytes).toBe(99)
    const read = readings(messageKeyEscrow, secrets, records.map(decodeRecord))
    expect(read.map(({ content }) => content.text)).toEqual(sent.map(({ text }) => text))
  })
})

describe('the name of a record', () => {
  const id = (byte: number) => new Uint8Array(32).fill(byte) as DeviceId
  const record = { time: 5, fromUser: 'alice', fromDevice: id(1), toUser: 'bob', toDevice: id(2), bytes: id(3) }
  const name = hex(recordName(record))

  it('is of 32 bytes, and the same whenever the envelope passed', () => {
    expect(name).toMatch(/^[0-9a-f]{64}$/)
    expect(hex(recordName({ ...record, time: 6 }))).toBe(name)
  })

  it('is another for each other end, device and envelope', () => {
    const others = [
      { ...record, fromUser: 'carol' },
      { ...record, fromDevice: id(4) },
      { ...record, toUser: 'carol' },
      { ...record, toDevice: id(4) },
      { ...record, bytes: id(4) },
      { ...record, fromUser: 'alic', toUser: 'ebob' },
    ]
    expect(new Set([name, ...others.map((other) => hex(recordName(other)))]).size).toBe(others.length + 1)
  })
})

describe('an archive in pieces', () => {
  const { alice, bob } = underMode(messageKeyEscrow, 'pieces')
  const records = ['one', 'two', 'three'].map((text) => encodeRecord(recorded(alice, bob, alice.send(text))))
  const archive = concat(...records)
  const ends = records.map((_, i) => concat(...records.slice(0, i + 1)).length)

  it('gives its whole records and leaves the rest, wherever it is cut', () => {
    for (let size = 0; size <= archive.length; size++) {
      const whole = ends.filter((end) => end <= size)
      const split = splitRecords(archive.subarray(0, size))
      expect([split.records.length, split.usedBytes]).toEqual([whole.length, whole.at(-1) ?? 0])
    }
    expect(splitRecords(archive).records).toEqual(records.map((record) => record.subarray(4)))
    expect(splitRecords(new Uint8Array(4)).usedBytes).toBe(4)
  })

  const largest = {
    ...recorded(alice, bob, new Uint8Array(envelopeMaximumBytes)),
    fromUser: 'a'.repeat(32),
    toUser: 'b'.repeat(32),
  }

  it('may have the largest record there is', () => {
    const record = encodeRecord(largest)
    expect(splitRecords(record)).toEqual({ records: [record.subarray(4)], usedBytes: record.length })
    expect(decodeRecord(record.subarray(4))).toEqual(largest)
    expect(splitRecords(concat(archive, record)).records).toHaveLength(records.length + 1)
  })

  it('is damaged where a record says that it is larger, and good up to there', () => {
    const tooLong = u32(encodeRecord(largest).length - 4 + 1)
    expect(outcome(() => splitRecords(tooLong))).toBe('malformed')
    expect(outcome(() => splitRecords(concat(tooLong, new Uint8Array(9))))).toBe('malformed')
    for (const length of [tooLong, u32(0xffffffff)])
      expect(splitRecords(concat(archive, length)).usedBytes).toBe(archive.length)
  })
})

type Setup = ReturnType<typeof messageKeyEscrow.setup>
type Pair = [Setup, Setup]
