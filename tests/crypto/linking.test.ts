import { describe, expect, it } from 'vitest'
import { compare, concat, equal, u8, utf8 } from '../../crypto/bytes.ts'
import {
  createAccount,
  createDevice,
  type DeviceSecrets,
  encodeDeviceRecord,
  maximumDevices,
  openDeviceList,
  openProvenList,
  proveDevice,
  signDeviceList,
} from '../../crypto/identity.ts'
import {
  linkCode,
  linkNumber,
  type LinkSecret,
  linkSlot,
  linkSteps,
  newLinkSecret,
  openNote,
  readLinkCode,
  sealNote,
  withDevice,
  withoutDevice,
} from '../../crypto/linking.ts'
import { digest, labels } from '../../crypto/kdf.ts'
import { type DeviceId, generatePolicyPair } from '../../crypto/keys.ts'
import { at } from '../support/at.ts'
import { verdict } from '../support/decoding.ts'
import { turned } from '../support/opening.ts'
import { seededRandom } from '../support/random.ts'

const secretOf = (seed: string) => newLinkSecret(seededRandom(seed))

describe('a code', () => {
  it('is 20 bytes as 32 letters in groups of four, and reads back', () => {
    for (let i = 0; i < 50; i++) {
      const secret = secretOf(`code ${i}`)
      expect(secret).toHaveLength(20)
      expect(linkCode(secret)).toMatch(/^[A-Z2-7]{4}(-[A-Z2-7]{4}){7}$/)
      expect(readLinkCode(linkCode(secret))).toEqual(secret)
    }
  })

  it('is that of RFC 4648', () => {
    expect(linkCode(utf8('foobarfoobarfoobarfo') as LinkSecret)).toBe('MZXW-6YTB-OJTG-633C-MFZG-M33P-MJQX-EZTP')
    expect(linkCode(new Uint8Array(20) as LinkSecret)).toBe(Array.from({ length: 8 }, () => 'AAAA').join('-'))
    expect(linkCode(new Uint8Array(20).fill(255) as LinkSecret)).toBe(Array.from({ length: 8 }, () => '7777').join('-'))
  })

  it('is drawn afresh each time', () => {
    const random = seededRandom('codes')
    expect(new Set(Array.from({ length: 20 }, () => linkCode(newLinkSecret(random)))).size).toBe(20)
  })

  it('may be typed in lower case, without its hyphens, or with spaces', () => {
    const secret = secretOf('typed')
    const code = linkCode(secret)
    const letters = code.replaceAll('-', '')
    const forms = [
      code.toLowerCase(),
      letters,
      letters.toLowerCase(),
      code.replaceAll('-', ' '),
      `  ${code}\n`,
      Array.from(letters).join(' '),
      `${code.slice(0, 20).toLowerCase()}${code.slice(20)}`,
    ]
    for (const form of forms) expect(readLinkCode(form)).toEqual(secret)
  })

  it('is refused in any other form', () => {
    const code = linkCode(secretOf('refused'))
    const letters = code.replaceAll('-', '')
    const wrong = ['', '-', letters.slice(1), `${letters}A`, `${letters}=`, letters.repeat(2), '🚪'.repeat(32)]
    for (const letter of ['0', '1', '8', '9', '=', '_', '.', 'é', 'ß', '\0', '\u212a'])
      wrong.push(letter + letters.slice(1), letters.slice(0, -1) + letter)
    for (const one of wrong) expect([one, verdict(() => readLinkCode(one))]).toEqual([one, 'malformed'])
  })

  it('is another secret with any one letter changed', () => {
    const secret = secretOf('one letter')
    const letters = linkCode(secret).replaceAll('-', '')
    for (let i = 0; i < letters.length; i++) {
      const other = letters[i] === 'A' ? 'B' : 'A'
      const read = readLinkCode(letters.slice(0, i) + other + letters.slice(i + 1))
      expect(equal(read, secret)).toBe(false)
      expect(equal(linkSlot(read), linkSlot(secret))).toBe(false)
    }
  })
})

