import { decodeRecord, encodeRecord, splitRecords } from '../../crypto/access/archive.ts'
import { readNumbered, writeNumbered } from '../../crypto/afterword.ts'
import { modeCalled, modes } from '../../crypto/access/index.ts'
import { messageKeyEscrow } from '../../crypto/access/message-key-escrow.ts'
import { readPoint, readScalar } from '../../crypto/access/ristretto.ts'
import { sessionKeyEscrow } from '../../crypto/access/session-key-escrow.ts'
import { answerSizeBytes, combine, respond } from '../../crypto/access/split-custodians.ts'
import { splitEscrow } from '../../crypto/access/split-escrow.ts'
import { decodeShare, decodeSplitKey, encodeShare, encodeSplitKey } from '../../crypto/access/split-key.ts'
import { requestFor } from '../../crypto/access/split-request.ts'
import { written } from '../../crypto/arena.ts'
import {
  base64url,
  concat,
  decode,
  field,
  fromBase64url,
  fromHex,
  fromUtf8,
  hex,
  Reader,
  utf8,
} from '../../crypto/bytes.ts'
import {
  type Attachment,
  decodeAttachment,
  encodeAttachment as wholeAttachment,
  openAttachment,
  readAttachment,
  sealAttachment,
  writeAttachment,
} from '../../crypto/attachment.ts'
import { decodeContent, encodeContent } from '../../crypto/content.ts'
import { decodeEnvelope, encodeEnvelope } from '../../crypto/envelope.ts'
import { CryptoError } from '../../crypto/errors.ts'
import { checkName, openDeviceList, openProvenList, proveDevice, signDeviceList } from '../../crypto/identity.ts'
import { labels, sign } from '../../crypto/kdf.ts'
import { linkCode, type LinkSecret, linkSteps, openNote, readLinkCode, sealNote } from '../../crypto/linking.ts'
import { type AccountKey, checkSigningKey } from '../../crypto/keys.ts'
import { openChange } from '../../crypto/membership.ts'
import { pad, unpad } from '../../crypto/padding.ts'
import { suite2 } from '../../crypto/suite-2.ts'
import {
  encodePolicyReference,
  followPolicy,
  readModeId,
  readPolicyReference,
  signPolicy,
} from '../../crypto/policy.ts'
import { decodeHandshake, encodeHandshake, senderOf } from '../../crypto/pqxdh.ts'
import {
  decodePrekey,
  decodePrekeySecret,
  encodeBundle,
  encodePrekey,
  encodePrekeySecret,
  openBundle,
} from '../../crypto/prekeys.ts'
import { ratchetMaximumBytes, type RatchetState, readRatchet, writeRatchet } from '../../crypto/ratchet-state.ts'
import { decodeSession, encodeSession } from '../../crypto/session.ts'
import { decodeDelivery, decodeSubmission, encodeDelivery, encodeSubmission, RelayError } from '../../server/api.ts'
import { at } from '../support/at.ts'
import { seededRandom } from '../support/random.ts'
import { someStanzaInput } from '../support/stanza-input.ts'
import {
  accounts,
  asItWasKept,
  attachment,
  bundles,
  chain,
  changes,
  afterwords,
  contents,
  encodedPrekeys,
  encodedPrekeySecrets,
  envelopes,
  escrowed,
  founder,
  handshakes,
  keptSessions,
  owner,
  paddeds,
  records,
  sessionEscrowed,
  sessions,
  splitEscrowed,
  underSessionEscrow,
  underSplitEscrow,
} from './samples.ts'

/** One way in for bytes from outside. */
export interface Decoder {
  /** begins with the name of the function */
  readonly name: string
  /** valid encodings */
  readonly samples: readonly Uint8Array[]
  /** what somebody does to changed bytes before handing them in: whoever may sign, signs */
  readonly from?: (bytes: Uint8Array) => Uint8Array
  /** Decodes, and encodes again: other bytes than those given would be a second encoding of one value. */
  readonly again: (bytes: Uint8Array) => Uint8Array
  /** whether this is how the decoder is documented to say no */
  readonly refuses: (error: unknown) => boolean
  /** of one input, beside a cheap decoder's */
  readonly cost: number
}

