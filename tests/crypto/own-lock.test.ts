import { xchacha20poly1305 } from '@noble/ciphers/chacha.js'
import { describe, expect, it, vi } from 'vitest'
import { armouredIn } from '../../crypto/armour.ts'
import { fromBase64url, fromUtf8, textField } from '../../crypto/bytes.ts'
import { lockText, newOwnLock, ownLock, saltOf, unlockText } from '../../crypto/own-lock.ts'
import { doublingSizes, unpad } from '../../crypto/padding.ts'
import sumo from '../../crypto/sodium-sumo.ts'
import { verdict } from '../support/decoding.ts'
import { turned } from '../support/opening.ts'
import { seededRandom } from '../support/random.ts'

const random = seededRandom('own locks')
const lock = newOwnLock('garden gate', random)
const text = 'meet at nine\n🌿 <b>'
const locked = lockText(lock, text, random)
const again = (bytes: Uint8Array) =>
  `-----BEGIN LOCKED TEXT-----\n${Buffer.from(bytes).toString('base64url')}\n-----END LOCKED TEXT-----`

describe('a text that its writer has locked', () => {
  it('opens with the passphrase and the salt that travels with it, and with no other', () => {
    const salt = saltOf(locked)
    expect(salt).toEqual(lock.salt)
    expect(unlockText(ownLock('garden gate', lock.salt), locked)).toBe(text)
    expect(verdict(() => unlockText(ownLock('garden gat', lock.salt), locked))).toBe('wrong-passphrase')
    expect(verdict(() => unlockText(newOwnLock('garden gate', random), locked))).toBe('wrong-passphrase')
  })

  it('asks for 64 MiB and three passes, whatever whoever sent it would like', () => {
    const asked = vi.spyOn(sumo, 'crypto_pwhash')
    ownLock('garden gate', lock.salt)
    expect(asked.mock.calls.map(([size, , salt, passes, bytes]) => [size, salt, passes, bytes])).toEqual([
      [32, lock.salt, 3, 64 * 1024 * 1024],
    ])
    asked.mockRestore()
  })

  it('opens for another library with the same cipher', () => {
    const bytes = fromBase64url(armouredIn(locked) ?? '')
    const head = bytes.subarray(0, textField('doormat own lock 1').length + 16)
    const nonce = bytes.subarray(head.length, head.length + 24)
    const padded = xchacha20poly1305(lock.key, nonce, head).decrypt(bytes.subarray(head.length + 24))
    expect(padded).toHaveLength(128)
    expect(fromUtf8(unpad(padded, doublingSizes))).toBe(text)
  })

  it('says how long it is only by its padded size, and is another one each time', () => {
    expect(lockText(lock, 'a', random)).toHaveLength(locked.length)
    expect(lockText(lock, text, random)).not.toBe(locked)
  })

  it('does not open when one bit of it is another', () => {
    const bytes = fromBase64url(armouredIn(locked) ?? '')
    for (let place = 0; place < bytes.length; place += 7) {
      const other = again(turned(bytes, place))
      expect([place, verdict(() => unlockText(lock, other))]).not.toEqual([place, text])
      expect(['wrong-passphrase', 'malformed']).toContain(verdict(() => unlockText(lock, other)))
    }
  })

  it('is told by its form, and nothing else is taken for one', () => {
    for (const other of [
      '',
      'meet at nine',
      `so: ${locked}`,
      again(new Uint8Array(20)),
      locked.replace('BEGIN', 'START'),
      `${locked}\nand more`,
    ])
      expect([other, armouredIn(other), saltOf(other)]).toEqual([other, null, null])
    expect(saltOf(again(new Uint8Array(200)))).toBeNull()
    expect(armouredIn(`\n${locked}\n`)).not.toBeNull()
  })
})
