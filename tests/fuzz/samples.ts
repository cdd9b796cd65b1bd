import { writeNumbered } from '../../crypto/afterword.ts'
import { written } from '../../crypto/arena.ts'
import { messageKeyEscrow } from '../../crypto/access/message-key-escrow.ts'
import { sessionKeyEscrow } from '../../crypto/access/session-key-escrow.ts'
import { splitEscrow } from '../../crypto/access/split-escrow.ts'
import { newAttachmentKeys } from '../../crypto/attachment.ts'
import { type Content, encodeContent } from '../../crypto/content.ts'
import { decodeEnvelope } from '../../crypto/envelope.ts'
import type { AgreementKey, Digest } from '../../crypto/keys.ts'
import { padded } from '../support/forger.ts'
import { encodeHandshake } from '../../crypto/pqxdh.ts'
import { encodeBundle, encodePrekey, encodePrekeySecret } from '../../crypto/prekeys.ts'
import { encodeSession } from '../../crypto/session.ts'
import { recorded, underMode } from '../support/access.ts'
import { sendMany, turn } from '../support/acquainted.ts'
import { at } from '../support/at.ts'
import { couple } from '../support/couple.ts'
import { bare, changeBy, founding, groupPerson, step } from '../support/group-people.ts'
import { handshakeIn } from '../support/opening.ts'
import { seededRandom } from '../support/random.ts'
import { accountOf } from '../support/relay-account.ts'

/*
 * Valid encodings of everything that can be decoded, from conversations that took place: without and with an access mode,
 * before and after the first reply, with messages missing.
 */

const random = seededRandom('samples')

const plain = couple('samples')
const first = plain.alice.send('the first')
export const sessions = [plain.alice.session]
plain.bob.receive(first)
turn(plain.bob, plain.alice)
const lost = sendMany(plain.alice, 3)
plain.bob.receive(plain.alice.send('with three missing'))
sessions.push(plain.alice.session, plain.bob.session)

const weak = couple('weak samples', undefined, undefined, {
  handsOut: ({ prekeys }) => ({ signed: prekeys.signed, oneTime: null, kem: prekeys.lastResort }),
})
const weakFirst = weak.alice.send('without one-time keys')

/** A conversation under escrow, and the secret that opens it. */
export const escrowed = underMode(messageKeyEscrow, 'samples')
const escrowedFirst = escrowed.alice.send('the first, under escrow')
escrowed.bob.receive(escrowedFirst)
const escrowedReply = escrowed.bob.send('a reply, under escrow')

/** The same with a session's chain keys under escrow. */
export const sessionEscrowed = underMode(sessionKeyEscrow, 'samples')
export const underSessionEscrow = recorded(
  sessionEscrowed.alice,
  sessionEscrowed.bob,
  sessionEscrowed.alice.send('under escrow of its session'),
)

/** The same with the escrow key split. */
export const splitEscrowed = underMode(splitEscrow, 'samples')
export const underSplitEscrow = recorded(
  splitEscrowed.alice,
  splitEscrowed.bob,
  splitEscrowed.alice.send('under split escrow'),
)

export const envelopes = [first, at(lost, 0), weakFirst, escrowedFirst, escrowedReply]

/** What a relay recorded, under escrow and before. */
export const records = [first, escrowedFirst, escrowedReply].map((bytes) =>
  recorded(escrowed.alice, escrowed.bob, bytes),
)

export const handshakes = [first, weakFirst].map((bytes) => encodeHandshake(handshakeIn(decodeEnvelope(bytes))))

const place = { ratchetKey: random(32) as AgreementKey, index: 7 }
const text: Content = {
  kind: 'text',
  id: 'message-1',
  sequence: 1,
  sentAt: 1_700_000_000_000,
  abandoned: [],
  text: 'ein kurzer Gruß: 👩‍👩‍👧',
}

export const attachment = {
  ...newAttachmentKeys(random),
  root: random(32) as Digest,
  sizeBytes: 70_000,
  name: 'grüße.jpg',
  type: 'image/jpeg',
}

