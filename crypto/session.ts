import { within, written } from './arena.ts'
import { compare, decode, type Reader, type Writer } from './bytes.ts'
import { type Content, decodeContent, writeContent } from './content.ts'
import { type Envelope, encodeEnvelope } from './envelope.ts'
import { type AgreementKey, type Digest, type HeaderKey, keySizeBytes, wipe } from './keys.ts'
import {
  type DeviceRecord,
  deviceRecordMaximumBytes,
  type DeviceSecrets,
  readDeviceRecord,
  writeDeviceRecord,
} from './identity.ts'
import { type BodyPlace, openBody, sealBody } from './message.ts'
import type { PolicyReference } from './policy.ts'
import {
  type AnsweringKeys,
  encodeHandshake,
  type Handshake,
  handshakeMaximumBytes,
  initiate,
  respond,
} from './pqxdh.ts'
import { isFresh, type PrekeyBundle } from './prekeys.ts'
import type { Random } from './random.ts'
import { abandon, startAsInitiator, startAsResponder, stepReceiving, stepSending } from './ratchet.ts'
import { type Place, type RatchetState, ratchetMaximumBytes, readRatchet, writeRatchet } from './ratchet-state.ts'
import type { MessageSeams } from './seams.ts'
import type { ContextParts, Direction, SuiteNumber } from './suite.ts'
import { currentSuite, readSuiteNumber, suiteNumbered } from './suites.ts'

/** One of our devices and one of theirs. Every step returns the next session and leaves this one as it was. */
export interface Session {
  readonly theirs: DeviceRecord
  /** whether this device opened the session */
  readonly isOurs: boolean
  /** the initiator's ephemeral key: names the session */
  readonly ephemeralKey: AgreementKey
  /** milliseconds since 1970, by the initiator's clock; the latest session is the one to send with */
  readonly startedAt: number
  readonly transcript: Digest
  /** to be repeated with every message until their first reply; null after it, and for the responder */
  readonly handshake: Uint8Array | null
  /** whether one-time keys went into it; without them the first messages lean on longer-lived keys */
  readonly fresh: boolean
  readonly ratchet: RatchetState
}

/** @param bundle checked with `openBundle` against `theirs` */
export function openSession(
  ours: DeviceSecrets,
  ourList: Uint8Array,
  theirs: DeviceRecord,
  bundle: PrekeyBundle,
  policy: PolicyReference,
  startedAt: number,
  random: Random,
): Session {
  const { rootSecret, transcript, handshake } = initiate(ours, ourList, theirs, bundle, policy, startedAt, random)
  const ratchet = startAsInitiator(currentSuite, rootSecret, transcript, bundle.signed.key, policy.epoch, random)
  wipe(rootSecret)
  return {
    theirs,
    isOurs: true,
    ephemeralKey: handshake.ephemeralKey,
    startedAt,
    transcript,
    handshake: encodeHandshake(handshake),
    fresh: isFresh(bundle),
    ratchet,
  }
}

/**
 * The recipient's session from a handshake. Nothing in it is authentic until the first message has been decrypted:
 * keep the session, and let go of the one-time keys, only then.
 * @param theirs the sender's device, from `senderOf(handshake)` and checked against what is known of that account
 */
export function answerSession(
  ours: DeviceSecrets,
  keys: AnsweringKeys,
  theirs: DeviceRecord,
  handshake: Handshake,
): Session {
  const { rootSecret, transcript } = respond(ours, keys, theirs, handshake)
  const signedPrekey = { secret: keys.signed.secret, public: keys.signed.key }
  const { suite, policy } = handshake
  const ratchet = startAsResponder(suiteNumbered(suite), rootSecret, transcript, signedPrekey, policy.epoch)
  wipe(rootSecret)
  return {
    theirs,
    isOurs: false,
    ephemeralKey: handshake.ephemeralKey,
    startedAt: handshake.startedAt,
    transcript,
    handshake: null,
    fresh: isFresh(keys),
    ratchet,
  }
}

/** The session one step on; written out, because a spread is slow where every message passes. */
const withRatchet = (session: Session, ratchet: RatchetState, handshake: Uint8Array | null): Session => ({
  theirs: session.theirs,
  isOurs: session.isOurs,
  ephemeralKey: session.ephemeralKey,
  startedAt: session.startedAt,
  transcript: session.transcript,
  handshake,
  fresh: session.fresh,
  ratchet,
})

/**
 * Orders sessions with one device, the one to send with first: the latest start, then the larger ephemeral key. Both
 * sides know both values, so when both start at once they end up on the same session.
 */
export const bySendingOrder = (a: Session, b: Session): number =>
  b.startedAt - a.startedAt || compare(b.ephemeralKey, a.ephemeralKey)

export interface Encrypted {
  readonly next: Session
  /** encoded; to be stored with `next`, in one transaction, before it is sent */
  readonly envelope: Uint8Array
  readonly place: Place
  /** to be wiped once `next` is stored */
  readonly spent: readonly Uint8Array[]
}

