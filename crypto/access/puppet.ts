import { concat, equal, hex, u32, utf8 } from '../bytes.ts'
import { type Content, decodeContent } from '../content.ts'
import { type Envelope, envelopeDigest } from '../envelope.ts'
import { CryptoError } from '../errors.ts'
import { createAccount, type DeviceRecord, type DeviceSecrets, isSameDevice } from '../identity.ts'
import { derive, labels } from '../kdf.ts'
import { type DeviceId, keySizeBytes, sized } from '../keys.ts'
import { openBody } from '../message.ts'
import { type AnsweringKeys, decodeHandshake, type Handshake, senderOf } from '../pqxdh.ts'
import {
  type AgreementPrekey,
  createPrekey,
  isKem,
  type KemPrekey,
  type Prekey,
  type PrekeyBundle,
  type PrekeyKind,
  type PrekeySecret,
} from '../prekeys.ts'
import type { Random } from '../random.ts'
import { decryptHeader } from '../ratchet.ts'
import { skipLimit } from '../ratchet-state.ts'
import type { MessageSeams } from '../seams.ts'
import { answerSession, bySendingOrder, decrypt, directionOf, encrypt, type Session } from '../session.ts'
import { suiteNumbered } from '../suites.ts'
import type { Reader, RecordedEnvelope } from './mode.ts'

/*
 * A puppet is a device under somebody's name that is not theirs: a ghost beside their own, or an impostor in their place.
 * All its keys come from one seed and the name, so that whoever has the seed can read the puppet's mail from a recording,
 * without having been there.
 */

const oneTimeKeys = 50
const signedId = 1
const lastResortId = 2
const firstOneTimeId = 3
const firstKemOneTimeId = firstOneTimeId + oneTimeKeys
/** A time in 2106, because a puppet's keys are made without a clock, again and again. */
const expiresAtSeconds = 0xffff_ffff

/** A `Random` that gives the same bytes again for the same seed and names. */
export function streamOf(seed: Uint8Array, ...names: readonly Uint8Array[]): Random {
  let counter = 0
  return (sizeBytes) => {
    const blocks: Uint8Array[] = []
    for (let made = 0; made < sizeBytes; made += 64)
      blocks.push(derive(labels.accessMode, seed, [utf8('puppet'), ...names, u32(counter++)], 64))
    return concat(...blocks).slice(0, sizeBytes)
  }
}

export interface Puppet {
  readonly device: DeviceSecrets
  /** of an account that has this one device, under an account key that is not the person's */
  readonly signedList: Uint8Array
  /** The public halves, for a relay to hand out: 50 one-time keys of each kind, the same ones again when they are used up. */
  prekeys(): readonly Prekey[]
  /**
   * The same, one bundle at a time, for whoever has the seed when somebody asks: most one-time keys are never made.
   * @param turn 0, 1, 2 and on, by which one-time keys are handed out; null: none of them
   */
  bundle(turn: number | null): PrekeyBundle
  /** null for ids that are not a puppet's */
  answering(handshake: Handshake): AnsweringKeys | null
}

/** @param seed 32 bytes */
export function puppetOf(seed: Uint8Array, user: string): Puppet {
  const { device, signedList } = createAccount(user, streamOf(seed, utf8('account'), utf8(user)))

  const kindOf = (id: number): PrekeyKind | null =>
    id === signedId
      ? 'signed'
      : id === lastResortId
        ? 'KEM last-resort'
        : id < firstOneTimeId || id >= firstKemOneTimeId + oneTimeKeys
          ? null
          : id < firstKemOneTimeId
            ? 'one-time'
            : 'KEM one-time'

  /** the two that every handshake may name */
  const lasting = new Map<number, PrekeySecret>()

  function prekey(id: number): PrekeySecret | null {
    const kind = kindOf(id)
    if (!kind) return null
    const made =
      lasting.get(id) ??
      createPrekey(kind, id, expiresAtSeconds, device, streamOf(seed, utf8('prekey'), utf8(user), u32(id)))
    if (id < firstOneTimeId) lasting.set(id, made)
    return made
  }

  function agreementPrekey(id: number): AgreementPrekey {
    const made = prekey(id)
    if (!made || isKem(made)) throw new Error('a puppet has an agreement key under another id')
    return made
  }

  function kemPrekey(id: number): KemPrekey {
    const made = prekey(id)
    if (!made || !isKem(made)) throw new Error('a puppet has a KEM key under another id')
    return made
  }

  return {
    device,
    signedList,
    prekeys: () =>
      Array.from({ length: firstKemOneTimeId + oneTimeKeys - 1 }, (_, i) => prekey(i + 1)).filter(
        (one) => one !== null,
      ),
    bundle(turn) {
      const signed = agreementPrekey(signedId)
      if (turn === null) return { signed, oneTime: null, kem: kemPrekey(lastResortId) }
      const next = turn % oneTimeKeys
      return { signed, oneTime: agreementPrekey(firstOneTimeId + next), kem: kemPrekey(firstKemOneTimeId + next) }
    },
    answering({ signedPrekeyId, oneTimePrekeyId, kemPrekeyId }) {
      const [signed, kem] = [prekey(signedPrekeyId), prekey(kemPrekeyId)]
      if (!signed || isKem(signed) || !kem || !isKem(kem)) return null
      if (oneTimePrekeyId === null) return { signed, oneTime: null, kem }
      const oneTime = prekey(oneTimePrekeyId)
      return oneTime && !isKem(oneTime) ? { signed, oneTime, kem } : null
    },
  }
}

