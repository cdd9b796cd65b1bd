import { describe, expect, it } from 'vitest'
import { utf8 } from '../../crypto/bytes.ts'
import { safetyNumber } from '../../crypto/fingerprint.ts'
import {
  createAccount,
  createDevice,
  encodeDeviceRecord,
  openDeviceList,
  proveDevice,
  signDeviceList,
} from '../../crypto/identity.ts'
import { labels, sign, verify } from '../../crypto/kdf.ts'
import type { AccountSecret, DeviceId, SigningKey } from '../../crypto/keys.ts'
import { openNote, sealNote, linkSteps, newLinkSecret } from '../../crypto/linking.ts'
import { verdict } from '../support/decoding.ts'
import { seededRandom } from '../support/random.ts'

const random = seededRandom('confusions')
const alice = createAccount('alice', random)
const mallory = createAccount('mallory', random)

describe('a protocol confused with another', () => {
  it('takes no signature that was made under another label', () => {
    const { record, signingSecret } = alice.device
    const said = utf8('the same bytes, whatever they are for')
    const all = Object.values(labels)
    for (const label of all) {
      const signature = sign(label, signingSecret, said)
      const taken = all.filter(
        (other) => verdict(() => verify(other, record.signingKey, said, signature)) === 'accepted',
      )
      expect(taken).toEqual([label])
    }
  })

  it('takes no note of one step of linking for that of another, and none under another code', () => {
    const [code, another] = [newLinkSecret(random), newLinkSecret(random)]
    const steps = Object.values(linkSteps)
    for (const step of steps) {
      const note = sealNote(code, step, utf8('a note'), random)
      expect(steps.filter((other) => verdict(() => openNote(code, other, note)) === 'accepted')).toEqual([step])
      expect(verdict(() => openNote(another, step, note))).toBe('not-authentic')
    }
  })
})

describe('an id that is taken for a key', () => {
  const { accountKey, signingKey, identityKey } = alice.device.record
  const claimed = { 'an account key': accountKey, 'a signing key': signingKey, 'an identity key': identityKey }

  it.each(Object.entries(claimed))('gains nothing by a device whose id is %s of somebody else', (_what, key) => {
    const posing = createDevice('mallory', mallory.list.accountKey, new Uint8Array(key) as DeviceId, random)
    const list = { ...mallory.list, number: 2, devices: [posing.record] }
    const signed = signDeviceList(list, [proveDevice(posing)], mallory.accountSecret)
    const opened = openDeviceList(signed)
    // nothing is verified by the id, and the safety number is over account keys alone
    const said = encodeDeviceRecord(posing.record)
    const signature = sign(labels.deviceRecord, posing.signingSecret, said)
    expect(verdict(() => verify(labels.deviceRecord, key as unknown as SigningKey, said, signature))).not.toBe(
      'accepted',
    )
    expect(safetyNumber(alice.list, opened)).toEqual(safetyNumber(alice.list, mallory.list))
    expect(safetyNumber(mallory.list, opened)).not.toEqual(safetyNumber(mallory.list, alice.list))
  })

  it('signs no list with a key of a device, though the account has that device', () => {
    const byDevice = alice.device.signingSecret as Uint8Array as AccountSecret
    const signed = signDeviceList({ ...alice.list, number: 2 }, [proveDevice(alice.device)], byDevice)
    expect(verdict(() => openDeviceList(signed))).toBe('bad-signature')
  })
})
