import type { Tables } from '../tables/tables.ts'
import { historyTable } from './history.ts'
import { createJournal } from './journal.ts'
import { counterTable, heldTable, outboxTable, sentTable, takenTable } from './mail.ts'
import { leaseTable, lookTable, metaTable, policyTable, prekeyTable } from './own.ts'
import { contactTable, ledgerTable, receiptTable, sessionTable } from './people.ts'

/** The tables of a device that lives no longer than its process, or of a copy that somebody tries something on. */
export function memoryTables(): Tables {
  const journal = createJournal()
  const meta = metaTable(journal)
  return {
    meta,
    prekeys: prekeyTable(journal),
    policies: policyTable(journal),
    lease: leaseTable(journal),
    look: lookTable(journal),
    contacts: contactTable(journal, meta),
    sessions: sessionTable(journal),
    ledger: ledgerTable(journal),
    receipts: receiptTable(journal),
    history: historyTable(journal),
    outbox: outboxTable(journal),
    sent: sentTable(journal),
    numbered: counterTable(journal),
    heard: counterTable(journal),
    taken: takenTable(journal),
    held: heldTable(journal),
    transaction: journal.transaction,
    // nobody else can commit, and what is overwritten is nowhere
    version: () => 0,
    tidy: () => undefined,
    scrub: () => undefined,
    close: () => undefined,
  }
}