export const refusing =
  (...codes: readonly CryptoError['code'][]) =>
  (error: unknown): boolean =>
    error instanceof CryptoError && codes.includes(error.code)
const malformed = refusing('malformed')
const badRequest = (error: unknown) => error instanceof RelayError && error.code === 'bad-request'

/** For what is decoded from text. */
const ofText = (again: (text: string) => string) => (bytes: Uint8Array) => utf8(again(fromUtf8(bytes)))

const encodeRatchet = (state: RatchetState) => written(ratchetMaximumBytes, (to) => writeRatchet(to, state))

const encodeAttachment = (some: Attachment) => written(1024, (to) => writeAttachment(to, some))

const signatureSizeBytes = 64
const carol = at(accounts, 1)
const proofs = new Map(
  [0, 1, 2].map((i) => [hex(carol.device(i).device.record.id), proveDevice(carol.device(i).device)]),
)

/** Only the account can make another list than this. */
const genuine = (accountKey: string) =>
  accounts.find(({ device }) => hex(device(0).device.record.accountKey) === accountKey)?.signedList ?? new Uint8Array()

function signedByItsAccount(bytes: Uint8Array): Uint8Array {
  const head = bytes.subarray(0, Math.max(0, bytes.length - signatureSizeBytes))
  return concat(head, sign(labels.deviceList, carol.accountSecret, head))
}

/** Its signature made anew, where there is a place for one. */
function signedByTheOperator(bytes: Uint8Array): Uint8Array {
  try {
    const reader = new Reader(bytes)
    const [body, parameters] = [reader.field(bytes.length), reader.field(bytes.length)]
    const rest = bytes.subarray(reader.offset + signatureSizeBytes)
    return concat(field(body), field(parameters), sign(labels.policy, chain.pair.secret, body), rest)
  } catch {
    return bytes
  }
}

const linkSecret = new Uint8Array(20).fill(7) as LinkSecret
const linkNote = sealNote(linkSecret, linkSteps.account, utf8('an account'), seededRandom('note'))

const escrowSecret = at(escrowed.secrets, 0).bytes
const underEscrow = at(records, 1)
const opened = decodeEnvelope(underEscrow.bytes)
const stanza = at(opened.stanzas, 0)
const openedSession = decodeEnvelope(underSessionEscrow.bytes)
const sessionStanza = at(openedSession.stanzas, 0)

const openedSplit = decodeEnvelope(underSplitEscrow.bytes)
const splitStanza = at(openedSplit.stanzas, 0)
const shares = splitEscrowed.secrets.map(({ bytes }) => decodeShare(bytes))
const { splitKey } = at(shares, 0)
const underOrder = requestFor(underSplitEscrow, openedSplit)
if (!underOrder) throw new Error('an envelope without a stanza')
const threeAnswers = shares.slice(0, 3).map((share) => respond(share, underOrder, () => true))

