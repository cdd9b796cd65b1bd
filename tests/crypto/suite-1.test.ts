import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { afterAll, describe, expect, it } from 'vitest'
import { ghostDevice } from '../../crypto/access/ghost-device.ts'
import { joinMode, modeCalled } from '../../crypto/access/index.ts'
import { archiveMagic, decodeRecord, splitRecords } from '../../crypto/access/archive.ts'
import type { Reader, RecordedEnvelope } from '../../crypto/access/mode.ts'
import { puppetOf } from '../../crypto/access/puppet.ts'
import { sessionKeyEscrow } from '../../crypto/access/session-key-escrow.ts'
import { base64url, equal, fromHex, hex } from '../../crypto/bytes.ts'
import { encodeContent } from '../../crypto/content.ts'
import { decodeEnvelope } from '../../crypto/envelope.ts'
import { openDeviceList, type DeviceSecrets } from '../../crypto/identity.ts'
import {
  type AgreementSecret,
  type Digest,
  encapsulate,
  generateAgreementPair,
  type KemSeed,
  type SigningSecret,
} from '../../crypto/keys.ts'
import { type AnsweringKeys, decodeHandshake, encodeHandshake, type Handshake, respond } from '../../crypto/pqxdh.ts'
import {
  type AgreementPrekey,
  type AgreementPrekeySecret,
  decodePrekey,
  type KemPrekey,
  type KemPrekeySecret,
  openBundle,
} from '../../crypto/prekeys.ts'
import { startAsInitiator } from '../../crypto/ratchet.ts'
import type { MessageSeams } from '../../crypto/seams.ts'
import { answerSession, decodeSession, decrypt, encodeSession, encrypt, type Session } from '../../crypto/session.ts'
import { suite1 } from '../../crypto/suite-1.ts'
import type { RootSecret } from '../../crypto/suite.ts'
import { noSeams, text } from '../support/couple.ts'
import { scratch } from '../support/program.ts'
import { seededRandom } from '../support/random.ts'
import { archiveOf } from '../support/recorded.ts'
import { outcome } from '../support/refusal.ts'
import type { Vectors } from '../vectors/v2.ts'

/*
 * What versions before suite 2 have sent, stored and recorded is read as before. v1.json is theirs, and has not changed since;
 * it has the same shape as v2.json.
 */

const vectorsOf = (version: number) =>
  JSON.parse(readFileSync(new URL(`../vectors/v${version}.json`, import.meta.url), 'utf8')) as Vectors
const [v, later] = [vectorsOf(1), vectorsOf(2)]
const random = seededRandom('suite 1')
const { path, remove } = scratch()
afterAll(remove)

type Identity = Vectors['identities'][0]
function deviceOf({ list, device }: Identity): DeviceSecrets {
  const [record] = openDeviceList(fromHex(list)).devices
  if (!record) throw new Error('a list without a device')
  const [signingSecret, identitySecret] = [device.signingSecret, device.identitySecret].map(fromHex)
  return {
    record,
    signingSecret: signingSecret as SigningSecret,
    identitySecret: identitySecret as AgreementSecret,
  }
}
const [alice, bob] = v.identities.map(deviceOf) as [DeviceSecrets, DeviceSecrets]

const prekeyCalled = (kind: string) => {
  const found = v.prekeys.find((prekey) => prekey.kind === kind) as Vectors['prekeys'][0]
  return { ...decodePrekey(fromHex(found.prekey)), secret: fromHex(found.secret) }
}
const answering = () => ({
  signed: prekeyCalled('signed') as AgreementPrekeySecret,
  oneTime: prekeyCalled('one-time') as AgreementPrekeySecret,
  kem: prekeyCalled('KEM one-time') as KemPrekeySecret & { secret: KemSeed },
})
const handshake = decodeHandshake(fromHex(v.handshakes.full.handshake))

