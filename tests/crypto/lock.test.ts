import { argon2id } from '@noble/hashes/argon2.js'
import { beforeAll, describe, expect, it, vi } from 'vitest'
import { encryptAead } from '../../crypto/aead.ts'
import { concat, textField, u32, u8, utf8 } from '../../crypto/bytes.ts'
import { lockWith, openLock, type StoreKey } from '../../crypto/lock.ts'
import sumo from '../../crypto/sodium-sumo.ts'
import { verdict } from '../support/decoding.ts'
import { turned } from '../support/opening.ts'
import { seededRandom } from '../support/random.ts'

const random = seededRandom('locks')
const key = random(32) as StoreKey
const passphrase = 'correct horse battery staple'

interface Cost {
  readonly passes: number
  readonly memoryBytes: number
}

/** A lock put together by hand, with another library's Argon2id: as cheap as the test wants it. */
function lockByHand({ passes, memoryBytes }: Cost, label = 'doormat lock 1', by = passphrase): Uint8Array {
  const [salt, nonce] = [random(16), random(24)]
  const head = concat(textField(label), u32(passes), u32(memoryBytes), salt)
  const wrapping = argon2id(utf8(by), salt, { t: passes, m: memoryBytes / 1024, p: 1, dkLen: 32, version: 0x13 })
  return concat(head, nonce, encryptAead(wrapping, nonce, key, head))
}

const cheap: Cost = { passes: 1, memoryBytes: 8192 }
const withCost = (lock: Uint8Array, { passes, memoryBytes }: Cost) =>
  concat(lock.subarray(0, 18), u32(passes), u32(memoryBytes), lock.subarray(26))
const opening = (lock: Uint8Array, by = passphrase) => verdict(() => openLock(lock, by))

describe('a lock', () => {
  let lock: Uint8Array
  beforeAll(() => {
    lock = lockWith(passphrase, key, random)
  })

  it('opens with its passphrase', () => expect(openLock(lock, passphrase)).toEqual(key))

  it('opens with no other', () => {
    expect(opening(lock, 'correct horse battery stapl')).toBe('wrong-passphrase')
    const light = lockByHand(cheap)
    for (const wrong of ['', ' ', 'correct horse battery stapl', `${passphrase} `, passphrase.toUpperCase()])
      expect([wrong, opening(light, wrong)]).toEqual([wrong, 'wrong-passphrase'])
    expect(openLock(light, passphrase)).toEqual(key)
  })

  it('asks for 64 MiB and three passes, as any program with Argon2id would do it', () => {
    const salt = lock.subarray(26, 42)
    expect(lock.subarray(0, 26)).toEqual(concat(textField('doormat lock 1'), u32(3), u32(64 * 1024 * 1024)))
    expect(lock).toHaveLength(18 + 4 + 4 + 16 + 24 + 32 + 16)
    const asked = vi.spyOn(sumo, 'crypto_pwhash')
    openLock(lock, passphrase)
    expect(asked.mock.calls.map(([size, , given, passes, bytes]) => [size, given, passes, bytes])).toEqual([
      [32, salt, 3, 64 * 1024 * 1024],
    ])
    asked.mockRestore()
  })

  it('draws its salt and nonce afresh, and shows nothing of the key', () => {
    const other = lockWith(passphrase, key, random)
    expect(other.subarray(26, 66)).not.toEqual(lock.subarray(26, 66))
    expect(other.subarray(66)).not.toEqual(lock.subarray(66))
    expect(Buffer.from(lock).includes(Buffer.from(key))).toBe(false)
  })

  it('takes a passphrase as the same however its accents are composed', () => {
    const composed = 'crème brûlée \u00c5'
    const accented = lockWith(composed.normalize('NFD'), key, random)
    expect(openLock(accented, composed.normalize('NFC'))).toEqual(key)
    expect(openLock(accented, 'crème brûlée \u212b'.normalize('NFD'))).toEqual(key)
    expect(opening(accented, 'creme brulee A')).toBe('wrong-passphrase')
  })
})

describe('a lock made by another program', () => {
  it('opens: Argon2id of another library, whatever its cost', () => {
    for (const cost of [cheap, { passes: 16, memoryBytes: 16_384 }])
      expect(openLock(lockByHand(cost), passphrase)).toEqual(key)
    expect(openLock(lockByHand(cheap, undefined, 'brûlée'.normalize('NFC')), 'brûlée'.normalize('NFD'))).toEqual(key)
  })

  it('is refused with another label', () => {
    for (const label of ['doormat lock 2', 'doormat lock', '', 'doormat lock 1 '])
      expect([label, opening(lockByHand(cheap, label))]).toEqual([label, 'malformed'])
  })
})

describe('a lock that somebody has altered', () => {
  const cheapest = lockByHand(cheap)

  it('does not open with any bit turned, says why, and asks for no more than 1 GiB and 16 passes', () => {
    const asked: { passes: number; memoryBytes: number }[] = []
    const real = sumo.crypto_pwhash.bind(sumo)
    // what would take long is only written down
    const spy = vi.spyOn(sumo, 'crypto_pwhash').mockImplementation(((...call: Parameters<typeof real>) => {
      asked.push({ passes: call[3], memoryBytes: call[4] })
      return call[4] > 1024 * 1024 ? new Uint8Array(32) : real(...call)
    }) as typeof real)
    for (let bit = 0; bit < 8 * cheapest.length; bit++)
      expect([bit, opening(turned(cheapest, bit))]).toEqual([
        bit,
        expect.stringMatching(/^(malformed|wrong-passphrase)$/),
      ])
    expect(asked.length).toBeGreaterThan(8 * 88)
    expect(Math.max(...asked.map(({ memoryBytes }) => memoryBytes))).toBeLessThanOrEqual(1024 ** 3)
    expect(Math.max(...asked.map(({ passes }) => passes))).toBeLessThanOrEqual(16)
    spy.mockRestore()
  })

  it('is malformed where it asks for more than doormat does, or for less than can be done', () => {
    const asked = vi.spyOn(sumo, 'crypto_pwhash')
    for (const cost of [
      { passes: 17, memoryBytes: 8192 },
      { passes: 0xffff_ffff, memoryBytes: 8192 },
      { passes: 1, memoryBytes: 1024 ** 3 + 1 },
      { passes: 1, memoryBytes: 0xffff_ffff },
      { passes: 0, memoryBytes: 8192 },
      { passes: 1, memoryBytes: 0 },
      { passes: 1, memoryBytes: 8191 },
    ])
      expect([cost, opening(withCost(cheapest, cost))]).toEqual([cost, 'malformed'])
    expect(asked).not.toHaveBeenCalled()
    asked.mockRestore()
  })

  it('is bound to its cost: the same key wrapped under another one does not open', () => {
    for (const cost of [
      { ...cheap, passes: 2 },
      { ...cheap, memoryBytes: 8193 },
    ])
      expect([cost, opening(withCost(cheapest, cost))]).toEqual([cost, 'wrong-passphrase'])
  })

  it('is malformed cut anywhere, or with more behind', () => {
    for (let size = 0; size < cheapest.length; size++) expect(opening(cheapest.subarray(0, size))).toBe('malformed')
    expect(opening(concat(cheapest, u8(0)))).toBe('malformed')
  })
})