describe('a note', () => {
  const secret = secretOf('notes')
  const random = seededRandom('nonces')
  const note = utf8('what the account is')
  const steps = Object.values(linkSteps)

  it('opens for who has the code, under its own step alone', () => {
    for (const step of steps) {
      const sealed = sealNote(secret, step, note, random)
      expect(openNote(secret, step, sealed)).toEqual(note)
      for (const other of steps.filter((one) => one !== step))
        expect(verdict(() => openNote(secret, other, sealed))).toBe('not-authentic')
    }
  })

  it('opens under no other code', () => {
    const sealed = sealNote(secret, linkSteps.account, note, random)
    for (let bit = 0; bit < 160; bit++)
      expect(verdict(() => openNote(turned(secret, bit), linkSteps.account, sealed))).toBe('not-authentic')
  })

  it('is refused with any bit turned, cut anywhere, or with more behind', () => {
    const sealed = sealNote(secret, linkSteps.device, note, random)
    const open = (bytes: Uint8Array) => verdict(() => openNote(secret, linkSteps.device, bytes))
    for (let bit = 0; bit < 8 * sealed.length; bit++) expect(open(turned(sealed, bit))).toBe('not-authentic')
    for (let size = 0; size < sealed.length; size++) expect(open(sealed.subarray(0, size))).toBe('not-authentic')
    expect(open(concat(sealed, u8(0)))).toBe('not-authentic')
  })

  it('is sealed under a nonce of its own, may be empty, and says nothing of the code', () => {
    const [one, other] = [1, 2].map(() => sealNote(secret, linkSteps.account, note, random)) as [Uint8Array, Uint8Array]
    expect(equal(one.subarray(0, 24), other.subarray(0, 24))).toBe(false)
    expect(openNote(secret, 1, sealNote(secret, 1, new Uint8Array(), random))).toEqual(new Uint8Array())
    for (const place of [one, linkSlot(secret)]) expect(Buffer.from(place).includes(Buffer.from(secret))).toBe(false)
  })
})

describe('the number that both devices show', () => {
  const random = seededRandom('link numbers')
  const { device, list } = createAccount('alice', random)
  const policyKey = generatePolicyPair(random).public
  const [account, keys] = [utf8('what step 1 says'), utf8('what step 2 says')]

  it('is over all that the specification says, as six groups of five digits', () => {
    const { digest: over, digits } = linkNumber(policyKey, account, keys, device.record)
    const record = encodeDeviceRecord(device.record)
    expect(over).toEqual(digest(labels.linkNumber, policyKey, list.accountKey, account, keys, record))
    const number = (at: number) => over.subarray(at, at + 5).reduce((value, byte) => value * 256n + BigInt(byte), 0n)
    const expected = [0, 5, 10, 15, 20, 25].map((at) => String(number(at) % 100_000n).padStart(5, '0'))
    expect(digits).toEqual(expected)
  })
})

/** An account, and how its next lists come about. */
function accountIn(seed: string) {
  const random = seededRandom(seed)
  const account = createAccount('alice', random)
  const newDevice = () => createDevice('alice', account.list.accountKey, random(32) as DeviceId, random)
  const add = (list: Uint8Array, device: DeviceSecrets, proof = proveDevice(device)) =>
    withDevice(list, device.record, proof, account.accountSecret)
  const remove = (list: Uint8Array, { record }: DeviceSecrets) => withoutDevice(list, record.id, account.accountSecret)
  const full = () => {
    const more = Array.from({ length: maximumDevices - 1 }, newDevice)
    return { devices: [account.device, ...more], list: more.reduce((list, one) => add(list, one), account.signedList) }
  }
  return { ...account, random, newDevice, add, remove, full }
}

const idsIn = (list: Uint8Array) => openDeviceList(list).devices.map(({ id }) => id)

