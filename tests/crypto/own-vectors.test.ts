import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import * as book from '../vectors/by-the-book.ts'
import { type Vectors, vectorsFile, vectorsText } from '../vectors/v2.ts'

const { agree, conversationSuite, derive, digest, field, join, optional, sign, suite, text, u32, u64, u8 } = book

const written = readFileSync(vectorsFile, 'utf8')
const v = JSON.parse(written) as Vectors
const [alice, bob] = v.identities as [Vectors['identities'][0], Vectors['identities'][0]]
const prekeyCalled = (kind: string) => v.prekeys.find((prekey) => prekey.kind === kind) as Vectors['prekeys'][0]
const withoutPrefix = (label: string) => label.replace(/doormat . /, '')

it('makes the same vectors to the last byte', () => {
  expect(vectorsText()).toBe(written)
})

// From here on nothing of crypto/ is used: the file is held against the specification and other people's libraries.

describe('sections 1 and 2', () => {
  it('encode as written', () => {
    for (const { value, encoded } of v.encoding.u8) expect(u8(value)).toBe(encoded)
    for (const { value, encoded } of v.encoding.u32) expect(u32(value)).toBe(encoded)
    for (const { value, encoded } of v.encoding.u64) expect(u64(value)).toBe(encoded)
    for (const { bytes, encoded } of v.encoding.field) expect(field(bytes)).toBe(encoded)
    for (const { text: some, encoded } of v.encoding.text) expect(text(some)).toBe(encoded)
  })

  it('derive, digest and sign as written', () => {
    for (const { label, key, parts, sizeBytes, output } of v.keyed.derive)
      expect(derive(withoutPrefix(label), key, parts, sizeBytes)).toBe(output)
    for (const { label, parts, output } of v.keyed.digest) expect(digest(withoutPrefix(label), ...parts)).toBe(output)
    for (const { label, secret, key, message, signature } of v.keyed.sign) {
      expect(book.signingKey(secret)).toBe(key)
      expect(sign(withoutPrefix(label), secret, message)).toBe(signature)
      expect(book.verify(withoutPrefix(label), key, message, signature)).toBe(true)
    }
  })
})

describe('section 3', () => {
  type Device = Vectors['identities'][0]['device']
  const listed = ({ id, signingKey, identityKey, proof }: Device) => join(id, signingKey, identityKey, proof)
  const checkDevice = (user: string, accountKey: string, device: Device) => {
    const { id, signingSecret, signingKey, identitySecret, identityKey, record, proof } = device
    expect([book.signingKey(signingSecret), book.agreementKey(identitySecret)]).toEqual([signingKey, identityKey])
    expect(join(suite, text(user), accountKey, id, signingKey, identityKey)).toBe(record)
    expect(sign('device record', signingSecret, record)).toBe(proof)
  }

  it.each(v.identities)('makes the account of $user', ({ user, accountSecret, accountKey, device, number, list }) => {
    expect(book.signingKey(accountSecret)).toBe(accountKey)
    checkDevice(user, accountKey, device)
    const head = join(suite, text(user), accountKey, u32(number), u8(1), listed(device))
    expect(join(head, sign('device list', accountSecret, head))).toBe(list)
  })

  it('makes a list of two devices', () => {
    const { number, devices, list } = v.twoDevices
    for (const device of devices) checkDevice(bob.user, bob.accountKey, device)
    expect(devices.map(({ id }) => id)).toEqual(devices.map(({ id }) => id).toSorted())
    const head = join(suite, text(bob.user), bob.accountKey, u32(number), u8(2), ...devices.map(listed))
    expect(join(head, sign('device list', bob.accountSecret, head))).toBe(list)
  })
})