/** A puppet takes in whatever comes. */
const anything: MessageSeams = { outgoing: () => [], incoming: () => undefined }

/** As many as a device keeps with another: whoever opens more has the last in sending order forgotten. */
const sessionsLimit = 4

/** Identifies a puppet, and a device as the relay names it. Names have no space in them. */
const endsOf = ({ id }: DeviceRecord, user: string, device: Uint8Array) => `${hex(id)} ${user} ${hex(device)}`

/** The sessions of puppets with people, and what comes on them. */
export interface PuppetMail {
  puppet(user: string): Puppet
  /** What somebody wrote to a puppet. Null for mail to anybody else. @throws CryptoError for mail to a puppet that does not open */
  open(recorded: RecordedEnvelope, envelope: Envelope): Content | null
  /** What a puppet wrote to somebody in a session that they had opened with it. Null for everything else. */
  overhear(recorded: RecordedEnvelope, envelope: Envelope): Content | null
  /** in sending order, with the very keys of this record */
  sessions(puppet: DeviceRecord, theirs: DeviceRecord): readonly Session[]
  /** in sending order, with any device to which the relay gives this name and id */
  sessionsAt(puppet: DeviceRecord, user: string, device: DeviceId): readonly Session[]
  /** A new session, or the next state of one that is there. */
  keep(puppet: DeviceRecord, session: Session): void
}

export function createPuppetMail(seed: Uint8Array): PuppetMail {
  const puppets = new Map<string, Puppet>()
  const known = new Map<string, readonly Session[]>()

  function puppet(user: string): Puppet {
    const made = puppets.get(user) ?? puppetOf(seed, user)
    puppets.set(user, made)
    return made
  }

  const sessionsAt = (ours: DeviceRecord, user: string, device: DeviceId) => known.get(endsOf(ours, user, device)) ?? []

  function keep(ours: DeviceRecord, session: Session): void {
    const { user, id } = session.theirs
    const others = sessionsAt(ours, user, id).filter(({ ephemeralKey }) => !equal(ephemeralKey, session.ephemeralKey))
    known.set(endsOf(ours, user, id), [...others, session].sort(bySendingOrder).slice(0, sessionsLimit))
  }

  /** The session that a handshake would open with a puppet. @throws CryptoError */
  function answer(own: Puppet, { fromUser, fromDevice }: RecordedEnvelope, envelope: Envelope): Session {
    if (!envelope.handshake) throw new CryptoError('no-session', 'no session with that device opens the message')
    const handshake = decodeHandshake(envelope.handshake)
    const theirs = senderOf(handshake)
    // anybody who has seen a handshake can hand it in as their own, and would use up the messages that follow it
    if (theirs.user !== fromUser || !equal(theirs.id, fromDevice))
      throw new CryptoError('wrong-person', 'the handshake is of another device than the relay says')
    const keys = own.answering(handshake)
    if (!keys) throw new CryptoError('key-gone', 'the handshake names prekeys that the puppet does not have')
    return answerSession(own.device, keys, theirs, handshake)
  }

  return {
    puppet,
    keep,
    sessionsAt,
    sessions: (ours, theirs) =>
      sessionsAt(ours, theirs.user, theirs.id).filter((session) => isSameDevice(session.theirs, theirs)),

    open(recorded, envelope) {
      const own = puppet(recorded.toUser)
      const { record } = own.device
      if (!equal(record.id, recorded.toDevice)) return null
      // what a puppet draws for its next chain comes from the message that it answers, so a recording yields it again
      const random = streamOf(seed, utf8('turn'), envelopeDigest(recorded.bytes))
      for (const session of sessionsAt(record, recorded.fromUser, recorded.fromDevice)) {
        const read = decrypt(session, record, envelope, anything, random)
        if (!read) continue
        keep(record, read.next)
        return read.content
      }
      const read = decrypt(answer(own, recorded, envelope), record, envelope, anything, random)
      if (!read) throw new CryptoError('not-authentic', 'the first message of a session does not open')
      keep(record, read.next)
      return read.content
    },

    overhear(recorded, envelope) {
      const { record } = puppet(recorded.fromUser).device
      if (!equal(record.id, recorded.fromDevice)) return null
      for (const session of sessionsAt(record, recorded.toUser, recorded.toDevice)) {
        const sent = readSent(session, record, envelope)
        if (!sent) continue
        keep(record, sent.next)
        return sent.content
      }
      return null
    },
  }
}