const inCrypto: readonly Decoder[] = [
  {
    name: 'fromUtf8',
    samples: ['', 'ascii', 'Gruß 日本 👩‍👩‍👧 \ufeff\0'].map(utf8),
    again: (bytes) => utf8(fromUtf8(bytes)),
    refuses: malformed,
    cost: 1,
  },
  {
    name: 'fromHex',
    samples: ['', '00', '0123456789abcdef'].map(utf8),
    again: ofText((text) => hex(fromHex(text))),
    refuses: malformed,
    cost: 1,
  },
  {
    name: 'fromBase64url',
    samples: ['', 'AA', 'AAA', '_-09azAZ'].map(utf8),
    again: ofText((text) => base64url(fromBase64url(text))),
    refuses: malformed,
    cost: 1,
  },
  {
    name: 'checkName',
    samples: ['a', 'alice', 'a23456789.123456789_123456789-12'].map(utf8),
    again: ofText(checkName),
    refuses: malformed,
    cost: 1,
  },
  {
    name: 'checkSigningKey',
    samples: accounts.map(({ device }) => device(0).device.record.accountKey),
    again: (bytes) => checkSigningKey(bytes as AccountKey),
    refuses: refusing('bad-key'),
    cost: 2,
  },
  {
    name: 'readModeId',
    samples: modes.map(({ id }) => field(utf8(id))),
    again: (bytes) => field(utf8(decode(bytes, readModeId))),
    refuses: malformed,
    cost: 1,
  },
  {
    name: 'readPolicyReference',
    samples: [encodePolicyReference(chain.head.reference)],
    again: (bytes) => encodePolicyReference(decode(bytes, readPolicyReference)),
    refuses: malformed,
    cost: 1,
  },
  {
    name: 'decodeContent',
    samples: contents,
    again: (bytes) => encodeContent(decodeContent(bytes)),
    refuses: malformed,
    cost: 1,
  },
  {
    name: 'readNumbered',
    samples: afterwords,
    again: (bytes) => written(bytes.length, (to) => writeNumbered(to, readNumbered(bytes))),
    refuses: malformed,
    cost: 1,
  },
  {
    name: 'openChange',
    samples: changes.map(({ bytes }) => bytes),
    again: (bytes) => openChange(bytes, founder.list).bytes,
    refuses: refusing('malformed', 'bad-key', 'bad-signature', 'wrong-person'),
    cost: 3,
  },
  {
    name: 'readAttachment',
    samples: [encodeAttachment(attachment), encodeAttachment({ ...attachment, sizeBytes: 0, type: '' })],
    again: (bytes) => encodeAttachment(decode(bytes, readAttachment)),
    refuses: malformed,
    cost: 1,
  },
  {
    name: 'decodeAttachment',
    samples: [wholeAttachment(attachment), wholeAttachment({ ...attachment, voiceMs: 12_345 })],
    again: (bytes) => wholeAttachment(decodeAttachment(bytes)),
    refuses: malformed,
    cost: 1,
  },
  {
    name: 'openAttachment',
    samples: [sealAttachment(attachment.key, 100).seal(new Uint8Array(100).fill(7))],
    again: (bytes) =>
      sealAttachment(attachment.key, 100).seal(openAttachment({ ...attachment, sizeBytes: 100 }).open(bytes)),
    refuses: refusing('malformed', 'not-authentic'),
    cost: 1,
  },
  {
    name: 'unpad',
    samples: paddeds,
    again: (bytes) => pad(unpad(bytes, suite2.paddedSizes), suite2.paddedSizes),
    refuses: malformed,
    cost: 1,
  },
  {
    name: 'decodeEnvelope',
    samples: envelopes,
    again: (bytes) => encodeEnvelope(decodeEnvelope(bytes)),
    refuses: malformed,
    cost: 2,
  },
  {
    name: 'decodeHandshake',
    samples: handshakes,
    again: (bytes) => encodeHandshake(decodeHandshake(bytes)),
    refuses: malformed,
    cost: 2,
  },
  {
    name: 'senderOf a handshake',
    samples: handshakes,
    again(bytes) {
      const handshake = decodeHandshake(bytes)
      senderOf(handshake)
      return encodeHandshake(handshake)
    },
    refuses: refusing('malformed', 'bad-key', 'bad-signature', 'wrong-person'),
    cost: 10,
  },
  {
    name: 'openDeviceList',
    samples: accounts.map(({ signedList }) => signedList),
    again: (bytes) => genuine(hex(openDeviceList(bytes).accountKey)),
    refuses: refusing('malformed', 'bad-key', 'bad-signature'),
    cost: 10,
  },
  {
    name: 'openProvenList',
    samples: accounts.map(({ signedList }) => signedList),
    again: (bytes) => genuine(hex(openProvenList(bytes).list.accountKey)),
    refuses: refusing('malformed', 'bad-key', 'bad-signature'),
    cost: 10,
  },
  {
    name: 'readLinkCode',
    samples: [utf8(linkCode(linkSecret))],
    // a code may be typed in small letters, with blanks or without hyphens
    again: (bytes) => (linkCode(readLinkCode(String.fromCharCode(...bytes))).length === 39 ? bytes : new Uint8Array()),
    refuses: malformed,
    cost: 1,
  },
  {
    name: 'openNote',
    samples: [linkNote],
    again: (bytes) => (openNote(linkSecret, linkSteps.account, bytes).length > 0 ? linkNote : new Uint8Array()),
    refuses: refusing('not-authentic'),
    cost: 1,
  },
  {
    name: 'openDeviceList, signed by its account',
    samples: [carol.signedList],
    from: signedByItsAccount,
    again(bytes) {
      const list = openDeviceList(bytes)
      const theirs = list.devices.map(({ id }) => proofs.get(hex(id)) ?? new Uint8Array())
      return signDeviceList(list, theirs, carol.accountSecret)
    },
    refuses: refusing('malformed', 'bad-key', 'bad-signature'),
    cost: 20,
  },
  {
    name: 'decodePrekey',
    samples: encodedPrekeys,
    again: (bytes) => encodePrekey(decodePrekey(bytes)),
    refuses: malformed,
    cost: 1,
  },
  {
    name: 'decodePrekeySecret',
    samples: encodedPrekeySecrets,
    again: (bytes) => encodePrekeySecret(decodePrekeySecret(bytes)),
    refuses: malformed,
    cost: 1,
  },
  {
    name: 'openBundle',
    samples: bundles,
    again: (bytes) => encodeBundle(openBundle(bytes, owner.record, 1)),
    refuses: refusing('malformed', 'bad-signature', 'expired'),
    cost: 10,
  },
  {
    name: 'followPolicy',
    samples: [chain.head.bytes],
    from: signedByTheOperator,
    again(bytes) {
      const { policy, parameters } = followPolicy(null, bytes, chain.pair.public)
      return signPolicy(policy.modeId, parameters, policy.time, null, chain.pair.secret).bytes
    },
    refuses: refusing('malformed', 'bad-signature', 'policy-broken'),
    cost: 10,
  },
  {
    name: 'readRatchet',
    samples: sessions.map(({ ratchet }) => encodeRatchet(ratchet)),
    again: (bytes) => encodeRatchet(decode(bytes, (reader) => readRatchet(reader, 2))),
    refuses: malformed,
    cost: 1,
  },
  {
    name: 'decodeSession',
    samples: keptSessions,
    again: (bytes) => asItWasKept(bytes, encodeSession(decodeSession(bytes))),
    refuses: malformed,
    cost: 2,
  },
]

