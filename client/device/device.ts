import { hex, utf8 } from '../../crypto/bytes.ts'
import { isMessageId, textMaximumBytes } from '../../crypto/content.ts'
import { isName } from '../../crypto/identity.ts'
import type { Random } from '../../crypto/random.ts'
import { createRunningTime, type Time } from '../../server/running-time.ts'
import { type Contacts, createContacts } from './contacts.ts'
import { ClientError } from './errors.ts'
import { createHistory, type History, type HistoryMessage, waiting } from './history.ts'
import { type Conversations, createConversations } from './conversations.ts'
import { createInbox, type Inbox } from './inbox.ts'
import { createOutbox, type Outbox } from './outbox.ts'
import { createPolicies, type JoinMode, type Policies } from './policies.ts'
import { createPrekeys, type Prekeys, type Supply } from './prekeys.ts'
import { createReceipts } from './receipts.ts'
import { loadSelf, type Self } from './self.ts'
import { createSessions, type Sessions } from './sessions.ts'
import type { DeviceStore } from './store.ts'
import { checkContacts } from './trust.ts'

/** What a device is made of besides its store. */
export interface DeviceParts {
  readonly joinMode: JoinMode
  readonly random: Random
  /** milliseconds since 1970; may be years off */
  readonly clock: () => number
  /** running time, where the clock is known to be right: counted by the store without it */
  readonly running?: () => number
  /** how many one-time keys it keeps at the relay; `usualSupply` without it */
  readonly supply?: Supply
}

/** One person's device: what it remembers, and what it can be asked without a network. */
export interface Device {
  readonly store: DeviceStore
  readonly self: Self
  readonly history: History
  readonly conversations: Conversations
  readonly contacts: Contacts
  readonly sessions: Sessions
  readonly policies: Policies
  readonly prekeys: Prekeys
  readonly outbox: Outbox
  readonly inbox: Inbox
  /** @throws ClientError `bad-text` for what cannot be sent */
  check(text: string, id?: string): void
  /** @throws ClientError `no-such-contact` for what cannot be the name of somebody else */
  checkName(user: string): void
  /**
   * Writes a message down, to be sent when the relay can be reached. The same id to the same person twice is a no-op.
   * @throws ClientError `bad-text` | `no-such-contact` | `blocked`
   */
  write(user: string, text: string, id?: string): HistoryMessage
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
  /** Calls back whenever something has been written to be sent. @returns ends that */
  onWritten(wake: () => void): () => void
  /** Tells why messages to somebody do not go out; for good, if nobody of that name exists. */
  cannotSend(user: string, code: string, forGood: boolean): void
  /** The account key that has turned up takes the old one's place; mail held back under it is read. */
  acceptChange(user: string): void
  /** The account key that has turned up is turned away, and mail held back under it with it. */
  refuseChange(user: string): void
}

/** @throws ClientError `no-device`, CryptoError `not-authentic` where a locked store was written without its passphrase */
export function openDevice(store: DeviceStore, parts: DeviceParts): Device {
  const { joinMode, random, clock, supply } = parts
  const self = loadSelf(store)
  checkContacts(store)
  const time: Time = { clock, running: parts.running ?? createRunningTime(store.lastLook, clock) }
  const history = createHistory(store, time)
  const receipts = createReceipts(store, self)
  const contacts = createContacts(store, history, receipts)
  const sessions = createSessions(store)
  const policies = createPolicies(store, self, joinMode, history)
  const prekeys = createPrekeys(store, self, random, time, supply)
  const conversations = createConversations(store, receipts, time)
  const outbox = createOutbox({ store, self, history, sessions, policies, receipts, random, clock })
  const inbox = createInbox({ store, self, history, contacts, sessions, prekeys, policies, receipts, random, time })

  function checkName(user: string): void {
    if (isName(user) && user !== self.device.record.user) return
    throw new ClientError('no-such-contact', 'that is not the name of another person')
  }

  function check(text: string, id?: string): void {
    if (!text.isWellFormed()) throw new ClientError('bad-text', 'the text is not well-formed Unicode')
    const size = utf8(text).length
    if (size === 0) throw new ClientError('bad-text', 'a message cannot be empty')
    if (size > textMaximumBytes)
      throw new ClientError('bad-text', `a message is at most ${textMaximumBytes} bytes; this one has ${size}`)
    if (id !== undefined && !isMessageId(id))
      throw new ClientError('bad-text', 'an id is 1 to 64 printable characters without spaces')
  }

  const wakers = new Set<() => void>()
  const written = () => wakers.forEach((wake) => wake())

  function writeAll(user: string, messages: readonly { text: string; id?: string }[]): readonly HistoryMessage[] {
    checkName(user)
    for (const { text, id } of messages) check(text, id)
    if (contacts.isBlocked(user))
      throw new ClientError('blocked', `${user} is blocked`, `doormat contacts unblock ${user}`)
    const all = store.transaction(() => {
      contacts.accept(user)
      const lifetimeSeconds = contacts.lifetimeOf(user)
      return messages.map(({ text, id }) => {
        const messageId = id ?? hex(random(16))
        const known = history.outgoing(user, messageId)
        if (known) return known
        const message = { id: messageId, text, ...(lifetimeSeconds > 0 && { lifetimeSeconds }) }
        return history.message(history.addOutgoing(user, message)) as HistoryMessage
      })
    })
    written()
    return all
  }

  return {
    store,
    self,
    history,
    conversations,
    contacts,
    sessions,
    policies,
    prekeys,
    outbox,
    inbox,
    check,
    checkName,
    writeAll,
    sendToMany: (users, text, id = hex(random(16))) =>
      store.transaction(() =>
        users.filter((user) => !contacts.isBlocked(user)).flatMap((user) => writeAll(user, [{ text, id }])),
      ),
    onWritten(wake) {
      wakers.add(wake)
      return () => void wakers.delete(wake)
    },
    write: (user, text, id) => writeAll(user, [id === undefined ? { text } : { text, id }])[0] as HistoryMessage,
    cannotSend(user, code, forGood) {
      const held = store.all(`SELECT row FROM history WHERE ${waiting} AND peer = ?`, user)
      store.transaction(() => {
        if (forGood) for (const row of held) history.setState(Number(row['row']), 'failed', null)
        history.notice('not-sent', user, { text: code })
      })
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
}

/** Whether this device keeps its messages back because of the access mode in force. */
export function refuses({ self, policies }: Device): boolean {
  return self.refusesAccess && (policies.head()?.policy.modeId ?? 'none') !== 'none'
}
