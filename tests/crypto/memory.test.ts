import { beforeAll, describe, expect, it } from 'vitest'
import { hex } from '../../crypto/bytes.ts'
import { messageKeyEscrow } from '../../crypto/access/message-key-escrow.ts'
import { decodeEnvelope } from '../../crypto/envelope.ts'
import { answerChallenge, type DeviceSecrets } from '../../crypto/identity.ts'
import { currentSuite } from '../../crypto/suites.ts'
import { agree, type ChainKey } from '../../crypto/keys.ts'
import { decodeHandshake, senderOf } from '../../crypto/pqxdh.ts'
import { encodeBundle, openBundle } from '../../crypto/prekeys.ts'
import { systemRandom } from '../../crypto/random.ts'
import type { MessageSeams } from '../../crypto/seams.ts'
import { answerSession, decodeSession, decrypt, encodeSession, encrypt, openSession } from '../../crypto/session.ts'
import type { Session } from '../../crypto/session.ts'
import { raw } from '../../crypto/sodium.ts'
import { answeringKeys, noSeams, person, policyChain } from '../support/couple.ts'

/*
 * What libsodium's memory holds when two people have talked. Everything here draws from the platform, for the random
 * source of the other tests works through the wrapper, and would leave its own traces.
 */

/** Every secret that came up, by what it is. */
const secrets = new Map<string, Uint8Array>()
const note = (what: string, bytes: Uint8Array) => secrets.set(`${what} ${hex(bytes)}`, bytes.slice())

/** Draws, and takes note of all but the nonces. */
const random = (sizeBytes: number): Uint8Array => {
  const bytes = systemRandom(sizeBytes)
  if (sizeBytes >= 32) note('drawn', bytes)
  return bytes
}

function noteSession({ ratchet }: Session): void {
  note('root key', ratchet.rootKey)
  note('ratchet secret', ratchet.ours.secret)
  note('next header key', ratchet.nextSendingHeaderKey)
  note('next header key', ratchet.nextReceivingHeaderKey)
  for (const chain of [ratchet.sending, ...ratchet.receiving]) {
    if (!chain?.chainKey) continue
    note('header key', chain.headerKey)
    note('chain key', chain.chainKey)
    note('message key', currentSuite.stepChain(chain.chainKey).messageKey)
    if ('ratchetKey' in chain) note('agreed', agree(ratchet.ours.secret, chain.ratchetKey))
  }
}

const said = 'nobody but the two of us is to find this sentence in any memory'

/** A conversation that turns, with what a client does around it; every secret is noted. */
function talk(seams: MessageSeams, modeId: string, parameters: Uint8Array): void {
  const [alice, bob] = [person('alice', random), person('bob', random)]
  const { reference } = policyChain(random, [{ id: modeId, parameters }]).head
  const content = { kind: 'text', id: 'one', sequence: 1, sentAt: 1, abandoned: [], text: said } as const
  const send = (session: Session, from: DeviceSecrets) => {
    noteSession(session)
    const sent = encrypt(session, from.record, content, reference, seams, random)
    noteSession(sent.next)
    return { next: decodeSession(encodeSession(sent.next)), envelope: sent.envelope }
  }
  const receive = (session: Session, by: DeviceSecrets, bytes: Uint8Array) => {
    const read = decrypt(session, by.record, decodeEnvelope(bytes), seams, random)
    expect(read?.content.text).toBe(said)
    noteSession((read as { next: Session }).next)
    return (read as { next: Session }).next
  }

  answerChallenge(alice.device, reference.digest, systemRandom(32))
  const bundle = openBundle(encodeBundle(bob.prekeys), bob.device.record, 1)
  let ours = openSession(alice.device, alice.signedList, bob.device.record, bundle, reference, 1, random)
  const first = send(ours, alice.device)
  ours = first.next
  const handshake = decodeHandshake(decodeEnvelope(first.envelope).handshake as Uint8Array)
  let theirs = answerSession(bob.device, answeringKeys(bob, handshake), senderOf(handshake), handshake)
  theirs = receive(theirs, bob.device, first.envelope)
  for (let i = 0; i < 3; i++) {
    const back = send(theirs, bob.device)
    ours = receive(ours, alice.device, back.envelope)
    const forth = send(ours, alice.device)
    theirs = receive(back.next, bob.device, forth.envelope)
    ours = forth.next
  }
}

const found = (): string[] => {
  const memory = Buffer.from(raw.HEAPU8.buffer)
  return [...secrets].filter(([, bytes]) => memory.includes(Buffer.from(bytes))).map(([what]) => what)
}

describe("libsodium's memory", () => {
  beforeAll(() => talk(noSeams, 'none', new Uint8Array()))

  it('holds no key of a conversation afterwards, and nothing that was said', () => {
    note('text', Buffer.from(said))
    expect(secrets.size).toBeGreaterThan(60)
    expect(found()).toEqual([])
  })

  it('does not even hold the key that was derived last, for somebody else has hashed there since', () => {
    note('last', currentSuite.stepChain(random(32) as ChainKey).messageKey)
    expect(found()).toEqual([])
  })

  it('holds none under an escrow either: not what is sealed, not the secret that opens it', () => {
    const { parameters, secrets: held } = messageKeyEscrow.setup(random)
    const seams = messageKeyEscrow.join(parameters)
    const noting: MessageSeams = {
      outgoing(offer, chainKey) {
        note('encryption key', offer().encryptionKey)
        note('seed', offer().seed)
        return seams.outgoing(offer, chainKey)
      },
      incoming: (offer, stanzas) => seams.incoming(offer, stanzas),
    }
    talk(noting, messageKeyEscrow.id, parameters)
    messageKeyEscrow.reader(held.map(({ bytes }) => bytes))
    expect(found()).toEqual([])
  })

  it('is really searched: what is there is found', () => {
    const planted = systemRandom(32)
    const address = raw._malloc(32)
    raw.HEAPU8.set(planted, address)
    note('planted', planted)
    expect(found()).toHaveLength(1)
    raw.HEAPU8.fill(0, address, address + 32)
    raw._free(address)
    expect(found()).toEqual([])
  })
})