const inAccess: readonly Decoder[] = [
  {
    name: 'modeCalled',
    samples: modes.map(({ id }) => utf8(id)),
    again: ofText((id) => modeCalled(id).id),
    refuses: malformed,
    cost: 1,
  },
  {
    name: 'decodeRecord',
    samples: records.map((record) => encodeRecord(record).subarray(4)),
    again: (bytes) => encodeRecord(decodeRecord(bytes)).subarray(4),
    refuses: malformed,
    cost: 2,
  },
  {
    name: 'splitRecords',
    samples: [concat(...records.map(encodeRecord)), encodeRecord(at(records, 0)).subarray(0, 99)],
    again(bytes) {
      const { records, usedBytes } = splitRecords(bytes)
      return concat(...records.map(field), bytes.subarray(usedBytes))
    },
    refuses: malformed,
    cost: 2,
  },
  {
    name: 'join of message-key-escrow, and a seal to what it took',
    samples: [escrowed.parameters],
    again(bytes) {
      const some = someStanzaInput('join')
      messageKeyEscrow.join(bytes).outgoing(() => some.input, some.chainKey)
      return bytes
    },
    refuses: refusing('malformed', 'bad-key'),
    cost: 20,
  },
  {
    name: 'join of none',
    samples: [new Uint8Array()],
    again(bytes) {
      at(modes, 0).join(bytes)
      return new Uint8Array()
    },
    refuses: malformed,
    cost: 1,
  },
  {
    name: 'read of message-key-escrow, from a stanza',
    samples: [stanza.payload],
    again(payload) {
      messageKeyEscrow.reader([escrowSecret]).read(underEscrow, { ...opened, stanzas: [{ ...stanza, payload }] })
      return stanza.payload
    },
    refuses: refusing('malformed', 'not-authentic'),
    cost: 20,
  },
  {
    name: 'read of session-key-escrow, from a stanza',
    samples: [sessionStanza.payload],
    again(payload) {
      sessionKeyEscrow
        .reader([at(sessionEscrowed.secrets, 0).bytes])
        .read(underSessionEscrow, { ...openedSession, stanzas: [{ ...sessionStanza, payload }] })
      return sessionStanza.payload
    },
    refuses: refusing('malformed', 'not-authentic'),
    cost: 20,
  },
  {
    name: 'readPoint',
    samples: splitKey.publicShares,
    again: (bytes) => decode(bytes, readPoint),
    refuses: refusing('malformed', 'bad-key'),
    cost: 1,
  },
  {
    name: 'readScalar',
    samples: [new Uint8Array(32), ...shares.map(({ secret }) => secret)],
    again: (bytes) => decode(bytes, readScalar),
    refuses: malformed,
    cost: 1,
  },
  {
    name: 'decodeSplitKey',
    samples: [splitEscrowed.parameters],
    again: (bytes) => encodeSplitKey(decodeSplitKey(bytes)),
    refuses: refusing('malformed', 'bad-key'),
    cost: 20,
  },
  {
    name: 'decodeShare',
    samples: splitEscrowed.secrets.map(({ bytes }) => bytes),
    again: (bytes) => encodeShare(decodeShare(bytes)),
    refuses: refusing('malformed', 'bad-key'),
    cost: 20,
  },
  {
    name: 'read of split-escrow, from a stanza without a proof',
    samples: [splitStanza.payload],
    // whoever has the shares looks at no proof
    from: (bytes) => concat(bytes.subarray(0, 32), splitStanza.payload.subarray(32, 96), bytes.subarray(96)),
    again(payload) {
      const held = splitEscrowed.secrets.slice(0, 3).map(({ bytes }) => bytes)
      splitEscrow.reader(held).read(underSplitEscrow, { ...openedSplit, stanzas: [{ ...splitStanza, payload }] })
      return splitStanza.payload
    },
    refuses: refusing('malformed', 'bad-key', 'not-authentic'),
    cost: 20,
  },
  {
    name: 'respond to a request',
    samples: [splitStanza.payload],
    again(stanza) {
      respond(at(shares, 0), { ...underOrder, stanza }, () => true)
      return splitStanza.payload
    },
    refuses: refusing('malformed', 'bad-key', 'not-authentic'),
    cost: 10,
  },
  {
    name: 'combine of three answers',
    samples: [concat(...threeAnswers)],
    again(bytes) {
      const answers = threeAnswers.map((_, i) => ({
        custodian: i + 1,
        bytes:
          i < 2 ? bytes.subarray(i * answerSizeBytes, (i + 1) * answerSizeBytes) : bytes.subarray(2 * answerSizeBytes),
      }))
      combine(splitKey, underOrder, answers)
      return concat(...threeAnswers)
    },
    refuses: refusing('custodian-lied'),
    cost: 20,
  },
  {
    name: 'read of message-key-escrow, with a secret',
    samples: [escrowSecret],
    again(secret) {
      messageKeyEscrow.reader([secret]).read(underEscrow, opened)
      return escrowSecret
    },
    refuses: refusing('malformed', 'not-authentic'),
    cost: 20,
  },
]

const address = { user: owner.record.user, device: owner.record.id }

const onTheWire: readonly Decoder[] = [
  {
    name: 'decodeSubmission',
    samples: envelopes.map((envelope, i) => encodeSubmission(i, { to: address, counter: i + 1, envelope })),
    again(bytes) {
      const { ref, submission } = decodeSubmission(bytes)
      return encodeSubmission(ref, submission)
    },
    refuses: badRequest,
    cost: 2,
  },
  {
    name: 'decodeDelivery',
    samples: envelopes.map((envelope, i) => encodeDelivery({ sequence: i, time: 2 ** 41, from: address, envelope })),
    again: (bytes) => encodeDelivery(decodeDelivery(bytes)),
    refuses: badRequest,
    cost: 2,
  },
]

export const decoders: readonly Decoder[] = [...inCrypto, ...inAccess, ...onTheWire]