/** Whose changes of a group these are, and some of each kind. */
export const founder = groupPerson('alice')
const founded = step(founder, null, founding())
const { digest: group } = founded.signed
const person = bare(groupPerson('bob'))
export const changes = [
  founded.signed,
  changeBy(founder, founded.after, { kind: 'add', ...person }),
  changeBy(founder, founded.after, {
    kind: 'remove',
    ...person,
    spoken: [{ device: founder.device.record.id, from: 2, to: 3 }],
  }),
  changeBy(founder, founded.after, { kind: 'leave', spoken: [] }),
  changeBy(founder, founded.after, { kind: 'rename', title: 'Bücher' }),
  changeBy(founder, founded.after, { kind: 'lifetime', seconds: 3600 }),
]
const groupBody = {
  group,
  head: founded.after.head,
  counter: 2,
  salt: random(32),
  previous: random(32) as Digest,
  heard: [{ device: founder.device.record.id, counter: 7, digest: random(32) as Digest }],
}

const named = { author: 'alice', id: 'message-0' }

/** As a device stores them. */
export const afterwords = [
  { kind: 'reaction' as const, of: named, emoji: '👩‍🚀' },
  { kind: 'reaction' as const, of: named, emoji: '' },
  { kind: 'deletion' as const, ids: ['one', 'two'] },
].map((said) => written(1024, (to) => writeNumbered(to, said)))

export const contents = [
  text,
  { ...text, abandoned: [place, { ...place, index: 8 }], sequence: 2 ** 40 },
  { ...text, id: '~'.repeat(64), text: '' },
  { ...text, kind: 'reset' as const, sequence: 0, text: '' },
  { ...text, lifetimeSeconds: 604_800 },
  { ...text, kind: 'copy' as const, to: 'bob' },
  { ...text, kind: 'copy' as const, to: 'bob', lifetimeSeconds: 90 },
  { ...text, kind: 'receipt' as const, sequence: 0, text: '', status: 'read' as const, ids: ['one', 'two'] },
  { ...text, attachment },
  { ...text, further: [{ which: 1, bytes: random(3) }] },
  { ...text, kind: 'group' as const, ...groupBody },
  { ...text, kind: 'group' as const, ...groupBody, lifetimeSeconds: 60, attachment },
  { ...text, kind: 'news' as const, sequence: 0, text: '', group, asks: true, changes: [], lists: [] },
  {
    ...text,
    kind: 'news' as const,
    sequence: 0,
    text: '',
    group,
    asks: false,
    changes: changes.map(({ bytes }) => bytes),
    lists: [founder.signedList],
  },
  { ...text, kind: 'unknown' as const, number: 10, text: '', body: random(9) },
  { ...text, attachment, answers: named, further: [{ which: 4, bytes: random(3) }] },
  { ...text, kind: 'afterword' as const, text: '', said: { kind: 'reaction' as const, of: named, emoji: '👍🏽' } },
  {
    ...text,
    kind: 'afterword' as const,
    text: '',
    to: 'bob',
    said: { kind: 'deletion' as const, ids: ['one', 'two'] },
  },
  {
    ...text,
    kind: 'group afterword' as const,
    ...groupBody,
    text: '',
    said: { kind: 'reaction' as const, of: named, emoji: '' },
  },
].map(encodeContent)

export const paddeds = [0, 1, 124, 125, 252, 1020].map((size) => padded(random(size)))

export const owner = plain.bob.device
const prekeys = Object.values(plain.bob.prekeys)
export const encodedPrekeys = prekeys.map(encodePrekey)
export const encodedPrekeySecrets = prekeys.map(encodePrekeySecret)
export const bundles = [plain.bob.prekeys, { ...plain.bob.prekeys, oneTime: null }].map(encodeBundle)

export const accounts = [1, 3, 8].map((devices) => accountOf('carol', devices, random))
const encodedSessions = sessions.map(encodeSession)
/** Also as a version has kept them that knew only suite 1: without suite and flag. */
export const keptSessions = [
  ...encodedSessions,
  ...encodedSessions.filter(([suite]) => suite === 1).map((bytes) => bytes.slice(2)),
]
/** @param encoded a session as it is kept now @returns it as the given bytes have it, which are of either form */
export const asItWasKept = (given: Uint8Array, encoded: Uint8Array): Uint8Array =>
  given[0] === 0 ? encoded.slice(2) : encoded

/** an operator's chain of one link, with its key */
export const { chain } = escrowed
