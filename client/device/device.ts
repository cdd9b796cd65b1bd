import { hex, utf8 } from '../../crypto/bytes.ts'
import { type Attachment, type BlobId, isFileName, isMediaType } from '../../crypto/attachment.ts'
import { captionMaximumBytes, textMaximumBytes } from '../../crypto/content.ts'
import { groupTextMaximumBytes } from '../../crypto/group-content.ts'
import { isName } from '../../crypto/identity.ts'
import { isMessageId, type MessageName } from '../../crypto/message-name.ts'
import type { Random } from '../../crypto/random.ts'
import { createRunningTime, type Time } from '../../server/running-time.ts'
import { type Afterwords, createAfterwords } from './afterwords.ts'
import { type Contacts, createContacts } from './contacts.ts'
import { ClientError } from './errors.ts'
import { createGroups, type Groups } from './groups/groups.ts'
import { isGroup } from './groups/peers.ts'
import { createHolding } from './groups/holding.ts'
import { createGroupMail } from './groups/mail.ts'
import { createGroupRecords } from './groups/records.ts'
import { createGroupSending, type GroupSending } from './groups/sending.ts'
import { createHistory, type History } from './history.ts'
import type { HistoryAfterword, HistoryMessage } from './history-entries.ts'
import { type Restored, restoreBackup } from './backup/restoring.ts'
import { takeBackup, type Taken } from './backup/taking.ts'
import { type Conversations, createConversations } from './conversations.ts'
import { createInbox, type Inbox } from './inbox.ts'
import { createMutes, type Mutes } from './mutes.ts'
import { createOutbox, type Outbox } from './outbox.ts'
import { createPolicies, type JoinMode, type Policies } from './policies.ts'
import { createPrekeys, type Prekeys, type Supply } from './prekeys.ts'
import { createReceipts } from './receipts.ts'
import { loadSelf, type Self } from './self.ts'
import { createSessions, type Sessions } from './sessions.ts'
import type { DeviceStore } from './store.ts'
import { createToMeet, type ToMeet } from './to-meet.ts'
import { noSpool, type Spool } from './transfer.ts'
import { checkContacts } from './trust.ts'
import { createPauses, type Pauses } from './upload-pauses.ts'
import { createUploaded, type Uploaded } from './uploaded.ts'

/** What a device is made of besides its store. */
export interface DeviceParts {
  readonly joinMode: JoinMode
  readonly random: Random
  /** milliseconds since 1970; may be years off */
  readonly clock: () => number
  /** running time, where the clock is known to be right: counted by the store without it */
  readonly running?: () => number
  /** where files wait to go out; without it none can be sent */
  readonly spool?: Spool
  /** how many one-time keys it keeps at the relay; `usualSupply` without it */
  readonly supply?: Supply
}

/** One person's device: what it remembers, and what it can be asked without a network. */
export interface Device {
  readonly store: DeviceStore
  readonly self: Self
  readonly history: History
  /** reactions, and deletions for everybody, without sending: `react` and `deleteForAll` of the device send */
  readonly afterwords: Afterwords
  readonly conversations: Conversations
  readonly groups: Groups
  readonly groupSending: GroupSending
  readonly contacts: Contacts
  readonly mutes: Mutes
  readonly sessions: Sessions
  readonly policies: Policies
  readonly prekeys: Prekeys
  readonly outbox: Outbox
  readonly inbox: Inbox
  readonly spool: Spool
  /** how far files are on their way to the relay */
  readonly uploaded: Uploaded
  /** how long files wait before they are tried again, over connections */
  readonly uploadPauses: Pauses
  /** @throws ClientError `bad-text` for what cannot be sent */
  check(text: string, id?: string, peer?: string): void
  /** @throws ClientError `no-such-contact` for what cannot be the name of somebody else */
  checkName(user: string): void
  /** A person, or a group. @throws ClientError `no-such-contact` | `blocked` | `not-allowed` */
  checkAddressee(peer: string): void
  /**
   * Writes a message down, to be sent when the relay can be reached. The same id to the same person twice is a no-op.
   * @throws ClientError `bad-text` | `no-such-contact` | `blocked`
   */
  write(user: string, text: string, id?: string, answers?: MessageName): HistoryMessage
  /**
   * One emoji on a message, for all who have it; an empty one takes it back.
   * @throws ClientError `bad-text` | `no-such-message` | `no-such-contact` | `blocked` | `not-allowed`
   */
  react(peer: string, of: MessageName, emoji: string): HistoryAfterword
  /**
   * Own messages go here, and on the devices of those who have them, where their programs do as they are asked.
   * @throws ClientError `no-such-message` | `no-such-contact` | `blocked` | `not-allowed`
   */
  deleteForAll(peer: string, ids: readonly string[]): HistoryAfterword
  /**
   * What `writeFile` would refuse, before a file is encrypted.
   * @throws ClientError `bad-text` | `no-such-contact` | `blocked`
   */
  checkFile(user: string, text: string, id?: string): void
  /**
   * A message with a file, which stands in the spool: it goes out when the relay has the file. The text may be empty.
   * @throws as `checkFile`; ClientError `bad-file` for a name or a type that no message can carry
   */
  writeFile(user: string, text: string, attachment: Attachment, id?: string, answers?: MessageName): HistoryMessage
  /** Several at once, in one transaction. */
  writeAll(
    user: string,
    messages: readonly { readonly text: string; readonly id?: string }[],
  ): readonly HistoryMessage[]
  /**
   * One message to each of these people, written down under one id in one transaction; a link that is up seals it for all
   * of them in one, too. Whoever is blocked is passed over.
   * @throws ClientError `bad-text` | `no-such-contact`
   */
  sendToMany(users: readonly string[], text: string, id?: string): readonly HistoryMessage[]
  /** Asks the relay for somebody's devices, so that they are a contact. */
  meet(user: string): void
  readonly toMeet: ToMeet
  /** Calls back whenever something has been written to be sent. @returns ends that */
  onWritten(wake: () => void): () => void
  /**
   * Tells why messages to somebody do not go out; for good, if nobody of that name exists.
   * @returns the blobs at the relay that nobody will fetch
   */
  cannotSend(user: string, code: string, forGood: boolean): readonly BlobId[]
  /** The account key that has turned up takes the old one's place; mail held back under it is read. */
  acceptChange(user: string): void
  /** The account key that has turned up is turned away, and mail held back under it with it. */
  refuseChange(user: string): void
  /** The records of a backup, see backup/taking.ts. */
  takeBackup(tell: (taken: Taken) => void): Generator<Uint8Array>
  /** What a backup has that this device lacks. @throws as backup/restoring.ts says */
  restoreBackup(records: Iterable<Uint8Array>): Restored
}