describe('section 4', () => {
  const kinds = ['signed', 'one-time', 'KEM one-time', 'KEM last-resort']

  it.each(v.prekeys)('makes a $kind prekey', ({ kind, id, expiry, secret, key, signature, prekey }) => {
    const byte = kinds.indexOf(kind) + 1
    expect(byte > 2 ? book.kem.key(secret) : book.agreementKey(secret)).toBe(key)
    const bare = join(u8(byte), u32(id), u64(expiry), field(key))
    expect(sign('prekey', bob.device.signingSecret, join(conversationSuite, text('bob'), bob.device.id, bare))).toBe(
      signature,
    )
    expect(join(bare, signature)).toBe(prekey)
  })

  it('makes bundles with and without one-time keys', () => {
    const [signed, oneTime, kem, last] = kinds.map((kind) => field(prekeyCalled(kind).prekey)) as [
      string,
      string,
      string,
      string,
    ]
    expect(join(conversationSuite, signed, optional(oneTime), kem)).toBe(v.bundles.full)
    expect(join(conversationSuite, signed, optional(null), last)).toBe(v.bundles.withoutOneTimeKeys)
  })
})

describe('section 5', () => {
  it('makes a chain of policies', () => {
    const { policySecret, policyKey, links } = v.policy
    expect(book.signingKey(policySecret)).toBe(policyKey)
    let before = '00'.repeat(32)
    for (const { epoch, modeId, parameters, time, previous, reference, link } of links) {
      expect(previous).toBe(before)
      const policy = join(suite, u32(epoch), text(modeId), digest('policy parameters', parameters), u64(time), previous)
      before = digest('policy', policy)
      expect(join(u32(epoch), before)).toBe(reference)
      expect(join(field(policy), field(parameters), sign('policy', policySecret, policy))).toBe(link)
    }
    expect(links).toHaveLength(2)
  })
})

describe('section 6', () => {
  const signed = prekeyCalled('signed')
  const handshakes = [
    { name: 'every key', h: v.handshakes.full, oneTime: prekeyCalled('one-time'), kem: prekeyCalled('KEM one-time') },
    {
      name: 'the last resort',
      h: v.handshakes.withoutOneTimeKeys,
      oneTime: null,
      kem: prekeyCalled('KEM last-resort'),
    },
  ]

  it.each(handshakes)('opens a session with $name, alike from both sides', ({ h, oneTime, kem }) => {
    expect(book.agreementKey(h.ephemeralSecret)).toBe(h.ephemeralKey)
    expect(book.kem.encapsulate(kem.key, h.coins)).toEqual({ ciphertext: h.kemCiphertext, secret: h.kemSecret })
    expect(book.kem.decapsulate(kem.secret, h.kemCiphertext)).toBe(h.kemSecret)
    expect([agree(alice.device.identitySecret, signed.key), agree(signed.secret, alice.device.identityKey)]).toEqual([
      h.dh1,
      h.dh1,
    ])
    expect([
      agree(h.ephemeralSecret, bob.device.identityKey),
      agree(bob.device.identitySecret, h.ephemeralKey),
    ]).toEqual([h.dh2, h.dh2])
    expect([agree(h.ephemeralSecret, signed.key), agree(signed.secret, h.ephemeralKey)]).toEqual([h.dh3, h.dh3])
    expect(oneTime && agree(h.ephemeralSecret, oneTime.key)).toBe(h.dh4)
    expect(oneTime && agree(oneTime.secret, h.ephemeralKey)).toBe(h.dh4)
    const ids = [u32(signed.id), optional(oneTime && u32(oneTime.id)), u32(kem.id)]
    const start = [conversationSuite, field(alice.list), alice.device.id, u64(h.startedAt), h.ephemeralKey]
    expect(join(...start, ...ids, h.kemCiphertext, h.reference)).toBe(h.handshake)
    const prekeys = [signed.key, oneTime?.key ?? '', kem.key]
    expect(digest('transcript', h.handshake, alice.device.record, bob.device.record, ...prekeys)).toBe(h.transcript)
    const secrets = join('ff'.repeat(32), h.dh1, h.dh2, h.dh3, h.dh4 ?? '', h.kemSecret)
    expect(derive('root secret', h.transcript, [secrets])).toBe(h.rootSecret)
  })
})
