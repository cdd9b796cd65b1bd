import { beforeAll, describe, expect, it } from 'vitest'
import { field, hex, u8 } from '../../crypto/bytes.ts'
import { createAccount, type DeviceSecrets } from '../../crypto/identity.ts'
import type { KemKey } from '../../crypto/keys.ts'
import {
  checkPrekey,
  createPrekey,
  decodePrekey,
  decodePrekeySecret,
  encodeBundle,
  encodePrekey,
  encodePrekeySecret,
  isFresh,
  openBundle,
  type Prekey,
  type PrekeyBundle,
  type PrekeyKind,
} from '../../crypto/prekeys.ts'
import { person, type TestPerson } from '../support/couple.ts'
import { flipsDecoded, forgeriesTaken, otherLengthsTaken, secondEncodings, verdict } from '../support/decoding.ts'
import { seededRandom } from '../support/random.ts'

const expiry = 2_000_000_000
const kinds: [PrekeyKind, number, number][] = [
  ['signed', 1, 113],
  ['one-time', 2, 113],
  ['KEM one-time', 3, 1265],
  ['KEM last-resort', 4, 1265],
]
const random = seededRandom('prekeys')
const { device } = createAccount('bob', random)
const prekey = (kind: PrekeyKind, owner: DeviceSecrets = device, id = 7) =>
  createPrekey(kind, id, expiry, owner, random)

describe.each(kinds)('a %s prekey', (kind, byte, sizeBytes) => {
  const made = prekey(kind)
  const encoded = encodePrekey(made)

  it('has one encoding, of the size that is told', () => {
    expect(encoded).toHaveLength(sizeBytes)
    expect(encoded[0]).toBe(byte)
    expect(secondEncodings(encoded, decodePrekey, encodePrekey)).toEqual([])
    expect(flipsDecoded(encoded, decodePrekey)).toBeGreaterThan(8 * (sizeBytes - 13))
  })

  it('has one encoding with its secret', () => {
    const secret = encodePrekeySecret(made)
    expect(decodePrekeySecret(secret)).toEqual(made)
    expect(secret).toHaveLength(4 + sizeBytes + (byte > 2 ? 64 : 32))
    expect(secondEncodings(secret, decodePrekeySecret, encodePrekeySecret)).toEqual([])
  })

  it('is signed throughout', () => {
    expect(forgeriesTaken(encoded, (bytes) => checkPrekey(device.record, decodePrekey(bytes)))).toEqual([])
  })

  it.each(kinds.filter(([other]) => other !== kind))('cannot pass for a %s one', (other) => {
    const posing = { ...made, kind: other } as Prekey
    expect(verdict(() => checkPrekey(device.record, posing))).toBe('bad-signature')
  })

  it('is of nobody else', () => {
    const check = (change: object) => verdict(() => checkPrekey({ ...device.record, ...change }, made))
    const other = createAccount('carol', random).device.record
    expect(check({})).toBe('accepted')
    expect(check({ user: other.user })).toBe('bad-signature')
    expect(check({ id: other.id })).toBe('bad-signature')
    expect(check({ signingKey: other.signingKey })).toBe('bad-signature')
  })
})

describe('a key of the wrong size', () => {
  it.each([
    ['signed', 'KEM one-time'],
    ['KEM one-time', 'signed'],
  ] as const)('is no %s prekey', (kind, sized) => {
    const wrong = { ...prekey(kind), key: prekey(sized).key } as Prekey
    expect(verdict(() => decodePrekey(encodePrekey(wrong)))).toBe('malformed')
  })

  it('is one byte more or less', () => {
    for (const kind of ['signed', 'KEM last-resort'] as const) {
      const { key, ...rest } = prekey(kind)
      for (const size of [0, key.length - 1, key.length + 1]) {
        const wrong = { ...rest, key: new Uint8Array(size) as KemKey } as Prekey
        expect(verdict(() => decodePrekey(encodePrekey(wrong)))).toBe('malformed')
      }
    }
  })
})

describe('a bundle', () => {
  let bob: TestPerson
  let bundle: PrekeyBundle
  const open = (given: PrekeyBundle, now = 1) => openBundle(encodeBundle(given), bob.device.record, now)
  const opening = (given: PrekeyBundle, now?: number) => verdict(() => open(given, now))

  beforeAll(() => {
    bob = person('bob', random)
    const published = ({ kind, id, expiresAtSeconds, key, signature }: Prekey) =>
      ({ kind, id, expiresAtSeconds, key, signature }) as never
    bundle = {
      signed: published(bob.prekeys.signed),
      oneTime: published(bob.prekeys.oneTime),
      kem: published(bob.prekeys.kem),
    }
  })

  it('comes out as it went in, with and without its one-time key', () => {
    expect(open(bundle)).toEqual(bundle)
    expect(open({ ...bundle, oneTime: null })).toEqual({ ...bundle, oneTime: null })
  })

  it('is signed throughout', () => {
    const shortest = encodeBundle({ ...bundle, oneTime: null })
    expect(forgeriesTaken(shortest, (bytes) => openBundle(bytes, bob.device.record, 1))).toEqual([])
    expect(otherLengthsTaken(encodeBundle(bundle), (bytes) => openBundle(bytes, bob.device.record, 1))).toEqual([])
  })

  it('never carries a secret', () => {
    const encoded = hex(encodeBundle(bob.prekeys))
    for (const { secret } of Object.values(bob.prekeys)) expect(encoded).not.toContain(hex(secret))
  })

  it('has each kind in its place', () => {
    const { signed, oneTime, kem } = bundle
    expect(opening({ signed: oneTime as never, oneTime, kem })).toBe('malformed')
    expect(opening({ signed, oneTime: signed, kem })).toBe('malformed')
    expect(opening({ signed, oneTime, kem: signed as never })).toBe('malformed')
    expect(opening({ signed: kem as never, oneTime, kem })).toBe('malformed')
    expect(opening({ signed, oneTime: kem as never, kem })).toBe('malformed')
  })

  it('takes a flag of 0 or 1 only', () => {
    const encoded = encodeBundle(bundle)
    const flagAt = 1 + field(encodePrekey(bundle.signed)).length
    expect(encoded.subarray(flagAt, flagAt + 1)).toEqual(u8(1))
    expect(verdict(() => openBundle(encoded.with(flagAt, 2), bob.device.record, 1))).toBe('malformed')
  })

  it.each(['signed', 'oneTime', 'kem'] as const)(
    'is refused from the second on in which its %s prekey expires',
    (place) => {
      const { kind } = bob.prekeys[place]
      const mixed = { ...bundle, [place]: createPrekey(kind, 9, expiry, bob.device, random) }
      expect(opening(mixed, expiry - 1)).toBe('accepted')
      expect(opening(mixed, expiry)).toBe('expired')
      expect(opening(mixed, expiry + 1)).toBe('expired')
    },
  )

  it.each(['signed', 'oneTime', 'kem'] as const)("has nobody else's %s prekey", (place) => {
    const mallory = person('mallory', random)
    expect(opening({ ...bundle, [place]: mallory.prekeys[place] })).toBe('bad-signature')
  })

  it('is fresh with a one-time key of each sort only', () => {
    const { signed, oneTime, kem } = bundle
    const { lastResort } = bob.prekeys
    expect(isFresh({ oneTime, kem })).toBe(true)
    expect(isFresh({ oneTime: null, kem })).toBe(false)
    expect(isFresh(open({ signed, oneTime, kem: lastResort }))).toBe(false)
    expect(isFresh(open({ signed, oneTime: null, kem: lastResort }))).toBe(false)
  })
})