const bobsSession = () => answerSession(bob, answering(), alice.record, handshake)
/** As the vectors have her: with the ratchet secret that she drew then. */
function alicesSession(): Session {
  const { signed } = answering()
  const secret = fromHex(v.ratchet.initiator.ratchetSecret)
  const [rootSecret, transcript] = [v.handshakes.full.rootSecret, v.handshakes.full.transcript].map(fromHex)
  const started = startAsInitiator(suite1, rootSecret as RootSecret, transcript as Digest, signed.key, 1, () => secret)
  return {
    theirs: bob.record,
    isOurs: true,
    ephemeralKey: handshake.ephemeralKey,
    startedAt: handshake.startedAt,
    transcript: transcript as Digest,
    handshake: encodeHandshake(handshake),
    fresh: true,
    ratchet: started,
  }
}

describe('a handshake of suite 1', () => {
  it('is answered with the same secrets', () => {
    const agreed = respond(bob, answering(), alice.record, handshake)
    expect([hex(agreed.rootSecret), hex(agreed.transcript)]).toEqual([
      v.handshakes.full.rootSecret,
      v.handshakes.full.transcript,
    ])
  })

  it('cannot be begun any more: nobody takes the prekeys of a bundle of suite 1', () => {
    expect(outcome(() => openBundle(fromHex(v.bundles.full), bob.record, 0))).toBe('malformed')
    const dressed = fromHex(v.bundles.full).with(0, 2)
    expect(outcome(() => openBundle(dressed, bob.record, 0))).toBe('bad-signature')
  })
})

describe('messages of suite 1', () => {
  it('are read by both ends, turn after turn', () => {
    const sessions = new Map<string, Session>([
      ['alice', alicesSession()],
      ['bob', bobsSession()],
    ])
    for (const [i, message] of v.messages.entries()) {
      const session = sessions.get(message.to) as Session
      const [ours, name] = message.to === 'alice' ? [alice, 'alice'] : [bob, 'bob']
      const envelope = decodeEnvelope(fromHex(message.envelope))
      // what they drew for their next chain then
      const drawn = seededRandom(`vectors: ${['first', 'second', 'reply', 'escrowed', 'last'][i]}, read`)
      const link = v.policy.links.find(({ reference }) => reference === message.reference)
      const seams = joinMode(link?.modeId ?? '', fromHex(link?.parameters ?? ''))
      const read = decrypt(session, ours.record, envelope, seams, drawn)
      expect([i, read && hex(encodeContent(read.content))]).toEqual([i, message.content.encoded])
      if (read) sessions.set(name, read.next)
      const sender = sessions.get(message.from) as Session
      const sent = encrypt(
        sender,
        message.from === 'alice' ? alice.record : bob.record,
        read?.content ?? text('', random),
        envelope.policy,
        seams,
        seededRandom(`vectors: ${['first', 'second', 'reply', 'escrowed', 'last'][i]}`),
      )
      expect([i, hex(sent.envelope)]).toEqual([i, message.envelope])
      sessions.set(message.from, sent.next)
    }
  })

  it('are of no session of suite 2, and the other way round', () => {
    const first = decodeEnvelope(fromHex(v.messages[0]?.envelope ?? ''))
    expect(decrypt(bobsSession(), bob.record, { ...first, suite: 2 }, noSeams, random)).toBeNull()
  })

  it('are opened by the holder of the key, out of the archive of then', () => {
    const { file } = v.archive
    const { records } = splitRecords(fromHex(file).subarray(archiveMagic.length))
    const reader = modeCalled('message-key-escrow').reader([fromHex(v.policy.custodian.secret)])
    const texts = records.map((bytes) => {
      const recorded = decodeRecord(bytes)
      return reader.read(recorded, decodeEnvelope(recorded.bytes))?.content.text ?? null
    })
    expect(texts).toEqual([null, null, 'a key under the mat'])
  })
})

/** What somebody says in suite 1, one message after another, on the archive of then. */
function saidBy(session: Session, seams: MessageSeams, texts: readonly string[]): RecordedEnvelope[] {
  const [from, { theirs: to }] = [alice.record, session]
  let at = session
  return texts.map((said) => {
    const sent = encrypt(at, from, text(said, random), handshake.policy, seams, random)
    at = sent.next
    const ends = { fromUser: from.user, fromDevice: from.id, toUser: to.user, toDevice: to.id }
    return { time: 1, ...ends, bytes: sent.envelope }
  })
}

