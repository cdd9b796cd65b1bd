import { describe, expect, it, vi } from 'vitest'
import { take } from '../../crypto/arena.ts'
import { concat, fromHex, fromUtf8, hex, u32, u8, utf8 } from '../../crypto/bytes.ts'
import { CryptoError } from '../../crypto/errors.ts'
import type { ChainKey, Digest, HeaderKey, MessageKey } from '../../crypto/keys.ts'
import { type BodyPlace, openBody, openWithEncryptionKey, type SealedBody, sealBody } from '../../crypto/message.ts'
import type { MessageSeams, Offer, StanzaInput } from '../../crypto/seams.ts'
import { decodeEnvelope, type Envelope } from '../../crypto/envelope.ts'
import { encrypt } from '../../crypto/session.ts'
import sodium from '../../crypto/sodium.ts'
import { suite2 } from '../../crypto/suite-2.ts'
import { couple, noSeams, person, policyChain, text } from '../support/couple.ts'
import {
  associatedDataOf,
  commitmentKeyOf,
  commitWith,
  encryptionKeyOf,
  encryptWith,
  padded,
} from '../support/forger.ts'
import { turned } from '../support/opening.ts'
import { seededRandom } from '../support/random.ts'
import { outcome } from '../support/refusal.ts'
import { authenticForBoth, publishedForTwo } from '../support/two-keys.ts'
import { vectorsMissing } from '../support/vectors.ts'

const random = seededRandom('messages')
const messageKey = random(32) as MessageKey
const context = random(32) as Digest
const { reference } = policyChain(random).head
const { record: sender } = person('alice', random).device
const { record: recipient } = person('bob', random).device
const chainKey = random(32) as ChainKey
const chain = {
  suite: 2,
  transcript: random(32) as Digest,
  direction: 'responder to initiator',
  headerKey: random(32) as HeaderKey,
  index: 7,
} as const
const place: BodyPlace = { context, policy: reference, sender, recipient, chain }
const content = utf8('what the message says')
const stanza = { modeId: 'a-mode', payload: random(100) }
const oneStanza: MessageSeams = { outgoing: () => [stanza], incoming: () => undefined }

const seal = (content: Uint8Array, seams = noSeams, keys = { messageKey, chainKey }) =>
  sealBody(
    { ...keys, place, seams, random },
    (to) => to.bytes(content),
    (body): SealedBody => ({ ...body, ciphertext: body.ciphertext.slice() }),
  )

const copied = (content: Uint8Array) => content.slice()
const open = (body: SealedBody, key = messageKey, seams = noSeams) => openBody(key, body, place, seams, copied)

/** A body that is authentic in every way, around whatever somebody with the message key has padded it to. */
function authentic(plain: Uint8Array): SealedBody {
  const body = encryptWith(encryptionKeyOf(messageKey), plain, context, random(24))
  return { ...body, commitment: commitWith(commitmentKeyOf(messageKey), context, body) }
}

