import { describe, expect, it } from 'vitest'
import { ghostDevice, hideGhost } from '../../crypto/access/ghost-device.ts'
import { puppetOf } from '../../crypto/access/puppet.ts'
import type { TapLine } from '../../crypto/access/tap.ts'
import { concat, field, textField, u8, utf8 } from '../../crypto/bytes.ts'
import { createAccount, createDevice, proveDevice } from '../../crypto/identity.ts'
import type { DeviceId } from '../../crypto/keys.ts'
import { withDevice } from '../../crypto/linking.ts'
import { encodePrekey } from '../../crypto/prekeys.ts'
import type { Random } from '../../crypto/random.ts'
import { at } from '../support/at.ts'
import { verdict } from '../support/decoding.ts'
import { turned } from '../support/opening.ts'
import { seededRandom } from '../support/random.ts'

/* Section 13e: what a relay answers about the target of a ghost, and the instrument by which it does. Ghosts at work are in tests/device. */

const random = seededRandom('ghosts')
const seed = random(32)
const { tapping } = ghostDevice
if (!tapping) throw new Error('a mode in which the operator has a part')

const alice = createAccount('alice', random)
const ghost = puppetOf(seed, 'alice')
const answerOf = (signedList: Uint8Array, ghosts: Uint8Array) =>
  concat(utf8('doormat ghost 1\n'), field(signedList), field(ghosts))

/** Draws like the other, but for the first: that is the id of an account's device. */
function withId(id: DeviceId): Random {
  let drawn = 0
  return (sizeBytes) => (drawn++ === 0 ? id.slice() : random(sizeBytes))
}

/** An account's list with another device. */
function withSecond({ list, signedList, accountSecret }: typeof alice): Uint8Array {
  const second = createDevice(list.user, list.accountKey, random(32) as DeviceId, random)
  return withDevice(signedList, second.record, proveDevice(second), accountSecret)
}

describe('the answer about a person', () => {
  it('is the signed list where it names no ghost', () => {
    expect(hideGhost(alice.signedList)).toEqual({ signedList: alice.signedList, hidden: [] })
  })

  it('is the signed list with the devices beside it that are to be hidden, where it names a ghost', () => {
    const view = hideGhost(answerOf(alice.signedList, ghost.signedList))
    expect(view).toEqual({ signedList: alice.signedList, hidden: [ghost.device.record] })
  })

  it('has no ghost under the name of somebody else', () => {
    const other = puppetOf(seed, 'bob').signedList
    expect(verdict(() => hideGhost(answerOf(alice.signedList, other)))).toBe('malformed')
  })

  it("has no ghost under the id of one of the person's devices, whatever else stands beside it", () => {
    const twin = createAccount('alice', withId(alice.device.record.id))
    expect(verdict(() => hideGhost(answerOf(alice.signedList, twin.signedList)))).toBe('malformed')
    expect(verdict(() => hideGhost(answerOf(withSecond(alice), withSecond(twin))))).toBe('malformed')
  })

  it('has two signed lists in it, and nothing behind them', () => {
    const answer = answerOf(alice.signedList, ghost.signedList)
    for (const wrong of [concat(answer, u8(0)), answer.slice(0, -1), answer.slice(0, 16)])
      expect(verdict(() => hideGhost(wrong))).toBe('malformed')
    for (const lists of [
      [turned(alice.signedList, 8 * alice.signedList.length - 9), ghost.signedList],
      [alice.signedList, turned(ghost.signedList, 8 * ghost.signedList.length - 9)],
    ] as const)
      expect(verdict(() => hideGhost(answerOf(...lists)))).toBe('bad-signature')
  })
})

const magic = utf8('doormat ghost instrument 1\n')

const [ghostOfBob, prekeys] = [puppetOf(seed, 'bob'), ghost.prekeys().map(encodePrekey)]
const prekeysOfBob = ghostOfBob.prekeys().map(encodePrekey)

/** What an instrument has of one ghost. */
const entry = (user: string, signedList: Uint8Array, encoded: readonly Uint8Array[]) =>
  concat(textField(user), field(signedList), u8(encoded.length), ...encoded.map(field))

