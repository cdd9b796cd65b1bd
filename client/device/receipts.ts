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

export function createReceipts({ tables, transaction }: DeviceStore, self: Self): Receipts {
  const { receipts, contacts, history } = tables
  return {
    owe(user, status, id) {
      const contact = contacts.standing(user)
      if (!contact?.accepted || contact.blocked || !self.receipts) return
      // who has read it has got it
      if (status === 'read') receipts.removeOf(user, id)
      receipts.add(user, status, id)
    },
    oweEarlier(user) {
      const contact = contacts.get(user)
      if (!contact || contact.blocked || !self.receipts) return
      for (const { row, id } of history.received(user, 0, Number.MAX_SAFE_INTEGER))
        receipts.add(user, row <= contact.readRow ? 'read' : 'delivered', id)
    },
    owedTo: () => receipts.people().filter((user) => !contacts.standing(user)?.blocked),
    take: (user) =>
      transaction(() => {
        const status = receipts.oldest(user)
        return status && { status, ids: receipts.take(user, status, receiptMaximum) }
      }),
  }
}