describe('the body of a message', () => {
  const sealed = seal(content, oneStanza)

  it('opens to what was sealed, empty or as large as the largest size', () => {
    expect(open(sealed)).toEqual(content)
    for (const size of [0, 65_532]) {
      const body = seal(new Uint8Array(size).fill(7))
      expect(open(body)).toEqual(new Uint8Array(size).fill(7))
    }
    const tooLarge = () => seal(new Uint8Array(65_533))
    expect(tooLarge).toThrow(RangeError)
  })

  const changes: Record<string, Partial<SealedBody>> = {
    'another nonce': { nonce: turned(sealed.nonce, 0) },
    'the first bit of the ciphertext turned': { ciphertext: turned(sealed.ciphertext, 0) },
    'the last bit of its tag turned': { ciphertext: turned(sealed.ciphertext, 8 * sealed.ciphertext.length - 1) },
    'its tag cut': { ciphertext: sealed.ciphertext.subarray(0, -1) },
    'another commitment': { commitment: turned(sealed.commitment, 255) },
    'its stanza stripped': { stanzas: [] },
    'its stanza twice': { stanzas: [stanza, stanza] },
    'a bit of its stanza turned': { stanzas: [{ ...stanza, payload: turned(stanza.payload, 7) }] },
    'its stanza under another name': { stanzas: [{ ...stanza, modeId: 'b-mode' }] },
  }

  it.each(Object.entries(changes))('is refused with %s, before any mode looks at it', (_name, change) => {
    const incoming = vi.fn<MessageSeams['incoming']>()
    const seams = { ...noSeams, incoming }
    expect(outcome(() => open({ ...sealed, ...change }, messageKey, seams))).toBe('not-authentic')
    expect(incoming).not.toHaveBeenCalled()
    expect(open(sealed, messageKey, seams)).toEqual(content)
    expect(incoming).toHaveBeenCalledOnce()
  })

  it('is of the suite that its place has, and a mode is told no other', () => {
    const first: BodyPlace = { ...place, chain: { ...chain, suite: 1 } }
    const sealing = { messageKey, chainKey, place: first, seams: noSeams, random }
    const body = sealBody(
      sealing,
      (to) => to.bytes(content),
      (one): SealedBody => ({ ...one, ciphertext: one.ciphertext.slice() }),
    )
    expect([body.suite, sealed.suite]).toEqual([1, 2])
    const told: number[] = []
    const incoming: MessageSeams['incoming'] = (offer) => void told.push(offer().chain.suite)
    const openAt = (at: BodyPlace) => () => openBody(messageKey, body, at, { ...noSeams, incoming }, copied)
    expect(openAt(first)()).toEqual(content)
    expect(outcome(openAt(place))).toBe('not-authentic')
    expect(told).toEqual([1])
  })

  it('is handed out where it lies, and nothing may be taken from there meanwhile', () => {
    const sealing = { messageKey, chainKey, place, seams: noSeams, random }
    const finish = (): SealedBody => {
      take(1)
      return sealed
    }
    expect(() => sealBody(sealing, (to) => to.bytes(content), finish)).toThrow('while its memory was in use')
    const read = () => void take(600_000)
    expect(() => openBody(messageKey, sealed, place, oneStanza, read)).toThrow('while its memory was in use')
  })

  it('is refused in another context, and under another message key', () => {
    const elsewhere = () => openBody(messageKey, sealed, { ...place, context: turned(context, 3) }, noSeams, copied)
    expect(outcome(elsewhere)).toBe('not-authentic')
    expect(outcome(() => open(sealed, random(32) as MessageKey))).toBe('not-authentic')
  })

  it('is shown to its mode before it is decrypted, and decrypted before its padding is looked at', () => {
    const { ciphertext, ...rest } = authentic(utf8('no padding at all'))
    const damaged = { ...rest, ciphertext: turned(ciphertext, 0) }
    const committed = { ...damaged, commitment: commitWith(commitmentKeyOf(messageKey), context, damaged) }
    const refusing: MessageSeams = {
      ...noSeams,
      incoming() {
        throw new CryptoError('stanza-refused', 'by this test')
      },
    }
    expect(outcome(() => open(committed, messageKey, refusing))).toBe('stanza-refused')
    expect(outcome(() => open(committed))).toBe('not-authentic')
    expect(outcome(() => open({ ...rest, ciphertext }))).toBe('malformed')
  })

  it('is refused, authentic as it is, unless it is padded as the specification says', () => {
    const honest = padded(content)
    const larger = concat(u32(content.length), content, new Uint8Array(256 - 4 - content.length))
    const bodies: [Uint8Array, string][] = [
      [honest, 'accepted'],
      [honest.with(127, 1), 'malformed'],
      [honest.with(4 + content.length, 1), 'malformed'],
      [larger, 'malformed'],
      [honest.subarray(0, 127), 'malformed'],
      [honest.with(3, 125), 'malformed'],
      [honest.with(0, 255), 'malformed'],
      [new Uint8Array(), 'malformed'],
    ]
    for (const [plain, expected] of bodies) expect(outcome(() => open(authentic(plain)))).toBe(expected)
  })

  it('offers a mode its encryption key, coins, place and chain, and not its commitment key', () => {
    const first = random(32) as ChainKey
    const key = suite2.stepChain(first).messageKey
    const seen: StanzaInput[] = []
    const given: ChainKey[] = []
    const outgoing = (offer: Offer, sending: ChainKey) => {
      const {
        chain: { begins, ...rest },
        ...input
      } = offer()
      seen.push({ ...structuredClone({ ...input, chain: rest }), chain: { ...rest, begins } })
      given.push(sending)
      return []
    }
    seal(content, { ...noSeams, outgoing }, { messageKey: key, chainKey: first })
    const [input] = seen
    const begins = expect.any(Function) as StanzaInput['chain']['begins']
    const encryptionKey = encryptionKeyOf(key)
    expect(input).toEqual({ ...place, encryptionKey, seed: input?.seed, chain: { ...chain, begins } })
    expect(given).toEqual([first])
    expect([first, random(32) as ChainKey].map((one) => input?.chain.begins(one))).toEqual([true, false])
    for (const secret of [key, commitmentKeyOf(key), encryptionKeyOf(key)]) expect(input?.seed).not.toEqual(secret)
  })

  it('draws its coins from a seed that is no other key', () => {
    const seen: StanzaInput[] = []
    const outgoing = (offer: Offer) => {
      const input = offer()
      seen.push({ ...input, seed: input.seed.slice() as StanzaInput['seed'] })
      return []
    }
    seal(content, { ...noSeams, outgoing })
    const [input] = seen
    for (const secret of [messageKey, commitmentKeyOf(messageKey), encryptionKeyOf(messageKey)])
      expect(input?.seed).not.toEqual(secret)
  })

  it('draws its nonces afresh: even a state used twice shares no keystream, and no context', () => {
    const { alice, chain } = couple('used twice')
    const drawn: string[] = []
    const recorded = (sizeBytes: number) => {
      const bytes = random(sizeBytes)
      drawn.push(hex(bytes))
      return bytes
    }
    const contexts: string[] = []
    const outgoing = (offer: Offer) => {
      contexts.push(hex(offer().context))
      return []
    }
    const seams = { ...noSeams, outgoing }
    const same = text('the same', random)
    const [one, other] = [1, 2]
      .map(() => encrypt(alice.session, alice.device.record, same, chain.head.reference, seams, recorded))
      .map(({ envelope }) => decodeEnvelope(envelope)) as [Envelope, Envelope]
    const nonces = [one, other].map(({ encryptedHeader, nonce }) => hex(concat(encryptedHeader.subarray(0, 24), nonce)))
    expect(nonces.join('')).toEqual(drawn.join(''))
    expect(new Set(drawn).size).toBe(4)
    expect(new Set(contexts).size).toBe(2)
    expect(one.ciphertext).not.toEqual(other.ciphertext)
  })
})

