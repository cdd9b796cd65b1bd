import { describe, expect, it } from 'vitest'
import {
  answerChallenge,
  checkAnswer,
  createAccount,
  openDeviceList,
  proveDevice,
  signDeviceList,
  succeed,
} from '../../crypto/identity.ts'
import { generatePolicyPair } from '../../crypto/keys.ts'
import { verdict } from '../support/decoding.ts'
import { seededRandom } from '../support/random.ts'

const random = seededRandom('succession')
const alice = createAccount('alice', random)
const impostor = createAccount('alice', random)
const bob = createAccount('bob', random)

const numbered = (number: number, { list, device, accountSecret } = alice) =>
  signDeviceList({ ...list, number }, [proveDevice(device)], accountSecret)

describe('a list that comes after another', () => {
  const succeeding = (known: Uint8Array, given: Uint8Array) => verdict(() => succeed(known, given))

  it('stands when its number is higher, by however much', () => {
    for (const number of [2, 3, 2 ** 32 - 1]) {
      const given = numbered(number)
      expect(succeed(numbered(1), given)).toEqual(openDeviceList(given))
    }
  })

  it('stands when it is the same', () => {
    expect(succeed(numbered(5), numbered(5))).toEqual({ ...alice.list, number: 5 })
  })

  it('is refused when its number is lower', () => {
    expect(succeeding(numbered(2), numbered(1))).toBe('list-went-back')
  })

  it('is refused when it is another one under the same number', () => {
    const { accountSecret, list } = alice
    const device = { ...impostor.device, record: { ...impostor.device.record, accountKey: list.accountKey } }
    const other = signDeviceList({ ...list, devices: [device.record] }, [proveDevice(device)], accountSecret)
    expect(verdict(() => openDeviceList(other))).toBe('accepted')
    expect(succeeding(alice.signedList, other)).toBe('list-went-back')
    expect(succeeding(other, alice.signedList)).toBe('list-went-back')
  })

  it('is refused under another account key, whatever its number', () => {
    for (const number of [1, 2, 9]) expect(succeeding(numbered(2), numbered(number, impostor))).toBe('account-changed')
  })

  it('is refused for somebody else', () => {
    expect(succeeding(numbered(1), numbered(2, bob))).toBe('wrong-person')
  })

  it('is refused when it does not hold', () => {
    const broken = numbered(2)
    expect(succeeding(numbered(1), broken.with(broken.length - 1, 0xff))).toBe('bad-signature')
    expect(succeeding(numbered(1), broken.subarray(1))).toBe('malformed')
  })
})

describe('an answer to a challenge', () => {
  const [server, otherServer] = [generatePolicyPair(random).public, generatePolicyPair(random).public]
  const challenge = random(32)
  const { device } = alice
  const answer = answerChallenge(device, server, challenge)
  const checking = (record = device.record, key = server, asked = challenge, given = answer) =>
    verdict(() => checkAnswer(record, key, asked, given))

  it('says who answers, and holds', () => {
    expect(answer).toMatchObject({ user: 'alice', id: device.record.id })
    expect(checking()).toBe('accepted')
  })

  it('is for one server', () => {
    expect(checking(undefined, otherServer)).toBe('bad-signature')
  })

  it('is for one challenge', () => {
    for (const other of [random(32), challenge.subarray(1), new Uint8Array()])
      expect(checking(undefined, undefined, other)).toBe('bad-signature')
  })

  it('is from one device of one person', () => {
    expect(checking(bob.device.record)).toBe('wrong-person')
    expect(checking(impostor.device.record)).toBe('wrong-person')
    expect(checking({ ...device.record, user: 'bob' }, server, challenge, { ...answer, user: 'bob' })).toBe(
      'bad-signature',
    )
    const { id } = bob.device.record
    expect(checking({ ...device.record, id }, server, challenge, { ...answer, id })).toBe('bad-signature')
  })

  it('is not good with any bit of its signature flipped', () => {
    for (let bit = 0; bit < 512; bit++) {
      const at = bit >> 3
      const signature = answer.signature.with(at, (answer.signature[at] ?? 0) ^ (1 << (bit & 7)))
      expect(checking(undefined, undefined, undefined, { ...answer, signature })).toBe('bad-signature')
    }
  })

  it.each([
    ['user', { user: 'bob' }],
    ['device', { id: bob.device.record.id }],
  ])('does not name another %s than it is checked for', (_, named) => {
    expect(checking(undefined, undefined, undefined, { ...answer, ...named })).toBe('wrong-person')
  })
})
