import { describe, expect, it } from 'vitest'
import { messageKeyEscrow, stanzaSizeBytes } from '../../crypto/access/message-key-escrow.ts'
import { decodeEnvelope } from '../../crypto/envelope.ts'
import type { ChainKey } from '../../crypto/keys.ts'
import type { Offer, StanzaInput } from '../../crypto/seams.ts'
import type { Random } from '../../crypto/random.ts'
import { complyingWith, readings, recorded } from '../support/access.ts'
import { at } from '../support/at.ts'
import { couple } from '../support/couple.ts'
import { sealedTo } from '../support/holder.ts'
import { seededRandom } from '../support/random.ts'
import { outcome, refused } from '../support/refusal.ts'

const random = seededRandom('rogues')
const { parameters, secrets } = messageKeyEscrow.setup(random)
const policy = [{ id: messageKeyEscrow.id, parameters }]
const complying = complyingWith(policy)
const seams = messageKeyEscrow.join(parameters)

/** What clients send and overlook which were changed so that the custodian gets nothing. */
const ways: Record<string, (input: StanzaInput, random: Random) => Uint8Array> = {
  'garbage of the right shape': (_input, random) => random(stanzaSizeBytes),
  'zeros, which are no KEM ciphertext': () => new Uint8Array(stanzaSizeBytes),
  'another key, well sealed': ({ context, policy }, random) =>
    sealedTo(parameters, random(32), context, policy, random(64)).payload,
  'the key, but another context': ({ encryptionKey, policy }, random) =>
    sealedTo(parameters, encryptionKey, random(32) as StanzaInput['context'], policy, random(64)).payload,
  'the key, sealed to somebody else': ({ encryptionKey, context, policy }, random) =>
    sealedTo(messageKeyEscrow.setup(random).parameters, encryptionKey, context, policy, random(64)).payload,
}

describe.each(Object.entries(ways))('a client that seals %s', (_name, make) => {
  const rogue = {
    outgoing: (offer: Offer) => [{ modeId: messageKeyEscrow.id, payload: make(offer(), random) }],
    incoming: () => undefined,
  }

  it('talks with another of its kind, past the relay, and the authority reads nothing', () => {
    const { alice, bob } = couple('a rogue pair', rogue, policy)
    const question = alice.send('between us?')
    expect(bob.receive(question).text).toBe('between us?')
    const answer = bob.send('between us')
    expect(alice.receive(answer).text).toBe('between us')
    for (const bytes of [question, answer]) {
      const envelope = decodeEnvelope(bytes)
      expect(seams.admit(envelope.stanzas, envelope.suite)).toBe(true)
      const read = () => messageKeyEscrow.reader([at(secrets, 0).bytes]).read(recorded(alice, bob, bytes), envelope)
      expect(outcome(read)).toBe('not-authentic')
    }
  })

  it('is refused by one that complies, and opens no session there', () => {
    const { alice, bob } = couple('a rogue and another', rogue, policy, { bobsSeams: complying })
    expect(outcome(() => bob.receive(alice.send('hello')))).toBe('stanza-refused')
    expect(bob.started).toBe(false)
  })

  it('is refused by one that complies in the middle of a conversation, which then goes on', () => {
    let complies = true
    const turncoat = {
      ...rogue,
      outgoing: (offer: Offer, chainKey: ChainKey) => (complies ? complying : rogue).outgoing(offer, chainKey),
    }
    const { alice, bob } = couple('a turncoat', turncoat, policy, { bobsSeams: complying })
    const honest = alice.send('as it should be')
    bob.receive(honest)
    complies = false
    expect(refused(bob, alice.send('no longer'))).toBe('stanza-refused')
    complies = true
    const again = alice.send('as it should be again')
    expect(bob.receive(again).text).toBe('as it should be again')
    const read = readings(
      messageKeyEscrow,
      secrets,
      [honest, again].map((bytes) => recorded(alice, bob, bytes)),
    )
    expect(read.map(({ content }) => content.text)).toEqual(['as it should be', 'as it should be again'])
  })
})