describe('one ciphertext that opens under two keys', () => {
  it.skipIf(vectorsMissing)(`is to bare XChaCha20-Poly1305 two readable texts${vectorsMissing}`, () => {
    const { k1, k2, nonce, ct } = publishedForTwo()
    const [one, other] = [k1, k2].map((key) =>
      sodium.crypto_aead_xchacha20poly1305_ietf_decrypt(null, fromHex(ct), null, fromHex(nonce), fromHex(key)),
    )
    expect(fromUtf8(one?.subarray(0, 32) ?? nothing)).toBe('meet me at noon, by the fountain')
    expect(fromUtf8(other?.subarray(32, 64) ?? nothing)).toBe('you owe me, and I will hurt you!')
  })

  const forTwo = bodyForTwo()

  it('can be made in this format too: without the commitment each key opens it to another content', () => {
    const [one, other] = forTwo.messageKeys.map((key) =>
      openWithEncryptionKey(encryptionKeyOf(key), forTwo.body, context),
    )
    expect(fromUtf8(one?.subarray(0, 64) ?? nothing)).toBe(
      'one text for one of the two, and for the other one who can tell?',
    )
    expect(other).toHaveLength(124)
    expect(other).not.toEqual(one)
  })

  it('is taken by neither recipient with a commitment that is not theirs alone', () => {
    const { body, messageKeys } = forTwo
    const [one, other] = messageKeys.map((key) => commitWith(commitmentKeyOf(key), context, body)) as [Digest, Digest]
    const both = one.map((byte, i) => byte ^ (other[i] ?? 0)) as Digest
    const outcomes = (commitment: Digest) => messageKeys.map((key) => outcome(() => open({ ...body, commitment }, key)))
    expect(outcomes(both)).toEqual(['not-authentic', 'not-authentic'])
    expect(outcomes(new Uint8Array(32) as Digest)).toEqual(['not-authentic', 'not-authentic'])
    expect(outcomes(one)).toEqual(['accepted', 'not-authentic'])
    expect(outcomes(other)).toEqual(['not-authentic', 'accepted'])
  })
})

const nothing = new Uint8Array()

/**
 * A body as section 8 has it, but for the commitment, that both encryption keys open to well-padded contents. The two
 * message keys were found by a search of some 58,000: their keystreams under this nonce begin with the same four bytes,
 * so that both contents begin with the same length, that of a full 128 bytes.
 */
function bodyForTwo() {
  const messageKeys = [51_365, 58_140].map((i) => seededRandom(`a message key ${i}`)(32) as MessageKey)
  const [one, other] = messageKeys.map(encryptionKeyOf)
  if (!one || !other) throw new Error('no two keys')
  const nonce = new Uint8Array(24)
  const text = utf8('one text for one of the two, and for the other one who can tell?'.padEnd(107, '.'))
  for (let attempt = 0; attempt < 64; attempt++) {
    const { ciphertext } = encryptWith(one, padded(concat(text, u8(attempt), new Uint8Array(16))), context, nonce)
    const shared = authenticForBoth([one, other], nonce, associatedDataOf(context, []), ciphertext.subarray(0, -16))
    if (shared) return { messageKeys, body: { suite: 2, stanzas: [], nonce, ciphertext: shared } as const }
  }
  throw new Error('no ciphertext for both')
}