const isSpokenIn = ({ ratchet: { sending } }: Session, { encryptedHeader }: Envelope): boolean =>
  sending !== null && decryptHeader(encryptedHeader, sending.headerKey) !== null

/** A session whose sending chain stands at this envelope, which it has sent. Null if it has not. */
function atSent(session: Session, { suite, encryptedHeader }: Envelope): Session | null {
  const { sending } = session.ratchet
  const header = sending && suite === session.ratchet.suite && decryptHeader(encryptedHeader, sending.headerKey)
  if (!header || header.index < sending.index || header.index - sending.index > skipLimit) return null
  const chainKey = suiteNumbered(suite).chainKeyAfter(sending.chainKey, header.index - sending.index)
  return { ...session, ratchet: { ...session.ratchet, sending: { ...sending, chainKey, index: header.index } } }
}

/** Reads an envelope of our own sending chain, as its maker could. Afterwards the session counts it as sent. */
function readSent(session: Session, ours: DeviceRecord, envelope: Envelope) {
  const at = atSent(session, envelope)
  const sending = at?.ratchet.sending
  if (!sending) return null
  const { handshake, encryptedHeader, policy } = envelope
  const suite = suiteNumbered(session.ratchet.suite)
  const [{ transcript, theirs: recipient }, direction] = [session, directionOf(session, 'from us')]
  const context = suite.context({ transcript, direction, sender: ours, recipient, handshake, encryptedHeader, policy })
  const { headerKey, index } = sending
  const chain = { suite: suite.number, transcript, direction, headerKey, index }
  const { chainKey, messageKey } = suite.stepChain(sending.chainKey)
  const place = { context, policy, sender: ours, recipient, chain }
  const content = openBody(messageKey, envelope, place, anything, decodeContent)
  const next = { ...at, ratchet: { ...at.ratchet, sending: { ...sending, chainKey, index: sending.index + 1 } } }
  return { content, next }
}

/**
 * Somebody with the seeds of puppets, at work on a recording.
 * @param opening whether puppets open sessions of their own as well: a recording does not give those again, and mail in one of
 * them is nothing to this reader, who has read it where it was passed on
 * @param seamsUnder what the policy of an epoch asks of a message that is to be believed
 */
export function puppetReader(
  modeId: string,
  held: readonly Uint8Array[],
  opening: 'by people' | 'by either',
  seamsUnder: (epoch: number) => MessageSeams = () => anything,
): Reader {
  const mails = held.map((seed) => createPuppetMail(sized(seed, keySizeBytes)))

  function contentOf(mail: PuppetMail, recorded: RecordedEnvelope, envelope: Envelope): Content | null {
    try {
      return mail.open(recorded, envelope) ?? mail.overhear(recorded, envelope)
    } catch (error) {
      if (opening === 'by either' && error instanceof CryptoError && error.code === 'no-session') return null
      throw error
    }
  }

  return {
    read(recorded, envelope) {
      for (const mail of mails) {
        const content = contentOf(mail, recorded, envelope)
        if (content) return { recorded, content, modeId, epoch: envelope.policy.epoch }
      }
      return null
    },
    /**
     * What the sender's puppet writes in a session that the recipient has opened with it. A puppet has no other
     * sessions of its own.
     */
    forge(recorded, envelope, text, random) {
      for (const mail of mails) {
        const { record } = mail.puppet(recorded.fromUser).device
        const sessions = mail
          .sessionsAt(record, recorded.toUser, recorded.toDevice)
          .filter(({ ratchet }) => ratchet.sending)
        const session = sessions.find((one) => isSpokenIn(one, envelope)) ?? sessions[0]
        if (!session) continue
        const said = { id: hex(random(16)), sequence: 1, sentAt: recorded.time, abandoned: [], text }
        return encrypt(
          session,
          record,
          { kind: 'text', ...said },
          envelope.policy,
          seamsUnder(envelope.policy.epoch),
          random,
        ).envelope
      }
      return null
    },
  }
}
