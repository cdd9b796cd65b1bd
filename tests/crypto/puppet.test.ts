import { describe, expect, it } from 'vitest'
import { puppetOf, streamOf } from '../../crypto/access/puppet.ts'
import { concat, u32, utf8 } from '../../crypto/bytes.ts'
import { decodeEnvelope } from '../../crypto/envelope.ts'
import { createAccount, openDeviceList } from '../../crypto/identity.ts'
import { derive, labels } from '../../crypto/kdf.ts'
import { decodeHandshake } from '../../crypto/pqxdh.ts'
import { checkPrekey, createPrekey } from '../../crypto/prekeys.ts'
import { writesToPuppet } from '../support/puppet-mail.ts'
import { seededRandom } from '../support/random.ts'

const seed = seededRandom('the seed')(32)

describe('the stream of a puppet', () => {
  it('comes in blocks of 64 bytes, and each draw begins with a new one', () => {
    const names = [utf8('a'), utf8('b')]
    const block = (i: number) => derive<Uint8Array>(labels.accessMode, seed, [utf8('puppet'), ...names, u32(i)], 64)
    const two = (i: number) => concat(block(i), block(i + 1))
    const draw = streamOf(seed, ...names)
    expect([32, 64, 65, 0, 1, 128].map(draw)).toEqual([
      block(0).slice(0, 32),
      block(1),
      two(2).slice(0, 65),
      new Uint8Array(),
      block(4).slice(0, 1),
      two(5),
    ])
  })
})

describe('a puppet', () => {
  it('draws its account and each of its prekeys from streams of their own', () => {
    const puppet = puppetOf(seed, 'bob')
    const { device, signedList } = createAccount('bob', streamOf(seed, utf8('account'), utf8('bob')))
    expect([puppet.device, puppet.signedList]).toEqual([device, signedList])
    const kindOf = (id: number) =>
      id === 1 ? 'signed' : id === 2 ? 'KEM last-resort' : id < 53 ? 'one-time' : 'KEM one-time'
    const expected = Array.from({ length: 102 }, (_, i) =>
      createPrekey(kindOf(i + 1), i + 1, 0xffff_ffff, device, streamOf(seed, utf8('prekey'), utf8('bob'), u32(i + 1))),
    )
    expect(puppet.prekeys()).toEqual(expected)
  })

  it('keeps the two prekeys that any handshake may name, and makes the others anew each time', () => {
    const puppet = puppetOf(seed, 'bob')
    const [one, other] = [puppet.prekeys(), puppet.prekeys()]
    expect(one).toEqual(other)
    expect(one.flatMap((prekey, i) => (prekey === other[i] ? [prekey.id] : []))).toEqual([1, 2])
  })

  it('has the same prekeys in its bundles, whichever are asked for first', () => {
    const [puppet, all] = [puppetOf(seed, 'bob'), puppetOf(seed, 'bob').prekeys()]
    const of = (id: number) => all[id - 1]
    expect(puppet.bundle(7)).toEqual({ signed: of(1), oneTime: of(10), kem: of(60) })
    expect(puppet.bundle(null)).toEqual({ signed: of(1), oneTime: null, kem: of(2) })
    expect(puppet.bundle(57)).toEqual(puppet.bundle(7))
  })

  it('has the same keys for the same seed and name, and others for others', () => {
    const list = (bytes: Uint8Array, user: string) => puppetOf(bytes, user).signedList
    expect(list(seed, 'bob')).toEqual(list(seed, 'bob'))
    expect(list(seed, 'bob')).not.toEqual(list(seed, 'carol'))
    expect(list(seed, 'bob')).not.toEqual(list(seededRandom('another seed')(32), 'bob'))
    expect(openDeviceList(list(seed, 'bob')).user).toBe('bob')
  })

  it('signs 102 prekeys, each under an id of its own', () => {
    const puppet = puppetOf(seed, 'bob')
    const all = puppet.prekeys()
    for (const prekey of all) checkPrekey(puppet.device.record, prekey)
    expect(new Set(all.map(({ id }) => id)).size).toBe(102)
  })

  it('answers no handshake that names prekeys it has not', () => {
    const { send } = writesToPuppet(seed)
    const { handshake } = decodeEnvelope(send('hello').bytes)
    if (!handshake) throw new Error('the first message has no handshake')
    const puppet = puppetOf(seed, 'bob')
    const genuine = decodeHandshake(handshake)
    expect(puppet.answering(genuine)).toMatchObject({ signed: { id: 1 }, oneTime: { id: 3 }, kem: { id: 53 } })
    expect(puppet.answering({ ...genuine, oneTimePrekeyId: null })).toMatchObject({ oneTime: null })
    // any X25519 key in the place of one, and any KEM key in the place of the other
    const crossed = puppet.answering({ ...genuine, signedPrekeyId: 3, oneTimePrekeyId: 1, kemPrekeyId: 2 })
    expect(crossed).toMatchObject({ signed: { id: 3 }, oneTime: { id: 1 }, kem: { id: 2 } })
    for (const id of [0, 103, 0xffff_ffff]) {
      expect(puppet.answering({ ...genuine, signedPrekeyId: id })).toBeNull()
      expect(puppet.answering({ ...genuine, oneTimePrekeyId: id })).toBeNull()
      expect(puppet.answering({ ...genuine, kemPrekeyId: id })).toBeNull()
    }
    expect(puppet.answering({ ...genuine, oneTimePrekeyId: genuine.kemPrekeyId })).toBeNull()
    expect(puppet.answering({ ...genuine, signedPrekeyId: genuine.kemPrekeyId })).toBeNull()
    expect(puppet.answering({ ...genuine, kemPrekeyId: genuine.signedPrekeyId })).toBeNull()
  })
})
