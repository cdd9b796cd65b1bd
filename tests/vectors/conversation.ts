import { joinMode } from '../../crypto/access/index.ts'
import type { Content } from '../../crypto/content.ts'
import { agree, type AgreementSecret, encapsulate } from '../../crypto/keys.ts'
import { encodePolicyReference, type SignedPolicy } from '../../crypto/policy.ts'
import { decodeHandshake, encodeHandshake, initiate } from '../../crypto/pqxdh.ts'
import type { PrekeyBundle } from '../../crypto/prekeys.ts'
import { answerSession, openSession, type Session } from '../../crypto/session.ts'
import { seededRandom } from '../support/random.ts'
import { type Rules, type Seat, say, state } from './message.ts'
import type { Cast } from './people.ts'

const startedAt = 1_700_000_000_000
const seed = 'vectors: session'

const text = (sequence: number, body: string, abandoned: Content['abandoned'] = []): Content => ({
  kind: 'text',
  id: `message-${sequence}`,
  sequence,
  sentAt: startedAt + sequence,
  abandoned,
  text: body,
})

/**
 * Alice writes twice, Bob answers, Alice writes under the custodian's policy and gives up a place, Bob resets: every
 * step of sections 6 to 10, 12 and 13.
 */
export function conversation(alice: Cast['alice'], bob: Cast['bob'], policy: Cast['policy']) {
  const { signed, oneTime, kem, lastResort } = bob.prekeys
  const bundle = { signed, oneTime, kem }
  const opening = openSession(
    alice.device,
    alice.signedList,
    bob.device.record,
    bundle,
    policy.first.reference,
    startedAt,
    seededRandom(seed),
  )
  const handshake = decodeHandshake(opening.handshake ?? new Uint8Array())
  const answer = answerSession(bob.device, bundle, alice.device.record, handshake)
  const start = {
    secret: agree(opening.ratchet.ours.secret, signed.key),
    initiator: state(opening.ratchet),
    responder: state(answer.ratchet),
  }
  const givenUp = { ratchetKey: opening.ratchet.ours.public, index: 7 }
  const reset: Content = { ...text(0, ''), kind: 'reset' }

  const seat = (self: Cast['alice'], session: Session): Seat => ({ self: self.device.record, session })
  const open: Rules = {
    reference: policy.first.reference,
    seams: joinMode('none', new Uint8Array()),
    custodianKey: null,
  }
  const watched: Rules = {
    reference: policy.second.reference,
    seams: joinMode(policy.second.policy.modeId, policy.second.parameters),
    custodianKey: policy.second.parameters,
  }
  const first = say(seat(alice, opening), seat(bob, answer), text(1, 'hello'), open, 'first')
  const second = say(first.from, first.to, text(2, 'are you there?'), open, 'second')
  const reply = say(second.to, second.from, text(1, 'grüße 🗝'), open, 'reply')
  const escrowed = say(reply.to, reply.from, text(3, 'a key under the mat', [givenUp]), watched, 'escrowed')
  const last = say(escrowed.to, escrowed.from, reset, watched, 'last')
  const said = [first, second, reply, escrowed, last]
  return {
    handshakes: {
      full: opened(alice, bob, bundle, policy.first),
      withoutOneTimeKeys: opened(alice, bob, { signed, oneTime: null, kem: lastResort }, policy.second),
    },
    start,
    messages: said.map(({ entry }) => entry),
    envelopes: [first, second, escrowed].map(({ entry }) => entry.envelope),
  }
}

/** Section 6: everything that goes into a root secret, and what comes out on both sides. */
function opened(alice: Cast['alice'], bob: Cast['bob'], bundle: PrekeyBundle, policy: SignedPolicy) {
  const drawn = seededRandom(seed)
  const [ephemeralSecret, coins] = [drawn(32) as AgreementSecret, drawn(32)]
  const { reference } = policy
  const agreed = initiate(
    alice.device,
    alice.signedList,
    bob.device.record,
    bundle,
    reference,
    startedAt,
    seededRandom(seed),
  )
  const { kemCiphertext, ephemeralKey } = agreed.handshake
  return {
    startedAt,
    ephemeralSecret,
    ephemeralKey,
    coins,
    kemCiphertext,
    kemSecret: encapsulate(bundle.kem.key, coins).sharedSecret,
    dh1: agree(alice.device.identitySecret, bundle.signed.key),
    dh2: agree(ephemeralSecret, bob.device.record.identityKey),
    dh3: agree(ephemeralSecret, bundle.signed.key),
    dh4: bundle.oneTime && agree(ephemeralSecret, bundle.oneTime.key),
    reference: encodePolicyReference(reference),
    handshake: encodeHandshake(agreed.handshake),
    transcript: agreed.transcript,
    rootSecret: agreed.rootSecret as Uint8Array,
  }
}
