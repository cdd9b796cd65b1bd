import { describe, expect, it } from 'vitest'
import { concat, field, textField } from '../../crypto/bytes.ts'
import {
  createAccount,
  type DeviceSecrets,
  encodeDeviceRecord,
  openDeviceList,
  proveDevice,
  signDeviceList,
} from '../../crypto/identity.ts'
import { labels, verify } from '../../crypto/kdf.ts'
import {
  type AccountKey,
  agree,
  type AgreementKey,
  checkSigningKey,
  encapsulate,
  generateKemPair,
  type KemKey,
  type SigningKey,
} from '../../crypto/keys.ts'
import { verdict } from '../support/decoding.ts'
import { mixedOrderKeys, nonCanonicalKeys, signUnderMixedOrder, smallOrderKeys } from '../support/ed25519.ts'
import { seededRandom } from '../support/random.ts'

const random = seededRandom('weak keys')
const alice = createAccount('alice', random)
const seed = random(32)

const weak: [string, number, readonly Uint8Array[]][] = [
  ['of small order', 8, smallOrderKeys()],
  ['of mixed order', 7, mixedOrderKeys(seed)],
  ['not canonical', 40, nonCanonicalKeys()],
]

/** Alice's list with these keys in it, signed for all that a reader sees before it knows the keys for what they are. */
function listWith(accountKey: AccountKey, signingKey: SigningKey): Uint8Array {
  const record = { ...alice.device.record, accountKey, signingKey }
  const device: DeviceSecrets = { ...alice.device, record }
  return signDeviceList({ ...alice.list, accountKey, devices: [record] }, [proveDevice(device)], alice.accountSecret)
}

describe.each(weak)('an Ed25519 key %s', (_, count, keys) => {
  it('is known for what it is', () => {
    expect(keys).toHaveLength(count)
    for (const key of keys) expect(verdict(() => checkSigningKey(key as SigningKey))).toBe('bad-key')
  })

  it('is refused as an account key', () => {
    const { signingKey } = alice.device.record
    for (const key of keys)
      expect(verdict(() => openDeviceList(listWith(key as AccountKey, signingKey)))).toBe('bad-key')
  })

  it('is refused as a signing key', () => {
    const { accountKey } = alice.list
    for (const key of keys)
      expect(verdict(() => openDeviceList(listWith(accountKey, key as SigningKey)))).toBe('bad-key')
  })
})

describe('an Ed25519 key', () => {
  it('has 32 bytes', () => {
    for (const size of [0, 31, 33, 64])
      expect(verdict(() => checkSigningKey(random(size) as SigningKey))).toBe('bad-key')
  })

  it('is let through when it is good', () => {
    for (let i = 0; i < 100; i++) {
      const { device, list } = createAccount('bob', random)
      expect(checkSigningKey(list.accountKey)).toBe(list.accountKey)
      expect(checkSigningKey(device.record.signingKey)).toBe(device.record.signingKey)
    }
  })

  it('of mixed order is refused even where every signature under it holds', () => {
    const [key = new Uint8Array()] = mixedOrderKeys(seed)
    const signed = (label: string, bytes: Uint8Array) =>
      signUnderMixedOrder(seed, key, concat(textField(label), field(bytes)))
    const record = { ...alice.device.record, signingKey: key as SigningKey }
    const proof = signed(labels.deviceRecord, encodeDeviceRecord(record))
    expect(() => verify(labels.deviceRecord, record.signingKey, encodeDeviceRecord(record), proof)).not.toThrow()
    const list = signDeviceList({ ...alice.list, devices: [record] }, [proof], alice.accountSecret)
    expect(verdict(() => openDeviceList(list))).toBe('bad-key')
  })
})

describe('an X25519 key', () => {
  // The u-coordinates of order 1, 2, 4 and 8 on the curve and its twist, each way of writing them in 32 bytes
  const lowOrder = [
    '0000000000000000000000000000000000000000000000000000000000000000',
    '0100000000000000000000000000000000000000000000000000000000000000',
    'e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800',
    '5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157',
    'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
    'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
    'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  ].map((text) => Uint8Array.from(Buffer.from(text, 'hex')))
  const withTopBit = lowOrder.map((key) => key.with(31, (key[31] ?? 0) | 0x80))

  it('of low order is refused, with its unused bit clear or set', () => {
    const { identitySecret } = alice.device
    for (const key of [...lowOrder, ...withTopBit])
      expect(verdict(() => agree(identitySecret, key as AgreementKey))).toBe('bad-key')
  })
})

describe('an ML-KEM-768 key', () => {
  it('of which one number is not below the modulus is refused when it is used', () => {
    const key = generateKemPair(random).public
    // the first two numbers of 12 bits each: 3,329 is the modulus of FIPS 203
    const first = (value: number) => key.with(0, value & 255).with(1, ((key[1] ?? 0) & 0xf0) | (value >> 8)) as KemKey
    expect(verdict(() => encapsulate(first(3328), random(32)))).toBe('accepted')
    for (const value of [3329, 4095]) expect(verdict(() => encapsulate(first(value), random(32)))).toBe('bad-key')
  })
})