/** A message as somebody writes it. */
interface Written {
  readonly text: string
  readonly id?: string
  readonly attachment?: Attachment
  readonly answers?: MessageName
}

/** @throws ClientError `no-device`, CryptoError `not-authentic` where a locked store was written without its passphrase */
export function openDevice(store: DeviceStore, parts: DeviceParts): Device {
  const { joinMode, random, clock, supply } = parts
  const self = loadSelf(store)
  checkContacts(store)
  const time: Time = { clock, running: parts.running ?? createRunningTime(store.lastLook, clock) }
  const history = createHistory(store, time)
  const receipts = createReceipts(store, self, time)
  const contacts = createContacts(store, history, receipts)
  const sessions = createSessions(store)
  const policies = createPolicies(store, self, joinMode, history)
  const prekeys = createPrekeys(store, self, random, time, supply)
  const records = createGroupRecords(store)
  const conversations = createConversations(store, receipts, records, time)
  const holding = createHolding(store, records, self.device.record, () => self.others().length > 0, clock)
  const groups = createGroups({
    store,
    records,
    holding,
    self,
    contacts,
    history,
    receipts,
    random,
    clock,
    wake: () => written(),
  })
  const groupSending = createGroupSending({
    store,
    records,
    groups,
    holding,
    history,
    self,
    random,
    clock,
  })
  const mutes = createMutes(store, clock)
  const kept = { store, self, records, mutes, time }
  const outbox = createOutbox({
    store,
    self,
    history,
    sessions,
    policies,
    receipts,
    contacts,
    groupSending,
    random,
    clock,
  })
  const spool = parts.spool ?? noSpool
  const { user: ourName } = self.device.record
  const afterwords = createAfterwords({ store, history, user: ourName, spool, random, clock })
  const groupMail = createGroupMail({
    store,
    records,
    groups,
    contacts,
    history,
    receipts,
    afterwords,
    self: self.device.record,
    clock,
  })
  const knowing = { afterwords, contacts, sessions, prekeys, policies, receipts, groupMail }
  const inbox = createInbox({ store, self, history, ...knowing, random, time })

  function checkName(user: string): void {
    if (isName(user) && user !== ourName) return
    throw new ClientError('no-such-contact', 'that is not the name of another person')
  }

  const longestTo = (peer: string | null, hasFile: boolean) => {
    if (peer !== null && isGroup(peer)) return groupTextMaximumBytes
    return hasFile ? captionMaximumBytes : textMaximumBytes
  }

  function check(text: string, id?: string, peer: string | null = null, hasFile = false): void {
    if (!text.isWellFormed()) throw new ClientError('bad-text', 'the text is not well-formed Unicode')
    const size = utf8(text).length
    const most = longestTo(peer, hasFile)
    if (size === 0 && !hasFile) throw new ClientError('bad-text', 'a message cannot be empty')
    if (size > most) throw new ClientError('bad-text', `a message is at most ${most} bytes; this one has ${size}`)
    if (id !== undefined && !isMessageId(id))
      throw new ClientError('bad-text', 'an id is 1 to 64 printable characters without spaces')
  }

  function checkAddressee(peer: string): void {
    if (isGroup(peer)) {
      const group = groups.get(peer)
      if (!group?.isOurs) throw new ClientError('not-allowed', `you are not in ${group?.now.title ?? 'that group'}`)
      if (group.isLeaving) throw new ClientError('not-allowed', `you are leaving ${group.now.title}`)
      return
    }
    checkName(peer)
    if (contacts.isBlocked(peer))
      throw new ClientError('blocked', `${peer} is blocked`, `doormat contacts unblock ${peer}`)
  }

  function checkFile(user: string, text: string, id?: string): void {
    checkAddressee(user)
    check(text, id, user, true)
  }

  function checkAttachmentWords({ name, type }: Attachment): void {
    if (!isFileName(name)) throw new ClientError('bad-file', 'the name of a file is 1 to 255 bytes of UTF-8')
    if (!isMediaType(type)) throw new ClientError('bad-file', 'that is no media type')
  }

  const wakers = new Set<() => void>()
  const written = () => wakers.forEach((wake) => wake())

  function writeAll(user: string, messages: readonly Written[]): readonly HistoryMessage[] {
    checkAddressee(user)
    for (const { text, id, attachment } of messages) check(text, id, user, attachment !== undefined)
    const all = store.transaction(() => {
      const group = isGroup(user) ? groups.get(user) : null
      if (group) {
        groups.accept(user)
        holding.askAgain(user, group.now)
      }
      if (!group) contacts.accept(user)
      const lifetimeSeconds = group ? group.now.lifetimeSeconds : contacts.lifetimeOf(user)
      return messages.map(({ text, id, attachment, answers }) => {
        const messageId = id ?? hex(random(16))
        const known = history.outgoing(user, messageId)
        if (known) return known
        const message = {
          id: messageId,
          text,
          ...(lifetimeSeconds > 0 && { lifetimeSeconds }),
          ...(attachment && { attachment }),
          ...(answers && { answers }),
        }
        return history.message(history.addOutgoing(user, message)) as HistoryMessage
      })
    })
    written()
    return all
  }

  type Asked = Pick<Written, 'text' | 'attachment'> & { readonly [Part in 'id' | 'answers']: Written[Part] | undefined }

  function writeOne(user: string, { text, attachment, id, answers }: Asked): HistoryMessage {
    const optional = {
      ...(attachment && { attachment }),
      ...(id !== undefined && { id }),
      ...(answers && { answers }),
    }
    return writeAll(user, [{ text, ...optional }])[0] as HistoryMessage
  }

  function say(peer: string, work: () => HistoryAfterword): HistoryAfterword {
    checkAddressee(peer)
    const said = store.transaction(() => {
      const said = work()
      if (isGroup(peer)) groups.accept(peer)
      else contacts.accept(peer)
      return said
    })
    written()
    return said
  }

  const device: Device = {
    store,
    self,
    history,
    afterwords,
    conversations,
    groups,
    groupSending,
    contacts,
    mutes,
    sessions,
    policies,
    prekeys,
    outbox,
    inbox,
    spool,
    uploaded: createUploaded(store),
    uploadPauses: createPauses(clock),
    check: (text, id, peer) => check(text, id, peer),
    checkName,
    checkAddressee,
    checkFile,
    writeFile(user, text, attachment, id, answers) {
      checkFile(user, text, id)
      checkAttachmentWords(attachment)
      return writeOne(user, { text, attachment, id, answers })
    },
    writeAll,
    sendToMany: (users, text, id = hex(random(16))) =>
      store.transaction(() =>
        users.filter((user) => !contacts.isBlocked(user)).flatMap((user) => writeAll(user, [{ text, id }])),
      ),
    toMeet: createToMeet(store),
    meet(user) {
      checkName(user)
      device.toMeet.add(user)
      written()
    },
    onWritten(wake) {
      wakers.add(wake)
      return () => void wakers.delete(wake)
    },
    write: (user, text, id, answers) => writeOne(user, { text, id, answers }),
    react: (peer, of, emoji) => say(peer, () => afterwords.react(peer, of, emoji)),
    deleteForAll: (peer, ids) => say(peer, () => afterwords.deleteForAll(peer, ids)),
    cannotSend(user, code, forGood) {
      const held = store.tables.history.waitingRows(user)
      const blobs = forGood ? held.flatMap((row) => history.message(row)?.attachment?.blob ?? []) : []
      store.transaction(() => {
        if (forGood) for (const row of held) history.setState(row, 'failed', null)
        if (forGood) groupSending.letGo(user)
        history.notice('not-sent', user, { text: code })
      })
      return blobs
    },
    takeBackup: (tell) => takeBackup(kept, tell),
    restoreBackup(records) {
      const restored = restoreBackup({ ...kept, contacts, holding }, records)
      written()
      return restored
    },
    refuseChange: (user) =>
      store.transaction(() => {
        contacts.refuseChange(user)
        inbox.drop(user)
      }),
    acceptChange: (user) =>
      store.transaction(() => {
        contacts.acceptChange(user)
        outbox.recall(user)
        inbox.release(user)
      }),
  }
  return device
}

/** Whether this device keeps its messages back because of the access mode in force. */
export function refuses({ self, policies }: Device): boolean {
  return self.refusesAccess && (policies.head()?.policy.modeId ?? 'none') !== 'none'
}
