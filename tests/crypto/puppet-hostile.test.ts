import { describe, expect, it, vi } from 'vitest'
import { ghostDevice } from '../../crypto/access/ghost-device.ts'
import type { RecordedEnvelope } from '../../crypto/access/mode.ts'
import { puppetOf } from '../../crypto/access/puppet.ts'
import { decodeEnvelope } from '../../crypto/envelope.ts'
import type { DeviceId } from '../../crypto/keys.ts'
import { encodeBundle, isKem, openBundle } from '../../crypto/prekeys.ts'
import { encrypt, openSession } from '../../crypto/session.ts'
import { raw } from '../../crypto/sodium.ts'
import { noSeams, person, policyChain, type TestPerson, text } from '../support/couple.ts'
import { seededRandom } from '../support/random.ts'
import { outcome } from '../support/refusal.ts'

/*
 * The reader of ghosts and impostors, where what comes is not from whom the relay says, or not for the puppet at all.
 */

const seed = seededRandom('the seed')(32)
const random = seededRandom('people')
const { reference } = policyChain(random).head
const bobsPuppet = puppetOf(seed, 'bob')
const alice = person('alice', random)

function bundleOfPuppet() {
  const [signed, oneTime, kem] = (['signed', 'one-time', 'KEM one-time'] as const).map((kind) =>
    bobsPuppet.prekeys().find((prekey) => prekey.kind === kind),
  )
  if (!signed || !oneTime || !kem || isKem(signed) || isKem(oneTime) || !isKem(kem)) throw new Error('no such prekeys')
  return openBundle(encodeBundle({ signed, oneTime, kem }), bobsPuppet.device.record, 1)
}

/** Sessions of somebody with Bob's puppet: each call of what is returned writes in the newest, after as many as are told. */
function writer(from: TestPerson) {
  let startedAt = 0
  const open = () =>
    openSession(
      from.device,
      from.signedList,
      bobsPuppet.device.record,
      bundleOfPuppet(),
      reference,
      ++startedAt,
      random,
    )
  let session = open()
  return {
    another: () => void (session = open()),
    write(body: string): RecordedEnvelope {
      const { next, envelope } = encrypt(session, from.device.record, text(body, random), reference, noSeams, random)
      session = next
      const { user, id } = from.device.record
      const ends = { fromUser: user, fromDevice: id, toUser: 'bob', toDevice: bobsPuppet.device.record.id }
      return { time: 0, ...ends, bytes: envelope }
    },
  }
}

const reading = () => {
  const reader = ghostDevice.reader([seed])
  return (recorded: RecordedEnvelope) => reader.read(recorded, decodeEnvelope(recorded.bytes))?.content.text ?? null
}

describe('the reader of a puppet', () => {
  it('reads what somebody wrote to it, though another account or device handed the same bytes in first', () => {
    const { write } = writer(alice)
    const stranger = new Uint8Array(32).fill(7) as DeviceId
    const [first, second] = [write('first'), write('second')]
    for (const others of [
      { fromUser: 'mallory', fromDevice: stranger },
      { fromUser: 'mallory' },
      { fromDevice: stranger },
    ]) {
      const read = reading()
      expect(outcome(() => read({ ...first, ...others }))).toBe('wrong-person')
      expect([read(first), read(second)]).toEqual(['first', 'second'])
    }
  })

  it('says of mail to the puppet that it does not open, and has nothing for mail to anybody else', () => {
    const read = reading()
    const { write } = writer(alice)
    const [opening, lost] = [write('first'), write('second')]
    const withoutHandshake = writer(alice)
    const forAnother = person('bob', random)
    const bundle = openBundle(encodeBundle(forAnother.prekeys), forAnother.device.record, 1)
    const session = openSession(alice.device, alice.signedList, forAnother.device.record, bundle, reference, 1, random)
    const { envelope } = encrypt(session, alice.device.record, text('for another', random), reference, noSeams, random)
    const elsewhere = { ...opening, bytes: envelope }
    expect(outcome(() => read(elsewhere))).toBe('key-gone')
    expect(read({ ...elsewhere, toDevice: forAnother.device.record.id })).toBeNull()
    expect(read(opening)).toBe('first')
    expect(read(lost)).toBe('second')
    const garbled = withoutHandshake.write('garbled')
    expect(outcome(() => read({ ...garbled, bytes: garbled.bytes.with(-1, 1 ^ (garbled.bytes.at(-1) ?? 0)) }))).toBe(
      'not-authentic',
    )
  })

  it('takes as much work for mail that does not open after many sessions as after a few', () => {
    const read = reading()
    const { write, another } = writer(alice)
    const stranger = writer(alice)
    const costs = [8, 16, 24].map(() => {
      for (let i = 0; i < 8; i++) {
        another()
        expect(read(write(`session ${i}`))).toBe(`session ${i}`)
      }
      stranger.another()
      const garbled = stranger.write('garbled')
      const counted = vi.spyOn(raw, '_crypto_aead_xchacha20poly1305_ietf_decrypt')
      try {
        outcome(() => read({ ...garbled, bytes: garbled.bytes.with(-1, 1 ^ (garbled.bytes.at(-1) ?? 0)) }))
        return counted.mock.calls.length
      } finally {
        counted.mockRestore()
      }
    })
    expect(new Set(costs).size).toBe(1)
  })
})