describe('the next device list', () => {
  it('is what the owner would sign: the devices in order of their ids, each with its proof, one number on', () => {
    const { list, device, accountSecret, full } = accountIn('grown')
    const { devices, list: grown } = full()
    const inOrder = devices.toSorted((one, other) => compare(one.record.id, other.record.id))
    const records = inOrder.map(({ record }) => record)
    expect(openDeviceList(grown)).toEqual({ ...list, number: maximumDevices, devices: records })
    expect(openProvenList(grown).proofs).toEqual(inOrder.map(proveDevice))
    const byHand = signDeviceList({ ...list, number: 8, devices: records }, inOrder.map(proveDevice), accountSecret)
    expect(grown).toEqual(byHand)
    expect(idsIn(grown)).toContainEqual(device.record.id)
  })

  it('has 8 devices at most', () => {
    const { newDevice, add, full } = accountIn('full')
    expect(verdict(() => add(full().list, newDevice()))).toBe('malformed')
  })

  it('has each device once', () => {
    const { signedList, device, newDevice, add } = accountIn('twice')
    const second = newDevice()
    const two = add(signedList, second)
    for (const again of [device, second, { ...newDevice(), record: { ...newDevice().record, id: second.record.id } }])
      expect(verdict(() => add(two, again))).toBe('malformed')
  })

  it('takes no device without its own proof, nor one proven for another account, nor a weak key', () => {
    const { signedList, newDevice, add, random } = accountIn('proofs')
    const device = newDevice()
    const elsewhere = createAccount('alice', random).device
    for (const proof of [proveDevice(newDevice()), new Uint8Array(64), turned(proveDevice(device), 3)])
      expect(verdict(() => add(signedList, device, proof))).toBe('bad-signature')
    const claimed = { ...device, record: { ...elsewhere.record, accountKey: device.record.accountKey } }
    expect(verdict(() => add(signedList, claimed, proveDevice(elsewhere)))).toBe('bad-signature')
    const weak = { ...device.record, signingKey: new Uint8Array(32) as typeof device.record.signingKey }
    expect(verdict(() => add(signedList, { ...device, record: weak }, proveDevice(device)))).toBe('bad-key')
  })

  it('is signed by the account key alone', () => {
    const { signedList, newDevice, random } = accountIn('another key')
    const device = newDevice()
    const { accountSecret } = createAccount('alice', random)
    const signed = () => withDevice(signedList, device.record, proveDevice(device), accountSecret)
    expect(verdict(signed)).toBe('bad-signature')
    const two = accountIn('another key').add(signedList, device)
    expect(verdict(() => withoutDevice(two, device.record.id, accountSecret))).toBe('bad-signature')
  })

  it('is made of a list that holds, and of no other', () => {
    const { signedList, newDevice, add } = accountIn('a faulty list')
    expect(verdict(() => add(turned(signedList, 8 * signedList.length - 1), newDevice()))).toBe('bad-signature')
    expect(verdict(() => add(signedList.subarray(1), newDevice()))).toBe('malformed')
  })

  it('is without a device that was removed, and goes on counting', () => {
    const { remove, add, full } = accountIn('removed')
    const { devices, list } = full()
    const gone = at(devices, 4)
    const fewer = remove(list, gone)
    expect(openDeviceList(fewer).number).toBe(9)
    expect(idsIn(fewer)).toEqual(idsIn(list).filter((id) => !equal(id, gone.record.id)))
    expect(openProvenList(fewer).proofs).toHaveLength(7)
    const back = add(fewer, gone)
    expect([openDeviceList(back).number, idsIn(back)]).toEqual([10, idsIn(list)])
  })

  it('never loses its last device, nor one that is not there', () => {
    const { signedList, device, newDevice, add, remove } = accountIn('the last')
    const second = newDevice()
    expect(verdict(() => remove(signedList, device))).toBe('malformed')
    expect(verdict(() => remove(signedList, second))).toBe('malformed')
    const two = add(signedList, second)
    expect(idsIn(remove(two, device))).toEqual([second.record.id])
    expect(verdict(() => remove(two, newDevice()))).toBe('malformed')
  })
})
