import { decodeEnvelope, encodeEnvelope, type Envelope } from '../../crypto/envelope.ts'
import { type AnsweringKeys, decodeHandshake, encodeHandshake, type Handshake, senderOf } from '../../crypto/pqxdh.ts'
import { answerSession, decrypt, encrypt, openSession, type Session } from '../../crypto/session.ts'
import type { DeviceRecord } from '../../crypto/identity.ts'
import type { PrekeyBundle } from '../../crypto/prekeys.ts'
import type { Random } from '../../crypto/random.ts'
import { answeringKeys, noSeams, policyChain, type TestPerson, text } from './couple.ts'
import { seededRandom } from './random.ts'
import { type Outcome, outcome } from './refusal.ts'

export function handshakeIn(envelope: Envelope): Handshake {
  if (!envelope.handshake) throw new Error('an envelope without a handshake')
  return decodeHandshake(envelope.handshake)
}

/** The same bytes with one bit the other way round. */
export const turned = <T extends Uint8Array>(bytes: T, bit: number): T =>
  bytes.map((byte, i) => (i === bit >> 3 ? byte ^ (1 << (bit & 7)) : byte)) as T

type Change<T> = Partial<T> | ((value: T) => Partial<T>)

const change = <T extends object>(value: T, to: Change<T>): T => ({
  ...value,
  ...(typeof to === 'function' ? to(value) : to),
})

/** The same envelope with something else in it. */
export const altered = (bytes: Uint8Array, to: Change<Envelope>): Uint8Array =>
  encodeEnvelope(change(decodeEnvelope(bytes), to))

/** The same envelope with something else in its handshake. */
export const withHandshake = (bytes: Uint8Array, to: Change<Handshake>): Uint8Array =>
  altered(bytes, (envelope) => ({ handshake: encodeHandshake(change(handshakeIn(envelope), to)) }))

/** What a person would make of a first message, with the keys it names or with those given. Nothing of it is kept. */
export const answered = (self: TestPerson, bytes: Uint8Array, keys?: AnsweringKeys): Outcome =>
  outcome(() => {
    const envelope = decodeEnvelope(bytes)
    const handshake = handshakeIn(envelope)
    const answering = keys ?? answeringKeys(self, handshake)
    const session = answerSession(self.device, answering, senderOf(handshake), handshake)
    return decrypt(session, self.device.record, envelope, noSeams, seededRandom('an answer'))
  })

export const startedAt = 1_700_000_000_000

/** A session from one person to a device, with its first message. */
export function firstMessage(
  from: TestPerson,
  to: DeviceRecord,
  bundle: PrekeyBundle,
  random: Random,
  start = startedAt,
): { session: Session; bytes: Uint8Array } {
  const { reference } = policyChain(random).head
  const session = openSession(from.device, from.signedList, to, bundle, reference, start, random)
  const sent = encrypt(session, from.device.record, text('first', random), reference, noSeams, random)
  return { session: sent.next, bytes: sent.envelope }
}

/** A session from one person to another after its first message: as the one has it, and as the other. */
export function opened(from: TestPerson, to: TestPerson, random: Random, start = startedAt) {
  const { session, bytes } = firstMessage(from, to.device.record, to.prekeys, random, start)
  const envelope = decodeEnvelope(bytes)
  const answer = answerSession(to.device, to.prekeys, from.device.record, handshakeIn(envelope))
  const read = decrypt(answer, to.device.record, envelope, noSeams, random)
  if (!read) throw new Error('a first message that does not open')
  return { byFrom: session, byTo: read.next }
}
