import { receiptMaximum, type ReceiptContent, type ReceiptStatus } from '../../crypto/content.ts'
import type { Time } from '../../server/running-time.ts'
import type { Self } from './self.ts'
import type { DeviceStore } from './store.ts'

/** What others are still to be told of their messages: that they have come, that they were read. */
export interface Receipts {
  /** Nothing is owed to people this person has not answered, or where receipts are turned off. */
  owe(user: string, status: ReceiptStatus, id: string): void
  /**
   * The same for a message to a group, where nobody has to be answered. It waits a little: what was read meanwhile needs no word that it has come,
   * and one receipt speaks of many messages.
   */
  oweInGroup(user: string, status: ReceiptStatus, id: string): void
  /** A group has been answered: all who wrote there learn of what they wrote before. @param readRow up to which it was read */
  oweEarlierIn(peer: string, readRow: number): void
  /**
   * Somebody has been answered for the first time: they learn of what they wrote before too, and which of it was read.
   * Without that, what was answered would look as if it had never come.
   */
  oweEarlier(user: string): void
  /** people who are owed something now, without those who have been blocked since */
  owedTo(): readonly string[]
  /** Takes out what one receipt can say; null when nothing is owed. */
  take(user: string): Pick<ReceiptContent, 'status' | 'ids'> | null
}

/** What is owed in groups alone waits for so long. */
const gatheredMs = 3_000

export function createReceipts({ tables, transaction }: DeviceStore, self: Self, { running }: Time): Receipts {
  const { receipts, contacts, history } = tables
  /** Whoever is owed something in groups alone, and since when. After a restart nothing waits any more. */
  const gathering = new Map<string, number>()

  function add(user: string, status: ReceiptStatus, id: string): void {
    // who has read it has got it
    if (status === 'read') receipts.removeOf(user, id)
    receipts.add(user, status, id)
  }

  const isGathered = (user: string) => running() - (gathering.get(user) ?? -Infinity) >= gatheredMs

  function oweInGroup(user: string, status: ReceiptStatus, id: string): void {
    if (contacts.standing(user)?.blocked || !self.receipts) return
    if (receipts.oldest(user) === null) gathering.set(user, running())
    add(user, status, id)
  }

  return {
    owe(user, status, id) {
      const contact = contacts.standing(user)
      if (!contact?.accepted || contact.blocked || !self.receipts) return
      add(user, status, id)
      gathering.delete(user)
    },
    oweInGroup,
    oweEarlierIn(peer, readRow) {
      for (const { row, author, id } of history.received(peer, 0, Number.MAX_SAFE_INTEGER))
        if (author !== null) oweInGroup(author, row <= readRow ? 'read' : 'delivered', id)
    },
    oweEarlier(user) {
      const contact = contacts.get(user)
      if (!contact || contact.blocked || !self.receipts) return
      for (const { row, id } of history.received(user, 0, Number.MAX_SAFE_INTEGER))
        receipts.add(user, row <= contact.readRow ? 'read' : 'delivered', id)
    },
    owedTo: () => receipts.people().filter((user) => !contacts.standing(user)?.blocked && isGathered(user)),
    take: (user) =>
      transaction(() => {
        const status = receipts.oldest(user)
        return status && { status, ids: receipts.take(user, status, receiptMaximum) }
      }),
  }
}