/** In one frame of the arena, whose end wipes what all its parts have left. */
export const encrypt = (
  session: Session,
  ours: DeviceRecord,
  content: Content,
  policy: PolicyReference,
  seams: MessageSeams,
  random: Random,
): Encrypted =>
  within(() => {
    const step = stepSending(session.ratchet, random)
    const { transcript, theirs: recipient, handshake } = session
    const { encryptedHeader } = step
    const direction = directionOf(session, 'from us')
    const parts = { transcript, direction, sender: ours, recipient, handshake, encryptedHeader, policy }
    const sealing = {
      messageKey: step.messageKey,
      chainKey: step.chainKey,
      place: placeOf(session.ratchet.suite, parts, step.headerKey, step.place.index),
      seams,
      random,
    }
    return {
      envelope: sealBody(
        sealing,
        (to) => writeContent(to, content),
        ({ suite, stanzas, nonce, commitment, ciphertext }) =>
          encodeEnvelope({ suite, policy, handshake, encryptedHeader, stanzas, nonce, commitment, ciphertext }),
      ),
      next: withRatchet(session, step.next, handshake),
      place: step.place,
      spent: step.spent,
    }
  })

export interface Decrypted {
  readonly next: Session
  readonly content: Content
  readonly spent: readonly Uint8Array[]
}

/**
 * @param envelope its policy already checked against the chain
 * @returns null when the message is not of this session
 * @throws CryptoError `not-authentic` | `bad-key` | `key-gone` | `too-far-ahead` | `policy-dated-back` | `stanza-refused` | `malformed`; the session given stays good
 */
export const decrypt = (
  session: Session,
  ours: DeviceRecord,
  envelope: Envelope,
  seams: MessageSeams,
  random: Random,
): Decrypted | null =>
  within(() => {
    if (envelope.suite !== session.ratchet.suite) return null
    const step = stepReceiving(session.ratchet, envelope.encryptedHeader, envelope.policy.epoch, random)
    if (!step) return null
    const { handshake, encryptedHeader, policy } = envelope
    const { transcript, theirs: sender } = session
    const direction = directionOf(session, 'to us')
    const parts = { transcript, direction, sender, recipient: ours, handshake, encryptedHeader, policy }
    const place = placeOf(session.ratchet.suite, parts, step.headerKey, step.index)
    const content = openBody(step.messageKey, envelope, place, seams, decodeContent)
    const given = abandon(step.next, content.abandoned)
    return {
      next: withRatchet(session, given.next, null),
      content,
      spent: given.spent.length === 0 ? step.spent : [...step.spent, ...given.spent],
    }
  })

/** Which way a message of this session goes. */
export const directionOf = ({ isOurs }: Session, whose: 'from us' | 'to us'): Direction =>
  isOurs === (whose === 'from us') ? 'initiator to responder' : 'responder to initiator'

/** Where a message stands: what its keys are bound to, and what a mode may learn. */
function placeOf(suite: SuiteNumber, parts: ContextParts, headerKey: HeaderKey, index: number): BodyPlace {
  const { transcript, direction, sender, recipient, policy } = parts
  return {
    context: suiteNumbered(suite).context(parts),
    policy,
    sender,
    recipient,
    chain: { suite, transcript, direction, headerKey, index },
  }
}

/** The session as it is stored; secret. */
export function writeSession(to: Writer, session: Session): void {
  to.u8(session.ratchet.suite)
  to.u8(session.isOurs ? 1 : 0)
  to.fieldOf(() => writeDeviceRecord(to, session.theirs))
  to.bytes(session.ephemeralKey)
  to.u64(session.startedAt)
  to.bytes(session.transcript)
  to.u8(session.handshake ? 1 : 0)
  if (session.handshake) to.field(session.handshake)
  to.u8(session.fresh ? 1 : 0)
  writeRatchet(to, session.ratchet)
}

const sessionMaximumBytes = deviceRecordMaximumBytes + 128 + handshakeMaximumBytes + ratchetMaximumBytes

export const encodeSession = (session: Session): Uint8Array =>
  written(sessionMaximumBytes, (to) => writeSession(to, session))

export const decodeSession = (bytes: Uint8Array): Session =>
  decode(bytes, (reader) => readSession(reader, bytes[0] === beforeSuites))

/** Versions that knew only suite 1 began with the length of the record, whose first byte is 0. */
const beforeSuites = 0

function readSession(reader: Reader, isOfBefore: boolean): Session {
  const suite = isOfBefore ? 1 : readSuiteNumber(reader)
  // it counts in suite 2 alone
  const isOurs = !isOfBefore && reader.flag()
  return {
    theirs: decode(reader.lookField(deviceRecordMaximumBytes), readDeviceRecord),
    isOurs,
    ephemeralKey: reader.take(keySizeBytes) as AgreementKey,
    startedAt: reader.u64(),
    transcript: reader.take(keySizeBytes) as Digest,
    handshake: reader.flag() ? reader.field(handshakeMaximumBytes) : null,
    fresh: reader.flag(),
    ratchet: readRatchet(reader, suite),
  }
}
