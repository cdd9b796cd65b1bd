import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compare, concat, textField, u32, u8 } from '../../crypto/bytes.ts'
import {
  accountKeyIn,
  checkName,
  createAccount,
  deviceIn,
  type DeviceList,
  deviceListMaximumBytes,
  type DeviceRecord,
  type DeviceSecrets,
  encodeDeviceRecord,
  isName,
  isSameDevice,
  keysIn,
  openDeviceList,
  openProvenList,
  proveDevice,
  signDeviceList,
} from '../../crypto/identity.ts'
import { labels, sign, verify } from '../../crypto/kdf.ts'
import { type DeviceId, generateAgreementPair, generateSigningPair } from '../../crypto/keys.ts'
import { forgeriesTaken, verdict } from '../support/decoding.ts'
import { seededRandom } from '../support/random.ts'

const random = seededRandom('identities')
const alice = createAccount('alice', random)
const mallory = createAccount('mallory', random)

function anotherDevice({ list }: typeof alice): DeviceSecrets {
  const [id, signing, identity] = [random(32) as DeviceId, generateSigningPair(random), generateAgreementPair(random)]
  const { user, accountKey } = list
  const record = { user, accountKey, id, signingKey: signing.public, identityKey: identity.public }
  return { record, signingSecret: signing.secret, identitySecret: identity.secret }
}

const byId = (a: DeviceSecrets, b: DeviceSecrets) => compare(a.record.id, b.record.id)
const devices = [alice.device, ...Array.from({ length: 8 }, () => anotherDevice(alice))].sort(byId)

/** Alice's list, as her account key would sign it whatever stands in it. */
const listOf = (of: readonly DeviceSecrets[], change: Partial<DeviceList> = {}, proofs = of.map(proveDevice)) =>
  signDeviceList({ ...alice.list, devices: of.map(({ record }) => record), ...change }, proofs, alice.accountSecret)
const opening = (bytes: Uint8Array) => verdict(() => openDeviceList(bytes))

describe('a name', () => {
  it('is a small letter, then up to 31 of a-z, 0-9, dot, underline and dash', () => {
    const names = fc.stringMatching(/^[a-z][a-z0-9._-]{0,31}$/)
    fc.assert(
      fc.property(names, (name) => {
        expect(isName(name)).toBe(true)
        expect(checkName(name)).toBe(name)
      }),
    )
    expect(isName('a'.repeat(32))).toBe(true)
    expect(isName('a'.repeat(33))).toBe(false)
  })

  it.each(['', 'Alice', '1a', '.a', '_a', 'a b', 'a\n', '\na', 'a\0', 'á', 'а', 'a/..', 'a\u200b', '__proto__'])(
    'is never %j',
    (name) => {
      expect(isName(name)).toBe(false)
      expect(verdict(() => checkName(name))).toBe('malformed')
      expect(verdict(() => createAccount(name, random))).toBe('malformed')
      const head = concat(u8(1), textField(name), alice.list.accountKey, u32(1), u8(1))
      expect(opening(concat(head, alice.signedList.subarray(-224)))).toBe('malformed')
    },
  )
})

