import { base64url, concat, equal, field, u8, utf8 } from '../../crypto/bytes.ts'
import type {
  AfterwordContent,
  Content,
  CopyContent,
  InGroup,
  NewsContent,
  ReceiptContent,
  TextContent,
} from '../../crypto/content.ts'
import { CryptoError } from '../../crypto/errors.ts'
import { decodeEnvelope, type Envelope } from '../../crypto/envelope.ts'
import type { DeviceRecord } from '../../crypto/identity.ts'
import { digest, labels } from '../../crypto/kdf.ts'
import { wipe } from '../../crypto/keys.ts'
import { decodeHandshake, type Handshake, senderOf } from '../../crypto/pqxdh.ts'
import type { Random } from '../../crypto/random.ts'
import { answerSession, decrypt } from '../../crypto/session.ts'
import { type Delivery, type DeviceAddress, prekeyLifetimeSeconds } from '../../server/api.ts'
import type { Time } from '../../server/running-time.ts'
import type { Afterwords } from './afterwords.ts'
import type { Contacts } from './contacts.ts'
import type { GroupMail, Sender } from './groups/mail.ts'
import type { History } from './history.ts'
import { openKnownList } from './opened-lists.ts'
import type { Policies } from './policies.ts'
import type { Prekeys } from './prekeys.ts'
import type { Receipts } from './receipts.ts'
import type { Self } from './self.ts'
import type { Sessions } from './sessions.ts'
import type { DeviceStore } from './store.ts'
import { createUnreadable } from './unreadable.ts'

/** What came of a batch. */
export interface Received {
  /** up to which sequence the relay may forget */
  readonly acknowledge: number
  /** devices whose mail cannot be read any more without a new session from us */
  readonly resets: readonly DeviceAddress[]
  /** whether sessions were opened by others, with prekeys of ours */
  readonly opened: boolean
  /** whether somebody named prekeys that this store has not made: a reason to ask the relay, and no proof */
  readonly doubtful: boolean
  /** people whom another device of ours has written to, and this one does not know yet */
  readonly unmet: readonly string[]
}

/** What this device receives: the session's next state and the text are stored together, before anything is acknowledged. */
export interface Inbox {
  /**
   * Takes in a batch, in one transaction. A message that cannot be read becomes a notice; it stops nothing.
   * What has been taken in before, by its bytes, is only to be acknowledged again.
   */
  receive(batch: readonly Delivery[]): Received
  /** Reads what had been held back under an account key that has since been accepted. */
  release(user: string): void
  /** Lets go of it instead, and says how much it was. */
  drop(user: string): void
  /** Whether an epoch is named that is not in the chain yet. */
  needsPolicy(batch: readonly Delivery[], headEpoch: number): boolean
}

type Mail = Omit<Delivery, 'sequence'>

/** What an envelope says, and whose device its session is with. */
interface Opened {
  readonly content: Content
  readonly theirs: DeviceRecord
}

/** Twice as long as mail may wait at a relay, in running time. */
const rememberMs = 60 * 24 * 3600 * 1000

/** Mail under changed account keys, of all people together; what comes beyond is told of as unreadable. */
const heldMaximum = 256
const heldMaximumBytes = 4 * 1024 * 1024

/** What an inbox works with. */
export interface InboxParts {
  readonly store: DeviceStore
  readonly self: Self
  readonly history: History
  readonly afterwords: Afterwords
  readonly contacts: Contacts
  readonly sessions: Sessions
  readonly prekeys: Prekeys
  readonly policies: Policies
  readonly receipts: Receipts
  readonly groupMail: GroupMail
  readonly random: Random
  readonly time: Time
}