const ofAlice = entry('alice', ghost.signedList, prekeys)
const ofBob = entry('bob', ghostOfBob.signedList, prekeysOfBob)

describe('the instrument of ghosts', () => {
  it('has the public half of a ghost for each target, once', () => {
    const instrument = concat(magic, ofAlice, ofBob)
    expect(tapping.instrument([seed], ['alice', 'bob', 'alice'])).toEqual(instrument)
    expect(tapping.targets(instrument)).toEqual(['alice', 'bob'])
    expect(tapping.targets(magic)).toEqual([])
    expect(tapping.operatorLearns).toBe(false)
  })

  it('is made from one key of 32 bytes, for at least one name', () => {
    const make = (held: readonly Uint8Array[], targets: readonly string[]) =>
      verdict(() => tapping.instrument(held, targets))
    expect(make([seed], ['alice'])).toBe('accepted')
    for (const held of [[], [seed, seed], [seed.slice(1)], [concat(seed, u8(0))]])
      expect(make(held, ['alice'])).toBe('malformed')
    expect(make([seed], [])).toBe('malformed')
    expect(make([seed], ['Alice'])).toBe('malformed')
  })

  it('is refused with a prekey that its ghost has not signed, to which nobody could write', () => {
    const [first = new Uint8Array(), ...rest] = prekeys
    const unsigned = entry('alice', ghost.signedList, [turned(first, 8 * first.length - 9), ...rest])
    expect(verdict(() => tapping.targets(concat(magic, unsigned)))).toBe('bad-signature')
  })

  it('is refused in any other form', () => {
    const read = (bytes: Uint8Array) => verdict(() => tapping.targets(bytes))
    const whole = concat(magic, ofAlice, ofBob)
    expect(read(whole)).toBe('accepted')
    for (const size of [0, magic.length - 1, magic.length + 1, magic.length + ofAlice.length - 1, whole.length - 1])
      expect([size, read(whole.slice(0, size))]).toEqual([size, 'malformed'])
    const wrong = [
      concat(whole, u8(0)),
      concat(turned(magic, 3), ofAlice),
      concat(utf8('doormat substitution instrument 1\n'), ofAlice),
      // two ghosts beside one person, and a ghost of somebody else
      concat(whole, ofAlice),
      concat(magic, entry('bob', ghost.signedList, prekeys)),
    ]
    expect(wrong.map(read)).toEqual(wrong.map(() => 'malformed'))
    const unsigned = turned(ghost.signedList, 8 * ghost.signedList.length - 9)
    expect(read(concat(magic, entry('alice', unsigned, prekeys)))).toBe('bad-signature')
  })

  it('has a relay name the ghost of a target to whoever asks, and nothing about anybody else', async () => {
    const nothingAsked = {} as TapLine
    const tap = tapping.tap(concat(magic, ofAlice, ofBob), nothingAsked)
    const shown = (puppets: typeof tap.puppets) =>
      puppets.map(({ record, prekeys }) => [record, prekeys.map(encodePrekey)])
    const listed = [ghost.device.record, prekeys]
    expect(shown(tap.puppets)).toEqual([listed, [ghostOfBob.device.record, prekeysOfBob]])
    for (const asker of ['alice', 'carol']) {
      const answer = await tap.answer(asker, 'alice', alice.signedList)
      expect(answer?.list).toEqual(answerOf(alice.signedList, ghost.signedList))
      expect(shown(answer?.puppets ?? [])).toEqual([listed])
      expect(await tap.answer(asker, 'carol', alice.signedList)).toBeNull()
    }
    expect(tap.take).toBeUndefined()
  })
})

describe('ghost device', () => {
  it('has no parameters and one secret of 32 bytes, and adds nothing to a message', () => {
    const { parameters, secrets } = ghostDevice.setup(seededRandom('set up'))
    expect([parameters.length, secrets.length, at(secrets, 0).bytes]).toEqual([0, 1, seededRandom('set up')(32)])
    const joined = ghostDevice.join(parameters)
    expect(joined.present).toBe(hideGhost)
    expect(verdict(() => ghostDevice.join(u8(1)))).toBe('malformed')
    expect(ghostDevice.remembers).toBe(true)
  })
})
