import type { Time } from '../../server/running-time.ts'
import type { Receipts } from './receipts.ts'
import type { DeviceStore, Row } from './store.ts'

/** `request`: somebody has written whom this person has never written to. */
export type Standing = 'accepted' | 'request' | 'blocked'

export interface Conversation {
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
  /** What has come from somebody up to this row has been shown: lifetimes begin, and the sender is told. */
  markRead(user: string, row: number): void
  /** How many messages `forget` would forget. */
  forgettable(user: string, id: string | null): number
  /** Forgets on this device alone: one message, or all there is with somebody. @returns how many */
  forget(user: string, id: string | null): number
  /** Forgets what has outlived its lifetime. @returns how many */
  expire(): number
}

const isNew = "peer = user AND row > read_row AND direction = 'in' AND kind = 'message'"
/** `goes_at`, in running time, is when a message is forgotten, and then when its row goes too. */
const forgotten = "kind = 'forgotten', text = x'', goes_at = ?"

export function createConversations(store: DeviceStore, receipts: Receipts, { running }: Time): Conversations {
  const readRow = (user: string) =>
    Number(store.get('SELECT read_row FROM contact WHERE user = ?', user)?.['read_row'] ?? 0)

  return {
    all: () =>
      store
        .all(
          // each by the index on (peer, row): what was read long ago is not looked at
          `SELECT user, accepted, blocked, (SELECT max(row) FROM history WHERE peer = user) AS last,
             (SELECT count(*) FROM history WHERE ${isNew}) AS unread, (SELECT min(row) FROM history WHERE ${isNew}) AS first
           FROM contact ORDER BY last DESC`,
        )
        .map(conversationOf),

    markRead: (user, row) =>
      store.transaction(() => {
        const news = store.all(
          "SELECT row, id FROM history WHERE peer = ? AND direction = 'in' AND kind = 'message' AND row > ? AND row <= ?",
          user,
          readRow(user),
          row,
        )
        if (news.length === 0) return
        for (const message of news) receipts.owe(user, 'read', String(message['id']))
        store.run(
          `UPDATE history SET goes_at = ? + lifetime * 1000
           WHERE peer = ? AND direction = 'in' AND kind = 'message' AND row > ? AND row <= ? AND lifetime > 0`,
          running(),
          user,
          readRow(user),
          row,
        )
        store.run('UPDATE contact SET read_row = ? WHERE user = ?', row, user)
      }),

    forgettable: (user, id) =>
      Number(
        store.get(
          "SELECT count(*) AS count FROM history WHERE peer = ?1 AND kind = 'message' AND (?2 IS NULL OR id = ?2)",
          user,
          id,
        )?.['count'],
      ),

    forget: (user, id) =>
      id === null
        ? store.run(`UPDATE history SET ${forgotten} WHERE peer = ? AND kind = 'message'`, running() + rememberMs, user)
        : store.run(
            `UPDATE history SET ${forgotten} WHERE peer = ? AND kind = 'message' AND id = ?`,
            running() + rememberMs,
            user,
            id,
          ),

    expire() {
      const now = running()
      // asked many times a second: where nothing is due, nothing is locked
      if (!store.get('SELECT 1 FROM history WHERE goes_at <= ? LIMIT 1', now)) return 0
      store.run("DELETE FROM history WHERE kind = 'forgotten' AND goes_at <= ?", now)
      return store.run(`UPDATE history SET ${forgotten} WHERE goes_at <= ?`, now + rememberMs, now)
    },
  }
}

const conversationOf = (row: Row): Conversation => ({
  user: String(row['user']),
  standing: row['blocked'] ? 'blocked' : row['accepted'] ? 'accepted' : 'request',
  unread: Number(row['unread']),
  firstUnread: row['first'] === null ? null : Number(row['first']),
})