export function createInbox(parts: InboxParts): Inbox {
  const { store, self, history, afterwords, contacts, sessions, prekeys, policies, receipts, groupMail, random } = parts
  const { ledger, sessions: sessionTable, heard, taken, held } = store.tables
  const { clock, running } = parts.time
  const ours = self.device.record
  /** sessions that others have opened, since this process began */
  let answered = 0
  let doubtful = false
  const unmet = new Set<string>()
  const unreadable = createUnreadable(store, ours.user, contacts, history, clock)

  /** @throws CryptoError */
  function open(from: DeviceAddress, envelope: Envelope): Opened {
    const seams = policies.seamsFor(envelope.policy)
    const handshake = envelope.handshake && decodeHandshake(envelope.handshake)
    for (const session of sessions.with(from.user, from.device)) {
      if (handshake && !equal(handshake.ephemeralKey, session.ephemeralKey)) continue
      const read = decrypt(session, ours, envelope, seams, random)
      if (!read) continue
      checkAccount(session.theirs)
      sessions.put(read.next)
      wipe(...read.spent)
      return { content: read.content, theirs: session.theirs }
    }
    if (!handshake) throw new CryptoError('no-session', 'no session with that device opens the message')
    return answer(from, handshake, envelope)
  }

  /** A device that is written to and shown to nobody has a session, and no say. */
  function checkAccount({ user, accountKey }: DeviceRecord): void {
    const known = user === ours.user ? ours.accountKey : contacts.accountKeyOf(user)
    if (known && !equal(known, accountKey))
      throw new CryptoError('wrong-person', 'a message of a device that is not of the account')
  }

  /** A new session: its one-time keys go, and its ephemeral key is remembered, only once the message has been read. */
  function answer(from: DeviceAddress, handshake: Handshake, envelope: Envelope): Opened {
    const { ephemeralKey } = handshake
    if (ledger.has(ephemeralKey) || sessionTable.isKnown(ephemeralKey))
      throw new CryptoError('replayed', 'this session has been opened before')
    const theirs = senderOf(handshake, openKnownList)
    if (!equal(theirs.id, from.device))
      throw new CryptoError('wrong-person', 'the handshake is of another device than the relay says')
    const own = from.user === ours.user
    if (own) self.admit(handshake.senderList, theirs)
    const isOfKnownAccount = own || contacts.admit(from.user, handshake.senderList, theirs)
    policies.seamsFor(handshake.policy)
    if (prekeys.lacks(handshake)) doubtful = true
    const keys = prekeys.answering(handshake)
    const read = decrypt(
      answerSession(self.device, keys, theirs, handshake),
      ours,
      envelope,
      policies.seamsFor(envelope.policy),
      random,
    )
    if (!read) throw new CryptoError('not-authentic', 'the first message of a session does not open')
    if (!isOfKnownAccount) {
      contacts.setAside(from.user, handshake.senderList)
      throw new CryptoError('account-changed', 'the message is of another account key than before')
    }
    if (!own) contacts.keep(from.user, handshake.senderList)
    if (read.content.kind === 'reset') sessions.retire(from.user, from.device)
    sessions.add(read.next)
    prekeys.useUp(keys)
    answered += 1
    ledger.add({ ephemeral: ephemeralKey, expires: running() + 2 * prekeyLifetimeSeconds * 1000 })
    if (!read.next.fresh && !contacts.isBlocked(from.user))
      history.notice('weak-session', from.user, { text: 'the conversation began without one-time keys' })
    wipe(...read.spent)
    return { content: read.content, theirs }
  }

  function record(from: DeviceAddress, { content, theirs }: Opened, epoch: number): void {
    const own = from.user === ours.user
    const isForAnybody = ['reset', 'unknown', 'group', 'group afterword', 'news'].includes(content.kind)
    if (!isForAnybody && (isCopy(content) ? !own : own))
      throw new CryptoError('wrong-person', 'a message of a kind that its sender does not send to this device')
    if (content.kind === 'unknown' || content.further) noteNewer(from, content, epoch)
    if (content.kind === 'reset') return
    if (content.kind === 'group' || content.kind === 'group afterword' || content.kind === 'news')
      return recordForGroup({ user: from.user, device: from.device, accountKey: theirs.accountKey }, content, epoch)
    if (content.kind === 'receipt') return recordReceipt(from.user, content)
    if (content.sequence > 0) noteGap(from, content.sequence)
    if (content.kind === 'copy') recordCopy(from, content, epoch)
    if (content.kind === 'text') recordText(from, content, epoch)
    if (content.kind === 'afterword') recordAfterword(from, content, epoch)
  }

  function recordReceipt(user: string, { ids, status }: ReceiptContent): void {
    history.confirm(user, ids, status)
    groupMail.confirm(user, ids, status)
  }

  /**
   * A later version has said something that this one cannot show. That is kept as it came, for a version that can; and what this one shows stands in
   * the history, where it can be forgotten. Of what is to vanish nothing else is kept.
   */
  function noteNewer({ user }: DeviceAddress, content: Content, epoch: number): void {
    if (contacts.isBlocked(user)) return
    const vanishes = 'lifetimeSeconds' in content && content.lifetimeSeconds !== undefined
    unreadable.tellNewer(user, vanishes ? '' : base64url(unknownIn(content)), epoch)
  }

  /** A group is its members', and not this person's with one of them. */
  function recordForGroup(sender: Sender, content: InGroup | NewsContent, epoch: number): void {
    // whom an admin has removed is removed, whoever does not want to hear of that admin
    if (content.kind === 'news') {
      for (const user of groupMail.learn(sender, content)) unreadable.tell(user, 'wrong-person')
      return
    }
    noteGap(sender, content.sequence)
    if (!contacts.isBlocked(sender.user)) groupMail.receive(sender, content, epoch)
  }

  /** What another device of this account has sent: to accept, and to set a lifetime, is to have done it here too. */
  function recordCopy({ device }: DeviceAddress, content: CopyContent, epoch: number): void {
    history.addCopy(device, content, epoch)
    acceptAs(content.to)
    noteLifetime(content.to, content)
  }

  function acceptAs(user: string): void {
    if (!contacts.isKnown(user)) unmet.add(user)
    contacts.accept(user)
  }

  function recordAfterword({ user, device }: DeviceAddress, content: AfterwordContent, epoch: number): void {
    const { to } = content
    if (to !== undefined) {
      afterwords.recordCopy(device, { ...content, to }, epoch)
      acceptAs(to)
    } else if (!contacts.isBlocked(user)) afterwords.record(user, device, content, epoch)
  }

  function recordText({ user, device }: DeviceAddress, content: TextContent, epoch: number): void {
    if (contacts.isBlocked(user)) return
    noteLifetime(user, content)
    if (history.addIncoming(user, device, content, epoch)) receipts.owe(user, 'delivered', content.id)
  }

  /** The conversation keeps the lifetime that was set in it last, by either side. */
  function noteLifetime(user: string, { lifetimeSeconds = 0 }: TextContent | CopyContent): void {
    if (!contacts.isKnown(user) || contacts.lifetimeOf(user) === lifetimeSeconds) return
    contacts.setLifetime(user, lifetimeSeconds)
    history.notice('lifetime', user, { count: lifetimeSeconds, text: 'messages stay this many seconds' })
  }

  /** Numbers that are missing before this one are told of; they may still come, and then say that they are late. */
  function noteGap(from: DeviceAddress, sequence: number): void {
    const { user } = from
    const next = heard.next(from)
    if (contacts.isBlocked(user)) return hear(from, next, sequence)
    if (sequence > next)
      history.notice('gap', user, { count: sequence - next, text: `${sequence - next} not received before this one` })
    if (sequence < next) history.notice('late', user, { count: sequence, text: 'the next one comes out of order' })
    hear(from, next, sequence)
  }

  const hear = ({ user, device }: DeviceAddress, next: number, sequence: number) =>
    heard.set({ user, device, next: Math.max(next, Math.min(sequence, Number.MAX_SAFE_INTEGER - 1) + 1) })

  /** What has been stored is known again by its digest, for as long as a relay could still have it. */
  const nameOf = ({ from, envelope }: Mail) =>
    // with its sender, as everything that an envelope means depends on who has handed it in
    digest(labels.delivery, utf8(from.user), from.device, envelope)

  const isTaken = (mail: Mail) => taken.has(nameOf(mail))

  const remember = (mail: Mail) => taken.add({ digest: nameOf(mail), at: running() })

  /** @returns false where that much is held already that no more may be */
  function hold({ from, time, envelope }: Mail): boolean {
    const { count, bytes } = held.size()
    if (count >= heldMaximum || bytes + envelope.length > heldMaximumBytes) return false
    held.add({ ...from, time, envelope })
    return true
  }

  /** @returns whether a new session is needed for their messages to be readable again */
  function take(mail: Mail): boolean {
    const { from } = mail
    try {
      const envelope = decodeEnvelope(mail.envelope)
      record(from, open(from, envelope), envelope.policy.epoch)
      remember(mail)
      return false
    } catch (error) {
      if (!(error instanceof CryptoError)) throw error
      if (contacts.isBlocked(from.user)) return false
      if (error.code === 'account-changed' && hold(mail)) {
        remember(mail)
        return false
      }
      unreadable.tell(from.user, error.code)
      // The header of a message too far ahead was authentic; one of no session may be anybody's.
      return (
        error.code === 'too-far-ahead' ||
        (error.code === 'no-session' && (from.user === ours.user || contacts.isKnown(from.user)))
      )
    }
  }

  return {
    receive: (batch) =>
      store.transaction(() => {
        const before = answered
        const resets = batch.filter((mail) => !isTaken(mail) && take(mail)).map(({ from }) => from)
        ledger.removeExpiredBefore(running())
        taken.removeBefore(running() - rememberMs)
        const acknowledge = Math.max(0, ...batch.map(({ sequence }) => sequence))
        const wasDoubtful = doubtful
        doubtful = false
        const strangers = [...unmet]
        unmet.clear()
        return { acknowledge, resets, opened: answered > before, doubtful: wasDoubtful, unmet: strangers }
      }),

    release: (user) =>
      store.transaction(() => {
        const released = held.of(user)
        held.removeOf(user)
        for (const { device, time, envelope } of released) take({ from: { user, device }, time, envelope })
      }),

    drop(user) {
      const dropped = held.removeOf(user)
      for (let i = 0; i < dropped; i++) unreadable.tell(user, 'account-changed')
    },

    needsPolicy: (batch, headEpoch) =>
      batch.some(({ envelope }) => {
        try {
          return decodeEnvelope(envelope).policy.epoch > headEpoch
        } catch {
          return false
        }
      }),
  }
}

const isCopy = (content: Content) =>
  content.kind === 'copy' || (content.kind === 'afterword' && content.to !== undefined)

/** Number and body of an unknown kind; each unknown extension as it stands in a content. */
const unknownIn = (content: Content): Uint8Array =>
  content.kind === 'unknown'
    ? concat(u8(content.number), content.body)
    : concat(...(content.further ?? []).map(({ which, bytes }) => concat(u8(which), field(bytes))))
