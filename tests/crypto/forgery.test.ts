import { describe, expect, it } from 'vitest'
import { messageKeyEscrow } from '../../crypto/access/message-key-escrow.ts'
import { concat, equal } from '../../crypto/bytes.ts'
import { decodeContent, encodeContent } from '../../crypto/content.ts'
import { decodeEnvelope, encodeEnvelope, type Envelope } from '../../crypto/envelope.ts'
import { derive, labels } from '../../crypto/kdf.ts'
import { type Digest, generateAgreementPair, type MessageKey } from '../../crypto/keys.ts'
import { openWithEncryptionKey } from '../../crypto/message.ts'
import { stepSending } from '../../crypto/ratchet.ts'
import { encrypt, openSession } from '../../crypto/session.ts'
import { complyingWith, noMode, readings, recorded, underModes } from '../support/access.ts'
import { at } from '../support/at.ts'
import { text } from '../support/couple.ts'
import { associatedDataOf, commitmentKeyOf, padded } from '../support/forger.ts'
import { contextOf, type Held, holds, rewritten, rewrittenUnderItsTag, sealedTo } from '../support/holder.ts'
import { answered, startedAt } from '../support/opening.ts'
import { seededRandom } from '../support/random.ts'
import { refused } from '../support/refusal.ts'

/**
 * Alice has written to Bob three times; the first he has read, the other two are in the hands of somebody in the middle,
 * who holds every escrow secret and knows every public value.
 */
function inTheMiddle() {
  const random = seededRandom('in the middle')
  const [mode, later] = [messageKeyEscrow.setup(random), messageKeyEscrow.setup(random)]
  const inForce = [mode, later].map(({ parameters }) => ({ id: messageKeyEscrow.id, parameters }))
  const people = underModes([...inForce, noMode], 'forgery')
  const { alice, bob, chain, sendIn } = people
  const secret = at(mode.secrets, 0).bytes
  const readBytes = sendIn(1, alice, 'read already')
  bob.receive(readBytes)
  const { messageKey } = stepSending(alice.session.ratchet, random)
  const genuine = [sendIn(1, alice, 'pay Carol 100'), sendIn(1, alice, 'and tell nobody')] as const
  const [first, second] = [holds(secret, genuine[0]), holds(secret, genuine[1])]
  const references = chain.links.map(({ reference }) => reference)
  return { ...people, random, mode, later, secret, readBytes, genuine, first, second, messageKey, references }
}

type Middle = ReturnType<typeof inTheMiddle>

const attempts: Record<string, (middle: Middle) => Uint8Array> = {
  'another text under the same key and nonce': ({ first }) => rewritten(first),
  'another text under a new nonce': ({ first, random }) => rewritten(first, { nonce: random(24) }),
  'the same text under a new nonce': ({ first, random }) =>
    rewritten(first, { text: first.content.text, nonce: random(24) }),
  'no commitment but zeros': ({ first }) =>
    encodeEnvelope({ ...decodeEnvelope(rewritten(first)), commitment: new Uint8Array(32) as Digest }),
  'another text under the same key, nonce and tag': ({ first }) => rewrittenUnderItsTag(first, 'pay Mallory 100'),
  'a commitment with the encryption key': ({ first }) => rewritten(first, { commitmentKey: first.encryptionKey }),
  'a commitment with the context': ({ first }) => rewritten(first, { commitmentKey: first.context }),
  'a commitment with a key made of the encryption key': ({ first }) =>
    rewritten(first, { commitmentKey: commitmentKeyOf(first.encryptionKey as never) }),
  "a commitment with the stanza's secret": ({ first }) => rewritten(first, { commitmentKey: first.sharedSecret }),
  'a commitment with the escrow secret': ({ first, secret }) => rewritten(first, { commitmentKey: secret }),
  'the commitment of another message': ({ first, second }) =>
    encodeEnvelope({ ...decodeEnvelope(rewritten(first)), commitment: second.envelope.commitment }),
  'a genuine body under the header of the next message': ({ first, second }) =>
    encodeEnvelope({ ...first.envelope, encryptedHeader: second.envelope.encryptedHeader }),
  'a body of their own at the next index': ({ first, second }) => rewritten(first, { around: second.envelope }),
  'a body of their own at the next index, in its own context': ({ first, second }) =>
    rewritten(first, { around: second.envelope, context: second.context, encryptionKey: second.encryptionKey }),
  'the stanza of another message': ({ first, second }) => rewritten(first, { stanzas: second.envelope.stanzas }),
  'a key and a stanza of their own': ({ first, mode, random }) => {
    const encryptionKey = random(32)
    const stanza = sealedTo(mode.parameters, encryptionKey, first.context, first.envelope.policy, random(64))
    return rewritten(first, { encryptionKey, stanzas: [stanza], commitmentKey: encryptionKey })
  },
  'the stanza sealed anew to a later custodian, in that epoch': ({ first, alice, later, references, random }) => {
    const around = { ...first.envelope, policy: at(references, 1) }
    const context = contextOf(alice.session, alice, around)
    const stanza = sealedTo(later.parameters, first.encryptionKey, context, around.policy, random(64))
    return rewritten(first, { around, context, stanzas: [stanza] })
  },
  'the policy taken back to none, and the stanza stripped': ({ first, alice, references }) => {
    const around = { ...first.envelope, policy: at(references, 2) }
    return rewritten(first, { around, context: contextOf(alice.session, alice, around), stanzas: [] })
  },
  'the halves of two texts, encrypted again': ({ first, second }) => {
    const [one, other] = [first, second].map(({ content }) => padded(encodeContent(content))) as [
      Uint8Array,
      Uint8Array,
    ]
    return rewritten(first, { padded: concat(one.subarray(0, 64), other.subarray(64)) })
  },
  'the halves of two ciphertexts': ({ first, second }) => {
    const ciphertext = concat(first.envelope.ciphertext.subarray(0, 64), second.envelope.ciphertext.subarray(64))
    return encodeEnvelope({ ...first.envelope, ciphertext })
  },
  'what has been read already': ({ readBytes }) => readBytes,
  'what has been read already, with another text': ({ readBytes, secret }) => rewritten(holds(secret, readBytes)),
}