describe('an archive of suite 1', () => {
  const textsOf = (reader: Reader, archive: readonly RecordedEnvelope[]) =>
    archive.map((one) => reader.read(one, decodeEnvelope(one.bytes))?.content.text ?? null)

  it('is read by the holder of a key for session key escrow, as far as a chain that was sealed goes', () => {
    const { parameters, secrets } = sessionKeyEscrow.setup(random)
    const seams = sessionKeyEscrow.join(parameters)
    const sealed = saidBy(alicesSession(), seams, ['one', 'two'])
    const stanzas = sealed.map(({ bytes }) => decodeEnvelope(bytes).stanzas)
    expect(stanzas.map((all) => [all[0]?.payload.length, seams.admit(all, 1), seams.admit(all, 2)])).toEqual([
      [1574, true, false],
      [1574, true, false],
    ])
    const reader = sessionKeyEscrow.reader(secrets.map(({ bytes }) => bytes))
    expect(textsOf(reader, sealed)).toEqual(['one', 'two'])
    // the same chain, two places on, with nothing sealed in it
    const later = saidBy(alicesSession(), noSeams, ['', '', 'three'])
    expect(textsOf(reader, later.slice(2))).toEqual(['three'])
  })

  it('is read by whoever has the seed of a ghost', () => {
    const seed = random(32)
    const ghost = puppetOf(seed, 'bob')
    const [signed, kem] = [1, 2].map((id) => ghost.prekeys().find((one) => one.id === id)) as [
      AgreementPrekey,
      KemPrekey,
    ]
    const begun: Handshake = {
      suite: 1,
      senderList: handshake.senderList,
      senderDevice: alice.record.id,
      startedAt: 1,
      ephemeralKey: generateAgreementPair(random).public,
      signedPrekeyId: signed.id,
      oneTimePrekeyId: null,
      kemPrekeyId: kem.id,
      kemCiphertext: encapsulate(kem.key, random(32)).ciphertext,
      policy: handshake.policy,
    }
    const keys = ghost.answering(begun) as AnsweringKeys
    const { rootSecret, transcript } = respond(ghost.device, keys, alice.record, begun)
    const session: Session = {
      ...alicesSession(),
      theirs: ghost.device.record,
      ephemeralKey: begun.ephemeralKey,
      transcript,
      handshake: encodeHandshake(begun),
      ratchet: startAsInitiator(suite1, rootSecret, transcript, signed.key, 1, random),
    }
    const archive = saidBy(session, noSeams, ['one', 'two'])
    expect(textsOf(ghostDevice.reader([seed]), archive)).toEqual(['one', 'two'])
    writeFileSync(path('archive'), archiveOf(archive))
    writeFileSync(path('key'), JSON.stringify({ doormat: 'escrow key', mode: 'ghost-device', secret: base64url(seed) }))
    const opener = new URL('../independent/ghost-opener.mjs', import.meta.url).pathname
    const { stdout } = spawnSync(process.execPath, [opener, path('archive'), path('key')], { encoding: 'utf8' })
    expect(
      stdout
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line) as object),
    ).toMatchObject([{ text: 'one' }, { text: 'two' }])
  })
})

describe('a session that was stored before there were suites', () => {
  /** Without the suite and whose session it is, which stand first now. */
  const ofBefore = (session: Session) => encodeSession(session).slice(2)

  it('is one of suite 1, and is stored as such from then on', () => {
    for (const session of [alicesSession(), bobsSession()]) {
      const read = decodeSession(ofBefore(session))
      expect(read).toEqual({ ...session, isOurs: false })
      expect(read.ratchet.suite).toBe(1)
      expect(decodeSession(encodeSession(read))).toEqual(read)
      expect(equal(ofBefore(read), ofBefore(session))).toBe(true)
    }
  })
})

it('accounts, lists, policies and safety numbers are the same bytes as before', () => {
  const same = ({ identities, twoDevices, policy, safetyNumber, linking, words, contents, encoding }: Vectors) => ({
    identities,
    twoDevices,
    policy,
    safetyNumber,
    linking,
    words,
    // what came later stands behind what there was
    contents: contents.slice(0, v.contents.length),
    encoding,
  })
  expect(same(later)).toEqual(same(v))
})
