import { createHash } from 'node:crypto'
import { beforeAll, describe, expect, it } from 'vitest'
import { hex } from '../../crypto/bytes.ts'
import { custodianPair, decapsulate as openKem } from '../../crypto/access/custodian.ts'
import { messageKeyEscrow } from '../../crypto/access/message-key-escrow.ts'
import { decodeEnvelope } from '../../crypto/envelope.ts'
import { answerChallenge, type DeviceSecrets } from '../../crypto/identity.ts'
import { derive, labels } from '../../crypto/kdf.ts'
import { currentSuite } from '../../crypto/suites.ts'
import {
  agree,
  type AgreementKey,
  type AgreementSecret,
  type ChainKey,
  decapsulate,
  type DeviceId,
  type KemSeed,
} from '../../crypto/keys.ts'
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
    const { messageKey } = currentSuite.stepChain(chain.chainKey)
    const bodyKeys = derive<Uint8Array>(labels.messageKeys, messageKey, [], 64)
    note('message key', messageKey)
    note('encryption key', bodyKeys.subarray(0, 32))
    note('commitment key', bodyKeys.subarray(32))
    if ('ratchetKey' in chain) note('agreed', agree(ratchet.ours.secret, chain.ratchetKey))
  }
}

const said = 'nobody but the two of us is to find this sentence in any memory'

/** A conversation that turns, with what a client does around it; every secret is noted. @returns the last envelope */
function talk(seams: MessageSeams, modeId: string, parameters: Uint8Array): Uint8Array {
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
  let last = first
  let theirs = answerSession(bob.device, answeringKeys(bob, handshake), senderOf(handshake), handshake)
  theirs = receive(theirs, bob.device, first.envelope)
  for (let i = 0; i < 3; i++) {
    const back = send(theirs, bob.device)
    ours = receive(ours, alice.device, back.envelope)
    last = send(ours, alice.device)
    theirs = receive(back.next, bob.device, last.envelope)
    ours = last.next
  }
  return last.envelope
}

/** All that an escrow key is expanded to, and that comes up when it opens a seal; worked out elsewhere where that can be. */
function noteEscrow(secret: Uint8Array, sealed: Uint8Array): void {
  const expanded = createHash('shake256', { outputLength: 96 }).update(secret).digest()
  for (let i = 0; i < 96; i += 32) note('expanded', expanded.subarray(i, i + 32))
  const { kemSecret, agreementSecret } = custodianPair(secret)
  expect(Buffer.from(agreementSecret)).toEqual(expanded.subarray(64))
  // FIPS 203: the secret numbers, the public key, its digest, and what wrong ciphertexts are answered from
  for (let i = 0; i < 1152; i += 32) note('KEM secret', kemSecret.subarray(i, i + 32))
  note('KEM secret', kemSecret.subarray(2368))
  const [kem, point] = [sealed.subarray(0, 1088), sealed.subarray(1088, 1120)]
  note('shared', decapsulate(expanded.subarray(0, 64) as Uint8Array as KemSeed, kem))
  note('shared', agree(agreementSecret as AgreementSecret, point as AgreementKey))
  note('shared', openKem(sealed.subarray(0, 1120), custodianPair(secret)) as Uint8Array)
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

  it('holds nothing of an escrow key that is ready to open with, nor of what it has opened', () => {
    const { parameters, secrets: held } = messageKeyEscrow.setup(random)
    const envelope = talk(messageKeyEscrow.join(parameters), messageKeyEscrow.id, parameters)
    const nobody = new Uint8Array(32) as DeviceId
    const ends = { fromUser: 'alice', fromDevice: nobody, toUser: 'bob', toDevice: nobody }
    const recorded = { time: 1, ...ends, bytes: envelope }
    const keys = held.map(({ bytes }) => bytes)
    const sealed = decodeEnvelope(envelope).stanzas[0]?.payload as Uint8Array
    noteEscrow(keys[0] as Uint8Array, sealed)
    const pairs = keys.map(custodianPair)
    expect(found()).toEqual([])
    for (const pair of pairs) openKem(sealed.subarray(0, 1120), pair)
    expect(found()).toEqual([])
    expect(messageKeyEscrow.reader(keys).read(recorded, decodeEnvelope(envelope))?.content.text).toBe(said)
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
