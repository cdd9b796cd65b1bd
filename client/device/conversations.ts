import type { Time } from '../../server/running-time.ts'
import { isGroup } from './groups/peers.ts'
import type { GroupRecords } from './groups/records.ts'
import type { Receipts } from './receipts.ts'
import type { DeviceStore } from './store.ts'
import type { ContactRow } from './tables/people.ts'

/** `request`: somebody has written whom this person has never written to. */
export type Standing = 'accepted' | 'request' | 'blocked'

export interface Conversation {
  /** a person, or a group */
  readonly user: string
  readonly standing: Standing
  /** messages received that have not been shown to a person */
  readonly unread: number
  /** where in the history the first of them stands */
  readonly firstUnread: number | null
}

/** A forgotten message's id is known for this long after, so that it is not taken for a new one: twice as long as mail may wait. */
const rememberMs = 60 * 24 * 3600 * 1000

/** Who there is to talk with, what has been read, and what is to be forgotten. */
export interface Conversations {
  /** the latest first */
  all(): readonly Conversation[]
  /**
   * What has come from somebody up to this row has been shown: lifetimes begin, and the sender is told.
   * @param shown where not all of it was: these rows, and no other
   */
  markRead(user: string, row: number, shown?: ReadonlySet<number>): void
  /** How many messages `forget` would forget. */
  forgettable(user: string, id: string | null): number
  /** Forgets on this device alone: one message, or all there is with somebody. @returns how many */
  forget(user: string, id: string | null): number
  /** Forgets what has outlived its lifetime. @returns how many */
  expire(): number
}

export function createConversations(
  { tables, transaction }: DeviceStore,
  receipts: Receipts,
  records: GroupRecords,
  { running }: Time,
): Conversations {
  const { contacts, history } = tables

  const conversationWith = (contact: ContactRow) => {
    const { last, count, first } = history.summary(contact.user, contact.readRow)
    return { last, conversation: { ...standingOf(contact), unread: count, firstUnread: first } }
  }

  const conversationIn = (peer: string) => {
    const { last, count, first } = history.summary(peer, records.readRow(peer))
    const standing = records.get(peer)?.isAccepted ? 'accepted' : 'request'
    return { last, conversation: { user: peer, standing, unread: count, firstUnread: first } as const }
  }

  return {
    all: () =>
      [...contacts.all().map(conversationWith).filter(isWithSomebody), ...records.peers().map(conversationIn)]
        .sort((one, other) => (other.last ?? 0) - (one.last ?? 0))
        .map(({ conversation }) => conversation),

    markRead: (user, row, shown) =>
      transaction(() => {
        const contact = isGroup(user) ? null : contacts.get(user)
        const news = history.received(user, isGroup(user) ? records.readRow(user) : (contact?.readRow ?? 0), row)
        const isAnswered = isGroup(user) && records.get(user)?.isAccepted
        for (const message of news) {
          if (shown && !shown.has(message.row)) continue
          if (message.author === null) receipts.owe(user, 'read', message.id)
          else if (isAnswered) receipts.oweInGroup(message.author, 'read', message.id)
          if (message.lifetimeSeconds > 0 && message.goesAt === null)
            history.setGoesAt(message.row, running() + message.lifetimeSeconds * 1000)
        }
        // what was left out stays unread, and with it what stands behind it
        const leftOut = shown && news.find((message) => !shown.has(message.row))
        const upTo = leftOut ? leftOut.row - 1 : row
        if (news.length === 0 || news[0]?.row === leftOut?.row) return
        if (isGroup(user)) records.setReadRow(user, upTo)
        if (contact) contacts.put({ ...contact, readRow: upTo })
      }),

    forgettable: (user, id) => history.countMessages(user, id),

    // `goesAt` is when a message is forgotten, and then when its row goes too
    forget: (user, id) => history.forget(user, id, running() + rememberMs),

    expire() {
      const now = running()
      // asked many times a second: where nothing is due, nothing is locked
      if (!history.isDue(now)) return 0
      history.removeForgotten(now)
      return history.forgetDue(now, now + rememberMs)
    },
  }
}

/** Whoever is only in a group with this person, and has never written to them, is nobody to talk with yet. */
const isWithSomebody = ({ last, conversation }: { last: number | null; conversation: Conversation }) =>
  last !== null || conversation.standing !== 'request'

const standingOf = ({ user, blocked, accepted }: ContactRow): Pick<Conversation, 'user' | 'standing'> => ({
  user,
  standing: blocked ? 'blocked' : accepted ? 'accepted' : 'request',
})
