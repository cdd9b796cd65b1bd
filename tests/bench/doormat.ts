import { utf8 } from '../../crypto/bytes.ts'
import type { Content } from '../../crypto/content.ts'
import { decodeEnvelope } from '../../crypto/envelope.ts'
import { deviceIn, openDeviceList } from '../../crypto/identity.ts'
import { wipe } from '../../crypto/keys.ts'
import type { PolicyReference } from '../../crypto/policy.ts'
import { decodeHandshake, senderOf } from '../../crypto/pqxdh.ts'
import { encodeBundle, openBundle } from '../../crypto/prekeys.ts'
import { type Random, systemRandom } from '../../crypto/random.ts'
import type { MessageSeams } from '../../crypto/seams.ts'
import { answerSession, decrypt, encrypt, openSession, type Session } from '../../crypto/session.ts'
import { answeringKeys, noSeams, person, policyChain, type TestPerson } from '../support/couple.ts'
import type { Contender, Meeting, Side, Text, Wire } from './contender.ts'

const startedAt = 1_700_000_000_000
const messageId = '0123456789abcdef0123456789abcdef'

/** Content as `client/device/outbox.ts` makes it: an id of 32 characters, a sequence, a time. */
const contentOf = (text: Text, sequence: number): Content => ({
  kind: 'text',
  id: messageId,
  sequence,
  sentAt: startedAt,
  abandoned: [],
  text: text.string,
})

/** How many bytes of content a text makes, before it is padded. */
export const contentOverheadBytes = 1 + 4 + utf8(messageId).length + 8 + 8 + 1 + 4

export interface DoormatOptions {
  readonly seams?: MessageSeams
  /** the policy that messages name; one of its own unless told */
  readonly reference?: PolicyReference
  readonly random?: Random
  /** sessions that people have when they meet; none unless told */
  readonly begun?: (people: Record<Side, TestPerson>) => Map<Side, Session>
}

/** Our own messages: content to encoded envelope and back, with what is spent wiped, as a client does it; no disk. */
export function doormat({
  seams = noSeams,
  random = systemRandom,
  reference = policyChain(random).head.reference,
  begun = () => new Map(),
}: DoormatOptions = {}): Contender {
  const [alice, bob] = [person('alice', random), person('bob', random)]
  return { name: 'Doormat', meet: () => meet({ alice, bob }) }

  function meet(people: Record<Side, TestPerson>): Meeting {
    const bundle = encodeBundle(people.bob.prekeys)
    const sessions = begun(people)
    let sequence = 0

    const sessionOf = (side: Side): Session => {
      const session = sessions.get(side)
      if (!session) throw new Error(`${side} has no session yet`)
      return session
    }

    function send(side: Side, session: Session, text: Text): Uint8Array {
      const { record } = people[side].device
      const sent = encrypt(session, record, contentOf(text, (sequence += 1)), reference, seams, random)
      sessions.set(side, sent.next)
      wipe(...sent.spent)
      return sent.envelope
    }

    return {
      initiate(text) {
        const list = openDeviceList(people.bob.signedList)
        const theirs = deviceIn(list, people.bob.device.record.id)
        if (!theirs) throw new Error('the list is of somebody else')
        const checked = openBundle(bundle, theirs, 1)
        const { device, signedList } = people.alice
        return send('alice', openSession(device, signedList, theirs, checked, reference, startedAt, random), text)
      },
      respond(wire) {
        const envelope = decodeEnvelope(bytesOf(wire))
        if (!envelope.handshake) throw new Error('a first message without a handshake')
        const handshake = decodeHandshake(envelope.handshake)
        const keys = answeringKeys(people.bob, handshake)
        sessions.set('bob', answerSession(people.bob.device, keys, senderOf(handshake), handshake))
        return this.decrypt('bob', wire)
      },
      encrypt: (from, text) => send(from, sessionOf(from), text),
      decrypt(by, wire) {
        const opened = decrypt(sessionOf(by), people[by].device.record, decodeEnvelope(bytesOf(wire)), seams, random)
        if (!opened) throw new Error('the header does not open')
        sessions.set(by, opened.next)
        wipe(...opened.spent)
        return opened.content.text
      },
    }
  }
}

function bytesOf(wire: Wire): Uint8Array {
  if (typeof wire === 'string') throw new Error('not an envelope')
  return wire
}
