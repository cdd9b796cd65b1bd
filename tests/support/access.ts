import { joinMode } from '../../crypto/access/index.ts'
import type { AccessMode, ModeSecret, RecordedEnvelope, Seams } from '../../crypto/access/mode.ts'
import { decodeEnvelope, type Stanza } from '../../crypto/envelope.ts'
import { CryptoError } from '../../crypto/errors.ts'
import type { MessageSeams } from '../../crypto/seams.ts'
import { at } from './at.ts'
import { couple, type End } from './couple.ts'
import { turned } from './opening.ts'
import { seededRandom } from './random.ts'

export interface InForce {
  readonly id: string
  readonly parameters: Uint8Array
}

export const noMode: InForce = { id: 'none', parameters: new Uint8Array() }

/** What a complying client does: in each message, what the policy of its epoch asks. */
export function complyingWith(inForce: readonly InForce[]): MessageSeams {
  const joined: Seams[] = inForce.map(({ id, parameters }) => joinMode(id, parameters))
  return {
    outgoing: (offer, chainKey) => at(joined, offer().policy.epoch - 1).outgoing(offer, chainKey),
    incoming: (offer, stanzas) => at(joined, offer().policy.epoch - 1).incoming(offer, stanzas),
  }
}

type Rogue = (complying: MessageSeams) => MessageSeams

/** Two people in the first epoch of these policies; `sendIn` says in which. Both comply, unless Alice is a rogue. */
export function underModes(modes: readonly InForce[], seed: string, rogue: Rogue = (complying) => complying) {
  const complying = complyingWith(modes)
  const pair = couple(seed, rogue(complying), modes, { openingEpoch: 1, bobsSeams: complying })
  const sendIn = (epoch: number, from: End, body: string) => from.send(body, at(pair.chain.links, epoch - 1).reference)
  return { ...pair, sendIn }
}

/** A mode set up from a seed, and two people with whom it is in force. */
export function underMode(mode: AccessMode, seed: string, rogue?: Rogue) {
  const { parameters, secrets } = mode.setup(seededRandom(`${mode.id} ${seed}`))
  const inForce: InForce = { id: mode.id, parameters }
  return { parameters, secrets, inForce, ...underModes([inForce], seed, rogue) }
}

/** A conversation with a turn and a message that comes late: each text with its record, in the order of sending. */
export function converse(alice: End, bob: End) {
  const sent: { text: string; record: RecordedEnvelope }[] = []
  const say = (from: End, to: End, text: string) => {
    const bytes = from.send(text)
    sent.push({ text, record: recorded(from, to, bytes) })
    return bytes
  }
  const late = say(alice, bob, 'the first, and late')
  const read = [bob.receive(say(alice, bob, 'the second')), bob.receive(late)]
  read.push(alice.receive(say(bob, alice, 'a reply')), bob.receive(say(alice, bob, 'a turn')))
  say(alice, bob, 'lost on the way')
  return { sent, evidence: sent.map(({ record }) => record), read: read.map(({ text }) => text) }
}

/** Every way of tampering with a message's stanzas that leaves the envelope well-formed. */
export function tampered(stanzas: readonly Stanza[], others: readonly Stanza[]): (readonly Stanza[])[] {
  const random = seededRandom('garbage')
  const added = { modeId: 'none', payload: random(16) }
  if (stanzas.length === 0) return [[added]]
  return [
    [],
    others,
    [...stanzas, added],
    [...stanzas, ...stanzas],
    stanzas.map(({ modeId, payload }) => ({ modeId, payload: random(payload.length) })),
    stanzas.map(({ modeId, payload }) => ({ modeId, payload: turned(payload, 5) })),
    stanzas.map(({ modeId, payload }) => ({ modeId, payload: payload.subarray(1) })),
    stanzas.map(({ payload }) => ({ modeId: 'another-mode', payload })),
  ]
}

export const recorded = (from: End, to: End, bytes: Uint8Array): RecordedEnvelope => ({
  time: 1_700_000_000_000,
  fromUser: from.device.record.user,
  fromDevice: from.device.record.id,
  toUser: to.device.record.user,
  toDevice: to.device.record.id,
  bytes,
})

/** What somebody with these secrets reads of these envelopes; what they cannot open they leave. */
export function readings(mode: AccessMode, secrets: readonly ModeSecret[], evidence: readonly RecordedEnvelope[]) {
  const reader = mode.reader(secrets.map(({ bytes }) => bytes))
  return evidence.flatMap((one) => {
    try {
      return reader.read(one, decodeEnvelope(one.bytes)) ?? []
    } catch (error) {
      if (error instanceof CryptoError) return []
      throw error
    }
  })
}