describe('a device list', () => {
  it('comes out as it went in', () => {
    expect(openDeviceList(alice.signedList)).toEqual(alice.list)
    expect(openDeviceList(listOf(devices.slice(0, 3), { number: 7 }))).toEqual({
      ...alice.list,
      number: 7,
      devices: devices.slice(0, 3).map(({ record }) => record),
    })
  })

  it('is laid out as the specification says', () => {
    const { user, accountKey, id, signingKey, identityKey } = alice.device.record
    const record = concat(u8(1), textField(user), accountKey, id, signingKey, identityKey)
    const proof = sign(labels.deviceRecord, alice.device.signingSecret, record)
    const head = concat(u8(1), textField(user), accountKey, u32(1), u8(1), id, signingKey, identityKey, proof)
    expect(encodeDeviceRecord(alice.device.record)).toEqual(record)
    expect(alice.signedList).toEqual(concat(head, sign(labels.deviceList, alice.accountSecret, head)))
  })

  it('is signed throughout', () => {
    expect(forgeriesTaken(alice.signedList, openDeviceList)).toEqual([])
    expect(forgeriesTaken(listOf(devices.slice(0, 2)), openDeviceList)).toEqual([])
  })

  it('has 1 to 8 devices', () => {
    expect(openDeviceList(listOf(devices.slice(0, 8))).devices).toHaveLength(8)
    expect(opening(listOf(devices))).toBe('malformed')
    expect(opening(listOf([]))).toBe('malformed')
  })

  it('has a number from 1 on', () => {
    expect(opening(listOf([alice.device], { number: 0 }))).toBe('malformed')
    expect(openDeviceList(listOf([alice.device], { number: 2 ** 32 - 1 })).number).toBe(2 ** 32 - 1)
  })

  it('stands in ascending order of its ids, each once', () => {
    const [one, two, three] = devices as [DeviceSecrets, DeviceSecrets, DeviceSecrets]
    expect(opening(listOf([one, two, three]))).toBe('accepted')
    for (const wrong of [
      [two, one],
      [one, three, two],
      [one, one],
      [one, two, two],
    ])
      expect(opening(listOf(wrong))).toBe('malformed')
  })

  it('has each device prove itself', () => {
    const [one, two] = devices as [DeviceSecrets, DeviceSecrets]
    const withProofs = (...proofs: Uint8Array[]) => opening(listOf([one, two], {}, proofs))
    expect(withProofs(proveDevice(one), proveDevice(two))).toBe('accepted')
    expect(withProofs(proveDevice(two), proveDevice(one))).toBe('bad-signature')
    expect(withProofs(proveDevice(one), proveDevice({ ...two, signingSecret: one.signingSecret }))).toBe(
      'bad-signature',
    )
    expect(withProofs(proveDevice(one), new Uint8Array(64))).toBe('bad-signature')
    expect(withProofs(proveDevice(one))).toBe('bad-signature')
  })

  it("cannot take over another account's device", () => {
    const { device } = mallory
    const record: DeviceRecord = { ...device.record, user: 'alice', accountKey: alice.list.accountKey }
    expect(opening(listOf([{ ...device, record }], {}, [proveDevice(device)]))).toBe('bad-signature')
  })

  it('is signed by its own account, and as a list', () => {
    const { list, device, accountSecret } = alice
    const proofs = [proveDevice(device)]
    expect(opening(signDeviceList(list, proofs, mallory.accountSecret))).toBe('bad-signature')
    const head = alice.signedList.subarray(0, -64)
    for (const label of Object.values(labels).filter((label) => label !== labels.deviceList))
      expect(opening(concat(head, sign(label, accountSecret, head)))).toBe('bad-signature')
  })

  it('may be no longer than told, whatever stands in it', () => {
    expect(listOf(devices.slice(0, 8)).length).toBeLessThan(deviceListMaximumBytes)
    expect(opening(new Uint8Array(deviceListMaximumBytes + 1))).toBe('malformed')
    const longest = createAccount('a'.repeat(32), random)
    expect(opening(longest.signedList)).toBe('accepted')
  })

  it('is refused before any signature is looked at when it is longer than a list can be', () => {
    const forged = alice.signedList.with(-1, (alice.signedList.at(-1) ?? 0) ^ 1)
    expect(opening(forged)).toBe('bad-signature')
    expect(opening(concat(forged, new Uint8Array(2049 - forged.length)))).toBe('malformed')
  })

  it('gives its proofs in its own order, for whoever signs the next one', () => {
    const of = devices.slice(0, 3)
    const { list, proofs } = openProvenList(listOf(of))
    expect(proofs).toEqual(of.map(proveDevice))
    expect(signDeviceList(list, proofs, alice.accountSecret)).toEqual(listOf(of))
  })

  it('says whose it is before anything of it is checked', () => {
    expect(accountKeyIn(alice.signedList)).toEqual(alice.list.accountKey)
    const longest = createAccount('a'.repeat(32), random)
    expect(accountKeyIn(longest.signedList.subarray(0, 1 + 4 + 32 + 32))).toEqual(longest.list.accountKey)
    expect(verdict(() => accountKeyIn(alice.signedList.with(0, 2)))).toBe('malformed')
    expect(verdict(() => accountKeyIn(concat(u8(1), textField('a'.repeat(33)), random(32))))).toBe('malformed')
  })

  it('tells its devices by their ids', () => {
    const list = openDeviceList(listOf(devices.slice(0, 3)))
    expect(deviceIn(list, devices[1]?.record.id as DeviceId)).toEqual(devices[1]?.record)
    expect(deviceIn(list, devices[5]?.record.id as DeviceId)).toBeNull()
    expect(deviceIn(list, new Uint8Array() as DeviceId)).toBeNull()
  })
})

describe('a device record', () => {
  const { record } = alice.device
  const parts: (keyof DeviceRecord)[] = ['accountKey', 'id', 'signingKey', 'identityKey']

  it('is of the same device when name, account, id and keys are the same', () => {
    expect(isSameDevice(record, structuredClone(record))).toBe(true)
    expect(isSameDevice(record, { ...record, user: 'mallory' })).toBe(false)
    for (const part of parts)
      expect(isSameDevice(record, { ...record, [part]: mallory.device.record[part] })).toBe(false)
  })

  it('shows its keys, which say whose it is whatever name and id somebody chose', () => {
    const { signingKey, identityKey } = record
    expect(keysIn(record)).toEqual(concat(signingKey, identityKey))
    expect(keysIn({ ...mallory.device.record, signingKey, identityKey })).toEqual(keysIn(record))
  })
})

describe('a signature', () => {
  it('holds for one label, one key and one message', () => {
    const { signingSecret, record } = alice.device
    const message = Uint8Array.of(1, 2, 3)
    const signature = sign(labels.prekey, signingSecret, message)
    const holds = (label = labels.prekey as never, key = record.signingKey, bytes = message, given = signature) =>
      verdict(() => verify(label, key, bytes, given))
    expect(holds()).toBe('accepted')
    for (const label of Object.values(labels).filter((label) => label !== labels.prekey))
      expect(holds(label as never)).toBe('bad-signature')
    expect(holds(undefined, mallory.device.record.signingKey)).toBe('bad-signature')
    expect(holds(undefined, undefined, Uint8Array.of(1, 2))).toBe('bad-signature')
    for (const size of [0, 63, 65])
      expect(holds(undefined, undefined, undefined, new Uint8Array(size))).toBe('bad-signature')
  })
})
