import { receiptMaximum, type ReceiptContent, type ReceiptStatus } from '../../crypto/content.ts'
import type { Self } from './self.ts'
import type { DeviceStore } from './store.ts'

/** What others are still to be told of their messages: that they have come, that they were read. */
export interface Receipts {
  /** Nothing is owed to people this person has not answered, or where receipts are turned off. */
  owe(user: string, status: ReceiptStatus, id: string): void
  /**
   * Somebody has been answered for the first time: they learn of what they wrote before too, and which of it was read.
   * Without that, what was answered would look as if it had never come.
   */
  oweEarlier(user: string): void
  /** people who are owed something, without those who have been blocked since */
  owedTo(): readonly string[]
  /** Takes out what one receipt can say; null when nothing is owed. */
  take(user: string): Pick<ReceiptContent, 'status' | 'ids'> | null
}

/** Whoever is owed something, by the oldest: from one name to the next, however much each is owed. */
const everybodyOwed = `
  WITH RECURSIVE people (user) AS (
    SELECT min(user) FROM receipt
    UNION ALL
    SELECT (SELECT min(user) FROM receipt WHERE receipt.user > people.user) FROM people WHERE people.user IS NOT NULL)
  SELECT user FROM people
  WHERE user IS NOT NULL AND NOT EXISTS (SELECT 1 FROM contact WHERE contact.user = people.user AND blocked = 1)
  ORDER BY (SELECT row FROM receipt WHERE receipt.user = people.user ORDER BY row LIMIT 1)`

export function createReceipts(store: DeviceStore, self: Self): Receipts {
  return {
    owe(user, status, id) {
      const wanted = store.get('SELECT 1 FROM contact WHERE user = ? AND accepted = 1 AND blocked = 0', user)
      if (!wanted || !self.receipts) return
      // who has read it has got it
      if (status === 'read') store.run('DELETE FROM receipt WHERE user = ? AND id = ?', user, id)
      store.run('INSERT INTO receipt (user, status, id) VALUES (?, ?, ?)', user, status, id)
    },
    oweEarlier(user) {
      if (!self.receipts) return
      store.run(
        `INSERT INTO receipt (user, status, id)
         SELECT peer, CASE WHEN history.row <= contact.read_row THEN 'read' ELSE 'delivered' END, id
         FROM history JOIN contact ON contact.user = peer
         WHERE peer = ? AND kind = 'message' AND direction = 'in' AND blocked = 0 ORDER BY history.row`,
        user,
      )
    },
    owedTo() {
      // asked many times a second, and mostly for nothing
      if (!store.get('SELECT 1 FROM receipt LIMIT 1')) return []
      return store.all(everybodyOwed).map((row) => String(row['user']))
    },
    take: (user) =>
      store.transaction(() => {
        const first = store.get('SELECT status FROM receipt WHERE user = ? ORDER BY row LIMIT 1', user)
        if (!first) return null
        const status = String(first['status']) as ReceiptStatus
        const rows = store.all(
          'SELECT row, id FROM receipt WHERE user = ? AND status = ? ORDER BY row LIMIT ?',
          user,
          status,
          receiptMaximum,
        )
        for (const row of rows) store.run('DELETE FROM receipt WHERE row = ?', Number(row['row']))
        return { status, ids: rows.map((row) => String(row['id'])) }
      }),
  }
}