describe('the holder of every escrow secret, in the middle', () => {
  it('does read the messages', () => {
    const { first, second } = inTheMiddle()
    expect([first.content.text, second.content.text]).toEqual(['pay Carol 100', 'and tell nobody'])
  })

  it.each(Object.entries(attempts))('cannot pass off %s', (_name, attempt) => {
    const middle = inTheMiddle()
    const { bob, genuine } = middle
    const why = refused(bob, attempt(middle))
    expect(['not-authentic', 'key-gone']).toContain(why)
    expect(bob.receive(genuine[0]).text).toBe('pay Carol 100')
    expect(bob.receive(genuine[1]).text).toBe('and tell nobody')
  })

  it('could, by the same means, with the commitment key', () => {
    const { bob, first, second, messageKey, genuine } = inTheMiddle()
    const commitmentKey = commitmentKeyOf(messageKey)
    expect(refused(bob, rewritten(second, { commitmentKey }))).toBe('not-authentic')
    expect(bob.receive(rewritten(first, { text: 'pay Mallory 100', commitmentKey })).text).toBe('pay Mallory 100')
    expect(refused(bob, genuine[0])).toBe('key-gone')
  })

  it("cannot open a session in Alice's name, with all that is public of her", () => {
    const { alice, bob, random, references } = inTheMiddle()
    const complying = complyingWith([noMode])
    const reference = at(references, 0)
    const open = (identitySecret: typeof alice.device.identitySecret) => {
      const posing = { ...alice.device, identitySecret }
      const theirs = bob.device.record
      const session = openSession(posing, alice.signedList, theirs, bob.prekeys, reference, startedAt + 1, random)
      return encrypt(session, alice.device.record, text('it is me', random), reference, complying, random).envelope
    }
    expect(answered(bob, open(generateAgreementPair(random).secret))).toBe('no header key')
    expect(answered(bob, open(alice.device.identitySecret))).toBe('accepted')
  })
})

/** A commitment as it must not be: over nonce, associated data and the tag alone. */
const committedToTag = (messageKey: MessageKey, { nonce, stanzas, ciphertext }: Envelope, context: Digest) =>
  derive<Digest>(labels.commitment, commitmentKeyOf(messageKey), [
    nonce,
    associatedDataOf(context, stanzas),
    ciphertext.subarray(-16),
  ])

describe('a commitment over the tag alone', () => {
  it('would let the holder rewrite what is under way: commitment, stanza and tag still hold', () => {
    const { first, messageKey, genuine } = inTheMiddle()
    const commitment = committedToTag(messageKey, first.envelope, first.context)
    const openByTag = ({ encryptionKey, context }: Held, envelope: Envelope) =>
      equal(committedToTag(messageKey, envelope, context), commitment)
        ? decodeContent(openWithEncryptionKey(encryptionKey, envelope, context)).text
        : 'refused'
    const forged = decodeEnvelope(rewrittenUnderItsTag(first, 'pay Mallory 100'))
    expect(openByTag(first, decodeEnvelope(genuine[0]))).toBe('pay Carol 100')
    expect(openByTag(first, forged)).toBe('pay Mallory 100')
    expect(openByTag(first, decodeEnvelope(rewritten(first)))).toBe('refused')
    expect(forged.stanzas).toEqual(first.envelope.stanzas)
  })
})

describe('somebody without any secret', () => {
  it('can put into an archive what its holder reads as a message of Alice, and only Bob could tell', () => {
    const { alice, bob, mode, first, random } = inTheMiddle()
    const encryptionKey = random(32)
    const stanza = sealedTo(mode.parameters, encryptionKey, first.context, first.envelope.policy, random(64))
    const planted = rewritten(first, { text: 'planted', encryptionKey, stanzas: [stanza] })
    const read = readings(messageKeyEscrow, mode.secrets, [recorded(alice, bob, planted)])
    expect(read.map(({ content }) => content.text)).toEqual(['planted'])
    expect(refused(bob, planted)).toBe('not-authentic')
  })
})
